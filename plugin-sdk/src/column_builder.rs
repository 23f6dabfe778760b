//! Columns and batches written value by value, by a schema that is known only at run time.
use std::sync::Arc;

use crate::array::Array;
use crate::batch::Batch;
use crate::builders::{
    BinaryBuilder, BoolBuilder, Builder, ListBuilder, PrimitiveBuilder, Utf8Builder, Validity,
};
use crate::error::Error;
use crate::schema::{DataType, Field, Schema};
use crate::value::{Decimal, Value};

/// Writes one column of any type, value by value.
pub struct ColumnBuilder {
    field: Field,
    inner: Inner,
}

enum Inner {
    Bool(BoolBuilder),
    I8(PrimitiveBuilder<i8>),
    I16(PrimitiveBuilder<i16>),
    I32(PrimitiveBuilder<i32>),
    I64(PrimitiveBuilder<i64>),
    U8(PrimitiveBuilder<u8>),
    U16(PrimitiveBuilder<u16>),
    U32(PrimitiveBuilder<u32>),
    U64(PrimitiveBuilder<u64>),
    F32(PrimitiveBuilder<f32>),
    F64(PrimitiveBuilder<f64>),
    I128(PrimitiveBuilder<i128>),
    Utf8(Utf8Builder),
    Binary(BinaryBuilder),
    List(Box<ListBuilder<ColumnBuilder>>),
    Struct(Validity, Vec<ColumnBuilder>),
}

macro_rules! each {
    ($inner:expr, $builder:ident => $do:expr, $validity:ident, $children:ident => $struct:expr) => {
        match $inner {
            Inner::Bool($builder) => $do,
            Inner::I8($builder) => $do,
            Inner::I16($builder) => $do,
            Inner::I32($builder) => $do,
            Inner::I64($builder) => $do,
            Inner::U8($builder) => $do,
            Inner::U16($builder) => $do,
            Inner::U32($builder) => $do,
            Inner::U64($builder) => $do,
            Inner::F32($builder) => $do,
            Inner::F64($builder) => $do,
            Inner::I128($builder) => $do,
            Inner::Utf8($builder) => $do,
            Inner::Binary($builder) => $do,
            Inner::List($builder) => $do,
            Inner::Struct($validity, $children) => $struct,
        }
    };
}

impl ColumnBuilder {
    /// A builder for a column of this type.
    pub fn new(field: &Field, rows: usize) -> Self {
        let inner = match &field.data_type {
            DataType::Bool => Inner::Bool(Builder::with_capacity(rows)),
            DataType::I8 => Inner::I8(Builder::with_capacity(rows)),
            DataType::I16 => Inner::I16(Builder::with_capacity(rows)),
            DataType::I32 | DataType::Date | DataType::Other { width: 4, .. } => {
                Inner::I32(Builder::with_capacity(rows))
            }
            DataType::Decimal { .. } | DataType::Other { width: 16, .. } => {
                Inner::I128(Builder::with_capacity(rows))
            }
            DataType::I64 | DataType::Timestamp { .. } | DataType::Other { .. } => {
                Inner::I64(Builder::with_capacity(rows))
            }
            DataType::U8 => Inner::U8(Builder::with_capacity(rows)),
            DataType::U16 => Inner::U16(Builder::with_capacity(rows)),
            DataType::U32 => Inner::U32(Builder::with_capacity(rows)),
            DataType::U64 => Inner::U64(Builder::with_capacity(rows)),
            DataType::F32 => Inner::F32(Builder::with_capacity(rows)),
            DataType::F64 => Inner::F64(Builder::with_capacity(rows)),
            DataType::Utf8 => Inner::Utf8(Builder::with_capacity(rows)),
            DataType::Binary => Inner::Binary(Builder::with_capacity(rows)),
            DataType::List(item) | DataType::Map(item) => {
                Inner::List(Box::new(ListBuilder::around(Self::new(item, rows), rows)))
            }
            DataType::Struct(fields) => Inner::Struct(
                Validity::default(),
                fields.iter().map(|child| Self::new(child, rows)).collect(),
            ),
        };
        Self {
            field: field.clone(),
            inner,
        }
    }

    /// Adds a value. Integers may narrow or widen when they fit; a number is never turned
    /// into text. Fails on another type, on null where none may be, and on a struct that
    /// lacks a field.
    pub fn push(&mut self, value: Value<'_>) -> Result<(), Error> {
        if value.is_null() {
            if !self.field.nullable {
                let message = format!("column `{}` holds no nulls", self.field.name);
                return Err(Error::data("null-value", message));
            }
            self.push_null();
            return Ok(());
        }
        if self.put(&value)? {
            return Ok(());
        }
        Err(Error::data(
            "wrong-type",
            format!("column `{}` cannot hold {value:?}", self.field.name),
        ))
    }

    fn put(&mut self, value: &Value<'_>) -> Result<bool, Error> {
        let integer = match value {
            Value::Int(number) => Some(i128::from(*number)),
            Value::UInt(number) => Some(i128::from(*number)),
            _ => None,
        };
        macro_rules! fits {
            ($builder:expr) => {
                match integer.and_then(|number| number.try_into().ok()) {
                    Some(number) => $builder.push(number),
                    None => return Ok(false),
                }
            };
        }
        match (&mut self.inner, value, &self.field.data_type) {
            (Inner::Bool(to), Value::Bool(truth), _) => to.push(*truth),
            (Inner::I32(to), Value::Date(date), DataType::Date) => to.push(date.0),
            (Inner::I64(to), Value::Timestamp(at), DataType::Timestamp { .. }) => to.push(at.0),
            (
                Inner::I128(to),
                Value::Decimal(Decimal { unscaled, scale }),
                DataType::Decimal { scale: own, .. },
            ) if scale == own => {
                to.push(*unscaled);
            }
            (Inner::I64(to), Value::Bytes(bytes), DataType::Other { .. }) => {
                let Ok(bytes) = <[u8; 8]>::try_from(*bytes) else {
                    return Ok(false);
                };
                to.push(i64::from_le_bytes(bytes));
            }
            (Inner::I128(to), Value::Bytes(bytes), DataType::Other { .. }) => {
                let Ok(bytes) = <[u8; 16]>::try_from(*bytes) else {
                    return Ok(false);
                };
                to.push(i128::from_le_bytes(bytes));
            }
            (_, _, DataType::Date | DataType::Timestamp { .. } | DataType::Decimal { .. }) => {
                return Ok(false);
            }
            (Inner::I8(to), ..) => fits!(to),
            (Inner::I16(to), ..) => fits!(to),
            (Inner::I32(to), ..) => fits!(to),
            (Inner::I64(to), ..) => fits!(to),
            (Inner::U8(to), ..) => fits!(to),
            (Inner::U16(to), ..) => fits!(to),
            (Inner::U32(to), ..) => fits!(to),
            (Inner::U64(to), ..) => fits!(to),
            (Inner::F32(to), Value::Float(number), _) => to.push(*number as f32),
            (Inner::F64(to), Value::Float(number), _) => to.push(*number),
            (Inner::F64(to), Value::Int(number), _) => to.push(*number as f64),
            (Inner::Utf8(to), Value::Text(text), _) => to.push(text),
            (Inner::Binary(to), Value::Bytes(bytes), _) => to.push(bytes),
            (Inner::List(to), Value::List(items), _) => {
                for item in items {
                    to.items.push(item.clone())?;
                }
                to.end(items.len());
            }
            (Inner::Struct(validity, children), Value::Struct(named), _) => {
                for child in children.iter_mut() {
                    let value = named.iter().find(|(name, _)| *name == child.field.name);
                    child.push(value.map_or(Value::Null, |(_, value)| value.clone()))?;
                }
                validity.push_valid();
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl Builder for ColumnBuilder {
    /// A builder of texts; [`ColumnBuilder::new`] takes any type.
    fn with_capacity(rows: usize) -> Self {
        Self::new(&Field::new("value", DataType::Utf8).nullable(), rows)
    }

    fn push_null(&mut self) {
        each!(&mut self.inner, to => to.push_null(), validity, children => {
            validity.push_null();
            children.iter_mut().for_each(Builder::push_filler);
        });
    }

    fn push_filler(&mut self) {
        if self.field.nullable {
            return self.push_null();
        }
        each!(&mut self.inner, to => to.push_filler(), validity, children => {
            validity.push_valid();
            children.iter_mut().for_each(Builder::push_filler);
        });
    }

    fn finish(self) -> Array {
        each!(self.inner, to => to.finish(), validity, children => {
            validity.structure(children.into_iter().map(Builder::finish).collect())
        })
    }
}

impl Batch {
    /// Some rows of the batch, by number; fails on a number beyond the last where the column holds
    /// no nulls.
    pub fn select_rows(&self, rows: &[usize]) -> Result<Self, Error> {
        let mut columns = Vec::new();
        for column in self.columns() {
            let mut builder = ColumnBuilder::new(column.field(), rows.len());
            rows.iter()
                .try_for_each(|row| builder.push(column.value(*row)))?;
            columns.push((column.field().clone(), builder.finish()));
        }
        Self::new(columns)
    }
}

/// Writes a batch of any schema, value by value.
///
/// ```
/// # use tsugi_plugin::{BatchBuilder, Error, Schema, Value};
/// # fn main() -> Result<(), Error> {
/// let mut out = BatchBuilder::new(&Schema::new().utf8("lot").f64("rate").nullable());
/// out.row([Value::Text("L-7"), Value::Float(0.25)])?;
/// out.row([Value::Text("L-8"), Value::Null])?;
/// assert_eq!(out.finish()?.rows(), 2);
/// # Ok(()) }
/// ```
pub struct BatchBuilder {
    schema: Arc<Schema>,
    columns: Vec<ColumnBuilder>,
    rows: usize,
}

impl BatchBuilder {
    /// A batch of no rows yet.
    pub fn new(schema: &Schema) -> Self {
        let columns = schema
            .fields()
            .iter()
            .map(|field| ColumnBuilder::new(field, 0))
            .collect();
        Self {
            schema: Arc::new(schema.clone()),
            columns,
            rows: 0,
        }
    }

    /// How many whole rows were added by [`BatchBuilder::row`].
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a row, one value a column. Fails on another count or type; the batch is then
    /// unfinished and must not be used.
    pub fn row<'v>(&mut self, values: impl IntoIterator<Item = Value<'v>>) -> Result<(), Error> {
        let mut values = values.into_iter();
        for column in &mut self.columns {
            let value = values.next().ok_or_else(|| {
                Error::defect(
                    "short-row",
                    format!("no value for column `{}`", column.field.name),
                )
            })?;
            column.push(value)?;
        }
        if values.next().is_some() {
            return Err(Error::defect(
                "long-row",
                "a row has more values than columns",
            ));
        }
        self.rows += 1;
        Ok(())
    }

    /// One column, to be written on its own; all must end up equally long.
    pub fn column(&mut self, at: usize) -> Result<&mut ColumnBuilder, Error> {
        let missing = || Error::defect("missing-column", format!("there is no column {at}"));
        self.columns.get_mut(at).ok_or_else(missing)
    }

    /// The batch. Fails when the columns differ in length.
    pub fn finish(self) -> Result<Batch, Error> {
        let columns = self.columns.into_iter().map(Builder::finish).collect();
        Batch::of_arrays(self.schema, columns)
    }
}
