//! `trace` as SQL sees it.

use super::{ROWS_MAX, Reading, Stage, given, whole};
use crate::input::InputError;
use crate::trace::net::{DeliveryRow, Doubt, LinkRow, NetReader};
use crate::trace::paths::Step;
use crate::trace::when::Span;
use crate::trace::{Answer, Options, Report, Score, trace};
use tsugi_plugin::{
    Batch, DataType, Error, Pulled, Record, Schema, Table, TableCall, TableSignature, Value,
    schema_of,
};

/// `trace((SELECT … deliveries), (SELECT … links), stations => (SELECT …))`.
pub struct TraceTable {
    options: Options,
    /// The ports that were given and are not yet closed, in order.
    open: Vec<usize>,
    by_lot: bool,
    stage: Stage<NetReader, Answer>,
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

/// The columns that a port must have.
fn needs(call: &TableCall, port: usize, names: &[&str]) -> Result<(), Error> {
    match call.input(port) {
        Some(schema) => schema.select(names.iter().copied()).map(|_| ()),
        None => Ok(()),
    }
}

fn has(call: &TableCall, port: usize, name: &str) -> bool {
    call.input(port)
        .is_some_and(|schema| schema.index_of(name).is_some())
}

fn maybe<'a>(rows: &'a Batch, name: &str) -> Reading<'a> {
    Reading(rows.column(name).ok())
}

impl Reading<'_> {
    /// When something was, from a date, a timestamp or a text.
    fn span(
        &self,
        row: usize,
        column: &'static str,
        of: (u64, &str),
    ) -> Result<Option<Span>, Error> {
        let Some(read) = self.0.as_ref() else {
            return Ok(None);
        };
        match read.value(row) {
            Value::Null => Ok(None),
            Value::Date(date) => Ok(Some(Span::day(date))),
            Value::Timestamp(at) => Ok(Some(Span::instant(at))),
            other => {
                let text = other.text().unwrap_or_default();
                if text.trim().is_empty() {
                    return Ok(None);
                }
                Span::parse(&text).map(Some).ok_or_else(|| {
                    InputError::BadDate {
                        row: of.0,
                        about: of.1.to_owned(),
                        column,
                        value: text.to_string(),
                    }
                    .into()
                })
            }
        }
    }

    fn truth(&self, row: usize) -> Result<bool, Error> {
        Ok(self.number(row)?.is_some_and(|truth| truth != 0.0))
    }
}

impl TraceTable {
    fn deliveries(reader: &mut NetReader, rows: &Batch) -> Result<(), Error> {
        let column = |name: &str| maybe(rows, name);
        let names = ["delivery", "sender", "recipient", "lot"].map(column);
        let [delivery, sender, recipient, lot] = &names;
        let dates = ["sent", "arrived"].map(column);
        let [sent, arrived] = &dates;
        let numbers = ["quantity", "weight", "mixes"].map(column);
        let [quantity, weight, mixes] = &numbers;
        for row in 0..rows.rows() {
            let texts = [delivery, sender, recipient, lot].map(|column| column.text(row));
            let [delivery, sender, recipient, lot] = &texts;
            let about = format!("delivery {}", delivery.as_deref().unwrap_or("null"));
            let of = (reader.row(0), about.as_str());
            reader.delivery(DeliveryRow {
                delivery: delivery.as_deref(),
                sender: sender.as_deref(),
                recipient: recipient.as_deref(),
                lot: lot.as_deref(),
                sent: sent.span(row, "sent", of)?,
                arrived: arrived.span(row, "arrived", of)?,
                quantity: quantity.number(row)?,
                weight: weight.number(row)?,
                mixes: mixes.truth(row)?,
            })?;
        }
        Ok(())
    }

    fn links(reader: &mut NetReader, rows: &Batch, by_lot: bool) -> Result<(), Error> {
        let names = ["lot", "into_lot", "station", "delivery", "next"];
        let columns = names.map(|name| maybe(rows, name));
        let at = maybe(rows, "at");
        for row in 0..rows.rows() {
            let texts = columns.each_ref().map(|column| column.text(row));
            let [lot, into, station, delivery, next] = texts.each_ref().map(Option::as_deref);
            let about = format!("lot {}", lot.unwrap_or("null"));
            let of = (reader.row(1), about.as_str());
            reader.link(if by_lot {
                LinkRow::Lot {
                    lot,
                    into,
                    station,
                    at: at.span(row, "at", of)?,
                }
            } else {
                LinkRow::Delivery { delivery, next }
            })?;
        }
        Ok(())
    }
}

impl Table for TraceTable {
    fn signature() -> TableSignature {
        TableSignature::new("trace", "Back through deliveries and lots to what incidents have in common, and on to everyone concerned.")
            .port("deliveries", Schema::new(), "One row each: delivery, sender, recipient; perhaps lot, sent, arrived, quantity, weight (of an incident) and mixes (boolean).")
            .optional_port("links", Schema::new(), "Rows of delivery and next, or of lot and into_lot with perhaps station and at (when).")
            .optional_port("stations", Schema::new(), "One row each: station, and perhaps weight and mixes (it mixes all its lots).")
            .option("report", DataType::Utf8, "'scores', 'paths' (the deliveries that prove a score) or 'doubts' (links left out) ('scores').")
            .option("ordered", DataType::Bool, "Whether what left before something came cannot hold it (true).")
            .option("direction", DataType::Utf8, "Paths from what is marked 'backward' to its origins or 'forward' to those concerned ('backward').")
            .option("at", DataType::Utf8, "Only paths whose other end is this station, lot or delivery.")
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        needs(call, 0, &["delivery", "sender", "recipient"])?;
        needs(call, 2, &["station"])?;
        let by_lot = has(call, 1, "lot") || has(call, 1, "into_lot");
        if by_lot {
            needs(call, 1, &["lot", "into_lot"])?;
            if !has(call, 0, "lot") {
                return Err(Error::config(
                    "missing-column",
                    "links between lots need deliveries with a column lot",
                )
                .detail("select the lot of each delivery, or give links of delivery and next"));
            }
        } else {
            needs(call, 1, &["delivery", "next"])?;
        }
        let options = Options::parse(
            call.text("report"),
            call.truth("ordered").unwrap_or(true),
            call.text("direction"),
            call.text("at"),
        )?;
        Ok(Self {
            options,
            open: (0..3).filter(|port| call.input(*port).is_some()).collect(),
            by_lot,
            stage: Stage::Reading(NetReader::default()),
        })
    }

    fn returns(&self) -> Schema {
        match self.options.report {
            Report::Scores => schema_of::<ScoreRow>(),
            Report::Paths => schema_of::<StepRow>(),
            Report::Doubts => schema_of::<DoubtRow>(),
        }
    }

    fn push(&mut self, port: usize, rows: Batch) -> Result<(), Error> {
        let Stage::Reading(reader) = &mut self.stage else {
            return Ok(());
        };
        match port {
            0 => Self::deliveries(reader, &rows),
            1 => Self::links(reader, &rows, self.by_lot),
            _ => {
                let [station, weight, mixes] =
                    ["station", "weight", "mixes"].map(|name| maybe(&rows, name));
                for row in 0..rows.rows() {
                    let name = station.text(row);
                    reader.station(name.as_deref(), weight.number(row)?, mixes.truth(row)?)?;
                }
                Ok(())
            }
        }
    }

    fn close(&mut self, port: usize) -> Result<(), Error> {
        self.open.retain(|open| *open != port);
        if self.open.is_empty()
            && let Stage::Reading(reader) = std::mem::replace(&mut self.stage, Stage::Done)
        {
            self.stage = Stage::Answering(trace(reader.finish(), &self.options)?);
        }
        Ok(())
    }

    fn pull(&mut self) -> Result<Pulled, Error> {
        let rows = match &mut self.stage {
            Stage::Reading(_) => {
                return Ok(self
                    .open
                    .first()
                    .map_or(Pulled::Finished, |port| Pulled::Need(*port)));
            }
            Stage::Answering(answer) => match self.options.report {
                Report::Scores => {
                    given(answer.next_scores(ROWS_MAX).into_iter().map(ScoreRow::from))
                }
                Report::Paths => given(answer.next_steps(ROWS_MAX).into_iter().map(StepRow::from)),
                Report::Doubts => {
                    given(answer.next_doubts(ROWS_MAX).into_iter().map(DoubtRow::from))
                }
            },
            Stage::Done => None,
        };
        Ok(rows.map_or(Pulled::Finished, Pulled::Batch))
    }
}
