//! Rows of a batch as structs: columns are found by name once, then read row by row.
use std::rc::Rc;

use crate::batch::Batch;
use crate::error::Error;
use crate::from_column::FromColumn;
use crate::schema::{DataType, Schema};
use crate::value::Value;
use crate::view::Column;

/// A struct by `#[derive(Row)]`: one row of a relation, read by column name.
///
/// A field is any type that is [`FromColumn`]: `&str` and `String` from texts, `Cow<str>` from any
/// column as text, `f64` from any number, `i64` from whole numbers of any width that fits, `bool`,
/// `Date`, `Timestamp`, `Decimal`, `&[u8]`, lists as `Vec`, and `Value` from anything. A null is
/// read by an `Option`; without one it is an error. Other columns of the relation are not looked at.
///
/// * `#[row(optional)]` at a field of `Option`: the column may be absent; at the struct: so may
///   those of all its fields of `Option`, but for the `#[row(required)]` ones.
/// * `#[row(name = "…")]`: the column's name, where it is not the field's.
/// * `#[row(rest)]` at a field of [`Rest`]: the columns that no other field reads.
///
/// ```
/// use tsugi_plugin::{Batch, Error, Row, column};
///
/// #[derive(Row)]
/// struct Sale<'a> {
///     lot: &'a str,
///     units: i64,
///     #[row(optional)]
///     price: Option<f64>,
/// }
///
/// # fn main() -> Result<(), Error> {
/// let batch = Batch::new([column("lot", ["a", "b"]), column("units", [3_i32, 4])])?;
/// for sale in batch.read::<Sale>()? {
///     let Sale { lot, units, price } = sale?;
/// #   assert!(lot == "a" && units == 3 || lot == "b" && units == 4);
/// #   assert!(price.is_none());
/// }
/// # Ok(()) }
/// ```
pub trait Row<'a>: Sized {
    /// Its columns, ready to be read.
    type View;
    /// What each column must hold.
    fn expects() -> Vec<Expected>;
    fn bind(columns: &Columns<'a, '_>) -> Result<Self::View, Error>;
    /// The struct of a row; none when a field that is no `Option` is null there.
    fn get(view: &Self::View, row: usize) -> Option<Self>;
    /// The first field that is null and must not be.
    fn null_in(view: &Self::View, row: usize) -> Option<&'static str>;
}

/// What a column of a row must hold.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    name: &'static str,
    optional: bool,
    words: &'static str,
    accepts: fn(&DataType) -> bool,
}

impl Expected {
    /// A column that must be there.
    pub fn column<'a, T: FromColumn<'a>>(name: &'static str) -> Self {
        Self {
            name,
            optional: false,
            words: T::EXPECTED,
            accepts: T::accepts,
        }
    }

    /// A column that may be absent.
    pub fn optional<'a, T: FromColumn<'a>>(name: &'static str) -> Self {
        Self {
            optional: true,
            ..Self::column::<T>(name)
        }
    }
}

/// Other names of columns: a field's column is named at run time, as by an option.
///
/// ```
/// # use tsugi_plugin::{Batch, Error, Names, Row, column};
/// # #[derive(Row)]
/// # struct Report<'a> { unit: &'a str }
/// # fn main() -> Result<(), Error> {
/// let batch = Batch::new([column("seller_id", ["S-1"])])?;
/// let names = Names::new().with("unit", "seller_id");
/// assert_eq!(batch.read_named::<Report>(&names)?.count(), 1);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Names(Vec<(&'static str, String)>);

impl Names {
    /// Every column is named as its field.
    pub fn new() -> Self {
        Self::default()
    }

    /// The field's column has this name.
    #[must_use]
    pub fn with(mut self, field: &'static str, column: impl Into<String>) -> Self {
        self.0.push((field, column.into()));
        self
    }

    /// The name of a field's column.
    pub fn of<'n>(&'n self, field: &'n str) -> &'n str {
        let found = self.0.iter().find(|(known, _)| *known == field);
        found.map_or(field, |(_, column)| column)
    }
}

/// Checks that a relation has the columns of a row, each of a type that can be read.
pub(crate) fn check<'a, R: Row<'a>>(
    port: Option<&str>,
    schema: &Schema,
    names: &Names,
) -> Result<(), Error> {
    for expected in R::expects() {
        let name = names.of(expected.name);
        let at = schema.index_of(name);
        match at.and_then(|at| schema.fields().get(at)) {
            None if expected.optional => {}
            None => return Err(absent(port, schema, name)),
            Some(field) if (expected.accepts)(&field.data_type) => {}
            Some(field) => return Err(other_type(port, name, &field.data_type, expected.words)),
        }
    }
    Ok(())
}

fn of_port(port: Option<&str>) -> String {
    port.map_or(String::new(), |port| format!("port `{port}`: "))
}

fn absent(port: Option<&str>, schema: &Schema, name: &str) -> Error {
    let mut error = schema.missing(name);
    error.message = format!("{}{}", of_port(port), error.message);
    error
}

fn other_type(port: Option<&str>, name: &str, found: &DataType, expected: &str) -> Error {
    let message = format!(
        "{}column `{name}` is {found}, expected {expected}",
        of_port(port)
    );
    Error::config("wrong-type", message).detail("cast it in the query")
}

/// The columns of a batch while a row finds its own.
pub struct Columns<'a, 'n> {
    batch: &'a Batch,
    names: &'n Names,
}

impl<'a> Columns<'a, '_> {
    fn find(&self, name: &str) -> Option<Column<'a>> {
        let at = self.batch.schema().index_of(name)?;
        self.batch.column_at(at).ok()
    }

    fn view<T: FromColumn<'a>>(&self, name: &str, column: Column<'a>) -> Result<T::View, Error> {
        let wrong = || other_type(self.batch.port(), name, column.data_type(), T::EXPECTED);
        T::view(column).ok_or_else(wrong)
    }

    /// A column that must be there.
    pub fn column<T: FromColumn<'a>>(&self, field: &str) -> Result<T::View, Error> {
        let name = self.names.of(field);
        match self.find(name) {
            Some(column) => self.view::<T>(name, column),
            None => Err(absent(self.batch.port(), self.batch.schema(), name)),
        }
    }

    /// A column that may be absent.
    pub fn optional<T: FromColumn<'a>>(&self, field: &str) -> Result<Option<T::View>, Error> {
        let name = self.names.of(field);
        let column = self.find(name);
        column
            .map(|column| self.view::<T>(name, column))
            .transpose()
    }

    /// The columns of no field.
    pub fn rest(&self, fields: &[&str]) -> Rc<[Column<'a>]> {
        let read = |column: &Column<'_>| {
            let names = fields.iter().map(|field| self.names.of(field));
            names.into_iter().any(|name| name == column.name())
        };
        self.batch
            .columns()
            .filter(|column| !read(column))
            .collect()
    }
}

/// The value of a column that may be absent.
#[inline(always)]
pub fn present<'a, T: FromColumn<'a>>(view: &Option<T::View>, row: usize) -> Option<T> {
    view.as_ref().and_then(|view| T::get(view, row))
}

/// The columns of a row that no other field reads: `#[row(rest)]`.
#[derive(Clone, Debug)]
pub struct Rest<'a> {
    columns: Rc<[Column<'a>]>,
    row: usize,
}

impl<'a> Rest<'a> {
    /// The rest of a row.
    pub fn new(columns: &Rc<[Column<'a>]>, row: usize) -> Self {
        let columns = Rc::clone(columns);
        Self { columns, row }
    }

    /// Names and values in the order of the columns.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> + '_ {
        let columns = self.columns.iter();
        columns.map(|column| (column.name(), column.value(self.row)))
    }

    /// The value of a column; null when there is none of this name.
    pub fn value(&self, name: &str) -> Value<'a> {
        let column = self.columns.iter().find(|column| column.name() == name);
        column.map_or(Value::Null, |column| column.value(self.row))
    }
}

/// The rows of a batch, one after another.
pub struct RowIter<'a, R: Row<'a>> {
    batch: &'a Batch,
    view: R::View,
    row: usize,
}

impl<'a, R: Row<'a>> Iterator for RowIter<'a, R> {
    type Item = Result<R, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.row >= self.batch.rows() {
            return None;
        }
        let row = self.row;
        self.row += 1;
        Some(R::get(&self.view, row).ok_or_else(|| {
            let name = R::null_in(&self.view, row).unwrap_or("?");
            let port = of_port(self.batch.port());
            let message = format!(
                "{port}column `{name}` is null in row {} of a batch",
                row + 1
            );
            Error::data("null-value", message).detail("leave such rows out, or use coalesce")
        }))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let remaining = self.batch.rows().saturating_sub(self.row);
        (remaining, Some(remaining))
    }
}

impl Batch {
    /// The rows as values of a [`Row`]. Fails when a column is absent or of another type; a row
    /// fails when a column is null where the struct has no `Option`.
    pub fn read<'a, R: Row<'a>>(&'a self) -> Result<RowIter<'a, R>, Error> {
        self.read_named(&Names::new())
    }

    /// The rows as values of a [`Row`] whose columns have other names.
    pub fn read_named<'a, R: Row<'a>>(&'a self, names: &Names) -> Result<RowIter<'a, R>, Error> {
        let columns = Columns { batch: self, names };
        Ok(RowIter {
            batch: self,
            view: R::bind(&columns)?,
            row: 0,
        })
    }

    /// The values of one column, for columns that are known only at run time.
    pub fn read_column<'a, T: FromColumn<'a>>(
        &'a self,
        name: &str,
    ) -> Result<Values<'a, T>, Error> {
        let names = &Names::new();
        let columns = Columns { batch: self, names };
        columns.column::<T>(name).map(Values)
    }
}

/// The values of one column, by row.
pub struct Values<'a, T: FromColumn<'a>>(T::View);

impl<'a, T: FromColumn<'a>> Values<'a, T> {
    /// The value of a row; none where it is null. An `Option` always has a value.
    #[inline(always)]
    pub fn get(&self, row: usize) -> Option<T> {
        T::get(&self.0, row)
    }
}
