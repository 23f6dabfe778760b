//! Values of columns as Rust types: what a field of a `#[derive(Row)]` struct may be.
use std::borrow::Cow;

use crate::calendar::{Date, Timestamp};
use crate::schema::DataType;
use crate::typed::{Read, Typed};
use crate::value::{Decimal, Value};
use crate::view::{Bools, Column, Primitive, Utf8};

/// A type that a field of a [`Row`](crate::Row) may have. The column is resolved once a batch, into
/// [`FromColumn::View`]; a value then costs no search and no allocation that its type does not ask
/// for.
///
/// Implement it for a type of your own by wrapping one that has it:
///
/// ```
/// use tsugi_plugin::{Column, DataType, FromColumn};
///
/// /// A text without blanks at its ends; null where nothing remains.
/// struct Trimmed<'a>(&'a str);
///
/// impl<'a> FromColumn<'a> for Trimmed<'a> {
///     type View = <&'a str as FromColumn<'a>>::View;
///     const EXPECTED: &'static str = <&str as FromColumn>::EXPECTED;
///     fn accepts(data_type: &DataType) -> bool {
///         <&str>::accepts(data_type)
///     }
///     fn view(column: Column<'a>) -> Option<Self::View> {
///         <&str>::view(column)
///     }
///     fn get(view: &Self::View, row: usize) -> Option<Self> {
///         let text = <&str as FromColumn>::get(view, row)?.trim();
///         (!text.is_empty()).then_some(Self(text))
///     }
/// }
/// ```
pub trait FromColumn<'a>: Sized {
    /// The column, ready to be read.
    type View;
    /// What the column must hold, in words, for errors.
    const EXPECTED: &'static str;
    /// Whether a column of this type can be read.
    fn accepts(data_type: &DataType) -> bool;
    /// The column ready to be read; none when its type is not accepted.
    fn view(column: Column<'a>) -> Option<Self::View>;
    /// The value of a row; none where it is null. An `Option` always has a value.
    fn get(view: &Self::View, row: usize) -> Option<Self>;
}

impl<'a, T: FromColumn<'a>> FromColumn<'a> for Option<T> {
    type View = T::View;
    const EXPECTED: &'static str = T::EXPECTED;
    fn accepts(data_type: &DataType) -> bool {
        T::accepts(data_type)
    }
    fn view(column: Column<'a>) -> Option<Self::View> {
        T::view(column)
    }
    #[inline(always)]
    fn get(view: &Self::View, row: usize) -> Option<Self> {
        Some(T::get(view, row))
    }
}

/// Types that are read from columns of their own type alone.
macro_rules! exact {
    ($([$($a:lifetime)?] $t:ty: $words:literal = $pattern:pat,)*) => {$(
        impl<'a> FromColumn<'a> for $t {
            type View = <$t as Read<'a>>::View;
            const EXPECTED: &'static str = $words;
            fn accepts(data_type: &DataType) -> bool {
                matches!(data_type, $pattern)
            }
            fn view(column: Column<'a>) -> Option<Self::View> {
                <$t as Read<'a>>::bind(column).ok()
            }
            #[inline(always)]
            fn get(view: &Self::View, row: usize) -> Option<Self> {
                <$t as Read<'a>>::get(view, row)
            }
        }
    )*};
}
exact! {
    [] bool: "BOOLEAN" = DataType::Bool,
    [] i8: "TINYINT" = DataType::I8,
    [] i16: "SMALLINT" = DataType::I16,
    [] i32: "INT" = DataType::I32 | DataType::Other { width: 4, .. },
    [] u8: "TINYINT UNSIGNED" = DataType::U8,
    [] u16: "SMALLINT UNSIGNED" = DataType::U16,
    [] u32: "INT UNSIGNED" = DataType::U32,
    [] u64: "BIGINT UNSIGNED" = DataType::U64,
    [] f32: "REAL" = DataType::F32,
    ['a] &'a str: "VARCHAR" = DataType::Utf8,
    [] String: "VARCHAR" = DataType::Utf8,
    ['a] &'a [u8]: "BYTEA" = DataType::Binary,
    [] Vec<u8>: "BYTEA" = DataType::Binary,
    [] Date: "DATE" = DataType::Date,
    [] Timestamp: "TIMESTAMP" = DataType::Timestamp { .. },
}

// One by one, because `Vec<u8>` is a byte string and no list.
macro_rules! lists {
    ($($t:ty),*) => {$(
        impl<'a> FromColumn<'a> for Vec<$t> {
            type View = <Vec<$t> as Read<'a>>::View;
            const EXPECTED: &'static str = concat!("a list of ", stringify!($t));
            fn accepts(data_type: &DataType) -> bool {
                match data_type {
                    DataType::List(item) => item.data_type == <$t as Typed>::data_type(),
                    _ => false,
                }
            }
            fn view(column: Column<'a>) -> Option<Self::View> {
                <Vec<$t> as Read<'a>>::bind(column).ok()
            }
            fn get(view: &Self::View, row: usize) -> Option<Self> {
                <Vec<$t> as Read<'a>>::get(view, row)
            }
        }
    )*};
}
lists!(bool, i32, i64, u32, u64, f64, String, Date);

/// Whole numbers of any width that fits into an `i64`.
#[derive(Clone, Copy, Debug)]
pub enum Integers<'a> {
    I8(Primitive<'a, i8>),
    I16(Primitive<'a, i16>),
    I32(Primitive<'a, i32>),
    I64(Primitive<'a, i64>),
    U8(Primitive<'a, u8>),
    U16(Primitive<'a, u16>),
    U32(Primitive<'a, u32>),
}

impl<'a> FromColumn<'a> for i64 {
    type View = Integers<'a>;
    const EXPECTED: &'static str = "a whole number up to BIGINT";
    fn accepts(data_type: &DataType) -> bool {
        matches!(
            data_type,
            DataType::I8
                | DataType::I16
                | DataType::I32
                | DataType::I64
                | DataType::U8
                | DataType::U16
                | DataType::U32
                | DataType::Other { width: 8, .. }
        )
    }
    fn view(column: Column<'a>) -> Option<Self::View> {
        Some(match column.data_type() {
            DataType::I8 => Integers::I8(column.i8().ok()?),
            DataType::I16 => Integers::I16(column.i16().ok()?),
            DataType::I32 => Integers::I32(column.i32().ok()?),
            DataType::U8 => Integers::U8(column.u8().ok()?),
            DataType::U16 => Integers::U16(column.u16().ok()?),
            DataType::U32 => Integers::U32(column.u32().ok()?),
            _ => Integers::I64(column.i64().ok()?),
        })
    }
    #[inline(always)]
    fn get(view: &Self::View, row: usize) -> Option<Self> {
        match view {
            Integers::I64(values) => values.get(row),
            Integers::I32(values) => values.get(row).map(i64::from),
            Integers::I16(values) => values.get(row).map(i64::from),
            Integers::I8(values) => values.get(row).map(i64::from),
            Integers::U32(values) => values.get(row).map(i64::from),
            Integers::U16(values) => values.get(row).map(i64::from),
            Integers::U8(values) => values.get(row).map(i64::from),
        }
    }
}

/// Numbers of any type, and booleans as 1 and 0.
#[derive(Clone, Copy, Debug)]
pub enum Numbers<'a> {
    F64(Primitive<'a, f64>),
    F32(Primitive<'a, f32>),
    Integers(Integers<'a>),
    U64(Primitive<'a, u64>),
    Decimal(Primitive<'a, i128>, i8),
    Bool(Bools<'a>),
}

impl<'a> FromColumn<'a> for f64 {
    type View = Numbers<'a>;
    const EXPECTED: &'static str = "a number";
    fn accepts(data_type: &DataType) -> bool {
        let other = matches!(
            data_type,
            DataType::F64
                | DataType::F32
                | DataType::U64
                | DataType::Decimal { .. }
                | DataType::Bool
        );
        let integer = i64::accepts(data_type) && !matches!(data_type, DataType::Other { .. });
        other || integer
    }
    fn view(column: Column<'a>) -> Option<Self::View> {
        Some(match column.data_type() {
            DataType::F64 => Numbers::F64(column.f64().ok()?),
            DataType::F32 => Numbers::F32(column.f32().ok()?),
            DataType::U64 => Numbers::U64(column.u64().ok()?),
            DataType::Decimal { scale, .. } => Numbers::Decimal(column.decimal().ok()?, *scale),
            DataType::Bool => Numbers::Bool(column.bool().ok()?),
            DataType::Other { .. } => return None,
            _ => Numbers::Integers(<i64 as FromColumn>::view(column)?),
        })
    }
    #[inline(always)]
    fn get(view: &Self::View, row: usize) -> Option<Self> {
        match view {
            Numbers::F64(values) => values.get(row),
            Numbers::Integers(values) => {
                <i64 as FromColumn>::get(values, row).map(|number| number as f64)
            }
            Numbers::F32(values) => values.get(row).map(f64::from),
            Numbers::U64(values) => values.get(row).map(|number| number as f64),
            Numbers::Decimal(values, scale) => values.get(row).map(|unscaled| {
                let scale = *scale;
                Decimal { unscaled, scale }.as_f64()
            }),
            Numbers::Bool(values) => values.get(row).map(|truth| f64::from(u8::from(truth))),
        }
    }
}

impl<'a> FromColumn<'a> for Decimal {
    type View = (Primitive<'a, i128>, i8);
    const EXPECTED: &'static str = "DECIMAL";
    fn accepts(data_type: &DataType) -> bool {
        matches!(data_type, DataType::Decimal { .. })
    }
    fn view(column: Column<'a>) -> Option<Self::View> {
        match column.data_type() {
            DataType::Decimal { scale, .. } => Some((column.decimal().ok()?, *scale)),
            _ => None,
        }
    }
    #[inline(always)]
    fn get((values, scale): &Self::View, row: usize) -> Option<Self> {
        let (unscaled, scale) = (values.get(row)?, *scale);
        Some(Self { unscaled, scale })
    }
}

/// AnyTexts, or values of another type that are written as text one by one.
#[derive(Clone, Copy, Debug)]
pub enum AnyTexts<'a> {
    Utf8(Utf8<'a>),
    Written(Column<'a>),
}

/// Any value as text, as [`Value::text`] writes it; a text is borrowed.
impl<'a> FromColumn<'a> for Cow<'a, str> {
    type View = AnyTexts<'a>;
    const EXPECTED: &'static str = "a value of any type";
    fn accepts(_data_type: &DataType) -> bool {
        true
    }
    fn view(column: Column<'a>) -> Option<Self::View> {
        Some(match column.data_type() {
            DataType::Utf8 => AnyTexts::Utf8(column.utf8().ok()?),
            _ => AnyTexts::Written(column),
        })
    }
    #[inline(always)]
    fn get(view: &Self::View, row: usize) -> Option<Self> {
        match view {
            AnyTexts::Utf8(texts) => texts.get(row).map(Cow::Borrowed),
            AnyTexts::Written(column) => column.value(row).text(),
        }
    }
}

/// Any value; a null is [`Value::Null`].
impl<'a> FromColumn<'a> for Value<'a> {
    type View = Column<'a>;
    const EXPECTED: &'static str = "a value of any type";
    fn accepts(_data_type: &DataType) -> bool {
        true
    }
    fn view(column: Column<'a>) -> Option<Self::View> {
        Some(column)
    }
    fn get(view: &Self::View, row: usize) -> Option<Self> {
        Some(view.value(row))
    }
}
