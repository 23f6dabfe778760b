//! Arrow arrays to the contract's batch: plain layout, offset 0, lent to the guest.

use arrow::array::{Array, ArrayData, ArrayRef, AsArray as _};
use arrow::buffer::{BooleanBuffer, Buffer};
use arrow::compute::cast;
use arrow::datatypes::{DataType, FieldRef};
use arrow::error::ArrowError;
use arrow::util::display::array_value_to_string;

use super::wire::{BatchIn, Node};

/// Why columns cannot be laid out.
#[derive(Debug)]
pub(crate) enum LayoutError {
    Arrow(ArrowError),
    /// A value that the type of its field does not have, as a timestamp after 2262 in nanoseconds.
    Value {
        name: String,
        value: String,
        data_type: DataType,
    },
}

impl From<ArrowError> for LayoutError {
    fn from(error: ArrowError) -> Self {
        Self::Arrow(error)
    }
}

/// Columns in the layout of the contract. Buffers are shared by reference count, so that the only
/// copy is the one into the guest's memory.
#[derive(Debug, Default)]
pub(crate) struct Encoded {
    rows: u32,
    nodes: Vec<Node>,
    buffers: Vec<Buffer>,
}

impl Encoded {
    /// Lays out `columns`, each of the plain type of its field or of one that is cast to it.
    ///
    /// # Errors
    /// When a column or a value cannot be brought into its field's type.
    pub(crate) fn new(
        columns: &[ArrayRef],
        fields: &[FieldRef],
        rows: usize,
    ) -> Result<Self, LayoutError> {
        let mut out = Self {
            rows: count(rows),
            ..Self::default()
        };
        for (column, field) in columns.iter().zip(fields) {
            if column.data_type() == field.data_type() {
                out.push(column.as_ref());
            } else {
                out.push(fitted(column, field)?.as_ref());
            }
        }
        Ok(out)
    }

    /// The batch as a call's argument.
    pub(crate) fn lend(&self) -> BatchIn<'_> {
        BatchIn {
            rows: self.rows,
            nodes: &self.nodes,
            buffers: self.buffers.iter().map(Buffer::as_slice).collect(),
        }
    }

    /// Children are sliced as arrays: the offset in the data of a sliced struct must not be applied to
    /// its children again.
    fn push(&mut self, array: &dyn Array) {
        let data = &array.to_data();
        let (len, offset) = (data.len(), data.offset());
        let nulls = data.nulls().filter(|nulls| nulls.null_count() > 0);
        self.nodes.push(Node {
            length: count(len),
            nulls: count(nulls.map_or(0, |nulls| nulls.null_count())),
        });
        self.buffers
            .push(nulls.map_or_else(empty, |nulls| bits(nulls.inner())));
        match data.data_type() {
            DataType::Boolean => {
                let values = BooleanBuffer::new(values(data, 0), offset, len);
                self.buffers.push(bits(&values));
            }
            DataType::Utf8 | DataType::Binary => {
                let (offsets, from, to) = rebased(data);
                self.buffers.push(offsets);
                self.buffers
                    .push(values(data, 1).slice_with_length(from, to - from));
            }
            DataType::List(_) => {
                let (offsets, from, to) = rebased(data);
                self.buffers.push(offsets);
                let items = array.as_list::<i32>().values();
                self.push(items.slice(from, to - from).as_ref());
            }
            DataType::Map(_, _) => {
                let (offsets, from, to) = rebased(data);
                self.buffers.push(offsets);
                self.push(&array.as_map().entries().slice(from, to - from));
            }
            DataType::Struct(_) => {
                for child in array.as_struct().columns() {
                    self.push(child.as_ref());
                }
            }
            other => {
                let width = other.primitive_width().unwrap_or(0);
                self.buffers
                    .push(values(data, 0).slice_with_length(offset * width, len * width));
            }
        }
    }
}

/// A column in the type of its field. Where the cast makes a null of a value, it does not fit.
fn fitted(column: &ArrayRef, field: &FieldRef) -> Result<ArrayRef, LayoutError> {
    let fitted = cast(column, field.data_type())?;
    let is_lost = |row: &usize| fitted.is_null(*row) && column.is_valid(*row);
    if fitted.null_count() > column.null_count()
        && let Some(row) = (0..column.len()).find(is_lost)
    {
        return Err(LayoutError::Value {
            name: field.name().clone(),
            value: array_value_to_string(column, row)?,
            data_type: field.data_type().clone(),
        });
    }
    Ok(fitted)
}

/// A batch over 4 Gi rows cannot exist here: input is cut to megabytes before it crosses.
fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// A buffer of an array, which has as many as its type says.
fn values(data: &ArrayData, at: usize) -> Buffer {
    data.buffers().get(at).cloned().unwrap_or_else(empty)
}

fn empty() -> Buffer {
    Buffer::from_vec(Vec::<u8>::new())
}

/// The bits from 0, as whole bytes.
fn bits(values: &BooleanBuffer) -> Buffer {
    let bytes = values.len().div_ceil(8);
    let sliced = values.sliced();
    let shared = sliced.len().min(bytes);
    sliced.slice_with_length(0, shared)
}

/// Offsets that start at 0, and the range of the child or the data they covered.
fn rebased(data: &ArrayData) -> (Buffer, usize, usize) {
    if data.is_empty() {
        return (Buffer::from_slice_ref([0_i32]), 0, 0);
    }
    let offsets: &[i32] = data.buffer(0);
    let offsets = offsets.get(..=data.len()).unwrap_or(&[0]);
    let at = |end: Option<&i32>| end.copied().unwrap_or_default();
    let (first, last) = (at(offsets.first()), at(offsets.last()));
    let buffer = match data.buffers().first() {
        Some(whole) if first == 0 => whole.slice_with_length(data.offset() * 4, offsets.len() * 4),
        _ => offsets.iter().map(|offset| offset - first).collect(),
    };
    (buffer, first as usize, last as usize)
}

/// Cuts rows so that one crossing carries at most `bytes_max`, as (offset, length) pairs.
/// One row is never cut: a row larger than the bound crosses alone.
pub(crate) fn cuts(columns: &[ArrayRef], rows: usize, bytes_max: usize) -> Vec<(usize, usize)> {
    let bytes: usize = columns.iter().map(|c| c.get_array_memory_size()).sum();
    if bytes <= bytes_max || rows <= 1 {
        return vec![(0, rows)];
    }
    // Rows count as equally large: the bound keeps a guest's memory in proportion, and the guest's
    // own limit holds in any case.
    let pieces = bytes.div_ceil(bytes_max).min(rows);
    let step = rows.div_ceil(pieces);
    (0..rows)
        .step_by(step)
        .map(|from| (from, step.min(rows - from)))
        .collect()
}
