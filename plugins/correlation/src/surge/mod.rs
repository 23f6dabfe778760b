//! `surge`: which series rise above what is to be expected, period by period, by the methods that
//! health offices use.

pub(crate) mod charts;
pub(crate) mod ears;
pub(crate) mod farrington;
pub(crate) mod history;
pub(crate) mod limits;
pub(crate) mod options;
pub(crate) mod point;

use crate::input::InputError;
use crate::series::clock::Clock;
use crate::series::{AllSeries, Series};
use options::Method;
use point::{Abstention, Point};
use std::collections::BTreeMap;
use std::rc::Rc;
use tsugi_statistics::multiple::benjamini_hochberg;

/// Periods of a series that the likelihood-ratio chart can take: its work grows with the square.
pub(crate) const GLR_PERIODS_MAX: usize = 2_000;

/// The squares of those periods, over all series.
pub(crate) const GLR_SQUARES_MAX: usize = 100_000_000;

/// Regressions that one call may ask for: one to two milliseconds each in the sandbox.
pub(crate) const REGRESSIONS_MAX: usize = 100_000;

/// Periods judged by regression in one step.
const REGRESSIONS_A_STEP: usize = 1_000;

/// Periods judged otherwise in one step.
const PERIODS_A_STEP: usize = 50_000;

/// One row of the answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Judged {
    pub series: String,
    /// The period: ISO 8601, or the number.
    pub period: String,
    pub point: Point,
    /// Benjamini–Hochberg q over the series that were judged in this period; none without p.
    pub q_value: Option<f64>,
    /// How many series that were.
    pub series_tested: u64,
}

struct JudgedPeriod {
    series: u32,
    period: i64,
    point: Point,
    q: Option<f64>,
    tested: u64,
}

/// The whole answer, by series and period.
struct Answer {
    names: Vec<Rc<str>>,
    clock: Clock,
    judged: std::vec::IntoIter<JudgedPeriod>,
}

/// The judging of series, step by step, so that no step takes long.
pub(crate) struct Work {
    all: AllSeries,
    method: Method,
    oldest: i64,
    next: usize,
    judged: Vec<JudgedPeriod>,
}

impl Work {
    /// Prepares to judge the `last` periods of every series (all when none).
    ///
    /// # Errors
    /// [`InputError::TooMuch`] when the method would take too long.
    pub(crate) fn new(
        all: AllSeries,
        method: Method,
        last: Option<usize>,
    ) -> Result<Self, InputError> {
        affordable(&all, &method, last)?;
        let ends = all
            .series
            .iter()
            .map(|series| series.first + series.len() as i64);
        let oldest = match (ends.max(), last) {
            (Some(end), Some(last)) => end - last as i64,
            _ => i64::MIN,
        };
        Ok(Self {
            all,
            method,
            oldest,
            next: 0,
            judged: Vec::new(),
        })
    }

    /// The rows of the answer; none as long as series are still to be judged.
    pub(crate) fn rows(self) -> impl Iterator<Item = Option<Judged>> {
        let (mut work, mut answer) = (Some(self), None);
        std::iter::from_fn(move || {
            if let Some(judging) = &mut work {
                if !judging.step() {
                    return Some(None);
                }
                answer = work.take().map(Self::finish);
            }
            answer.as_mut()?.next().map(Some)
        })
    }

    /// Judges some more series; true when none is left.
    fn step(&mut self) -> bool {
        let enough = self.judged.len()
            + match self.method {
                Method::Farrington(_) => REGRESSIONS_A_STEP,
                _ => PERIODS_A_STEP,
            };
        while let Some(series) = self.all.series.get(self.next) {
            let number = self.next as u32;
            let from = usize::try_from(self.oldest.saturating_sub(series.first)).unwrap_or(0);
            let points = points(&self.method, series, from);
            self.judged
                .extend(points.into_iter().map(|(at, point)| JudgedPeriod {
                    series: number,
                    period: series.first + at as i64,
                    point,
                    q: None,
                    tested: 0,
                }));
            self.next += 1;
            if self.judged.len() >= enough {
                return false;
            }
        }
        true
    }

    /// The answer, once all series are judged.
    fn finish(mut self) -> Answer {
        control(&mut self.judged);
        let series = self.all.series.into_iter();
        Answer {
            names: series.map(|series| series.name).collect(),
            clock: self.all.clock,
            judged: self.judged.into_iter(),
        }
    }
}

fn affordable(all: &AllSeries, method: &Method, last: Option<usize>) -> Result<(), InputError> {
    let newest = |series: &Series| last.unwrap_or(usize::MAX).min(series.len());
    let (what, limit, passed) = match method {
        Method::Chart(chart) if matches!(chart.kind, charts::Kind::Glr { .. }) => {
            let longest = all.series.iter().map(Series::len).max().unwrap_or(0);
            let squares: f64 = all
                .series
                .iter()
                .map(|series| (series.len() as f64).powi(2))
                .sum();
            if longest <= GLR_PERIODS_MAX && squares > GLR_SQUARES_MAX as f64 {
                return Err(InputError::TooMuch {
                    what: "steps with method => 'glr' (periods of a series, squared)",
                    limit: GLR_SQUARES_MAX,
                    hint: "Give fewer series, or leave out what is long past",
                });
            }
            (
                "periods in one series with method => 'glr'",
                GLR_PERIODS_MAX,
                longest,
            )
        }
        Method::Farrington(one) => {
            let judged =
                |series: &Series| newest(series).min(series.len().saturating_sub(one.reach()));
            let regressions = all.series.iter().map(judged).sum();
            (
                "periods to judge by regression",
                REGRESSIONS_MAX,
                regressions,
            )
        }
        _ => return Ok(()),
    };
    if passed <= limit {
        return Ok(());
    }
    let hint = "Leave out what is long past, give fewer series, or, for regressions, judge only the newest with last => 26";
    Err(InputError::TooMuch { what, limit, hint })
}

fn points(method: &Method, series: &Series, from: usize) -> Vec<(usize, Point)> {
    let each =
        |judge: &dyn Fn(usize) -> Point| (from..series.len()).map(|at| (at, judge(at))).collect();
    match method {
        Method::Ears(ears) => each(&|at| ears.judge(series, at)),
        Method::Farrington(farrington) => each(&|at| farrington.judge(series, at)),
        Method::History(reference, rule) => each(&|at| reference.judge(rule, series, at)),
        Method::Chart(chart) => chart
            .run(series)
            .into_iter()
            .enumerate()
            .skip(from)
            .collect(),
    }
}

/// q over the series at each period: a hundred series give an alarm somewhere every week.
fn control(judged: &mut [JudgedPeriod]) {
    let mut by_period: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (at, row) in judged.iter().enumerate() {
        if row.point.p_value.is_some() {
            by_period.entry(row.period).or_default().push(at);
        }
    }
    for rows in by_period.values() {
        let chances: Vec<f64> = rows
            .iter()
            .filter_map(|&at| judged.get(at)?.point.p_value)
            .collect();
        let tested = chances.len() as u64;
        for (&at, q) in rows.iter().zip(benjamini_hochberg(&chances, tested)) {
            if let Some(row) = judged.get_mut(at) {
                (row.q, row.tested) = (Some(q), tested);
            }
        }
    }
}

impl Iterator for Answer {
    type Item = Judged;

    fn next(&mut self) -> Option<Judged> {
        let row = self.judged.next()?;
        let name = self.names.get(row.series as usize);
        Some(Judged {
            series: name.map_or("", |name| name).to_owned(),
            period: self.clock.text(row.period),
            point: row.point,
            q_value: row.q,
            series_tested: row.tested,
        })
    }
}

/// Why the method abstains from a point, in words.
pub(crate) fn why(abstained: Option<Abstention>) -> Option<String> {
    abstained.map(|why| why.to_string())
}
