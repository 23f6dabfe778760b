//! `retention`: how many people will still be there after some periods, with an interval, or why that
//! cannot be said. What it says was held against periods that the model had not seen.

use std::collections::BTreeMap;

use crate::cell::{Cell, Row};
use crate::fault::Fault;
use crate::ports::Port;
use crate::staying::{Model, Seen};

/// The columns of `retention`: name, Arrow format, may be null.
pub const COLUMNS: &[(&str, &str, bool)] = &[
    ("unit", "u", false),
    ("people", "l", false),
    ("periods", "l", false),
    ("lost", "l", false),
    ("alpha", "g", true),
    ("beta", "g", true),
    ("horizon", "l", false),
    ("expected", "g", true),
    ("low", "g", true),
    ("high", "g", true),
    ("share", "g", true),
    ("share_low", "g", true),
    ("share_high", "g", true),
    ("hidden", "l", false),
    ("hidden_expected", "g", true),
    ("hidden_kept", "l", true),
    ("hidden_error", "g", true),
    ("finding", "u", false),
];

/// The relation of `retention`.
pub const PORTS: &[Port] = &[Port {
    name: "cohorts",
    required: true,
    columns: &["unit", "cohort", "period", "kept"],
    doc: "how many of those who began together are still there after each period; period 0 has all of them",
}];

/// Fewer people say nothing about others like them.
const PEOPLE_MIN: u64 = 100;
/// At least so many must have left, and so many must be left, before the hidden periods.
const EACH_MIN: u64 = 30;
/// Periods that the model must see.
const PERIODS_MIN: usize = 4;
/// The most that the forecast of the hidden periods may be wrong, as a share of what came.
const ERROR_MAX: f64 = 0.1;
/// A forecast reaches so many times as far as was seen.
const REACH: usize = 3;
/// Longest horizon, and latest period.
const PERIODS_MAX: i64 = 1_000;

/// People who began together: how many are there after period 0, 1, 2, …
type Cohort = Vec<u64>;

/// One use of `retention`.
#[derive(Debug)]
pub struct Retention {
    horizon: usize,
    hidden: Option<usize>,
    units: BTreeMap<String, BTreeMap<String, BTreeMap<usize, u64>>>,
}

/// What is said of one unit.
#[derive(Debug, Default)]
struct Answer {
    people: u64,
    periods: usize,
    lost: f64,
    model: Option<Model>,
    /// Periods kept within the horizon, then the share at its end, each with its interval.
    forecast: Option<[(f64, f64, f64); 2]>,
    hidden: usize,
    tested: Option<Tested>,
    unknown: Vec<String>,
}

/// The forecast of the hidden periods beside what came.
#[derive(Debug, Clone, Copy)]
struct Tested {
    /// Kept after the last hidden period, forecast.
    expected: f64,
    /// The same, as it came.
    kept: u64,
    /// Mean of how wrong each hidden period was, as a share of what came.
    error: f64,
}

fn whole(row: &Row<'_>, name: &str, place: &str) -> Result<u64, Fault> {
    let number = match row.cell(name) {
        Cell::Int(number) => u64::try_from(*number).ok(),
        other => other.text().and_then(|text| text.parse().ok()),
    };
    number.ok_or_else(|| {
        let what = format!("{place}: {name} is {:?}", row.raw(name));
        Fault::new("bad-count", what, "give whole numbers from 0 on")
    })
}

impl Retention {
    /// Reads the options `horizon` and `hidden`, in periods.
    pub fn open(horizon: &Cell, hidden: &Cell) -> Result<Retention, Fault> {
        let periods = |name: &str, cell: &Cell| match cell {
            Cell::Null => Ok(None),
            Cell::Int(number @ 1..=PERIODS_MAX) => Ok(usize::try_from(*number).ok()),
            other => {
                let what = format!("{name} is {:?}", other.text().unwrap_or_default());
                let hint = format!("give a whole number of periods from 1 to {PERIODS_MAX}");
                Err(Fault::new("bad-option", what, hint))
            }
        };
        Ok(Retention {
            horizon: periods("horizon", horizon)?.unwrap_or(1),
            hidden: periods("hidden", hidden)?,
            units: BTreeMap::new(),
        })
    }

    /// A row of the cohorts.
    pub fn add(&mut self, row: &Row<'_>) -> Result<(), Fault> {
        let unit = row.text("unit").unwrap_or_default();
        let cohort = row.text("cohort").unwrap_or_default();
        let place = format!("cohorts, unit {unit:?}, cohort {cohort:?}");
        let period = whole(row, "period", &place)?;
        let kept = whole(row, "kept", &place)?;
        let at = usize::try_from(period).unwrap_or(usize::MAX);
        if i64::try_from(period).map_or(true, |period| period > PERIODS_MAX) {
            let what = format!("{place}: there are more than {PERIODS_MAX} periods");
            return Err(Fault::new("bad-period", what, "count longer periods"));
        }
        let cohorts = self.units.entry(unit).or_default();
        if cohorts
            .entry(cohort)
            .or_default()
            .insert(at, kept)
            .is_some()
        {
            let what = format!("{place}: period {period} is there twice");
            return Err(Fault::new("bad-period", what, "group by it"));
        }
        Ok(())
    }

    /// One row a unit, in their order.
    pub fn finish(self) -> Result<Vec<Vec<Cell>>, Fault> {
        let mut rows = Vec::new();
        for (unit, cohorts) in &self.units {
            let mut checked = Vec::new();
            for (cohort, periods) in cohorts {
                checked.push(read(unit, cohort, periods)?);
            }
            rows.push(self.answer(&checked).cells(unit, self.horizon));
        }
        Ok(rows)
    }

    fn answer(&self, cohorts: &[Cohort]) -> Answer {
        let periods = cohorts.iter().map(|kept| kept.len() - 1).max().unwrap_or(0);
        let hidden = self.hidden.unwrap_or_else(|| (periods / REACH).max(1));
        let all = seen(cohorts, 0);
        let mut answer = Answer {
            people: cohorts.iter().filter_map(|kept| kept.first()).sum(),
            periods,
            lost: all.lost(),
            hidden,
            ..Answer::default()
        };
        answer.unknown = self.thin(cohorts, periods, hidden);
        if !answer.unknown.is_empty() {
            return answer;
        }
        answer.tested = tested(cohorts, hidden);
        answer.model = all.fit();
        let unknown = match (answer.tested, answer.model) {
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
            _ => "nobody left, or nobody stayed".to_string(),
        };
        answer.unknown.push(unknown);
        answer
    }

    /// Why there is too little to say anything.
    fn thin(&self, cohorts: &[Cohort], periods: usize, hidden: usize) -> Vec<String> {
        let mut why = Vec::new();
        let before = seen(cohorts, hidden);
        let trained: Vec<&Cohort> = cohorts
            .iter()
            .filter(|kept| kept.len() > hidden + 1)
            .collect();
        let people: u64 = trained.iter().filter_map(|kept| kept.first()).sum();
        if people < PEOPLE_MIN {
            why.push(format!("{people} people, and {PEOPLE_MIN} are needed"));
        }
        if before.there.len() < PERIODS_MIN {
            why.push(format!(
                "{} periods beside {hidden} to test with, and {PERIODS_MIN} are needed",
                before.there.len()
            ));
        }
        let last = trained
            .iter()
            .filter_map(|kept| kept.get(kept.len() - hidden - 1));
        let (lost, stayed) = (before.lost() as u64, last.sum::<u64>());
        if lost < EACH_MIN || stayed < EACH_MIN {
            why.push(format!(
                "{lost} left and {stayed} stayed, and {EACH_MIN} of each are needed"
            ));
        }
        if self.horizon > periods.saturating_mul(REACH) {
            why.push(format!(
                "{} periods ahead are more than {REACH} times the {periods} that were seen",
                self.horizon
            ));
        }
        why
    }
}

/// One cohort, whole: no period is missing, and nobody comes back.
fn read(unit: &str, cohort: &str, periods: &BTreeMap<usize, u64>) -> Result<Cohort, Fault> {
    let place = format!("cohorts, unit {unit:?}, cohort {cohort:?}");
    if let Some(missing) = (0..periods.len()).find(|at| !periods.contains_key(at)) {
        let what = format!("{place}: period {missing} is missing");
        let hint = "give a row for every period, with 0 kept where nobody is left";
        return Err(Fault::new("bad-period", what, hint));
    }
    let kept: Cohort = periods.values().copied().collect();
    if let Some(at) = kept.windows(2).position(|two| two.first() < two.last()) {
        let what = format!(
            "{place}: more people are there after period {} than before",
            at + 1
        );
        let hint = "count who is there without a break since period 0";
        return Err(Fault::new("bad-count", what, hint));
    }
    Ok(kept)
}

/// What was seen of some cohorts, without their last periods.
fn seen(cohorts: &[Cohort], hidden: usize) -> Seen {
    let mut seen = Seen::default();
    for kept in cohorts {
        let shown = kept
            .get(..kept.len().saturating_sub(hidden))
            .unwrap_or_default();
        for (two, period) in shown.windows(2).zip(1..) {
            if let [before, after] = two {
                seen.add(period, *before, *after);
            }
        }
    }
    seen
}

/// Fits without the last periods, and holds the forecast of them against what came.
fn tested(cohorts: &[Cohort], hidden: usize) -> Option<Tested> {
    let model = seen(cohorts, hidden).fit()?;
    let (mut wrong, mut last) = (0.0, (0.0, 0));
    for ahead in 1..=hidden {
        let (mut expected, mut kept) = (0.0, 0);
        for cohort in cohorts.iter().filter(|kept| kept.len() > hidden + 1) {
            let from = cohort.len() - hidden - 1;
            let stays: f64 = (from + 1..=from + ahead).map(|t| model.stays(t)).product();
            expected += cohort.get(from).copied().unwrap_or(0) as f64 * stays;
            kept += cohort.get(from + ahead).copied().unwrap_or(0);
        }
        wrong += (expected - kept as f64).abs() / (kept as f64).max(1.0);
        last = (expected, kept);
    }
    Some(Tested {
        expected: last.0,
        kept: last.1,
        error: wrong / hidden as f64,
    })
}

impl Answer {
    fn cells(self, unit: &str, horizon: usize) -> Vec<Cell> {
        let count = |number: usize| Cell::Int(i64::try_from(number).unwrap_or(i64::MAX));
        let people = |number: u64| Cell::Int(i64::try_from(number).unwrap_or(i64::MAX));
        let float = |number: Option<f64>| number.map_or(Cell::Null, Cell::Float);
        let model = self.model;
        let [periods, share] = match self.forecast {
            Some(both) => both.map(|(best, low, high)| [Some(best), Some(low), Some(high)]),
            None => [[None; 3]; 2],
        };
        let finding = match self.unknown.is_empty() {
            true => "stated".to_string(),
            false => format!("not known: {}", self.unknown.join("; ")),
        };
        let mut cells = vec![
            Cell::from(unit),
            people(self.people),
            count(self.periods),
            people(self.lost as u64),
            float(model.map(|model| model.alpha)),
            float(model.map(|model| model.beta)),
            count(horizon),
        ];
        cells.extend(periods.into_iter().chain(share).map(float));
        cells.extend([
            count(self.hidden),
            float(self.tested.map(|tested| tested.expected)),
            self.tested.map_or(Cell::Null, |tested| people(tested.kept)),
            float(self.tested.map(|tested| tested.error)),
            Cell::Text(finding),
        ]);
        cells
    }
}
