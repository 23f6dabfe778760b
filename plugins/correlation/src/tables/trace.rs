//! `trace` as SQL sees it.

use super::whole;
use crate::input::InputError;
use crate::trace::net::{DeliveryRow, Doubt, LinkRow, NetReader};
use crate::trace::paths::Step;
use crate::trace::when::Span;
use crate::trace::{Answer, Options, Report, Score, trace};
use std::borrow::Cow;
use tsugi_plugin::{
    Batch, Batches, Collect, Collected, DataType, Error, Inputs, Names, Record, Row, Schema,
    TableCall, TableSignature, Value, schema_of,
};

/// `trace((SELECT … deliveries), (SELECT … links), stations => (SELECT …))`.
pub type TraceTable = Collect<Trace>;

/// Deliveries, links and stations that are traced.
pub struct Trace {
    options: Options,
    by_lot: bool,
    reader: NetReader,
}

const DELIVERIES: usize = 0;
const LINKS: usize = 1;

/// A row of deliveries.
#[derive(Row)]
struct DeliveryColumns<'a> {
    delivery: Option<Cow<'a, str>>,
    sender: Option<Cow<'a, str>>,
    recipient: Option<Cow<'a, str>>,
    #[row(optional)]
    lot: Option<Cow<'a, str>>,
    #[row(optional)]
    sent: Option<Value<'a>>,
    #[row(optional)]
    arrived: Option<Value<'a>>,
    #[row(optional)]
    quantity: Option<f64>,
    #[row(optional)]
    weight: Option<f64>,
    /// A boolean, or 0 or not.
    #[row(optional)]
    mixes: Option<f64>,
}

/// A row of links between deliveries.
#[derive(Row)]
struct DeliveryLinkColumns<'a> {
    delivery: Option<Cow<'a, str>>,
    next: Option<Cow<'a, str>>,
}

/// A row of links between lots.
#[derive(Row)]
struct LotLinkColumns<'a> {
    lot: Option<Cow<'a, str>>,
    into_lot: Option<Cow<'a, str>>,
    #[row(optional)]
    station: Option<Cow<'a, str>>,
    #[row(optional)]
    at: Option<Value<'a>>,
}

/// A row of stations.
#[derive(Row)]
struct StationColumns<'a> {
    station: Option<Cow<'a, str>>,
    #[row(optional)]
    weight: Option<f64>,
    /// A boolean, or 0 or not.
    #[row(optional)]
    mixes: Option<f64>,
}

/// A row of `report => 'scores'`.
#[derive(Record)]
struct ScoreRow {
    rank: i64,
    kind: String,
    name: String,
    sender: Option<String>,
    recipient: Option<String>,
    weight: f64,
    score: Option<f64>,
    score_positive: Option<f64>,
    score_negative: Option<f64>,
    normalized: Option<f64>,
    exposed: Option<f64>,
    doubts: i64,
}

impl From<Score> for ScoreRow {
    fn from(from: Score) -> Self {
        Self {
            rank: whole(from.rank),
            kind: from.kind.to_owned(),
            name: from.name.to_string(),
            sender: from.sender.map(|name| name.to_string()),
            recipient: from.recipient.map(|name| name.to_string()),
            weight: from.weight,
            score: from.score,
            score_positive: from.score_positive,
            score_negative: from.score_negative,
            normalized: from.normalized,
            exposed: from.exposed,
            doubts: whole(from.doubts),
        }
    }
}

/// A row of `report => 'paths'`.
#[derive(Record)]
struct StepRow {
    path: i64,
    origin_kind: String,
    origin: String,
    destination_kind: String,
    destination: String,
    weight: f64,
    step: i64,
    steps: i64,
    delivery: String,
    lot: Option<String>,
    sender: String,
    recipient: String,
    sent: Option<String>,
    arrived: Option<String>,
    quantity: Option<f64>,
    because: String,
}

impl From<Step> for StepRow {
    fn from(from: Step) -> Self {
        Self {
            path: whole(from.path),
            origin_kind: from.origin_kind.to_owned(),
            origin: from.origin,
            destination_kind: from.destination_kind.to_owned(),
            destination: from.destination,
            weight: from.weight,
            step: whole(from.step),
            steps: whole(from.steps),
            delivery: from.delivery,
            lot: from.lot,
            sender: from.sender,
            recipient: from.recipient,
            sent: from.sent,
            arrived: from.arrived,
            quantity: from.quantity,
            because: from.because,
        }
    }
}

/// A row of `report => 'doubts'`.
#[derive(Record)]
struct DoubtRow {
    kind: String,
    delivery: Option<String>,
    next: Option<String>,
    lot: Option<String>,
    station: Option<String>,
    reason: String,
}

impl From<Doubt> for DoubtRow {
    fn from(from: Doubt) -> Self {
        Self {
            kind: from.kind.to_owned(),
            delivery: from.delivery.map(|name| name.to_string()),
            next: from.next.map(|name| name.to_string()),
            lot: from.lot.map(|name| name.to_string()),
            station: from.station.map(|name| name.to_string()),
            reason: from.reason,
        }
    }
}

/// When something was, from a date, a timestamp or a text. `row` and `about` are for errors.
fn span(
    value: Option<&Value<'_>>,
    column: &'static str,
    (row, about): (u64, &str),
) -> Result<Option<Span>, Error> {
    match value.unwrap_or(&Value::Null) {
        Value::Null => Ok(None),
        Value::Date(date) => Ok(Some(Span::day(*date))),
        Value::Timestamp(at) => Ok(Some(Span::instant(*at))),
        other => {
            let text = other.text().unwrap_or_default();
            if text.trim().is_empty() {
                return Ok(None);
            }
            let bad = || InputError::BadDate {
                row,
                about: about.to_owned(),
                column,
                value: text.to_string(),
            };
            Ok(Some(Span::parse(&text).ok_or_else(bad)?))
        }
    }
}

fn truth(flag: Option<f64>) -> bool {
    flag.is_some_and(|flag| flag != 0.0)
}

impl Trace {
    fn deliveries(&mut self, rows: &Batch) -> Result<(), Error> {
        for row in rows.read::<DeliveryColumns<'_>>()? {
            let row = row?;
            let about = format!("delivery {}", row.delivery.as_deref().unwrap_or("null"));
            let of = (self.reader.row(DELIVERIES), about.as_str());
            self.reader.delivery(DeliveryRow {
                delivery: row.delivery.as_deref(),
                sender: row.sender.as_deref(),
                recipient: row.recipient.as_deref(),
                lot: row.lot.as_deref(),
                sent: span(row.sent.as_ref(), "sent", of)?,
                arrived: span(row.arrived.as_ref(), "arrived", of)?,
                quantity: row.quantity,
                weight: row.weight,
                mixes: truth(row.mixes),
            })?;
        }
        Ok(())
    }

    fn links(&mut self, rows: &Batch) -> Result<(), Error> {
        if !self.by_lot {
            for row in rows.read::<DeliveryLinkColumns<'_>>()? {
                let row = row?;
                self.reader.link(LinkRow::Delivery {
                    delivery: row.delivery.as_deref(),
                    next: row.next.as_deref(),
                })?;
            }
            return Ok(());
        }
        for row in rows.read::<LotLinkColumns<'_>>()? {
            let row = row?;
            let about = format!("lot {}", row.lot.as_deref().unwrap_or("null"));
            let of = (self.reader.row(LINKS), about.as_str());
            self.reader.link(LinkRow::Lot {
                lot: row.lot.as_deref(),
                into: row.into_lot.as_deref(),
                station: row.station.as_deref(),
                at: span(row.at.as_ref(), "at", of)?,
            })?;
        }
        Ok(())
    }

    fn stations(&mut self, rows: &Batch) -> Result<(), Error> {
        for row in rows.read::<StationColumns<'_>>()? {
            let row = row?;
            let mixes = truth(row.mixes);
            self.reader
                .station(row.station.as_deref(), row.weight, mixes)?;
        }
        Ok(())
    }
}

impl Collected for Trace {
    fn signature() -> TableSignature {
        TableSignature::new("trace", "Back through deliveries and lots to what incidents have in common, and on to everyone concerned.")
            .rows::<DeliveryColumns<'_>>("deliveries", "One row each: delivery, sender, recipient; perhaps lot, sent, arrived, quantity, weight (of an incident) and mixes (boolean).")
            .optional_port("links", Schema::new(), "Rows of delivery and next, or of lot and into_lot with perhaps station and at (when).")
            .optional_rows::<StationColumns<'_>>("stations", "One row each: station, and perhaps weight and mixes (it mixes all its lots).")
            .option("report", DataType::Utf8, "'scores', 'paths' (the deliveries that prove a score) or 'doubts' (links left out) ('scores').")
            .option("ordered", DataType::Bool, "Whether what left before something came cannot hold it (true).")
            .option("direction", DataType::Utf8, "Paths from what is marked 'backward' to its origins or 'forward' to those concerned ('backward').")
            .option("at", DataType::Utf8, "Only paths whose other end is this station, lot or delivery.")
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let by_lot = call.has_column(LINKS, "lot") || call.has_column(LINKS, "into_lot");
        if by_lot {
            call.check::<LotLinkColumns<'_>>(LINKS, &Names::new())?;
            if !call.has_column(DELIVERIES, "lot") {
                let message = "links between lots need deliveries with a column lot";
                return Err(Error::config("missing-column", message).detail(
                    "select the lot of each delivery, or give links of delivery and next",
                ));
            }
        } else {
            call.check::<DeliveryLinkColumns<'_>>(LINKS, &Names::new())?;
        }
        let options = Options::parse(
            call.text("report"),
            call.truth("ordered").unwrap_or(true),
            call.text("direction"),
            call.text("at"),
        )?;
        Ok(Self {
            options,
            by_lot,
            reader: NetReader::default(),
        })
    }

    fn returns(&self) -> Schema {
        match self.options.report {
            Report::Scores => schema_of::<ScoreRow>(),
            Report::Paths => schema_of::<StepRow>(),
            Report::Doubts => schema_of::<DoubtRow>(),
        }
    }

    fn receive(&mut self, port: usize, rows: Batch) -> Result<Option<Batch>, Error> {
        match port {
            DELIVERIES => self.deliveries(&rows)?,
            LINKS => self.links(&rows)?,
            _ => self.stations(&rows)?,
        }
        Ok(None)
    }

    fn compute(&mut self, _inputs: &Inputs) -> Result<Batches, Error> {
        let net = std::mem::take(&mut self.reader).finish();
        Ok(match trace(net, &self.options)? {
            Answer::Scores(rows) => Batches::rows(rows.map(ScoreRow::from)),
            Answer::Paths(rows) => Batches::rows(rows.map(StepRow::from)),
            Answer::Doubts(rows) => Batches::rows(rows.map(DoubtRow::from)),
        })
    }
}
