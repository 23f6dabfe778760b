//! Composes careful messages and writes them to an outbox.

pub mod cell;
pub mod clock;
pub mod compose;
mod digest;
mod draft;
pub mod fault;
pub mod fields;
mod judge;
pub mod library;
pub mod message;
pub mod outbox;
pub mod people;
pub mod purpose;
pub mod reasons;
mod rows;
pub mod rules;
pub mod target;
pub mod template;
mod timing;
pub mod wording;

use compose::{Compose, port_name};
use tsugi_plugin::{Batch, Error, Pulled, Receipt, Schema, Sink, SinkHost};
use tsugi_plugin::{Table, TableCall, TableSignature, WriteRequest};

/// `compose` in SQL. Targets are read first, so that only the people asked about are kept.
pub struct Composing {
    compose: Option<Compose>,
    waiting: Vec<usize>,
    ready: std::vec::IntoIter<message::Message>,
}

impl Table for Composing {
    fn signature() -> TableSignature {
        rows::signature()
    }
    fn open(call: &TableCall) -> Result<Self, Error> {
        let compose = Some(Compose::open(&rows::options(call))?);
        let (waiting, ready) = (rows::ports(call)?, Vec::new().into_iter());
        Ok(Composing {
            compose,
            waiting,
            ready,
        })
    }
    fn returns(&self) -> Schema {
        rows::schema()
    }
    fn push(&mut self, port: usize, batch: Batch) -> Result<(), Error> {
        match &mut self.compose {
            Some(compose) => Ok(compose.push(port_name(port), &rows::sheet(&batch))?),
            None => Ok(()),
        }
    }
    fn close(&mut self, port: usize) -> Result<(), Error> {
        self.waiting.retain(|waiting| *waiting != port);
        if let Some(compose) = &mut self.compose {
            compose.close(port_name(port));
        }
        Ok(())
    }
    fn pull(&mut self) -> Result<Pulled, Error> {
        if let Some(port) = self.waiting.first() {
            return Ok(Pulled::Need(*port));
        }
        if let Some(compose) = self.compose.take() {
            self.ready = compose.finish().into_iter();
        }
        rows::next(&mut self.ready)
    }
}

/// The sink: one object of JSON Lines a batch under the granted output `outbox`.
pub struct Outbox {
    outbox: outbox::Outbox,
    dry_run: bool,
    host: SinkHost,
}

impl Sink for Outbox {
    fn open(_config: &str, request: WriteRequest, host: SinkHost) -> Result<Self, Error> {
        let columns = rows::names(&request.schema);
        let outbox = outbox::Outbox::open(&request.run_id, &request.key, &columns)?;
        let dry_run = request.dry_run;
        Ok(Outbox {
            outbox,
            dry_run,
            host,
        })
    }
    fn write(&mut self, sequence: u32, rows: &Batch) -> Result<Receipt, Error> {
        let object = self.outbox.object(sequence, &rows::sheet(rows));
        if !self.dry_run && object.accepted > 0 {
            self.host.put("outbox", &object.name, &object.bytes)?;
        }
        let summary = self.outbox.summary(&object, self.dry_run);
        let durable = (!self.dry_run).then_some(sequence);
        Ok(rows::receipt(object, summary, durable))
    }
    fn commit(&mut self) -> Result<Receipt, Error> {
        Ok(Receipt::accepted(0, self.outbox.closing(self.dry_run)))
    }
    fn abort(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

tsugi_plugin::export! { manifest: "plugin.toml", table: [Composing], sink: Outbox }
