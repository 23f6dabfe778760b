//! The table functions as the host drives them: ports in, batches out.

use tsugi_plugin::{Batch, DataType, Error, Pulled, Schema, Table, TableCall, TableSignature};

use crate::cell::Cell;
use crate::compose::Compose;
use crate::ledger::{self, Ledger};
use crate::message::{COLUMNS, Message};
use crate::ports::port_name;
use crate::rows;

/// `compose` in SQL. Targets are read first, so that only the people asked about are kept.
pub struct Composing {
    compose: Option<Compose>,
    waiting: Vec<usize>,
    ready: std::vec::IntoIter<Message>,
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
        rows::schema(COLUMNS)
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
        rows::next(
            COLUMNS,
            &mut self.ready.by_ref().map(|message| message.cells()),
        )
    }
}

/// `offer_ledger` in SQL.
pub struct Ledgering {
    ledger: Option<Ledger>,
    waiting: Vec<usize>,
    ready: std::vec::IntoIter<Vec<Cell>>,
}

impl Table for Ledgering {
    fn signature() -> TableSignature {
        let doc = "What each person was promised by kind of offer, and which promise to honour.";
        TableSignature::new("offer_ledger", doc)
            .port(
                "offers",
                Schema::new(),
                "customer_id, kind, terms; also partner, valid_from, valid_to",
            )
            .optional_port("rules", Schema::new(), "rows of the kind offer_upgrade")
            .required_option(
                "as_of",
                DataType::Utf8,
                "the day on which offers must be live",
            )
    }
    fn open(call: &TableCall) -> Result<Self, Error> {
        let ports = rows::checked(
            call,
            &[
                ("offers", &["customer_id", "kind", "terms"]),
                ("rules", &["rule", "value"]),
            ],
        )?;
        let as_of = rows::cell(&call.option("as_of")).text();
        Ok(Ledgering {
            ledger: Some(Ledger::open(as_of)?),
            waiting: ports,
            ready: Vec::new().into_iter(),
        })
    }
    fn returns(&self) -> Schema {
        rows::schema(ledger::COLUMNS)
    }
    fn push(&mut self, port: usize, batch: Batch) -> Result<(), Error> {
        let Some(ledger) = &mut self.ledger else {
            return Ok(());
        };
        for row in rows::sheet(&batch).rows() {
            match port {
                0 => ledger.offer(&row),
                _ => ledger.rule(&row)?,
            }
        }
        Ok(())
    }
    fn close(&mut self, port: usize) -> Result<(), Error> {
        self.waiting.retain(|waiting| *waiting != port);
        Ok(())
    }
    fn pull(&mut self) -> Result<Pulled, Error> {
        if let Some(port) = self.waiting.first() {
            return Ok(Pulled::Need(*port));
        }
        if let Some(ledger) = self.ledger.take() {
            self.ready = ledger.finish().into_iter();
        }
        rows::next(ledger::COLUMNS, &mut self.ready)
    }
}
