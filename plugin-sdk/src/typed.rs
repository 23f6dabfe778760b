//! Rust types as column types: what a parameter reads, what a result writes.
use std::borrow::Cow;

use crate::builders::{
    BinaryBuilder, BoolBuilder, Builder, ListBuilder, PrimitiveBuilder, Utf8Builder,
};
use crate::calendar::{Date, Timestamp};
use crate::error::Error;
use crate::schema::{DataType, Field};
use crate::view::{Binary, Bools, Column, List, Nulls, Primitive, Utf8};

/// A Rust type that has a column type.
pub trait Typed {
    /// Whether a null is a value of it: true for `Option` alone.
    const NULLABLE: bool = false;
    fn data_type() -> DataType;

    /// The field of a record that has this type.
    fn field(name: &str) -> Field {
        let field = Field::new(name, Self::data_type());
        if Self::NULLABLE {
            field.nullable()
        } else {
            field
        }
    }
}

/// A type that can be read from a column.
pub trait Read<'a>: Typed + Sized {
    /// The column, ready to be read.
    type View;
    /// Fails when the column has another type.
    fn bind(column: Column<'a>) -> Result<Self::View, Error>;
    /// Which rows are null.
    fn nulls(view: &Self::View) -> Nulls<'a>;
    /// The value of a row that is not null; none beyond the end.
    fn raw(view: &Self::View, row: usize) -> Option<Self>;

    /// Whether [`Read::raw`] gives a value in every row.
    fn dense(view: &Self::View) -> bool {
        Self::nulls(view).count() == 0
    }

    /// The value of a row; none where there is nothing to read. An `Option` is always there.
    #[inline(always)]
    fn get(view: &Self::View, row: usize) -> Option<Self> {
        if Self::nulls(view).is_null(row) {
            None
        } else {
            Self::raw(view, row)
        }
    }
}

/// A type that can be written to a column.
pub trait Write: Typed + Sized {
    type Builder: Builder;
    fn write(self, to: &mut Self::Builder);

    /// Adds the values of rows 0 to `rows`.
    #[inline(always)]
    fn fill(rows: usize, to: &mut Self::Builder, mut of_row: impl FnMut(usize) -> Self) {
        (0..rows).for_each(|row| of_row(row).write(to));
    }
}

/// A struct by `#[derive(Record)]`: its fields are columns.
pub trait Record<'a>: Typed + Sized {
    /// Its columns, ready to be read.
    type Fields;
    /// Binds each field to the column that `find` gives for its name.
    fn bind_fields(
        find: &mut dyn FnMut(&str) -> Result<Column<'a>, Error>,
    ) -> Result<Self::Fields, Error>;
    /// The struct of a row; none when a field that is no `Option` is null there.
    fn read(fields: &Self::Fields, row: usize) -> Option<Self>;
    /// The first field that is null and must not be.
    fn missing(fields: &Self::Fields, row: usize) -> Option<&'static str>;
}

macro_rules! numbers {
    ($($t:ty => $data_type:ident, $view:ident;)*) => {$(
        impl Typed for $t {
            fn data_type() -> DataType {
                DataType::$data_type
            }
        }

        impl<'a> Read<'a> for $t {
            type View = Primitive<'a, $t>;
            fn bind(column: Column<'a>) -> Result<Self::View, Error> {
                column.$view()
            }
            #[inline(always)]
            fn nulls(view: &Self::View) -> Nulls<'a> {
                view.nulls
            }
            #[inline(always)]
            fn raw(view: &Self::View, row: usize) -> Option<Self> {
                view.raw(row)
            }
        }

        impl Write for $t {
            type Builder = PrimitiveBuilder<$t>;
            #[inline(always)]
            fn write(self, to: &mut Self::Builder) {
                to.push(self);
            }
            #[inline(always)]
            fn fill(rows: usize, to: &mut Self::Builder, of_row: impl FnMut(usize) -> Self) {
                to.fill(rows, of_row);
            }
        }
    )*};
}
numbers! {
    i8 => I8, i8; i16 => I16, i16; i32 => I32, i32; i64 => I64, i64;
    u8 => U8, u8; u16 => U16, u16; u32 => U32, u32; u64 => U64, u64;
    f32 => F32, f32; f64 => F64, f64;
}

macro_rules! wrapped {
    ($($t:ident($inner:ty) => $data_type:expr, $view:ident;)*) => {$(
        impl Typed for $t {
            fn data_type() -> DataType {
                $data_type
            }
        }

        impl<'a> Read<'a> for $t {
            type View = Primitive<'a, $inner>;
            fn bind(column: Column<'a>) -> Result<Self::View, Error> {
                column.$view()
            }
            #[inline(always)]
            fn nulls(view: &Self::View) -> Nulls<'a> {
                view.nulls
            }
            #[inline(always)]
            fn raw(view: &Self::View, row: usize) -> Option<Self> {
                view.raw(row).map($t)
            }
        }

        impl Write for $t {
            type Builder = PrimitiveBuilder<$inner>;
            #[inline(always)]
            fn write(self, to: &mut Self::Builder) {
                to.push(self.0);
            }
        }
    )*};
}
wrapped! {
    Date(i32) => DataType::Date, date;
    Timestamp(i64) => DataType::timestamp(), timestamp;
}

macro_rules! reads {
    ($([$($a:lifetime)?] $t:ty => $data_type:expr, $view:ty, $bind:ident, |$raw:ident| $value:expr;)*) => {$(
        impl$(<$a>)? Typed for $t {
            fn data_type() -> DataType {
                $data_type
            }
        }

        impl<'a> Read<'a> for $t {
            type View = $view;
            fn bind(column: Column<'a>) -> Result<Self::View, Error> {
                column.$bind()
            }
            #[inline(always)]
            fn nulls(view: &Self::View) -> Nulls<'a> {
                view.nulls
            }
            #[inline(always)]
            fn raw(view: &Self::View, row: usize) -> Option<Self> {
                view.raw(row).map(|$raw| $value)
            }
        }
    )*};
}
reads! {
    [] bool => DataType::Bool, Bools<'a>, bool, |truth| truth;
    ['a] &'a str => DataType::Utf8, Utf8<'a>, utf8, |text| text;
    ['a] Cow<'a, str> => DataType::Utf8, Utf8<'a>, utf8, |text| Cow::Borrowed(text);
    [] String => DataType::Utf8, Utf8<'a>, utf8, |text| text.to_owned();
    ['a] &'a [u8] => DataType::Binary, Binary<'a>, binary, |bytes| bytes;
    [] Vec<u8> => DataType::Binary, Binary<'a>, binary, |bytes| bytes.to_vec();
}

macro_rules! writes {
    ($([$($a:lifetime)?] $t:ty => $builder:ty, |$value:ident| $pushed:expr;)*) => {$(
        impl$(<$a>)? Write for $t {
            type Builder = $builder;
            #[inline(always)]
            fn write(self, to: &mut Self::Builder) {
                let $value = self;
                to.push($pushed);
            }
        }
    )*};
}
writes! {
    [] bool => BoolBuilder, |truth| truth;
    ['a] &'a str => Utf8Builder, |text| text;
    ['a] Cow<'a, str> => Utf8Builder, |text| &text;
    [] String => Utf8Builder, |text| &text;
    ['a] &'a [u8] => BinaryBuilder, |bytes| bytes;
    [] Vec<u8> => BinaryBuilder, |bytes| &bytes;
}

impl<T: Typed> Typed for Option<T> {
    const NULLABLE: bool = true;
    fn data_type() -> DataType {
        T::data_type()
    }
}

impl<'a, T: Read<'a>> Read<'a> for Option<T> {
    type View = T::View;
    fn bind(column: Column<'a>) -> Result<Self::View, Error> {
        T::bind(column)
    }
    #[inline(always)]
    fn nulls(view: &Self::View) -> Nulls<'a> {
        T::nulls(view)
    }
    fn dense(view: &Self::View) -> bool {
        T::dense(view)
    }
    #[inline(always)]
    fn raw(view: &Self::View, row: usize) -> Option<Self> {
        Some(T::raw(view, row))
    }
    #[inline(always)]
    fn get(view: &Self::View, row: usize) -> Option<Self> {
        Some(T::get(view, row))
    }
}

impl<T: Write> Write for Option<T> {
    type Builder = T::Builder;
    #[inline(always)]
    fn write(self, to: &mut Self::Builder) {
        match self {
            Some(value) => value.write(to),
            None => to.push_null(),
        }
    }
}

// One by one, because `Vec<u8>` is a byte string and no list.
macro_rules! lists {
    ($($t:ty),*) => {$(
        impl Typed for Vec<$t> {
            fn data_type() -> DataType {
                DataType::list(<$t>::data_type())
            }
        }

        impl<'a> Read<'a> for Vec<$t> {
            type View = (List<'a>, <$t as Read<'a>>::View);
            fn bind(column: Column<'a>) -> Result<Self::View, Error> {
                let list = column.list()?;
                let items = <$t>::bind(list.items)?;
                Ok((list, items))
            }
            fn nulls(view: &Self::View) -> Nulls<'a> {
                view.0.nulls
            }
            /// Null items are omitted.
            fn raw(view: &Self::View, row: usize) -> Option<Self> {
                Some(view.0.raw(row)?.filter_map(|item| <$t>::get(&view.1, item)).collect())
            }
        }

        impl Write for Vec<$t> {
            type Builder = ListBuilder<<$t as Write>::Builder>;
            fn write(self, to: &mut Self::Builder) {
                let added = self.len();
                self.into_iter().for_each(|item| item.write(&mut to.items));
                to.end(added);
            }
        }
    )*};
}
lists!(bool, i32, i64, u32, u64, f64, String, Date);

/// A column by name, for [`Batch::new`](crate::Batch::new) and for tests.
pub fn column<T: Write>(name: &str, values: impl IntoIterator<Item = T>) -> (Field, crate::Array) {
    let values = values.into_iter();
    let mut builder = T::Builder::with_capacity(values.size_hint().0);
    values.for_each(|value| value.write(&mut builder));
    (T::field(name), builder.finish())
}

/// Adds the value of a column of `T` below a null struct.
pub fn absent<T: Write>(to: &mut T::Builder) {
    if T::NULLABLE {
        to.push_null()
    } else {
        to.push_filler()
    }
}
