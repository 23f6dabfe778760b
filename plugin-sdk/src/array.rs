//! One column of values, owned: checked on the way in, moved without a copy on the way out.
use crate::bindings::imports::tsugi::plugin::types::Node;
use crate::buffer::{Buffer, Native};
use crate::error::Error;
use crate::schema::{DataType, Field};

/// A column of values. Made by [`crate::column`], by a builder, or from what crossed.
#[derive(Clone, Debug)]
pub struct Array {
    pub(crate) len: usize,
    pub(crate) nulls: usize,
    /// One bit a value, 1 where there is one; empty when `nulls` is 0.
    pub(crate) validity: Vec<u8>,
    pub(crate) data: Data,
}

#[derive(Clone, Debug)]
pub(crate) enum Data {
    Bool(Vec<u8>),
    Fixed(Buffer),
    Utf8 { offsets: Buffer, text: String },
    Binary { offsets: Buffer, bytes: Vec<u8> },
    List { offsets: Buffer, items: Box<Array> },
    Struct(Vec<Array>),
}

/// The rest of a crossed batch while its columns are read.
pub(crate) struct Crossing {
    pub(crate) nodes: std::vec::IntoIter<Node>,
    pub(crate) buffers: std::vec::IntoIter<Vec<u8>>,
    /// Whether the host has already looked at every text (see [`Crossing::text`]).
    pub(crate) from_host: bool,
}

impl Crossing {
    fn buffer(&mut self) -> Result<Vec<u8>, String> {
        self.buffers
            .next()
            .ok_or_else(|| "a buffer is missing".to_owned())
    }

    /// The texts of `len` values and where they end.
    fn text(&mut self, len: usize) -> Result<(Buffer, String), Fault> {
        let offsets = take_offsets(self, len)?;
        let bytes = self.buffer()?;
        check_end(&offsets, bytes.len())?;
        if self.from_host && cfg!(target_arch = "wasm32") {
            // SAFETY: the host sends only Arrow texts, and Arrow's are UTF-8 from the moment they
            // are built; what other plugins return is checked before it becomes Arrow. The host
            // writes this memory as it likes anyway, so a check here would protect from nothing,
            // and it is a third of the time of a plain text function. Offsets on character
            // boundaries are looked at whenever a value is read.
            let text = unsafe { String::from_utf8_unchecked(bytes) };
            return Ok((offsets, text));
        }
        let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8")?;
        let inside = |at: &i32| !text.is_char_boundary(*at as usize);
        if !text.is_ascii() && offsets.typed::<i32>().iter().any(inside) {
            return Err("an offset falls inside a character".into());
        }
        Ok((offsets, text))
    }
}

pub(crate) fn bit(bits: &[u8], at: usize) -> bool {
    bits.get(at / 8)
        .is_some_and(|byte| byte >> (at % 8) & 1 == 1)
}

fn count_zeros(bits: &[u8], len: usize) -> usize {
    let whole: u32 = bits
        .iter()
        .take(len / 8)
        .map(|byte| byte.count_ones())
        .sum();
    let rest = (len - len % 8..len).filter(|at| bit(bits, *at)).count();
    len - (whole as usize + rest)
}

pub(crate) fn bad(field: &Field, what: impl std::fmt::Display) -> Error {
    Error::defect("bad-batch", format!("column `{}`: {what}", field.name))
}

impl Array {
    /// How many values it holds, nulls included.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it holds no value.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many of its values are null.
    pub fn nulls(&self) -> usize {
        self.nulls
    }

    /// Takes the next array off a crossed batch and checks everything that is read later:
    /// lengths, offsets, null counts, UTF-8.
    pub(crate) fn take(
        field: &Field,
        from: &mut Crossing,
        rows: Option<usize>,
    ) -> Result<Self, Error> {
        Self::take_checked(field, from, rows).map_err(|fault| match fault {
            Fault::Here(what) => bad(field, what),
            Fault::Below(error) => error,
        })
    }

    fn take_checked(
        field: &Field,
        from: &mut Crossing,
        rows: Option<usize>,
    ) -> Result<Self, Fault> {
        let node = from.nodes.next().ok_or("its node is missing")?;
        let (len, nulls) = (node.length as usize, node.nulls as usize);
        if rows.is_some_and(|rows| rows != len) {
            return Err(format!("{len} values where {} belong", rows.unwrap_or(0)).into());
        }
        let mut validity = from.buffer()?;
        if nulls == 0 {
            validity = Vec::new();
        } else {
            if validity.len() < len.div_ceil(8) || count_zeros(&validity, len) != nulls {
                return Err("its validity does not match its count of nulls".into());
            }
            if !field.nullable {
                return Err(format!("{nulls} nulls where none may be").into());
            }
        }
        let data = Self::take_data(field, from, len)?;
        Ok(Self {
            len,
            nulls,
            validity,
            data,
        })
    }

    fn take_data(field: &Field, from: &mut Crossing, len: usize) -> Result<Data, Fault> {
        let fixed = |bytes: Vec<u8>, width: usize| {
            if bytes.len() < len * width {
                return Err(Fault::from(format!(
                    "{} bytes for {len} values",
                    bytes.len()
                )));
            }
            Ok(Data::Fixed(Buffer::aligned(bytes, width)))
        };
        Ok(match &field.data_type {
            DataType::Bool => {
                let bits = from.buffer()?;
                if bits.len() < len.div_ceil(8) {
                    return Err(format!("{} bytes for {len} bits", bits.len()).into());
                }
                Data::Bool(bits)
            }
            DataType::I8 | DataType::U8 => fixed(from.buffer()?, 1)?,
            DataType::I16 | DataType::U16 => fixed(from.buffer()?, 2)?,
            DataType::I32 | DataType::U32 | DataType::F32 | DataType::Date => {
                fixed(from.buffer()?, 4)?
            }
            DataType::I64 | DataType::U64 | DataType::F64 | DataType::Timestamp { .. } => {
                fixed(from.buffer()?, 8)?
            }
            DataType::Other { width, .. } => fixed(from.buffer()?, *width)?,
            DataType::Decimal { .. } => {
                let bytes = from.buffer()?;
                if bytes.len() < len * 16 {
                    return Err(format!("{} bytes for {len} values", bytes.len()).into());
                }
                Data::Fixed(Buffer::of::<i128>(bytes))
            }
            DataType::Utf8 => {
                let (offsets, text) = from.text(len)?;
                Data::Utf8 { offsets, text }
            }
            DataType::Binary => {
                let offsets = take_offsets(from, len)?;
                let bytes = from.buffer()?;
                check_end(&offsets, bytes.len())?;
                Data::Binary { offsets, bytes }
            }
            DataType::List(item) | DataType::Map(item) => {
                let offsets = take_offsets(from, len)?;
                let items = Self::take(item, from, None).map_err(Fault::Below)?;
                check_end(&offsets, items.len)?;
                Data::List {
                    offsets,
                    items: Box::new(items),
                }
            }
            DataType::Struct(fields) => Data::Struct(
                fields
                    .iter()
                    .map(|child| Self::take(child, from, Some(len)).map_err(Fault::Below))
                    .collect::<Result<_, _>>()?,
            ),
        })
    }

    /// Moves the array into nodes and buffers, in the order of the contract.
    pub(crate) fn give(self, nodes: &mut Vec<Node>, buffers: &mut Vec<Vec<u8>>) {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        nodes.push(Node {
            length: count(self.len),
            nulls: count(self.nulls),
        });
        buffers.push(self.validity);
        match self.data {
            Data::Bool(bits) => buffers.push(bits),
            Data::Fixed(values) => buffers.push(values.into_bytes()),
            Data::Utf8 { offsets, text } => {
                buffers.extend([offsets.into_bytes(), text.into_bytes()]);
            }
            Data::Binary { offsets, bytes } => buffers.extend([offsets.into_bytes(), bytes]),
            Data::List { offsets, items } => {
                buffers.push(offsets.into_bytes());
                items.give(nodes, buffers);
            }
            Data::Struct(children) => {
                children
                    .into_iter()
                    .for_each(|child| child.give(nodes, buffers));
            }
        }
    }

    pub(crate) fn values<T: Native>(&self) -> &[T] {
        match &self.data {
            Data::Fixed(buffer) => {
                let values = buffer.typed::<T>();
                values.get(..self.len).unwrap_or(values)
            }
            _ => &[],
        }
    }
}

enum Fault {
    Here(String),
    Below(Error),
}

impl From<&str> for Fault {
    fn from(what: &str) -> Self {
        Self::Here(what.to_owned())
    }
}

impl From<String> for Fault {
    fn from(what: String) -> Self {
        Self::Here(what)
    }
}

/// Offsets that begin at 0 or later and never fall. An empty array may come without any.
fn take_offsets(from: &mut Crossing, len: usize) -> Result<Buffer, Fault> {
    let mut bytes = from.buffer()?;
    if len == 0 && bytes.is_empty() {
        bytes = vec![0; 4];
    }
    let wanted = (len + 1) * 4;
    if bytes.len() < wanted {
        return Err(format!("{} bytes of offsets for {len} values", bytes.len()).into());
    }
    bytes.truncate(wanted);
    let offsets = Buffer::of::<i32>(bytes);
    let numbers = offsets.typed::<i32>();
    let next = numbers.get(1..).unwrap_or_default();
    let rising = numbers
        .iter()
        .zip(next)
        .fold(true, |so_far, (one, next)| so_far & (one <= next));
    if !rising || numbers.first().is_none_or(|first| *first < 0) {
        return Err("its offsets do not rise from 0".into());
    }
    Ok(offsets)
}

fn check_end(offsets: &Buffer, end: usize) -> Result<(), Fault> {
    match offsets.typed::<i32>().last() {
        Some(last) if *last as usize <= end => Ok(()),
        _ => Err("its offsets end beyond its data".into()),
    }
}
