//! Rows by column: what crosses, with its schema, read in place.
use std::sync::Arc;

use crate::array::{Array, Crossing, bad};
use crate::bindings::imports::tsugi::plugin::types::Batch as WireBatch;
use crate::error::Error;
use crate::schema::{Field, Schema};
use crate::typed::Record;
use crate::view::{Binary, Bools, Column, List, Primitive, Utf8};

/// Rows of one schema. It owns the buffers that crossed; views borrow from it.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The port that it came by, for errors.
    port: Option<Arc<str>>,
    schema: Arc<Schema>,
    rows: usize,
    columns: Vec<Array>,
}

macro_rules! by_name {
    ($($name:ident: $view:ty),* $(,)?) => {$(
        #[doc = concat!("The column of this name as `", stringify!($name),
            "`; fails when there is none, or it has another type.")]
        pub fn $name(&self, name: &str) -> Result<$view, Error> {
            self.column(name)?.$name()
        }
    )*};
}

impl Batch {
    /// Puts columns together. Fails when their lengths differ.
    pub fn new(columns: impl IntoIterator<Item = (Field, Array)>) -> Result<Self, Error> {
        let (fields, columns): (Vec<Field>, Vec<Array>) = columns.into_iter().unzip();
        let schema = Arc::new(Schema::from_iter(fields));
        Self::of_arrays(schema, columns)
    }

    pub(crate) fn of_arrays(schema: Arc<Schema>, columns: Vec<Array>) -> Result<Self, Error> {
        let rows = columns.first().map_or(0, Array::len);
        for (field, column) in schema.fields().iter().zip(&columns) {
            if column.len() != rows {
                return Err(bad(
                    field,
                    format!("{} values where {rows} belong", column.len()),
                ));
            }
        }
        Ok(Self {
            port: None,
            schema,
            rows,
            columns,
        })
    }

    /// Takes what crossed, moving its buffers. Every length, offset, null count and text is
    /// checked here, so that views need not.
    pub fn from_wire(schema: Arc<Schema>, wire: WireBatch) -> Result<Self, Error> {
        Self::take(schema, wire, false)
    }

    /// Reads what the host has sent. Inside a component its texts count as UTF-8, which the host
    /// guarantees; in native tests they are checked like any others.
    pub(crate) fn from_host(schema: Arc<Schema>, wire: WireBatch) -> Result<Self, Error> {
        Self::take(schema, wire, true)
    }

    fn take(schema: Arc<Schema>, wire: WireBatch, from_host: bool) -> Result<Self, Error> {
        let rows = wire.rows as usize;
        let mut crossing = Crossing {
            nodes: wire.nodes.into_iter(),
            buffers: wire.buffers.into_iter(),
            from_host,
        };
        let columns = schema
            .fields()
            .iter()
            .map(|field| Array::take(field, &mut crossing, Some(rows)))
            .collect::<Result<Vec<_>, _>>()?;
        if crossing.nodes.next().is_some() || crossing.buffers.next().is_some() {
            return Err(Error::defect(
                "bad-batch",
                "the batch holds more than its schema",
            ));
        }
        Ok(Self {
            port: None,
            schema,
            rows,
            columns,
        })
    }

    /// The same batch, come by this port.
    pub(crate) fn by_port(mut self, port: Arc<str>) -> Self {
        self.port = Some(port);
        self
    }

    pub(crate) fn port(&self) -> Option<&str> {
        self.port.as_deref()
    }

    /// Gives the buffers away in the order of the contract.
    pub fn into_wire(self) -> WireBatch {
        let (mut nodes, mut buffers) = (Vec::new(), Vec::new());
        for column in self.columns {
            column.give(&mut nodes, &mut buffers);
        }
        WireBatch {
            rows: u32::try_from(self.rows).unwrap_or(u32::MAX),
            nodes,
            buffers,
        }
    }

    /// The same rows with one more column behind the others. Fails when its length differs.
    pub fn with_column(self, (field, array): (Field, Array)) -> Result<Self, Error> {
        if array.len() != self.rows {
            let message = format!("{} values where {} belong", array.len(), self.rows);
            return Err(bad(&field, message));
        }
        let mut columns = self.columns;
        columns.push(array);
        Ok(Self {
            port: self.port,
            schema: Arc::new(Schema::clone(&self.schema).with(field)),
            rows: self.rows,
            columns,
        })
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Its columns' names and types.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// All columns in order.
    pub fn columns(&self) -> impl Iterator<Item = Column<'_>> {
        self.schema
            .fields()
            .iter()
            .zip(&self.columns)
            .map(|(field, array)| Column { field, array })
    }

    /// The column at a place; fails beyond the last.
    pub fn column_at(&self, at: usize) -> Result<Column<'_>, Error> {
        match (self.schema.fields().get(at), self.columns.get(at)) {
            (Some(field), Some(array)) => Ok(Column { field, array }),
            _ => Err(Error::defect(
                "missing-column",
                format!("there is no column {at}"),
            )),
        }
    }

    /// The column of this name; fails when there is none, and lists those that are.
    pub fn column(&self, name: &str) -> Result<Column<'_>, Error> {
        let at = self
            .schema
            .index_of(name)
            .ok_or_else(|| self.schema.missing(name))?;
        self.column_at(at)
    }

    by_name! {
        bool: Bools<'_>, utf8: Utf8<'_>, binary: Binary<'_>, list: List<'_>,
        i8: Primitive<'_, i8>, i16: Primitive<'_, i16>, i32: Primitive<'_, i32>,
        i64: Primitive<'_, i64>, u8: Primitive<'_, u8>, u16: Primitive<'_, u16>,
        u32: Primitive<'_, u32>, u64: Primitive<'_, u64>, f32: Primitive<'_, f32>,
        f64: Primitive<'_, f64>, date: Primitive<'_, i32>, timestamp: Primitive<'_, i64>,
        decimal: Primitive<'_, i128>, children: Vec<Column<'_>>,
    }

    /// The rows as values of a `#[derive(Record)]` struct, as a partial state crosses.
    pub(crate) fn records<'a, R: Record<'a>>(
        &'a self,
    ) -> Result<impl Iterator<Item = Result<R, Error>> + use<'a, R>, Error> {
        let fields = R::bind_fields(&mut |name| self.column(name))?;
        Ok((0..self.rows).map(move |row| {
            R::read(&fields, row).ok_or_else(|| {
                let name = R::missing(&fields, row).unwrap_or("?");
                let message = format!("field `{name}` of the state of group {row} is null");
                Error::defect("null-value", message)
            })
        }))
    }

    /// A row as one JSON object, columns by name.
    pub fn json(&self, row: usize) -> String {
        let named = self
            .columns()
            .map(|column| (column.name(), column.value(row)))
            .collect();
        let mut json = String::new();
        crate::Value::Struct(named).json(&mut json);
        json
    }
}

/// Batches are equal when their fields and values are; how the values are laid out in the
/// buffers does not count, and neither do bytes under a null.
impl PartialEq for Batch {
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows
            && self.schema == other.schema
            && self
                .columns()
                .zip(other.columns())
                .all(|(left, right)| (0..self.rows).all(|row| left.value(row) == right.value(row)))
    }
}
