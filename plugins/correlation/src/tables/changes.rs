//! `recent_share`, `changepoints` and `change_effect` as SQL sees them.

use super::surge::{SeriesColumns, push_series, series_reader};
use super::{day_of, period, whole};
use crate::arguments::within;
use crate::change::effect::{Compared, EffectReader};
use crate::change::points::{self, CHANGES_MAX, Segment};
use crate::change::recent::{self, RecentReader, Share};
use crate::series::clock::When;
use std::borrow::Cow;
use tsugi_plugin::{
    Batches, Collect, Collected, DataType, Error, Inputs, Record, Row, Schema, TableCall,
    TableSignature, Value, schema_of,
};

/// `recent_share((SELECT unit, date …), as_of => '…')`.
pub type RecentShareTable = Collect<RecentShare>;

/// `changepoints((SELECT series, period, count …))`.
pub type ChangepointsTable = Collect<Changepoints>;

/// `change_effect((SELECT treated, after, events, exposure …))`.
pub type ChangeEffectTable = Collect<ChangeEffect>;

/// The newest days against those before.
pub struct RecentShare {
    options: recent::Options,
    with_n: bool,
}

/// A row of reports.
#[derive(Row)]
struct DatedColumns<'a> {
    unit: Option<Cow<'a, str>>,
    date: Value<'a>,
    #[row(optional)]
    n: Option<f64>,
}

/// A row of `recent_share`.
#[derive(Record)]
struct ShareRow {
    rank: i64,
    unit: String,
    recent: i64,
    baseline: i64,
    recent_total: i64,
    baseline_total: i64,
    share_ratio: Option<f64>,
    share_ratio_low: Option<f64>,
    share_ratio_high: Option<f64>,
    p_value: Option<f64>,
    q_value: Option<f64>,
    units_tested: i64,
    verdict: String,
    reason: String,
}

impl From<Share> for ShareRow {
    fn from(from: Share) -> Self {
        Self {
            rank: whole(from.rank),
            unit: from.unit,
            recent: whole(from.recent),
            baseline: whole(from.baseline),
            recent_total: whole(from.recent_total),
            baseline_total: whole(from.baseline_total),
            share_ratio: from.share_ratio,
            share_ratio_low: from.interval.low,
            share_ratio_high: from.interval.high,
            p_value: from.p_value,
            q_value: from.q_value,
            units_tested: whole(from.units_tested),
            verdict: from.verdict.text().to_owned(),
            reason: from.reason,
        }
    }
}

impl Collected for RecentShare {
    fn signature() -> TableSignature {
        TableSignature::new(
            "recent_share",
            "Whose part of all reports has risen in the newest days.",
        )
        .rows::<DatedColumns<'_>>(
            "reports",
            "Rows of unit and date; with a column n, a row counts as n reports.",
        )
        .required_option(
            "as_of",
            DataType::Utf8,
            "The last day that is known: reports of later days are left out.",
        )
        .option(
            "recent_days",
            DataType::I64,
            "Days before as_of that are the newest (35).",
        )
        .option(
            "baseline_days",
            DataType::I64,
            "Days before those that they are held against (182).",
        )
        .option(
            "alpha",
            DataType::F64,
            "q below this makes a leading suspect (0.05).",
        )
        .option(
            "review_alpha",
            DataType::F64,
            "q below this needs a person (0.10).",
        )
        .option(
            "min_complaints",
            DataType::I64,
            "Recent reports a leading suspect must have at least (5).",
        )
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let options = recent::Options::check(
            day_of("as_of", call.text("as_of").unwrap_or_default())?,
            [call.integer("recent_days"), call.integer("baseline_days")],
            call.number("alpha").unwrap_or(0.05),
            call.number("review_alpha").unwrap_or(0.10),
            call.integer("min_complaints").unwrap_or(5),
        )?;
        let with_n = call.has_column(0, "n");
        Ok(Self { options, with_n })
    }

    fn returns(&self) -> Schema {
        schema_of::<ShareRow>()
    }

    fn compute(&mut self, inputs: &Inputs) -> Result<Batches, Error> {
        let mut reader = RecentReader::new(self.options);
        for row in inputs.read::<DatedColumns<'_>>(0)? {
            let row = row?;
            let date = match period("date", &row.date)? {
                None => None,
                Some(When::Day(date)) => Some(date),
                Some(When::Number(_)) => {
                    let message = "column `date` holds numbers";
                    return Err(Error::config("wrong-type", message).detail("cast it to DATE"));
                }
            };
            let n = if self.with_n { row.n } else { Some(1.0) };
            reader.push(row.unit.as_deref(), date, n)?;
        }
        Ok(Batches::rows(
            reader.finish().into_iter().map(ShareRow::from),
        ))
    }
}

pub struct Changepoints {
    call: TableCall,
    options: points::Options,
}

/// A row of `changepoints`.
#[derive(Record)]
struct SegmentRow {
    series: String,
    segment: i64,
    from_period: Option<String>,
    to_period: Option<String>,
    periods: i64,
    count: f64,
    exposure: f64,
    rate: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    ratio_to_previous: Option<f64>,
    changes: i64,
    llr: Option<f64>,
    abstained: Option<String>,
}

impl From<Segment> for SegmentRow {
    fn from(from: Segment) -> Self {
        Self {
            series: from.series,
            segment: whole(from.segment),
            from_period: from.from,
            to_period: from.to,
            periods: whole(from.periods),
            count: from.count,
            exposure: from.exposure,
            rate: from.rate,
            low: from.interval.low,
            high: from.interval.high,
            ratio_to_previous: from.ratio_to_previous,
            changes: whole(from.changes),
            llr: from.llr,
            abstained: from.abstained,
        }
    }
}

impl Collected for Changepoints {
    fn signature() -> TableSignature {
        TableSignature::new("changepoints", "When the level of a series changed.")
            .rows::<SeriesColumns<'_>>(
                "series",
                "Rows of series, period and count; a population makes rates of counts.",
            )
            .option(
                "every",
                DataType::Utf8,
                "How far dated periods are apart: 'day', 'week' or 'month' (week).",
            )
            .option(
                "missing",
                DataType::Utf8,
                "What a period without a row means: 'unknown' or 'zero' (unknown).",
            )
            .option(
                "changes",
                DataType::I64,
                "So many changes (else as many as the series calls for).",
            )
            .option("changes_max", DataType::I64, "Changes to choose among (5).")
            .option(
                "periods_min",
                DataType::I64,
                "Periods between two changes at least (1).",
            )
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        series_reader(call)?;
        let changes = call.integer("changes");
        let most = call.integer("changes_max").unwrap_or(5);
        let least = call.integer("periods_min").unwrap_or(1);
        let options = points::Options {
            changes: changes
                .map(|n| within("changes", n, 0, CHANGES_MAX))
                .transpose()?,
            changes_max: within("changes_max", most, 1, CHANGES_MAX)?,
            periods_min: within("periods_min", least, 1, points::PERIODS_MAX)?,
        };
        let call = call.clone();
        Ok(Self { call, options })
    }

    fn returns(&self) -> Schema {
        schema_of::<SegmentRow>()
    }

    fn compute(&mut self, inputs: &Inputs) -> Result<Batches, Error> {
        let (mut reader, _) = series_reader(&self.call)?;
        for batch in inputs.batches(0) {
            push_series(&mut reader, batch)?;
        }
        let segments = points::changepoints(&reader.finish()?, &self.options)?;
        Ok(Batches::rows(segments.into_iter().map(SegmentRow::from)))
    }
}

/// What a change did.
pub struct ChangeEffect;

/// A row of `change_effect`.
#[derive(Record)]
struct EffectRow {
    comparison: Option<String>,
    ratio: Option<f64>,
    ratio_low: Option<f64>,
    ratio_high: Option<f64>,
    p_value: Option<f64>,
    q_value: Option<f64>,
    method: Option<String>,
    dispersion: Option<f64>,
    log_effect: Option<f64>,
    log_error: Option<f64>,
    plain_log_error: Option<f64>,
    plain_p_value: Option<f64>,
    plain_overstates: Option<bool>,
    difference: Option<f64>,
    rate_changed_before: Option<f64>,
    rate_changed_after: Option<f64>,
    rate_rest_before: Option<f64>,
    rate_rest_after: Option<f64>,
    rows: i64,
    reason: String,
}

impl From<Compared> for EffectRow {
    fn from(from: Compared) -> Self {
        let [rest, rest_after, changed, changed_after] = from.rates;
        let step = |before: Option<f64>, after: Option<f64>| Some(after? - before?);
        let difference = step(step(rest, rest_after), step(changed, changed_after));
        let effect = from.effect;
        let number = |of: fn(crate::change::effect::Effect) -> f64| {
            effect.map(of).and_then(crate::stats::finite)
        };
        Self {
            comparison: from.comparison,
            ratio: number(|effect| effect.log.exp()),
            ratio_low: effect.and_then(|effect| effect.interval.low),
            ratio_high: effect.and_then(|effect| effect.interval.high),
            p_value: number(|effect| effect.p_value),
            q_value: from.q_value,
            method: effect.map(|effect| effect.method.text().to_owned()),
            dispersion: effect.and_then(|effect| effect.dispersion),
            log_effect: number(|effect| effect.log),
            log_error: number(|effect| effect.log_error),
            plain_log_error: number(|effect| effect.plain_log_error),
            plain_p_value: number(|effect| effect.plain_p),
            plain_overstates: effect.map(|effect| effect.plain_overstates()),
            difference,
            rate_changed_before: changed,
            rate_changed_after: changed_after,
            rate_rest_before: rest,
            rate_rest_after: rest_after,
            rows: whole(from.rows),
            reason: from.reason,
        }
    }
}

/// A row of units before or after a change, with or without it.
#[derive(Row)]
struct UnitColumns<'a> {
    #[row(optional)]
    comparison: Option<Cow<'a, str>>,
    treated: Option<bool>,
    after: Option<bool>,
    events: Option<f64>,
    exposure: Option<f64>,
}

impl Collected for ChangeEffect {
    fn signature() -> TableSignature {
        TableSignature::new("change_effect", "Did those who went through a change do otherwise than those who did not?")
            .rows::<UnitColumns<'_>>("units", "Rows of treated and after (booleans), events and exposure, one a unit and time; a column comparison keeps several questions apart.")
    }

    fn open(_call: &TableCall) -> Result<Self, Error> {
        Ok(Self)
    }

    fn returns(&self) -> Schema {
        schema_of::<EffectRow>()
    }

    fn compute(&mut self, inputs: &Inputs) -> Result<Batches, Error> {
        let mut reader = EffectReader::default();
        for row in inputs.read::<UnitColumns<'_>>(0)? {
            let row = row?;
            reader.push(
                row.comparison.as_deref(),
                row.treated,
                row.after,
                row.events,
                row.exposure,
            )?;
        }
        Ok(Batches::rows(
            reader.finish().into_iter().map(EffectRow::from),
        ))
    }
}
