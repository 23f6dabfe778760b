//! Views of a column: borrowed, typed, and as raw as a kernel wants them.
use std::ops::Range;

use crate::array::{Array, Data, bit};
use crate::buffer::Native;
use crate::error::Error;
use crate::schema::{DataType, Field};

/// A column of any type. Ask it for the typed view, or for single values as
/// [`Value`](crate::Value).
#[derive(Clone, Copy, Debug)]
pub struct Column<'a> {
    pub(crate) field: &'a Field,
    pub(crate) array: &'a Array,
}

/// Which values of a column are null.
#[derive(Clone, Copy, Debug)]
pub struct Nulls<'a> {
    bits: &'a [u8],
    count: usize,
}

impl Nulls<'_> {
    /// How many values are null.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether this value is null.
    #[inline(always)]
    pub fn is_null(&self, row: usize) -> bool {
        self.count != 0 && !bit(self.bits, row)
    }
}

/// Numbers. `values` holds something in every place; only those that `nulls` leaves count.
#[derive(Clone, Copy, Debug)]
pub struct Primitive<'a, T> {
    /// One a row.
    pub values: &'a [T],
    pub nulls: Nulls<'a>,
}

/// Booleans, one bit a row.
#[derive(Clone, Copy, Debug)]
pub struct Bools<'a> {
    /// The bits, lowest first.
    pub bits: &'a [u8],
    pub nulls: Nulls<'a>,
    len: usize,
}

/// Texts: value `n` is `text[offsets[n]..offsets[n + 1]]`.
#[derive(Clone, Copy, Debug)]
pub struct Utf8<'a> {
    /// One more than rows; rising, and on character boundaries.
    pub offsets: &'a [i32],
    /// All texts, one after another.
    pub text: &'a str,
    pub nulls: Nulls<'a>,
}

/// Byte strings: value `n` is `bytes[offsets[n]..offsets[n + 1]]`.
#[derive(Clone, Copy, Debug)]
pub struct Binary<'a> {
    /// One more than rows; rising.
    pub offsets: &'a [i32],
    /// All values, one after another.
    pub bytes: &'a [u8],
    pub nulls: Nulls<'a>,
}

/// Lists: value `n` is the rows `offsets[n]..offsets[n + 1]` of `items`.
#[derive(Clone, Copy, Debug)]
pub struct List<'a> {
    /// One more than rows; rising.
    pub offsets: &'a [i32],
    /// All items, one list after another.
    pub items: Column<'a>,
    /// Which lists are null.
    pub nulls: Nulls<'a>,
}

fn span(offsets: &[i32], row: usize) -> Option<Range<usize>> {
    Some(*offsets.get(row)? as usize..*offsets.get(row + 1)? as usize)
}

macro_rules! access {
    ($view:ident<$a:lifetime $(, $t:ident)?> $(where $bound:ident)?, $value:ty) => {
        impl<$a $(, $t: $bound)?> $view<$a $(, $t)?> {
            /// The value, or none where it is null or beyond the end.
            #[inline(always)]
            pub fn get(&self, row: usize) -> Option<$value> {
                if self.nulls.is_null(row) { None } else { self.raw(row) }
            }

            /// All values in order, none for null.
            pub fn iter(&self) -> impl Iterator<Item = Option<$value>> + use<$a $(, $t)?> {
                let view = *self;
                (0..self.len()).map(move |row| view.get(row))
            }
        }
    };
}
access!(Primitive<'a, T> where Native, T);
access!(Bools<'a>, bool);
access!(Utf8<'a>, &'a str);
access!(Binary<'a>, &'a [u8]);
access!(List<'a>, Range<usize>);

impl<T: Native> Primitive<'_, T> {
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    #[inline(always)]
    pub(crate) fn raw(&self, row: usize) -> Option<T> {
        self.values.get(row).copied()
    }
}

impl Bools<'_> {
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline(always)]
    pub(crate) fn raw(&self, row: usize) -> Option<bool> {
        (row < self.len).then(|| bit(self.bits, row))
    }
}

macro_rules! spans {
    ($($view:ident => |$self:ident, $span:ident| $value:expr, $t:ty);* $(;)?) => {$(
        impl<'a> $view<'a> {
            pub fn len(&self) -> usize {
                self.offsets.len().saturating_sub(1)
            }

            /// Whether there is no row.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            #[inline(always)]
            pub(crate) fn raw(&$self, row: usize) -> Option<$t> {
                let $span = span($self.offsets, row)?;
                $value
            }
        }
    )*};
}
spans! {
    Utf8 => |self, span| self.text.get(span), &'a str;
    Binary => |self, span| self.bytes.get(span), &'a [u8];
    List => |self, span| Some(span), Range<usize>;
}

macro_rules! primitive_views {
    ($($name:ident: $t:ty = $pattern:pat),* $(,)?) => {$(
        #[doc = concat!("The values as `", stringify!($t), "`; fails on a column of another type.")]
        pub fn $name(&self) -> Result<Primitive<'a, $t>, Error> {
            match &self.field.data_type {
                $pattern => Ok(Primitive { values: self.array.values(), nulls: self.null_view() }),
                _ => Err(self.wrong(stringify!($name))),
            }
        }
    )*};
}

impl<'a> Column<'a> {
    pub fn name(&self) -> &'a str {
        &self.field.name
    }

    pub fn data_type(&self) -> &'a DataType {
        &self.field.data_type
    }

    /// Its name, type and nullability.
    pub fn field(&self) -> &'a Field {
        self.field
    }

    pub fn len(&self) -> usize {
        self.array.len
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.array.len == 0
    }

    /// Which values are null.
    pub fn null_view(&self) -> Nulls<'a> {
        Nulls {
            bits: &self.array.validity,
            count: self.array.nulls,
        }
    }

    /// Whether this value is null.
    pub fn is_null(&self, row: usize) -> bool {
        self.null_view().is_null(row)
    }

    primitive_views! {
        i8: i8 = DataType::I8, i16: i16 = DataType::I16,
        i32: i32 = DataType::I32 | DataType::Other { width: 4, .. },
        i64: i64 = DataType::I64 | DataType::Other { width: 8, .. }, u8: u8 = DataType::U8, u16: u16 = DataType::U16,
        u32: u32 = DataType::U32, u64: u64 = DataType::U64, f32: f32 = DataType::F32,
        f64: f64 = DataType::F64, date: i32 = DataType::Date,
        timestamp: i64 = DataType::Timestamp { .. }, decimal: i128 = DataType::Decimal { .. },
    }

    /// The values as booleans; fails on a column of another type.
    pub fn bool(&self) -> Result<Bools<'a>, Error> {
        match &self.array.data {
            Data::Bool(bits) => Ok(Bools {
                bits,
                nulls: self.null_view(),
                len: self.array.len,
            }),
            _ => Err(self.wrong("bool")),
        }
    }

    /// The values as texts; fails on a column of another type.
    pub fn utf8(&self) -> Result<Utf8<'a>, Error> {
        match &self.array.data {
            Data::Utf8 { offsets, text } => Ok(Utf8 {
                offsets: offsets.typed(),
                text,
                nulls: self.null_view(),
            }),
            _ => Err(self.wrong("utf8")),
        }
    }

    /// The values as bytes; fails on a column of another type.
    pub fn binary(&self) -> Result<Binary<'a>, Error> {
        match &self.array.data {
            Data::Binary { offsets, bytes } => Ok(Binary {
                offsets: offsets.typed(),
                bytes,
                nulls: self.null_view(),
            }),
            _ => Err(self.wrong("binary")),
        }
    }

    /// The values as lists; the items of a map are structs of key and value. Fails on a
    /// column of another type.
    pub fn list(&self) -> Result<List<'a>, Error> {
        match (&self.array.data, &self.field.data_type) {
            (Data::List { offsets, items }, DataType::List(field) | DataType::Map(field)) => {
                Ok(List {
                    offsets: offsets.typed(),
                    items: Column {
                        field,
                        array: items,
                    },
                    nulls: self.null_view(),
                })
            }
            _ => Err(self.wrong("list")),
        }
    }

    /// The columns of a struct column; fails on a column of another type.
    pub fn children(&self) -> Result<Vec<Column<'a>>, Error> {
        match (&self.array.data, &self.field.data_type) {
            (Data::Struct(arrays), DataType::Struct(fields)) => Ok(fields
                .iter()
                .zip(arrays)
                .map(|(field, array)| Column { field, array })
                .collect()),
            _ => Err(self.wrong("struct")),
        }
    }

    /// One column of a struct column; fails when there is none of this name.
    pub fn child(&self, name: &str) -> Result<Column<'a>, Error> {
        let children = self.children()?;
        children
            .into_iter()
            .find(|child| child.field.name == name)
            .ok_or_else(|| {
                let place = format!("column `{}` has no field `{name}`", self.field.name);
                Error::config("missing-column", place)
            })
    }

    pub(crate) fn wrong(&self, wanted: &str) -> Error {
        let (name, found) = (self.name(), self.data_type());
        let message = format!("column `{name}` is {found}, expected {wanted}");
        Error::config("wrong-type", message).detail("cast it in the query")
    }
}
