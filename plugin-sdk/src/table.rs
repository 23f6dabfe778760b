//! Table functions: relations in, one relation out, streaming.
use std::cell::RefCell;
use std::sync::Arc;

use crate::batch::Batch;
use crate::bindings::imports::tsugi::plugin::types::{Batch as WireBatch, Field as WireField};
use crate::bindings::table::exports::tsugi::plugin::table as wit;
use crate::error::{Error, Fault};
use crate::row::{self, Names, Row};
use crate::schema::{DataType, Schema};
use crate::value::Value;

/// A table function. Ports are counted in the order of the signature, given or not.
/// Most need only [`Collected`](crate::Collected) or [`Streamed`](crate::Streamed).
pub trait Table: 'static {
    fn signature() -> TableSignature
    where
        Self: Sized;
    /// Called while the query is planned: pure, and within two seconds.
    fn open(call: &TableCall) -> Result<Self, Error>
    where
        Self: Sized;
    /// The columns of the result.
    fn returns(&self) -> Schema;
    /// Takes rows of a port.
    fn push(&mut self, port: usize, rows: Batch) -> Result<(), Error>;
    /// A port has no more rows.
    fn close(&mut self, port: usize) -> Result<(), Error>;
    fn pull(&mut self) -> Result<Pulled, Error>;
}

/// The answer of [`Table::pull`].
#[derive(Clone, Debug, PartialEq)]
pub enum Pulled {
    /// Rows of the result.
    Batch(Batch),
    /// Push to, or close, this port first.
    Need(usize),
    /// There are no more rows.
    Finished,
}

/// The name, ports and options of a table function.
///
/// ```
/// use tsugi_plugin::{DataType, Schema, TableSignature};
/// let signature = TableSignature::new("topics", "Sorts texts into topics by rules.")
///     .port("texts", Schema::new().utf8("text"), "The texts; other columns pass through.")
///     .port("rules", Schema::new().utf8("topic").utf8("pattern"), "What makes a topic.")
///     .option("language", DataType::Utf8, "Only rules of this language.");
/// ```
#[derive(Clone, Debug)]
pub struct TableSignature {
    wire: wit::Signature,
    /// What the rows of each port must be, where the function reads rows.
    rows: Vec<Option<Check>>,
}

/// Checks the schema of a port of this name against a row.
type Check = fn(Option<&str>, &Schema, &Names) -> Result<(), Error>;

impl TableSignature {
    /// A function without ports or options yet.
    pub fn new(name: &str, doc: &str) -> Self {
        let wire = wit::Signature {
            name: name.to_owned(),
            ports: Vec::new(),
            options: Vec::new(),
            doc: doc.to_owned(),
            extra: Vec::new(),
        };
        let rows = Vec::new();
        Self { wire, rows }
    }

    fn add_port(mut self, name: &str, columns: Schema, doc: &str, required: bool) -> Self {
        let (name, columns, doc) = (name.to_owned(), columns.to_wire(), doc.to_owned());
        self.wire.ports.push(wit::PortInfo {
            name,
            required,
            columns,
            doc,
        });
        self.rows.push(None);
        self
    }

    fn add_option(mut self, name: &str, data_type: DataType, doc: &str, required: bool) -> Self {
        let (name, format, doc) = (name.to_owned(), data_type.format(), doc.to_owned());
        self.wire.options.push(wit::OptionInfo {
            name,
            format,
            required,
            doc,
        });
        self
    }

    /// Adds a relation that must be given, with the columns it must have; a nullable one may
    /// hold nulls, and other columns may come along.
    #[must_use]
    pub fn port(self, name: &str, columns: Schema, doc: &str) -> Self {
        self.add_port(name, columns, doc, true)
    }

    /// Adds a relation that is optional.
    #[must_use]
    pub fn optional_port(self, name: &str, columns: Schema, doc: &str) -> Self {
        self.add_port(name, columns, doc, false)
    }

    fn add_rows(mut self, check: Check) -> Self {
        if let Some(last) = self.rows.last_mut() {
            *last = Some(check);
        }
        self
    }

    /// Adds a relation that must be given, whose rows are read as `R`. Its columns are checked when
    /// the query is planned; they may be of any type that the fields of `R` are read from.
    #[must_use]
    pub fn rows<'a, R: Row<'a>>(self, name: &str, doc: &str) -> Self {
        self.port(name, Schema::new(), doc)
            .add_rows(row::check::<R>)
    }

    /// Adds a relation that is optional, whose rows are read as `R`.
    #[must_use]
    pub fn optional_rows<'a, R: Row<'a>>(self, name: &str, doc: &str) -> Self {
        self.optional_port(name, Schema::new(), doc)
            .add_rows(row::check::<R>)
    }

    /// Adds a literal that is optional, of a plain type.
    #[must_use]
    pub fn option(self, name: &str, data_type: DataType, doc: &str) -> Self {
        self.add_option(name, data_type, doc, false)
    }

    /// Adds a literal that must be given, of a plain type.
    #[must_use]
    pub fn required_option(self, name: &str, data_type: DataType, doc: &str) -> Self {
        self.add_option(name, data_type, doc, true)
    }

    /// The names of the ports, in order.
    pub fn ports(&self) -> impl Iterator<Item = &str> {
        self.wire.ports.iter().map(|port| port.name.as_str())
    }

    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn wire(&self) -> &wit::Signature {
        &self.wire
    }
}

/// One use of a table function: its inputs' schemas and its options.
#[derive(Clone, Debug)]
pub struct TableCall {
    ports: Vec<String>,
    inputs: Vec<Option<Arc<Schema>>>,
    options: Batch,
}

impl TableCall {
    /// The schema of a port, by its place in the signature; none when it is not given.
    pub fn input(&self, port: usize) -> Option<&Arc<Schema>> {
        self.inputs.get(port)?.as_ref()
    }

    /// Whether a port is given and has a column of this name.
    pub fn has_column(&self, port: usize, name: &str) -> bool {
        let schema = self.input(port);
        schema.is_some_and(|schema| schema.index_of(name).is_some())
    }

    /// Checks the columns of a port against a row whose columns have other names, or that is read
    /// only in some calls; [`TableSignature::rows`] does it for all others. A port that is not given
    /// passes.
    pub fn check<'a, R: Row<'a>>(&self, port: usize, names: &Names) -> Result<(), Error> {
        let name = self.ports.get(port).map(String::as_str);
        match self.input(port) {
            Some(schema) => row::check::<R>(name, schema, names),
            None => Ok(()),
        }
    }

    /// The value of an option; null when it is not given.
    pub fn option(&self, name: &str) -> Value<'_> {
        self.options
            .column(name)
            .map_or(Value::Null, |column| column.value(0))
    }

    /// A text option; none when it is not given.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.option(name) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A number option of any width; none when it is not given.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.option(name).number()
    }

    /// An integer option of any width; none when it is not given.
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.option(name) {
            Value::Int(number) => Some(number),
            Value::UInt(number) => i64::try_from(number).ok(),
            _ => None,
        }
    }

    /// A boolean option; none when it is not given.
    pub fn truth(&self, name: &str) -> Option<bool> {
        match self.option(name) {
            Value::Bool(truth) => Some(truth),
            _ => None,
        }
    }
}

/// A table function behind pointers, for the list that a component exports.
#[derive(Clone, Copy)]
pub struct Entry {
    signature: fn() -> TableSignature,
    open: fn(&TableCall) -> Result<Box<dyn Table>, Error>,
}

impl Entry {
    /// The table function of this type.
    pub fn of<T: Table>() -> Self {
        Self {
            signature: T::signature,
            open: |call| T::open(call).map(|table| Box::new(table) as Box<dyn Table>),
        }
    }
}

/// The table functions of a component.
pub trait Tables: 'static {
    fn tables() -> Vec<Entry>;
}

#[derive(Clone)]
struct GivenPort {
    /// Its place in the signature.
    place: usize,
    name: Arc<str>,
    schema: Arc<Schema>,
}

/// One use of a table function.
pub struct Operator<P> {
    table: RefCell<Box<dyn Table>>,
    ports: Vec<GivenPort>,
    of: std::marker::PhantomData<P>,
}

impl<P: Tables> Operator<P> {
    /// Finds the function and opens it.
    pub fn bind(call: wit::Binding) -> Result<Self, Error> {
        let found = P::tables()
            .into_iter()
            .map(|entry| (entry, (entry.signature)()));
        let (entry, signature) = found
            .into_iter()
            .find(|(_, signature)| signature.wire.name == call.name)
            .ok_or_else(|| {
                let message = format!("there is no table function `{}`", call.name);
                Error::config("no-such-function", message)
            })?;
        let mut inputs = vec![None; signature.wire.ports.len()];
        let mut ports = Vec::new();
        for input in call.inputs {
            let schema = Arc::new(Schema::from_wire(&input.schema)?);
            let place = signature.ports().position(|name| name == input.name);
            let slot = place
                .and_then(|place| inputs.get_mut(place))
                .ok_or_else(|| {
                    Error::defect("bad-binding", format!("there is no port `{}`", input.name))
                })?;
            *slot = Some(schema.clone());
            let place = place.unwrap_or_default();
            if let Some(Some(check)) = signature.rows.get(place) {
                check(Some(&input.name), &schema, &Names::new())?;
            }
            let name = input.name.into();
            ports.push(GivenPort {
                place,
                name,
                schema,
            });
        }
        let options = Batch::from_host(Arc::new(Schema::from_wire(&call.options)?), call.values)?;
        let call = TableCall {
            ports: signature.ports().map(str::to_owned).collect(),
            inputs,
            options,
        };
        let table = RefCell::new((entry.open)(&call)?);
        Ok(Self {
            table,
            ports,
            of: std::marker::PhantomData,
        })
    }

    fn port(&self, port: u32) -> Result<&GivenPort, Error> {
        let found = self.ports.get(port as usize);
        found.ok_or_else(|| Error::defect("bad-port", format!("port {port} is not given")))
    }
}

impl<P: Tables> wit::Guest for P {
    type Operator = Operator<P>;
    fn signatures() -> Vec<wit::Signature> {
        P::tables()
            .iter()
            .map(|entry| (entry.signature)().wire)
            .collect()
    }
}

impl<P: Tables> wit::GuestOperator for Operator<P> {
    fn open(call: wit::Binding) -> Result<wit::Operator, Fault> {
        Ok(wit::Operator::new(Self::bind(call)?))
    }

    fn returns(&self) -> Vec<WireField> {
        self.table.borrow().returns().to_wire()
    }

    fn push(&self, port: u32, rows: WireBatch) -> Result<(), Fault> {
        let port = self.port(port)?;
        let rows = Batch::from_host(port.schema.clone(), rows)?.by_port(port.name.clone());
        Ok(self.table.borrow_mut().push(port.place, rows)?)
    }

    fn close(&self, port: u32) -> Result<(), Fault> {
        let place = self.port(port)?.place;
        Ok(self.table.borrow_mut().close(place)?)
    }

    fn pull(&self) -> Result<wit::Pulled, Fault> {
        Ok(match self.table.borrow_mut().pull()? {
            Pulled::Batch(batch) => wit::Pulled::Batch(batch.into_wire()),
            Pulled::Finished => wit::Pulled::Finished,
            Pulled::Need(place) => {
                let port = self.ports.iter().position(|port| port.place == place);
                let port = port.and_then(|port| u32::try_from(port).ok());
                wit::Pulled::Need(port.ok_or_else(|| {
                    Error::defect("bad-port", format!("port {place} is needed but not given"))
                })?)
            }
        })
    }
}
