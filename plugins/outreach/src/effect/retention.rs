//! `retention`: a forecast of how many people stay, with an interval, or why there
//! is none. Each forecast is tested on periods that the model has not seen.

use std::collections::BTreeMap;

use tsugi_plugin::{
    Batches, Collected, DataType, Error, Inputs, Record, Row, Schema, TableCall, TableSignature,
    Value, schema_of,
};

use crate::effect::retention_model::{Model, Observed};
use crate::error::config_error;
use crate::input::values::{Trimmed, owned};

const COHORTS: usize = 0;

/// One row of the relation `cohorts`.
#[derive(Row)]
struct CohortRow<'a> {
    unit: Option<Trimmed<'a>>,
    cohort: Option<Trimmed<'a>>,
    period: Option<Trimmed<'a>>,
    kept: Option<Trimmed<'a>>,
}

/// One row for each unit.
#[derive(Record)]
struct RetentionRow {
    unit: String,
    people: i64,
    periods: i64,
    lost: i64,
    alpha: Option<f64>,
    beta: Option<f64>,
    horizon: i64,
    expected: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    share: Option<f64>,
    share_low: Option<f64>,
    share_high: Option<f64>,
    hidden: i64,
    hidden_expected: Option<f64>,
    hidden_kept: Option<i64>,
    hidden_error: Option<f64>,
    finding: String,
}

/// Fewest people of a forecast.
const PEOPLE_MIN: u64 = 100;
/// Fewest people who departed, and who stayed, before the hidden periods.
const EACH_MIN: u64 = 30;
/// Fewest periods beside the hidden ones.
const PERIODS_MIN: usize = 4;
/// Largest error of the forecast of the hidden periods, as a share of the people present.
const ERROR_MAX: f64 = 0.1;
/// Largest horizon, as a multiple of the observed periods.
const REACH: usize = 3;
/// Longest horizon, and latest period.
const PERIODS_MAX: i64 = 1_000;

/// People who began together: how many are present after period 0, 1, 2, …
type Cohort = Vec<u64>;

/// People present by unit, cohort and period.
type Units = BTreeMap<String, BTreeMap<String, BTreeMap<usize, u64>>>;

#[derive(Debug)]
pub struct RetentionOperator {
    horizon: usize,
    hidden: Option<usize>,
}

#[derive(Debug, Default)]
struct UnitForecast {
    people: u64,
    periods: usize,
    lost: f64,
    model: Option<Model>,
    /// Expected periods within the horizon, then the share at its end, each with low and high.
    forecast: Option<[(f64, f64, f64); 2]>,
    hidden: usize,
    tested: Option<BackTest>,
    /// Why there is no forecast.
    obstacles: Vec<String>,
}

/// The forecast of the hidden periods beside the facts.
#[derive(Debug, Clone, Copy)]
struct BackTest {
    /// Forecast of the people present after the last hidden period.
    expected: f64,
    /// People present after it.
    actual: u64,
    /// Mean error of the hidden periods, as a share of the people present.
    error: f64,
}

impl Collected for RetentionOperator {
    fn signature() -> TableSignature {
        let doc = "How many people will still be there after some periods, tested on periods the model had not seen.";
        let hidden = "periods to test the forecast on; a third of all by default";
        TableSignature::new("retention", doc)
            .rows::<CohortRow<'_>>(
                "cohorts",
                "how many people who began together are still present after each period; period 0 has all of them",
            )
            .required_option(
                "horizon",
                DataType::I64,
                "periods to look ahead, from period 0 on",
            )
            .option("hidden", DataType::I64, hidden)
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let periods = |name: &str| match call.option(name) {
            Value::Null => Ok(None),
            Value::Int(number @ 1..=PERIODS_MAX) => Ok(usize::try_from(number).ok()),
            other => {
                let what = format!("{name} is {:?}", other.text().unwrap_or_default());
                let hint = format!("write a whole number of periods from 1 to {PERIODS_MAX}");
                Err(config_error("bad-option", what, hint))
            }
        };
        Ok(RetentionOperator {
            horizon: periods("horizon")?.unwrap_or(1),
            hidden: periods("hidden")?,
        })
    }

    fn returns(&self) -> Schema {
        schema_of::<RetentionRow>()
    }

    fn compute(&mut self, inputs: &Inputs) -> Result<Batches, Error> {
        let mut units = Units::new();
        for row in inputs.read(COHORTS)? {
            add(&mut units, row?)?;
        }
        let mut rows = Vec::new();
        for (unit, cohorts) in units {
            let checked: Result<Vec<Cohort>, Error> = cohorts
                .iter()
                .map(|(cohort, periods)| check(&unit, cohort, periods))
                .collect();
            let forecast = self.forecast(&checked?);
            rows.push(forecast.into_row(unit, self.horizon));
        }
        Ok(Batches::rows(rows))
    }
}

fn add(units: &mut Units, row: CohortRow<'_>) -> Result<(), Error> {
    let (unit, cohort) = (owned(row.unit), owned(row.cohort));
    let (unit, cohort) = (unit.unwrap_or_default(), cohort.unwrap_or_default());
    let place = format!("cohorts, unit {unit:?}, cohort {cohort:?}");
    let period = whole("period", row.period, &place)?;
    let present = whole("kept", row.kept, &place)?;
    if period > PERIODS_MAX as u64 {
        let what = format!("{place}: there are more than {PERIODS_MAX} periods");
        return Err(config_error("bad-period", what, "count longer periods"));
    }
    let cohorts = units.entry(unit).or_default();
    let periods = cohorts.entry(cohort).or_default();
    if periods.insert(period as usize, present).is_some() {
        let what = format!("{place}: period {period} is there twice");
        return Err(config_error("bad-period", what, "group by it"));
    }
    Ok(())
}

fn whole(name: &str, text: Option<Trimmed<'_>>, place: &str) -> Result<u64, Error> {
    let text = owned(text).unwrap_or_default();
    text.parse().map_err(|_| {
        let what = format!("{place}: {name} is {text:?}");
        config_error("bad-count", what, "write whole numbers from 0 on")
    })
}

impl RetentionOperator {
    fn forecast(&self, cohorts: &[Cohort]) -> UnitForecast {
        let periods = cohorts
            .iter()
            .map(|cohort| cohort.len() - 1)
            .max()
            .unwrap_or(0);
        let hidden = self.hidden.unwrap_or_else(|| (periods / REACH).max(1));
        let all = observe(cohorts, 0);
        let mut answer = UnitForecast {
            people: cohorts.iter().filter_map(|cohort| cohort.first()).sum(),
            periods,
            lost: all.lost(),
            hidden,
            ..UnitForecast::default()
        };
        answer.obstacles = self.shortages(cohorts, periods, hidden);
        if !answer.obstacles.is_empty() {
            return answer;
        }
        answer.tested = back_test(cohorts, hidden);
        answer.model = all.fit();
        let obstacle = match (answer.tested, answer.model) {
            (Some(tested), Some(model)) if tested.error <= ERROR_MAX => {
                let horizon = self.horizon;
                let periods = |model: Model| model.shares(horizon).sum::<f64>();
                let share = |model: Model| model.shares(horizon).last().unwrap_or(1.0);
                let (low, high) = all.interval(model, periods);
                let (share_low, share_high) = all.interval(model, share);
                answer.forecast = Some([
                    (periods(model), low, high),
                    (share(model), share_low, share_high),
                ]);
                return answer;
            }
            (Some(tested), _) => format!(
                "the forecast of {hidden} hidden periods was wrong by {:.0} %, and {:.0} % is the most",
                tested.error * 100.0,
                ERROR_MAX * 100.0
            ),
            _ => "all people departed, or all stayed".to_string(),
        };
        answer.obstacles.push(obstacle);
        answer
    }

    /// Why there is too little data for a forecast.
    fn shortages(&self, cohorts: &[Cohort], periods: usize, hidden: usize) -> Vec<String> {
        let mut why = Vec::new();
        let before = observe(cohorts, hidden);
        let trained: Vec<&Cohort> = cohorts
            .iter()
            .filter(|cohort| cohort.len() > hidden + 1)
            .collect();
        let people: u64 = trained.iter().filter_map(|cohort| cohort.first()).sum();
        if people < PEOPLE_MIN {
            why.push(format!("{people} people, and {PEOPLE_MIN} are needed"));
        }
        if before.present.len() < PERIODS_MIN {
            why.push(format!(
                "{} periods beside {hidden} to test with, and {PERIODS_MIN} are needed",
                before.present.len()
            ));
        }
        let last = trained
            .iter()
            .filter_map(|cohort| cohort.get(cohort.len() - hidden - 1));
        let (lost, stayed) = (before.lost() as u64, last.sum::<u64>());
        if lost < EACH_MIN || stayed < EACH_MIN {
            why.push(format!(
                "{lost} departed and {stayed} stayed, and {EACH_MIN} of each are needed"
            ));
        }
        if self.horizon > periods.saturating_mul(REACH) {
            why.push(format!(
                "{} periods ahead are more than {REACH} times the {periods} observed",
                self.horizon
            ));
        }
        why
    }
}

/// A cohort in the order of its periods. Fails when a period is missing or when people come back.
fn check(unit: &str, cohort: &str, periods: &BTreeMap<usize, u64>) -> Result<Cohort, Error> {
    let place = format!("cohorts, unit {unit:?}, cohort {cohort:?}");
    if let Some(missing) = (0..periods.len()).find(|at| !periods.contains_key(at)) {
        let what = format!("{place}: period {missing} is missing");
        let hint = "write a row for every period, with 0 in kept where all have departed";
        return Err(config_error("bad-period", what, hint));
    }
    let cohort: Cohort = periods.values().copied().collect();
    if let Some(at) = cohort.windows(2).position(|two| two.first() < two.last()) {
        let what = format!(
            "{place}: more people are present after period {} than before",
            at + 1
        );
        let hint = "count people who are present without a break since period 0";
        return Err(config_error("bad-count", what, hint));
    }
    Ok(cohort)
}

/// The counts of all cohorts without their last `hidden` periods.
fn observe(cohorts: &[Cohort], hidden: usize) -> Observed {
    let mut observed = Observed::default();
    for cohort in cohorts {
        let shown = cohort
            .get(..cohort.len().saturating_sub(hidden))
            .unwrap_or_default();
        for (two, period) in shown.windows(2).zip(1..) {
            if let [before, after] = two {
                observed.add(period, *before, *after);
            }
        }
    }
    observed
}

/// Fits without the last `hidden` periods and compares the forecast of them with the facts.
fn back_test(cohorts: &[Cohort], hidden: usize) -> Option<BackTest> {
    let model = observe(cohorts, hidden).fit()?;
    let (mut error, mut last) = (0.0, (0.0, 0));
    for ahead in 1..=hidden {
        let (mut expected, mut actual) = (0.0, 0);
        for cohort in cohorts.iter().filter(|cohort| cohort.len() > hidden + 1) {
            let from = cohort.len() - hidden - 1;
            let stays: f64 = (from + 1..=from + ahead).map(|t| model.stays(t)).product();
            expected += *cohort.get(from)? as f64 * stays;
            actual += *cohort.get(from + ahead)?;
        }
        error += (expected - actual as f64).abs() / (actual as f64).max(1.0);
        last = (expected, actual);
    }
    Some(BackTest {
        expected: last.0,
        actual: last.1,
        error: error / hidden as f64,
    })
}

impl UnitForecast {
    fn into_row(self, unit: String, horizon: usize) -> RetentionRow {
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let people = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let (periods, share) = match self.forecast {
            Some([periods, share]) => (Some(periods), Some(share)),
            None => (None, None),
        };
        RetentionRow {
            unit,
            people: people(self.people),
            periods: count(self.periods),
            lost: people(self.lost as u64),
            alpha: self.model.map(|model| model.alpha),
            beta: self.model.map(|model| model.beta),
            horizon: count(horizon),
            expected: periods.map(|periods| periods.0),
            low: periods.map(|periods| periods.1),
            high: periods.map(|periods| periods.2),
            share: share.map(|share| share.0),
            share_low: share.map(|share| share.1),
            share_high: share.map(|share| share.2),
            hidden: count(self.hidden),
            hidden_expected: self.tested.map(|tested| tested.expected),
            hidden_kept: self.tested.map(|tested| people(tested.actual)),
            hidden_error: self.tested.map(|tested| tested.error),
            finding: match self.obstacles.is_empty() {
                true => "stated".to_string(),
                false => format!("not known: {}", self.obstacles.join("; ")),
            },
        }
    }
}
