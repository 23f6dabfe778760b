//! The table functions as the host drives them: ports in, batches out.

use tsugi_plugin::{Batch, DataType, Error, Pulled, Schema, Table, TableCall, TableSignature};

use crate::audience::operator::{self as audience, Audience, AudienceStep};
use crate::compose::operator::Compose;
use crate::input::cell::{Cell, Sheet};

use crate::effect::retention::{self, Retention};
use crate::input::ports::{self, Port};
use crate::input::rows;
use crate::message::row as message;
use crate::message::row::Message;
use crate::offers::ledger::{self, OfferLedger};

/// Rows one by one; nothing for now where a step is still at work.
type Rows = Box<dyn Iterator<Item = Option<Vec<Cell>>>>;

/// One table function, from its options to its rows.
pub trait Step: Sized + 'static {
    /// What SQL sees.
    fn signature() -> TableSignature;
    /// The relations, in the order in which they are read.
    fn ports() -> &'static [Port];
    /// The columns of the answer: name, Arrow format, may be null.
    fn columns() -> &'static [(&'static str, &'static str, bool)];
    /// Reads the options.
    fn open(call: &TableCall) -> Result<Self, Error>;
    /// Takes rows of a port in.
    fn push(&mut self, port: &str, sheet: &Sheet) -> Result<(), Error>;
    /// Says that a port has given all its rows.
    fn close(&mut self, _port: &str) {}
    /// The rows of the answer, once all ports are closed.
    fn finish(self) -> Result<Rows, Error>;
}

/// A step while it runs: ports are asked for one after the other, then the rows go out.
pub struct Running<S: Step> {
    step: Option<S>,
    waiting: Vec<usize>,
    ready: Rows,
}

fn name<S: Step>(port: usize) -> &'static str {
    S::ports().get(port).map_or("", |port| port.name)
}

impl<S: Step> Table for Running<S> {
    fn signature() -> TableSignature {
        S::signature()
    }
    fn open(call: &TableCall) -> Result<Self, Error> {
        Ok(Running {
            step: Some(S::open(call)?),
            waiting: rows::given(call, S::ports())?,
            ready: Box::new(std::iter::empty()),
        })
    }
    fn returns(&self) -> Schema {
        rows::schema(S::columns())
    }
    fn push(&mut self, port: usize, batch: Batch) -> Result<(), Error> {
        match &mut self.step {
            Some(step) => Ok(step.push(name::<S>(port), &rows::sheet(&batch))?),
            None => Ok(()),
        }
    }
    fn close(&mut self, port: usize) -> Result<(), Error> {
        self.waiting.retain(|waiting| *waiting != port);
        if let Some(step) = &mut self.step {
            step.close(name::<S>(port));
        }
        Ok(())
    }
    fn pull(&mut self) -> Result<Pulled, Error> {
        if let Some(port) = self.waiting.first() {
            return Ok(Pulled::Need(*port));
        }
        if let Some(step) = self.step.take() {
            self.ready = step.finish()?;
        }
        rows::next(S::columns(), &mut self.ready)
    }
}

/// `compose` in SQL. Targets are read first, so that only the people asked about are kept.
pub type ComposeOperator = Running<Compose>;
/// `offer_ledger` in SQL.
pub type OfferLedgerOperator = Running<OfferLedger>;
/// `retention` in SQL.
pub type RetentionOperator = Running<Retention>;

impl Step for Compose {
    fn signature() -> TableSignature {
        rows::compose_signature()
    }
    fn ports() -> &'static [Port] {
        ports::PORTS
    }
    fn columns() -> &'static [(&'static str, &'static str, bool)] {
        message::COLUMNS
    }
    fn open(call: &TableCall) -> Result<Self, Error> {
        Compose::open(&rows::options(call))
    }
    fn push(&mut self, port: &str, sheet: &Sheet) -> Result<(), Error> {
        Compose::push(self, port, sheet)
    }
    fn close(&mut self, port: &str) {
        Compose::close(self, port);
    }
    fn finish(self) -> Result<Rows, Error> {
        let messages = Compose::finish(self);
        let cells = |message: Message| message.cells();
        Ok(Box::new(messages.map(move |message| message.map(cells))))
    }
}

/// Ports and the option `as_of` of a function that needs no more.
fn dated(name: &str, doc: &str, ports: &'static [Port]) -> TableSignature {
    let signature = rows::with_ports(TableSignature::new(name, doc), ports);
    signature.required_option(
        "as_of",
        DataType::Utf8,
        "the moment to answer for; a date means its midnight in UTC",
    )
}

fn as_of(call: &TableCall) -> Option<String> {
    rows::cell(&call.option("as_of")).text()
}

impl Step for OfferLedger {
    fn signature() -> TableSignature {
        let doc = "What each person was promised by kind of offer, and which promise to honour.";
        dated("offer_ledger", doc, ledger::PORTS)
    }
    fn ports() -> &'static [Port] {
        ledger::PORTS
    }
    fn columns() -> &'static [(&'static str, &'static str, bool)] {
        ledger::COLUMNS
    }
    fn open(call: &TableCall) -> Result<Self, Error> {
        OfferLedger::open(as_of(call))
    }
    fn push(&mut self, port: &str, sheet: &Sheet) -> Result<(), Error> {
        for row in sheet.rows() {
            match port {
                "rules" => self.add_rule(&row)?,
                _ => self.add_offer(&row),
            }
        }
        Ok(())
    }
    fn finish(self) -> Result<Rows, Error> {
        Ok(Box::new(OfferLedger::finish(self).into_iter().map(Some)))
    }
}

/// `audience` in SQL: its answer begins before its relations end.
pub struct AudienceOperator {
    audience: Audience,
}

fn port(name: &str) -> usize {
    let place = audience::PORTS.iter().position(|port| port.name == name);
    place.unwrap_or_default()
}

impl Table for AudienceOperator {
    fn signature() -> TableSignature {
        let doc = "Who may be advertised to, and who may be profiled for it, with the reasons.";
        dated("audience", doc, audience::PORTS)
    }
    fn open(call: &TableCall) -> Result<Self, Error> {
        let given: Vec<&str> = rows::given(call, audience::PORTS)?
            .into_iter()
            .filter_map(|at| Some(audience::PORTS.get(at)?.name))
            .collect();
        let options = as_of(call).map(|text| ("as_of".to_string(), Cell::Text(text)));
        let audience = Audience::open(options.as_slice(), &given)?;
        Ok(AudienceOperator { audience })
    }
    fn returns(&self) -> Schema {
        rows::schema(audience::COLUMNS)
    }
    fn push(&mut self, port: usize, batch: Batch) -> Result<(), Error> {
        let name = audience::PORTS.get(port).map_or("", |port| port.name);
        Ok(self.audience.push(name, rows::sheet(&batch))?)
    }
    fn close(&mut self, port: usize) -> Result<(), Error> {
        let name = audience::PORTS.get(port).map_or("", |port| port.name);
        self.audience.close(name);
        Ok(())
    }
    fn pull(&mut self) -> Result<Pulled, Error> {
        let mut needed = None;
        let pulled = rows::next(
            audience::COLUMNS,
            &mut std::iter::from_fn(|| match self.audience.next() {
                AudienceStep::Row(row) => Some(Some(row)),
                AudienceStep::Need(name) => {
                    needed = Some(port(name));
                    None
                }
                AudienceStep::Finished => None,
            }),
        )?;
        Ok(match (pulled, needed) {
            (Pulled::Finished, Some(port)) => Pulled::Need(port),
            (pulled, _) => pulled,
        })
    }
}

impl Step for Retention {
    fn signature() -> TableSignature {
        let doc = "How many people will still be there after some periods, held against periods the model had not seen.";
        let signature = rows::with_ports(TableSignature::new("retention", doc), retention::PORTS);
        let hidden = "periods kept back to test the forecast; a third of all where it is not given";
        signature
            .required_option(
                "horizon",
                DataType::I64,
                "periods to look ahead, from period 0 on",
            )
            .option("hidden", DataType::I64, hidden)
    }
    fn ports() -> &'static [Port] {
        retention::PORTS
    }
    fn columns() -> &'static [(&'static str, &'static str, bool)] {
        retention::COLUMNS
    }
    fn open(call: &TableCall) -> Result<Self, Error> {
        let option = |name| rows::cell(&call.option(name));
        Retention::open(&option("horizon"), &option("hidden"))
    }
    fn push(&mut self, _port: &str, sheet: &Sheet) -> Result<(), Error> {
        sheet.rows().try_for_each(|row| self.add(&row))
    }
    fn finish(self) -> Result<Rows, Error> {
        Ok(Box::new(Retention::finish(self)?.into_iter().map(Some)))
    }
}
