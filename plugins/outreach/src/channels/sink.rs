//! The sink as the host calls it.

use tsugi_plugin::{Batch, Error, Receipt, Sink, SinkHost, Terms, WriteRequest};

use crate::channels::channel::Channel;
use crate::channels::outbox::Outbox;

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
        Ok(MessageSink {
            channel: Channel::of(config)?,
            outbox: Outbox::open(&request.run_id, &request.key, &request.schema)?,
            dry_run: request.dry_run,
            host,
        })
    }

    fn write(&mut self, sequence: u32, rows: &Batch) -> Result<Receipt, Error> {
        let batch = self.outbox.check(sequence, rows)?;
        if self.channel != Channel::Outbox {
            return self.channel.send(batch, self.dry_run, &self.host);
        }
        if !self.dry_run && !batch.messages.is_empty() {
            let name = self.outbox.object_name(sequence);
            self.host.put("outbox", &name, &batch.json_lines())?;
            if let Some(pages) = batch.pages() {
                let name = self.outbox.pages_name(sequence);
                self.host.put("outbox", &name, &pages)?;
            }
        }
        let summary = self.outbox.summary(sequence, &batch, self.dry_run);
        Ok(Receipt {
            failed: batch.refused,
            durable_through: (!self.dry_run).then_some(sequence),
            ..Receipt::accepted(batch.messages.len(), summary)
        })
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
