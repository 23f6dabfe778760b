//! What a guest returned, checked, to Arrow arrays.
//!
//! The host knows the type of each result; a guest supplies only counts and bytes. Every count,
//! length, offset, bitmap and string is checked here, before an array is built.

use arrow::array::{ArrayData, ArrayRef, Decimal128Array, make_array};
use arrow::buffer::{BooleanBuffer, Buffer, MutableBuffer, NullBuffer};
use arrow::datatypes::{DataType, FieldRef};

use super::wire::{BatchOut, Node};

/// Why a batch of a guest was refused, for the plugin's author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Malformed(pub String);

type Checked<T> = Result<T, Malformed>;

fn refuse<T>(what: String) -> Checked<T> {
    Err(Malformed(what))
}

/// Builds the columns that `fields` describe from a guest's batch.
///
/// `rows` is the number of rows that the batch must have, if it is known.
///
/// # Errors
/// What is wrong with the batch; nothing of it has been used.
pub(crate) fn decode(
    batch: BatchOut,
    fields: &[FieldRef],
    rows: Option<usize>,
) -> Checked<Vec<ArrayRef>> {
    let claimed = batch.rows as usize;
    if let Some(expected) = rows
        && expected != claimed
    {
        return refuse(format!("{claimed} rows where {expected} were due"));
    }
    let mut parts = Parts {
        nodes: batch.nodes.into_iter(),
        buffers: batch.buffers.into_iter(),
    };
    let mut columns = Vec::with_capacity(fields.len());
    for field in fields {
        let data = parts.array(field, claimed, field.name())?;
        columns.push(make_array(data));
    }
    let (nodes, buffers) = (parts.nodes.len(), parts.buffers.len());
    if nodes > 0 || buffers > 0 {
        return refuse(format!(
            "{nodes} nodes and {buffers} buffers more than the schema has"
        ));
    }
    Ok(columns)
}

struct Parts {
    nodes: std::vec::IntoIter<Node>,
    buffers: std::vec::IntoIter<Vec<u8>>,
}

impl Parts {
    fn buffer(&mut self, path: &str, what: &str) -> Checked<Vec<u8>> {
        match self.buffers.next() {
            Some(bytes) => Ok(bytes),
            None => refuse(format!("`{path}` has no {what} buffer")),
        }
    }

    fn array(&mut self, field: &FieldRef, length: usize, path: &str) -> Checked<ArrayData> {
        let Some(node) = self.nodes.next() else {
            return refuse(format!("`{path}` has no node"));
        };
        if node.length as usize != length {
            return refuse(format!(
                "`{path}` holds {} values for {length} rows",
                node.length
            ));
        }
        let nulls = self.validity(node, path)?;
        if nulls.is_some() && !field.is_nullable() {
            return refuse(format!(
                "`{path}` holds {} nulls and must have none",
                node.nulls
            ));
        }
        let builder = ArrayData::builder(field.data_type().clone())
            .len(length)
            .nulls(nulls.clone());
        let builder = match field.data_type() {
            DataType::Boolean => {
                let bytes = self.exact(path, length.div_ceil(8))?;
                builder.add_buffer(aligned(bytes))
            }
            DataType::Utf8 | DataType::Binary => {
                let (offsets, end) = self.offsets(path, length)?;
                let data = self.buffer(path, "data")?;
                if data.len() != end {
                    return refuse(format!(
                        "`{path}` has {} bytes of data, its offsets end at {end}",
                        data.len()
                    ));
                }
                if matches!(field.data_type(), DataType::Utf8) {
                    check_utf8(&data, &offsets, path)?;
                }
                builder.add_buffer(offsets).add_buffer(aligned(data))
            }
            DataType::List(child) | DataType::Map(child, _) => {
                let (offsets, end) = self.offsets(path, length)?;
                let child = self.array(child, end, &format!("{path}[]"))?;
                builder.add_buffer(offsets).add_child_data(child)
            }
            DataType::Struct(children) => {
                let mut builder = builder;
                for child in children {
                    let path = format!("{path}.{}", child.name());
                    let child = self.array(child, length, &path)?;
                    builder = builder.add_child_data(mask_with_parent(child, nulls.as_ref()));
                }
                builder
            }
            other => {
                let Some(width) = other.primitive_width() else {
                    return refuse(format!(
                        "`{path}` has the type {other}, which does not cross"
                    ));
                };
                let bytes = self.exact(path, length.saturating_mul(width))?;
                builder.add_buffer(aligned(bytes))
            }
        };
        finish(builder, field.data_type(), path)
    }

    /// A data buffer whose length follows from the number of values.
    fn exact(&mut self, path: &str, due: usize) -> Checked<Vec<u8>> {
        let bytes = self.buffer(path, "data")?;
        if bytes.len() != due {
            return refuse(format!(
                "`{path}` has {} bytes of data where {due} are due",
                bytes.len()
            ));
        }
        Ok(bytes)
    }

    fn validity(&mut self, node: Node, path: &str) -> Checked<Option<NullBuffer>> {
        let bytes = self.buffer(path, "validity")?;
        let (length, nulls) = (node.length as usize, node.nulls as usize);
        if nulls == 0 {
            return if bytes.is_empty() {
                Ok(None)
            } else {
                refuse(format!(
                    "`{path}` has a validity bitmap and says it has no nulls"
                ))
            };
        }
        if bytes.len() != length.div_ceil(8) {
            return refuse(format!(
                "`{path}` has {} bytes of validity for {length} values",
                bytes.len()
            ));
        }
        let buffer = NullBuffer::new(BooleanBuffer::new(aligned(bytes), 0, length));
        if buffer.null_count() != nulls {
            return refuse(format!(
                "`{path}` says {nulls} nulls, its bitmap has {}",
                buffer.null_count()
            ));
        }
        Ok(Some(buffer))
    }

    /// Offsets that start at 0 and never fall, and where they end.
    fn offsets(&mut self, path: &str, length: usize) -> Checked<(Buffer, usize)> {
        let bytes = self.buffer(path, "offsets")?;
        let due = length.saturating_add(1).saturating_mul(4);
        if bytes.len() != due {
            return refuse(format!(
                "`{path}` has {} bytes of offsets where {due} are due",
                bytes.len()
            ));
        }
        let buffer = aligned(bytes);
        let offsets = buffer.typed_data::<i32>();
        if offsets.first() != Some(&0) {
            return refuse(format!("the offsets of `{path}` do not start at 0"));
        }
        // Without an early exit, which lets the compiler vectorise the loop.
        let pairs = offsets.iter().zip(offsets.iter().skip(1));
        if !pairs.fold(true, |so_far, (one, next)| so_far & (one <= next)) {
            return refuse(format!("the offsets of `{path}` fall"));
        }
        let end = offsets
            .last()
            .and_then(|end| usize::try_from(*end).ok())
            .unwrap_or(0);
        Ok((buffer, end))
    }
}

/// A child of a struct, null wherever the struct is: SQL reads a field of a struct without checking
/// whether the struct is null.
fn mask_with_parent(child: ArrayData, parent: Option<&NullBuffer>) -> ArrayData {
    if parent.is_none() {
        return child;
    }
    let nulls = NullBuffer::union(parent, child.nulls());
    let children: Vec<ArrayData> = match child.data_type() {
        DataType::Struct(_) => {
            let children = child.child_data().iter().cloned();
            children
                .map(|one| mask_with_parent(one, nulls.as_ref()))
                .collect()
        }
        _ => child.child_data().to_vec(),
    };
    let builder = child.into_builder().nulls(nulls).child_data(children);
    // SAFETY: the child has been checked; only validity of the same length is added.
    unsafe { builder.build_unchecked() }
}

/// A buffer aligned for every type. The bytes are copied only when the allocator did not align them.
fn aligned(bytes: Vec<u8>) -> Buffer {
    if bytes.as_ptr().align_offset(16) == 0 {
        return Buffer::from_vec(bytes);
    }
    let mut buffer = MutableBuffer::with_capacity(bytes.len());
    buffer.extend_from_slice(&bytes);
    buffer.into()
}

fn check_utf8(data: &[u8], offsets: &Buffer, path: &str) -> Checked<()> {
    if data.is_ascii() {
        return Ok(());
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return refuse(format!("`{path}` holds bytes that are not UTF-8"));
    };
    let whole = offsets
        .typed_data::<i32>()
        .iter()
        .all(|at| text.is_char_boundary(*at as usize));
    if whole {
        Ok(())
    } else {
        refuse(format!("an offset of `{path}` cuts a character"))
    }
}

/// Everything the layout demands has been checked before, strings included; `validate` checks the
/// rest in constant time.
fn finish(
    builder: arrow::array::ArrayDataBuilder,
    data_type: &DataType,
    path: &str,
) -> Checked<ArrayData> {
    // SAFETY: lengths, offsets, UTF-8, validity and children were checked by `Parts` for
    // exactly this type, so the constant-time `validate` below is only a second check.
    let data = unsafe { builder.build_unchecked() };
    if let Err(error) = data.validate() {
        return refuse(format!("`{path}`: {error}"));
    }
    if let DataType::Decimal128(precision, _) = data_type {
        let array = Decimal128Array::from(data.clone());
        if array.validate_decimal_precision(*precision).is_err() {
            return refuse(format!(
                "`{path}` holds a number of more than {precision} digits"
            ));
        }
    }
    Ok(data)
}

/// As [`decode`], for a batch of one column.
pub(crate) fn decode_one(batch: BatchOut, field: &FieldRef, rows: usize) -> Checked<ArrayRef> {
    let columns = decode(batch, std::slice::from_ref(field), Some(rows))?;
    match columns.into_iter().next() {
        Some(column) => Ok(column),
        None => refuse("no column".to_owned()),
    }
}
