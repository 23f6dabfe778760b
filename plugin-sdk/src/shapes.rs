//! The two common shapes of a table function, so that an author writes only the middle.
use std::collections::VecDeque;

use crate::batch::Batch;
use crate::batches::Batches;
use crate::error::Error;
use crate::row::{Row, RowIter};
use crate::schema::Schema;
use crate::table::{Pulled, Table, TableCall, TableSignature};

/// All rows of all ports, by port.
#[derive(Debug, Default)]
pub struct Inputs {
    ports: Vec<Port>,
}

#[derive(Debug, Default)]
struct Port {
    given: bool,
    closed: bool,
    batches: Vec<Batch>,
}

impl Inputs {
    fn of(call: &TableCall, signature: &TableSignature) -> Self {
        let given = |port: usize| call.input(port).is_some();
        let ports = signature
            .ports()
            .enumerate()
            .map(|(port, _)| Port {
                given: given(port),
                ..Port::default()
            })
            .collect();
        Self { ports }
    }

    /// The batches of a port, in the order they came; none when it is not given.
    pub fn batches(&self, port: usize) -> &[Batch] {
        self.ports.get(port).map_or(&[], |port| &port.batches)
    }

    /// The rows of a port as values of a [`Row`], in the order they came; no row when the port is not
    /// given.
    pub fn read<'a, R: Row<'a>>(
        &'a self,
        port: usize,
    ) -> Result<impl Iterator<Item = Result<R, Error>> + use<'a, R>, Error> {
        let batches = self.batches(port).iter().map(Batch::read::<R>);
        let batches = batches.collect::<Result<Vec<RowIter<'a, R>>, Error>>()?;
        Ok(batches.into_iter().flatten())
    }

    fn push(&mut self, port: usize, rows: Batch) {
        if let Some(port) = self.ports.get_mut(port) {
            port.batches.push(rows);
        }
    }

    fn close(&mut self, port: usize) {
        if let Some(port) = self.ports.get_mut(port) {
            port.closed = true;
        }
    }

    /// Frees the batches of all ports.
    fn forget(&mut self) {
        for port in &mut self.ports {
            port.batches = Vec::new();
        }
    }

    /// The first given port from `from` on that is still open.
    fn open(&self, from: usize) -> Option<usize> {
        let open = |(_, port): &(usize, &Port)| port.given && !port.closed;
        self.ports
            .iter()
            .enumerate()
            .skip(from)
            .find(open)
            .map(|(at, _)| at)
    }
}

/// A table function that needs all its input before it can answer: port after port, in the order of
/// the signature. Export `table: [Collect<T>]`.
pub trait Collected: Sized + 'static {
    fn signature() -> TableSignature;
    /// Reads the options and the schemas of the inputs.
    fn open(call: &TableCall) -> Result<Self, Error>;
    /// The columns of the result.
    fn returns(&self) -> Schema;
    /// Reads a batch as it comes. What it returns is held for [`Collected::compute`]; a function that
    /// needs little of many rows reads them here and returns none.
    fn receive(&mut self, _port: usize, rows: Batch) -> Result<Option<Batch>, Error> {
        Ok(Some(rows))
    }
    /// A port has no more rows.
    fn close(&mut self, _port: usize) -> Result<(), Error> {
        Ok(())
    }
    /// Computes the result from everything; called once.
    fn compute(&mut self, inputs: &Inputs) -> Result<Batches, Error>;
}

/// Makes a [`Table`] of a [`Collected`].
pub struct Collect<T> {
    inner: T,
    inputs: Inputs,
    answer: Option<Batches>,
}

impl<T: Collected> Table for Collect<T> {
    fn signature() -> TableSignature {
        T::signature()
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let inputs = Inputs::of(call, &T::signature());
        Ok(Self {
            inner: T::open(call)?,
            inputs,
            answer: None,
        })
    }

    fn returns(&self) -> Schema {
        self.inner.returns()
    }

    fn push(&mut self, port: usize, rows: Batch) -> Result<(), Error> {
        if let Some(rows) = self.inner.receive(port, rows)? {
            self.inputs.push(port, rows);
        }
        Ok(())
    }

    fn close(&mut self, port: usize) -> Result<(), Error> {
        self.inputs.close(port);
        self.inner.close(port)
    }

    fn pull(&mut self) -> Result<Pulled, Error> {
        if let Some(port) = self.inputs.open(0) {
            return Ok(Pulled::Need(port));
        }
        let answer = match &mut self.answer {
            Some(answer) => answer,
            none => {
                let inputs = std::mem::take(&mut self.inputs);
                none.insert(self.inner.compute(&inputs)?)
            }
        };
        Ok(answer.next()?.map_or(Pulled::Finished, Pulled::Batch))
    }
}

/// A table function that answers its first port batch by batch, after all rows of its other
/// ports. Export `table: [Stream<T>]`.
pub trait Streamed: Sized + 'static {
    /// What SQL sees. The first port must be required.
    fn signature() -> TableSignature;
    /// Reads the options and the schemas of the inputs.
    fn open(call: &TableCall) -> Result<Self, Error>;
    /// The columns of the result.
    fn returns(&self) -> Schema;
    /// Reads a batch of a port after the first as it comes. What it returns is held for
    /// [`Streamed::ready`]; a function that needs little of many rows reads them here and returns
    /// none.
    fn receive(&mut self, _port: usize, rows: Batch) -> Result<Option<Batch>, Error> {
        Ok(Some(rows))
    }
    /// Takes everything of the ports after the first; called once, before any row of the first.
    fn ready(&mut self, _sides: &Inputs) -> Result<(), Error> {
        Ok(())
    }
    /// Answers a batch of the first port; none when it gives no row.
    fn next(&mut self, rows: Batch) -> Result<Option<Batch>, Error>;
    /// The rows after those of the first port; called once.
    fn end(&mut self) -> Result<Batches, Error> {
        Ok(Batches::none())
    }
}

/// Makes a [`Table`] of a [`Streamed`].
pub struct Stream<T> {
    inner: T,
    inputs: Inputs,
    ready: bool,
    waiting: VecDeque<Batch>,
    end: Option<Batches>,
}

impl<T: Streamed> Table for Stream<T> {
    fn signature() -> TableSignature {
        T::signature()
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let inputs = Inputs::of(call, &T::signature());
        let inner = T::open(call)?;
        Ok(Self {
            inner,
            inputs,
            ready: false,
            waiting: VecDeque::new(),
            end: None,
        })
    }

    fn returns(&self) -> Schema {
        self.inner.returns()
    }

    fn push(&mut self, port: usize, rows: Batch) -> Result<(), Error> {
        if port == 0 {
            self.waiting.push_back(rows);
        } else if let Some(rows) = self.inner.receive(port, rows)? {
            self.inputs.push(port, rows);
        }
        Ok(())
    }

    fn close(&mut self, port: usize) -> Result<(), Error> {
        self.inputs.close(port);
        Ok(())
    }

    fn pull(&mut self) -> Result<Pulled, Error> {
        if let Some(port) = self.inputs.open(1) {
            return Ok(Pulled::Need(port));
        }
        if !self.ready {
            self.inner.ready(&self.inputs)?;
            self.inputs.forget();
            self.ready = true;
        }
        while let Some(rows) = self.waiting.pop_front() {
            if let Some(answer) = self.inner.next(rows)? {
                return Ok(Pulled::Batch(answer));
            }
        }
        if self.inputs.open(0).is_some() {
            return Ok(Pulled::Need(0));
        }
        let end = match &mut self.end {
            Some(end) => end,
            none => none.insert(self.inner.end()?),
        };
        Ok(end.next()?.map_or(Pulled::Finished, Pulled::Batch))
    }
}
