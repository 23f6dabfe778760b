//! `lot_window_scan` as SQL sees it.

use super::{day_of, period, whole};
use crate::arguments::within;
use crate::scan::Chance;
use crate::scan::lots::{LotReader, Options, Window};
use crate::series::clock::{Every, When};
use crate::verdict::{COMPLAINTS_MIN, Verdict};
use crate::words::{amount, counted, figures, probability};
use std::borrow::Cow;
use tsugi_plugin::{
    Batches, Collect, Collected, DataType, Error, Inputs, Record, Row, Schema, TableCall,
    TableSignature, Value, schema_of,
};

/// `lot_window_scan((SELECT unit, made …))`.
pub type LotWindowScanTable = Collect<LotWindowScan>;

/// The scan of production dates.
pub struct LotWindowScan {
    options: Options,
    alpha: f64,
    review_alpha: f64,
    with_n: bool,
}

/// A row of complaints.
#[derive(Row)]
struct ComplaintColumns<'a> {
    unit: Option<Cow<'a, str>>,
    made: Value<'a>,
    #[row(optional)]
    n: Option<f64>,
}

/// A row of `lot_window_scan`.
#[derive(Record)]
struct WindowRow {
    unit: String,
    window_rank: i64,
    from_period: Option<String>,
    to_period: Option<String>,
    observed: i64,
    expected: Option<f64>,
    ratio: Option<f64>,
    llr: Option<f64>,
    total: i64,
    p_value: Option<f64>,
    q_value: Option<f64>,
    verdict: String,
    reason: String,
}

impl Collected for LotWindowScan {
    fn signature() -> TableSignature {
        TableSignature::new("lot_window_scan", "Which production dates carry more of a unit's complaints than the dates of all other units make expected.")
            .rows::<ComplaintColumns<'_>>("complaints", "Rows of unit and made (the production date; null when not known); with a column n, a row counts as n complaints.")
            .option("every", DataType::Utf8, "How long a period is: 'day', 'week' or 'month' (month).")
            .option("made_from", DataType::Utf8, "The first production date looked at (the first there is).")
            .option("made_to", DataType::Utf8, "The last one (the last there is).")
            .option("window_max", DataType::I64, "Periods in a window at most (18).")
            .option("windows", DataType::I64, "Windows returned for a unit (1).")
            .option("minimum", DataType::I64, "Units with fewer dated complaints are not scanned (5).")
            .option("simulations", DataType::I64, "Simulations of chance, 99 to 99,999 (999).")
            .option("seed", DataType::I64, "The same seed gives the same p (1).")
            .option("alpha", DataType::F64, "q below this makes a leading suspect (0.05).")
            .option("review_alpha", DataType::F64, "q below this needs a person (0.10).")
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let bound = |option| {
            let text = call.text(option);
            text.map(|text| day_of(option, text).map(When::Day))
                .transpose()
        };
        let count =
            |option, usual, most| within(option, call.integer(option).unwrap_or(usual), 1, most);
        let options = Options {
            every: Every::parse(call.text("every").unwrap_or("month"))?,
            from: bound("made_from")?,
            to: bound("made_to")?,
            window_max: count("window_max", 18, 5000)?,
            windows: count("windows", 1, 1000)?,
            minimum: count("minimum", 5, 1 << 30)? as u64,
            chance: Chance::read(call.integer("simulations"), call.integer("seed"))?,
        };
        Ok(Self {
            options,
            alpha: super::level_of(call, "alpha", 0.05)?,
            review_alpha: super::level_of(call, "review_alpha", 0.10)?,
            with_n: call.has_column(0, "n"),
        })
    }

    fn returns(&self) -> Schema {
        schema_of::<WindowRow>()
    }

    fn compute(&mut self, inputs: &Inputs) -> Result<Batches, Error> {
        let mut reader = LotReader::new(self.options)?;
        for row in inputs.read::<ComplaintColumns<'_>>(0)? {
            let row = row?;
            let n = if self.with_n { row.n } else { Some(1.0) };
            reader.push(row.unit.as_deref(), period("made", &row.made)?, n)?;
        }
        let windows = reader.scan()?.into_iter().map(|window| self.row(window));
        Ok(Batches::rows(windows.collect::<Vec<_>>()))
    }
}

impl LotWindowScan {
    fn row(&self, window: Window) -> WindowRow {
        // Windows after the first of a unit overlap it; they are held against the same q.
        let level = window.q_value.or(window.p_value);
        let verdict = match level {
            Some(q) if q < self.alpha && window.observed >= 5 => Verdict::Leading,
            Some(q) if q < self.review_alpha && window.observed >= COMPLAINTS_MIN => {
                Verdict::NeedsPerson
            }
            _ => Verdict::NoEvidence,
        };
        let ratio = window
            .expected
            .map(|expected| window.observed as f64 / expected);
        let reason = match (&window.from, &window.to, window.expected, window.p_value) {
            (Some(from), Some(to), Some(expected), Some(p)) => format!(
                "made {from} to {to}: {} of {} where the dates of all other units make {} expected ({} times), p {}",
                counted(window.observed, "complaint", "complaints"),
                amount(window.total as f64),
                figures(expected),
                figures(ratio.unwrap_or(0.0)),
                probability(p),
            ),
            _ => window.abstained.unwrap_or("nothing to compare").to_owned(),
        };
        WindowRow {
            unit: window.unit,
            window_rank: whole(window.window_rank),
            from_period: window.from,
            to_period: window.to,
            observed: whole(window.observed),
            expected: window.expected,
            ratio: ratio.and_then(crate::stats::finite),
            llr: window.llr,
            total: whole(window.total),
            p_value: window.p_value,
            q_value: window.q_value,
            verdict: verdict.text().to_owned(),
            reason,
        }
    }
}
