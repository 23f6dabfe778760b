//! Running a table function as the host does, with its input cut in several ways.
use std::sync::Arc;

use super::{concat, same, take};
use crate::array::Array;
use crate::batch::Batch;
use crate::bindings::table::exports::tsugi::plugin::table::{Binding, GuestOperator, Port, Pulled};
use crate::error::Error;
use crate::schema::{Field, Schema};
use crate::table::{Entry, Operator, Table, Tables};
use crate::typed::{Write, column};

struct Only<T>(std::marker::PhantomData<T>);

impl<T: Table> Tables for Only<T> {
    fn tables() -> Vec<Entry> {
        vec![Entry::of::<T>()]
    }
}

/// A table function with its inputs and options; see [`table`].
pub struct TableRun<T> {
    inputs: Vec<(String, Batch)>,
    options: Vec<(Field, Array)>,
    of: std::marker::PhantomData<T>,
}

/// Runs a table function: `table::<T>().input("texts", batch).option("by", "lot").run()`.
pub fn table<T: Table>() -> TableRun<T> {
    TableRun {
        inputs: Vec::new(),
        options: Vec::new(),
        of: std::marker::PhantomData,
    }
}

impl<T: Table> TableRun<T> {
    /// Gives a port its rows.
    #[must_use]
    pub fn input(mut self, port: &str, rows: Batch) -> Self {
        self.inputs.push((port.to_owned(), rows));
        self
    }

    /// Gives an option its literal.
    #[must_use]
    pub fn option<V: Write>(mut self, name: &str, value: V) -> Self {
        self.options.push(column(name, [value]));
        self
    }

    /// The result for whole inputs, and for inputs cut to 1, 7 and 1,024 rows a batch. Fails
    /// when how they were cut changes the result (floats within 1e-9).
    pub fn run(&self) -> Result<Batch, Error> {
        let whole = self.run_cut(usize::MAX)?;
        for rows in [1, 7, 1024] {
            let cut = self.run_cut(rows)?;
            same(&whole, &cut)
                .map_err(|error| error.detail(format!("with {rows} rows a batch")))?;
        }
        Ok(whole)
    }

    /// The result for inputs cut to so many rows a batch.
    pub fn run_cut(&self, rows: usize) -> Result<Batch, Error> {
        let operator = self.open()?;
        let schema = Arc::new(Schema::from_wire(&operator.returns())?);
        let mut waiting = self
            .inputs()
            .into_iter()
            .map(|(_, batch)| cut(batch, rows).map(Vec::into_iter))
            .collect::<Result<Vec<_>, Error>>()?;
        let mut closed = vec![false; waiting.len()];
        let mut results = vec![Batch::from_wire(
            schema.clone(),
            crate::BatchBuilder::new(&schema).finish()?.into_wire(),
        )?];
        loop {
            match operator.pull()? {
                Pulled::Batch(batch) => results.push(Batch::from_wire(schema.clone(), batch)?),
                Pulled::Finished => return concat(&results),
                Pulled::Need(port) => {
                    let at = port as usize;
                    let again = || Error::defect("bad-port", format!("port {at} is needed again"));
                    match waiting.get_mut(at).and_then(Iterator::next) {
                        Some(batch) => operator.push(port, batch.into_wire())?,
                        None if closed.get(at) == Some(&false) => {
                            closed[at] = true;
                            operator.close(port)?;
                        }
                        None => return Err(again()),
                    }
                }
            }
        }
    }

    /// The columns of the result, from the inputs' schemas and the options alone.
    pub fn returns(&self) -> Result<Schema, Error> {
        Schema::from_wire(&self.open()?.returns())
    }

    /// The inputs in the order of the signature.
    fn inputs(&self) -> Vec<(&str, &Batch)> {
        let signature = T::signature();
        let given = |port: &str| self.inputs.iter().find(|(name, _)| name == port);
        signature
            .ports()
            .filter_map(|port| given(port).map(|(name, batch)| (name.as_str(), batch)))
            .collect()
    }

    fn open(&self) -> Result<Operator<Only<T>>, Error> {
        let signature = T::signature();
        for (name, _) in &self.inputs {
            if !signature.ports().any(|port| port == name) {
                return Err(Error::config(
                    "no-such-port",
                    format!("there is no port `{name}`"),
                ));
            }
        }
        for port in signature.wire().ports.iter().filter(|port| port.required) {
            if !self.inputs.iter().any(|(name, _)| *name == port.name) {
                let message = format!("port `{}` must be given", port.name);
                return Err(Error::config("missing-port", message));
            }
        }
        let options = Batch::new(self.options.iter().cloned())?;
        let port = |(name, batch): (&str, &Batch)| Port {
            name: name.to_owned(),
            schema: batch.schema().to_wire(),
        };
        let mut values = options.clone().into_wire();
        values.rows = 1;
        Operator::bind(Binding {
            name: signature.wire().name.clone(),
            inputs: self.inputs().into_iter().map(port).collect(),
            options: options.schema().to_wire(),
            values,
        })
    }
}

fn cut(batch: &Batch, rows: usize) -> Result<Vec<Batch>, Error> {
    let all: Vec<usize> = (0..batch.rows()).collect();
    all.chunks(rows.max(1))
        .map(|chunk| take(batch, chunk))
        .collect()
}
