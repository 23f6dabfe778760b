//! The sink as the host calls it.

use tsugi_plugin::{Batch, Error, Receipt, Sink, SinkHost, Terms, WriteRequest};

use crate::channels::channel::Channel;
use crate::channels::outbox::Outbox;
use crate::input::rows;

/// Writes messages to an outbox, or sends them by HTTP or mail.
pub struct MessageSink {
    channel: Channel,
    outbox: Outbox,
    dry_run: bool,
    host: SinkHost,
}

impl Sink for MessageSink {
    fn terms(config: &str) -> Result<Terms, Error> {
        Ok(Channel::of(config)?.terms())
    }

    fn open(config: &str, request: WriteRequest, host: SinkHost) -> Result<Self, Error> {
        let columns = rows::names(&request.schema);
        Ok(MessageSink {
            channel: Channel::of(config)?,
            outbox: Outbox::open(&request.run_id, &request.key, &columns)?,
            dry_run: request.dry_run,
            host,
        })
    }

    fn write(&mut self, sequence: u32, rows: &Batch) -> Result<Receipt, Error> {
        let sheet = rows::sheet(rows);
        let object = self.outbox.object(sequence, &sheet);
        if self.channel != Channel::Outbox {
            let (outbox, channel) = (&self.outbox, &self.channel);
            return channel.send(outbox, &sheet, object, self.dry_run, &self.host);
        }
        if !self.dry_run && object.accepted > 0 {
            self.host.put("outbox", &object.name, &object.bytes)?;
        }
        let summary = self.outbox.summary(&object, self.dry_run);
        let durable = (!self.dry_run).then_some(sequence);
        Ok(object.receipt(summary, durable))
    }

    fn commit(&mut self) -> Result<Receipt, Error> {
        let closing = match self.channel {
            Channel::Outbox => self.outbox.closing(self.dry_run),
            _ => String::new(),
        };
        Ok(Receipt::accepted(0, closing))
    }

    fn abort(&mut self) -> Result<(), Error> {
        Ok(())
    }
}
