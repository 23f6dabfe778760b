//! `changepoints`: when the level of a series changed, by the largest likelihood of Poisson counts
//! (Hinkley 1970; all changes at once by dynamic programming, Auger and Lawrence 1989; their number
//! by Yao 1988).

use crate::input::InputError;
use crate::series::{AllSeries, Series};
use crate::stats::Interval;
use crate::stats::intervals::garwood;

/// Periods of a series: the work grows with the square.
pub(crate) const PERIODS_MAX: usize = 3_000;

/// Changes looked for at most.
pub(crate) const CHANGES_MAX: usize = 20;

/// Steps that all series together may take.
const WORK_MAX: f64 = 1e9;

/// The arguments of `changepoints`, checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    /// So many changes; none chooses by Yao's criterion.
    pub changes: Option<usize>,
    /// Changes to choose among.
    pub changes_max: usize,
    /// Periods between two changes at least.
    pub periods_min: usize,
}

/// A stretch of periods with one level.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Segment {
    pub series: String,
    /// From 1; a change lies before every segment but the first.
    pub segment: u64,
    /// The first period; none when the search abstains.
    pub from: Option<String>,
    pub to: Option<String>,
    pub periods: u64,
    pub count: f64,
    /// Periods, or the sum of the population.
    pub exposure: f64,
    /// Events by exposure.
    pub rate: Option<f64>,
    /// Its 95 % interval, as if the changes had been known.
    pub interval: Interval,
    /// The rate over that of the segment before.
    pub ratio_to_previous: Option<f64>,
    /// Changes in the series.
    pub changes: u64,
    /// The log likelihood with all these changes, less that with none.
    pub llr: Option<f64>,
    /// Why the search abstains.
    pub abstained: Option<String>,
}

/// Divides every series.
///
/// # Errors
/// [`InputError::TooMuch`] when it would take too long.
pub(crate) fn changepoints(all: &AllSeries, options: &Options) -> Result<Vec<Segment>, InputError> {
    let longest = all.series.iter().map(Series::len).max().unwrap_or(0);
    if longest > PERIODS_MAX {
        return Err(InputError::TooMuch {
            what: "periods in one series",
            limit: PERIODS_MAX,
            hint: "Count by longer periods, or leave out what is long past",
        });
    }
    let most = options.changes.unwrap_or(options.changes_max) as f64 + 1.0;
    let work: f64 = all
        .series
        .iter()
        .map(|series| (series.len() as f64).powi(2) * most)
        .sum();
    if work > WORK_MAX {
        return Err(InputError::TooMuch {
            what: "steps in all series together",
            limit: WORK_MAX as usize,
            hint: "Ask for fewer changes or fewer series",
        });
    }
    Ok(all
        .series
        .iter()
        .flat_map(|series| divided(all, series, options))
        .collect())
}

fn divided(all: &AllSeries, series: &Series, options: &Options) -> Vec<Segment> {
    let found = series
        .window(0, series.len())
        .ok_or_else(|| "a period has no count (missing => 'zero' when none means 0)".to_owned())
        .and_then(|counts| Levels::of(series, counts).cuts(options));
    match found {
        Ok((cuts, llr)) => segments(all, series, &cuts, llr),
        Err(why) => vec![Segment {
            series: series.name.to_string(),
            segment: 1,
            from: None,
            to: None,
            periods: series.len() as u64,
            count: 0.0,
            exposure: 0.0,
            rate: None,
            interval: Interval::NONE,
            ratio_to_previous: None,
            changes: 0,
            llr: None,
            abstained: Some(why),
        }],
    }
}

fn segments(all: &AllSeries, series: &Series, cuts: &[usize], llr: f64) -> Vec<Segment> {
    let mut before: Option<f64> = None;
    let mut out = Vec::new();
    for (number, pair) in (1..).zip(cuts.windows(2)) {
        let &[from, to] = pair else {
            continue;
        };
        let count: f64 = series.window(from, to).unwrap_or_default().iter().sum();
        let exposure: f64 = (from..to).map(|at| series.population(at)).sum();
        let rate = count / exposure;
        out.push(Segment {
            series: series.name.to_string(),
            segment: number,
            from: Some(all.clock.text(series.first + from as i64)),
            to: Some(all.clock.text(series.first + to as i64 - 1)),
            periods: (to - from) as u64,
            count,
            exposure,
            rate: crate::stats::finite(rate),
            interval: garwood(count, exposure),
            ratio_to_previous: before.and_then(|before| crate::stats::finite(rate / before)),
            changes: cuts.len().saturating_sub(2) as u64,
            llr: Some(llr),
            abstained: None,
        });
        before = Some(rate);
    }
    out
}

/// Sums up to each period.
struct Levels {
    counts: Vec<f64>,
    exposures: Vec<f64>,
}

impl Levels {
    fn of(series: &Series, counts: &[f64]) -> Self {
        let upto = |values: &mut dyn Iterator<Item = f64>| {
            let mut sums = vec![0.0];
            let mut sum = 0.0;
            for value in values {
                sum += value;
                sums.push(sum);
            }
            sums
        };
        Self {
            counts: upto(&mut counts.iter().copied()),
            exposures: upto(&mut (0..counts.len()).map(|at| series.population(at))),
        }
    }

    fn len(&self) -> usize {
        self.counts.len() - 1
    }

    /// The log likelihood of the periods from..to with a level of their own, but for what does not
    /// depend on the level.
    fn likelihood(&self, from: usize, to: usize) -> f64 {
        let between = |sums: &[f64]| match (sums.get(from), sums.get(to)) {
            (Some(from), Some(to)) => to - from,
            _ => 0.0,
        };
        let (count, exposure) = (between(&self.counts), between(&self.exposures));
        if count > 0.0 {
            count * (count / exposure).ln() - count
        } else {
            0.0
        }
    }

    /// Where the segments begin, the end last, and the gain over no change.
    fn cuts(&self, options: &Options) -> Result<(Vec<usize>, f64), String> {
        let length = self.len();
        let least = options.periods_min;
        let wanted = options.changes.unwrap_or(0);
        if length < least * (wanted + 1) {
            return Err(format!(
                "{length} periods are too few for {wanted} changes at least {least} periods apart"
            ));
        }
        if self.counts.last().is_none_or(|sum| *sum <= 0.0) {
            return Err("nothing happened in the whole series".to_owned());
        }
        let room = (length / least).saturating_sub(1);
        let most = options.changes.unwrap_or(options.changes_max.min(room));
        let (best, from) = self.best(most, least);
        let at_end = |changes: usize| best.get(changes).and_then(|row| row.last()).copied();
        let none = at_end(0).unwrap_or(0.0);
        let penalised = |changes: usize| {
            let parameters = (2 * changes + 1) as f64;
            2.0 * at_end(changes).unwrap_or(f64::NEG_INFINITY) - parameters * (length as f64).ln()
        };
        let chosen = options.changes.unwrap_or_else(|| {
            (0..=most)
                .max_by(|left, right| {
                    penalised(*left)
                        .total_cmp(&penalised(*right))
                        .then(right.cmp(left))
                })
                .unwrap_or(0)
        });
        let mut cuts = vec![length];
        for changes in (1..=chosen).rev() {
            let to = cuts.last().copied().unwrap_or(0);
            let cut = from
                .get(changes)
                .and_then(|row| row.get(to))
                .copied()
                .unwrap_or(0);
            cuts.push(cut as usize);
        }
        cuts.push(0);
        cuts.reverse();
        Ok((cuts, at_end(chosen).unwrap_or(none) - none))
    }

    /// For each number of changes and each end the largest likelihood, and where the last segment
    /// begins.
    fn best(&self, most: usize, least: usize) -> (Vec<Vec<f64>>, Vec<Vec<u32>>) {
        let length = self.len();
        let mut best = vec![
            (0..=length)
                .map(|to| self.likelihood(0, to))
                .collect::<Vec<f64>>(),
        ];
        let mut from = vec![vec![0_u32; length + 1]];
        for changes in 1..=most {
            let mut row = vec![f64::NEG_INFINITY; length + 1];
            let mut begins = vec![0_u32; length + 1];
            let before = best.last().map(Vec::as_slice).unwrap_or_default();
            for (to, (slot, begin)) in row.iter_mut().zip(&mut begins).enumerate() {
                let Some(latest) = to.checked_sub(least) else {
                    continue;
                };
                for cut in changes * least..=latest {
                    let found = before.get(cut).copied().unwrap_or(f64::NEG_INFINITY)
                        + self.likelihood(cut, to);
                    if found > *slot {
                        (*slot, *begin) = (found, cut as u32);
                    }
                }
            }
            best.push(row);
            from.push(begins);
        }
        (best, from)
    }
}
