//! Composes careful messages, sends them by outbox, HTTP or mail, and says what they brought about.

mod advert;
mod archive;
mod audience;
mod caps;
pub mod cell;
pub mod channel;
mod clock;
pub mod compose;
mod digest;
mod draft;
mod fatigue;
pub mod fault;
pub mod fields;
mod filling;
mod holdout;
mod hours;
mod judge;
pub mod kinds;
mod ledger;
pub mod letter;
pub mod library;
mod lift;
mod looks;
pub mod message;
mod offers;
mod open_fields;
mod ordered;
pub mod outbox;
pub mod people;
pub mod ports;
pub mod post;
pub mod purpose;
pub mod reasons;
pub mod retention;
mod rows;
mod rulebook;
pub mod rules;
mod shelf;
mod staying;
mod tables;
pub mod target;
pub mod template;
mod texts;
mod timing;
mod words;

pub use lift::{Lift, LiftAnswer};
pub use tables::{Choosing, Composing, Ledgering, Staying};

use tsugi_plugin::{Batch, Error, Receipt, Sink, SinkHost, Terms, WriteRequest, scalar};

/// Whether a person is held out of an experiment when `share` (0 to 1) of all are. The same
/// answer in every run, and the one that `compose` acts on.
#[scalar]
pub fn held_out(customer_id: &str, experiment: &str, share: f64) -> bool {
    holdout::holds(customer_id, experiment, share)
}

/// The sink: an outbox of JSON Lines, or one request or mail a message.
pub struct Outbox {
    channel: channel::Channel,
    outbox: outbox::Outbox,
    dry_run: bool,
    host: SinkHost,
}

impl Sink for Outbox {
    fn terms(config: &str) -> Result<Terms, Error> {
        Ok(channel::Channel::of(config)?.terms())
    }
    fn open(config: &str, request: WriteRequest, host: SinkHost) -> Result<Self, Error> {
        let columns = rows::names(&request.schema);
        Ok(Outbox {
            channel: channel::Channel::of(config)?,
            outbox: outbox::Outbox::open(&request.run_id, &request.key, &columns)?,
            dry_run: request.dry_run,
            host,
        })
    }
    fn write(&mut self, sequence: u32, rows: &Batch) -> Result<Receipt, Error> {
        let sheet = rows::sheet(rows);
        let object = self.outbox.object(sequence, &sheet);
        if self.channel != channel::Channel::Outbox {
            let (outbox, channel) = (&self.outbox, &self.channel);
            return channel.send(outbox, &sheet, object, self.dry_run, &self.host);
        }
        if !self.dry_run && object.accepted > 0 {
            self.host.put("outbox", &object.name, &object.bytes)?;
        }
        let summary = self.outbox.summary(&object, self.dry_run);
        let durable = (!self.dry_run).then_some(sequence);
        Ok(rows::receipt(object, summary, durable))
    }
    fn commit(&mut self) -> Result<Receipt, Error> {
        let closing = match self.channel {
            channel::Channel::Outbox => self.outbox.closing(self.dry_run),
            _ => String::new(),
        };
        Ok(Receipt::accepted(0, closing))
    }
    fn abort(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

tsugi_plugin::export! {
    manifest: "plugin.toml",
    scalar: [held_out],
    aggregate: [Lift],
    table: [Composing, Ledgering, Choosing, Staying],
    sink: Outbox,
}
