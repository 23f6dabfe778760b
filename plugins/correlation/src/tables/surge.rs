//! `surge` as SQL sees it, and the reading of series that `changepoints` shares.

use super::period;
use crate::arguments::within;
use crate::series::clock::Every;
use crate::series::{Missing, PERIODS_MAX, SeriesReader};
use crate::surge::options::{Arguments, Method};
use crate::surge::{self, Judged};
use std::borrow::Cow;
use tsugi_plugin::{
    Batch, Batches, Collect, Collected, DataType, Error, Inputs, Record, Row, Schema, TableCall,
    TableSignature, Value, schema_of,
};

/// Rows of a batch at most.
const ROWS_MAX: usize = 4096;

/// `surge((SELECT series, period, count …), method => '…')`.
pub type SurgeTable = Collect<Surge>;

/// Series held against what is to be expected of them.
pub struct Surge {
    method: Method,
    last: Option<usize>,
    reader: Option<SeriesReader>,
}

/// A row of series.
#[derive(Row)]
pub(super) struct SeriesColumns<'a> {
    series: Option<Cow<'a, str>>,
    period: Value<'a>,
    count: Option<f64>,
    #[row(optional)]
    population: Option<f64>,
}

/// A row of `surge`.
#[derive(Record)]
struct JudgedRow {
    series: String,
    period: String,
    observed: Option<f64>,
    expected: Option<f64>,
    upper: Option<f64>,
    alarm: Option<bool>,
    statistic: Option<f64>,
    p_value: Option<f64>,
    q_value: Option<f64>,
    series_tested: i64,
    abstained: Option<String>,
}

impl From<Judged> for JudgedRow {
    fn from(from: Judged) -> Self {
        let point = from.point;
        Self {
            series: from.series,
            period: from.period,
            observed: point.observed,
            expected: point.expected,
            upper: point.upper,
            alarm: point.alarm,
            statistic: point.statistic,
            p_value: point.p_value,
            q_value: from.q_value,
            series_tested: super::whole(from.series_tested),
            abstained: surge::why(point.abstained),
        }
    }
}

impl Arguments for TableCall {
    fn whole(&self, name: &str) -> Option<i64> {
        self.integer(name)
    }
    fn number(&self, name: &str) -> Option<f64> {
        TableCall::number(self, name)
    }
    fn text(&self, name: &str) -> Option<&str> {
        TableCall::text(self, name)
    }
    fn truth(&self, name: &str) -> Option<bool> {
        TableCall::truth(self, name)
    }
}

/// A reader of series as the options `every` and `missing` say, and the step between periods.
pub(super) fn series_reader(call: &TableCall) -> Result<(SeriesReader, Every), Error> {
    let every = Every::parse(TableCall::text(call, "every").unwrap_or("week"))?;
    let missing = Missing::parse(TableCall::text(call, "missing").unwrap_or("unknown"))?;
    let reader = SeriesReader::new(every, missing, call.has_column(0, "population"));
    Ok((reader, every))
}

/// Reads the rows of series, period, count and perhaps population.
pub(super) fn push_series(reader: &mut SeriesReader, rows: &Batch) -> Result<(), Error> {
    for row in rows.read::<SeriesColumns<'_>>()? {
        let row = row?;
        let when = period("period", &row.period)?;
        reader.push(row.series.as_deref(), when, row.count, row.population)?;
    }
    Ok(())
}

impl Collected for Surge {
    fn signature() -> TableSignature {
        let whole = DataType::I64;
        let number = DataType::F64;
        TableSignature::new("surge", "Which series rise above what is to be expected, period by period.")
            .rows::<SeriesColumns<'_>>("series", "Rows of series, period (date or number) and count; a population for Farrington's methods.")
            .required_option("method", DataType::Utf8, "ears_c1, ears_c2, ears_c3, farrington, farrington_flexible, cusum, glr, rki or bayes.")
            .option("every", DataType::Utf8, "How far dated periods are apart: 'day', 'week' or 'month' (week).")
            .option("missing", DataType::Utf8, "What a period without a row means: 'unknown' or 'zero' (unknown).")
            .option("last", whole.clone(), "Judge only so many of the newest periods (all).")
            .option("alpha", number.clone(), "Chance of an alarm when nothing happens (as the method's authors).")
            .option("baseline", whole.clone(), "EARS: periods looked back at (7). Charts: first periods that give the expected count (a year).")
            .option("minimum_sigma", number.clone(), "EARS: the standard deviation counts as at least this (0.5).")
            .option("years", whole.clone(), "Years looked back at (Farrington 5, rki and bayes 2).")
            .option("half_window", whole.clone(), "Periods to each side of the same period in a year before (Farrington 3, rki and bayes 4).")
            .option("year_length", whole.clone(), "Periods in a year (52 weeks, 12 months, 365 days).")
            .option("reweight_above", number.clone(), "Farrington: residuals above this are weighted down (1; flexible 2.58).")
            .option("trend", DataType::Bool, "Farrington: whether a trend may be fitted (true).")
            .option("trend_alpha", number.clone(), "Farrington: the trend stays when its p is below this (0.05; flexible 1).")
            .option("minimum_cases", whole.clone(), "Farrington: an alarm needs so many events (5)…")
            .option("minimum_cases_periods", whole.clone(), "… in so many of the last periods (4).")
            .option("power", DataType::Utf8, "Farrington: '2/3', '1/2' or 'none' (2/3).")
            .option("seasons", whole.clone(), "Farrington flexible: levels of a year (10).")
            .option("past_excluded", whole.clone(), "Farrington flexible: periods just before that are left out (half a year).")
            .option("threshold", DataType::Utf8, "Farrington flexible: 'nb_plugin', 'muan' or 'delta' (nb_plugin).")
            .option("reference_value", number.clone(), "CUSUM: k (1.04).")
            .option("decision_limit", number, "Charts: an alarm at this (CUSUM 2.26, GLR 5).")
            .option("harmonics", whole, "GLR: sine and cosine pairs a year (1).")
            .option("current_year", DataType::Bool, "rki and bayes: whether the periods just before count too (rki false, bayes true).")
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let (reader, every) = series_reader(call)?;
        let is_given = |name: &str| !call.option(name).is_null();
        let name = TableCall::text(call, "method").unwrap_or_default();
        let method = Method::read(name, every, call, is_given)?;
        if call.has_column(0, "population") && !method.takes_population() {
            let message = format!("method {name} takes no population");
            return Err(Error::config("unused-population", message)
                .detail("leave the column out, or use 'farrington' or 'farrington_flexible'"));
        }
        let last = call.integer("last");
        let last = last
            .map(|last| within("last", last, 1, PERIODS_MAX))
            .transpose()?;
        Ok(Self {
            method,
            last,
            reader: Some(reader),
        })
    }

    fn returns(&self) -> Schema {
        schema_of::<JudgedRow>()
    }

    fn receive(&mut self, _port: usize, rows: Batch) -> Result<Option<Batch>, Error> {
        match &mut self.reader {
            Some(reader) => push_series(reader, &rows).map(|()| None),
            None => Err(Error::defect("ended", "rows came after the last")),
        }
    }

    fn compute(&mut self, _inputs: &Inputs) -> Result<Batches, Error> {
        let reader = self.reader.take();
        let reader = reader.ok_or_else(|| Error::defect("ended", "the end came twice"))?;
        let work = surge::Work::new(reader.finish()?, self.method.clone(), self.last)?;
        let rows = work.rows().map(|row| row.map(JudgedRow::from));
        Ok(Batches::steps(ROWS_MAX, rows))
    }
}
