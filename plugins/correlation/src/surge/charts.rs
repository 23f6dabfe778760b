//! Control charts that add up from period to period: CUSUM (Rossi, Lampugnani and Marchi 1999) and
//! the generalised likelihood ratio (Höhle and Paul 2008), both for Poisson counts.

use super::point::{Abstention, Point};
use crate::series::Series;
use crate::stats::glm::{Design, poisson};
use std::f64::consts::TAU;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// Sums of (count - mean) / √mean - `reference_value`, never below 0.
    Cusum {
        /// What each period's excess must be above to add to the sum.
        reference_value: f64,
    },
    /// The largest log likelihood ratio of a raised level since any period after the last alarm.
    Glr {
        /// Sine and cosine pairs a year in the expected counts.
        harmonics: usize,
    },
}

/// The arguments of a chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Chart {
    pub kind: Kind,
    /// The first periods, from which the expected counts come.
    pub baseline: usize,
    /// Periods in a year.
    pub year_length: usize,
    /// An alarm is raised when the statistic reaches this.
    pub decision_limit: f64,
}

impl Chart {
    /// Judges every period of a series.
    pub(crate) fn run(&self, series: &Series) -> Vec<Point> {
        let short = |at| Point::abstain(series.count(at), Abstention::Short(self.baseline));
        let mut points: Vec<Point> = (0..series.len().min(self.baseline)).map(short).collect();
        let rest = self.baseline..series.len();
        let expected = match self.expected(series) {
            Ok(expected) => expected,
            Err(why) => {
                points.extend(rest.map(|at| Point::abstain(series.count(at), why)));
                return points;
            }
        };
        match self.kind {
            Kind::Cusum { reference_value } => {
                self.cusum(series, &expected, reference_value, &mut points);
            }
            Kind::Glr { .. } => self.glr(series, &expected, &mut points),
        }
        points
    }

    /// The expected count of every period after the baseline.
    fn expected(&self, series: &Series) -> Result<Vec<f64>, Abstention> {
        if series.len() <= self.baseline {
            return Ok(Vec::new());
        }
        let counts = series.window(0, self.baseline).ok_or(Abstention::Gap)?;
        let sum: f64 = counts.iter().sum();
        if sum <= 0.0 {
            return Err(Abstention::Empty);
        }
        let harmonics = match self.kind {
            Kind::Cusum { .. } => 0,
            Kind::Glr { harmonics } => harmonics,
        };
        let columns = |at: usize| -> Vec<f64> {
            let turn = TAU * at as f64 / self.year_length as f64;
            let pair = |wave: usize| [(wave as f64 * turn).cos(), (wave as f64 * turn).sin()];
            std::iter::once(1.0)
                .chain((1..=harmonics).flat_map(pair))
                .collect()
        };
        if harmonics == 0 {
            let mean = sum / self.baseline as f64;
            return Ok(vec![mean; series.len() - self.baseline]);
        }
        let mut design = Design::constant(self.baseline);
        for column in 1..=2 * harmonics {
            let values =
                (0..self.baseline).map(|at| columns(at).get(column).copied().unwrap_or(0.0));
            design = design.with(values.collect());
        }
        let fit = poisson(&design, counts, None, None).map_err(|_| Abstention::NoFit)?;
        let rest = self.baseline..series.len();
        Ok(rest.map(|at| fit.predict(&columns(at)).exp()).collect())
    }

    fn cusum(&self, series: &Series, expected: &[f64], reference: f64, points: &mut Vec<Point>) {
        let mut sum = 0.0_f64;
        for (step, mean) in expected.iter().enumerate() {
            let observed = series.count(self.baseline + step);
            // A period that was not counted changes nothing.
            let Some(count) = observed else {
                points.push(Point::abstain(None, Abstention::NoCount));
                continue;
            };
            let needed = mean.sqrt() * (self.decision_limit + reference - sum) + mean;
            sum = (sum + (count - mean) / mean.sqrt() - reference).max(0.0);
            let alarm = sum >= self.decision_limit;
            let upper = needed.ceil().max(0.0);
            points.push(Point::judged(count, *mean, upper, alarm).carrying(sum));
        }
    }

    fn glr(&self, series: &Series, expected: &[f64], points: &mut Vec<Point>) {
        // Counts and means since the last alarm.
        let mut since: Vec<(f64, f64)> = Vec::new();
        for (step, mean) in expected.iter().enumerate() {
            let observed = series.count(self.baseline + step);
            let Some(count) = observed else {
                points.push(Point::abstain(None, Abstention::NoCount));
                continue;
            };
            let ratio = raised(&since, count, *mean);
            let upper = self.least_alarm(&since, *mean);
            let alarm = ratio >= self.decision_limit;
            since.push((count, *mean));
            if alarm {
                since.clear();
            }
            let Some(upper) = upper else {
                points.push(Point::abstain(observed, Abstention::NoLimit));
                continue;
            };
            points.push(Point::judged(count, *mean, upper, alarm).carrying(ratio));
        }
    }

    /// The smallest count that would raise an alarm now.
    fn least_alarm(&self, since: &[(f64, f64)], mean: f64) -> Option<f64> {
        let enough = |count: f64| raised(since, count, mean) >= self.decision_limit;
        let mut high = (2.0 * mean + 2.0).ceil();
        while !enough(high) {
            high *= 2.0;
            if high > 1e15 {
                return None;
            }
        }
        let mut low = 0.0;
        while low < high {
            let middle = ((low + high) / 2.0).floor();
            if enough(middle) {
                high = middle;
            } else {
                low = middle + 1.0;
            }
        }
        Some(low)
    }
}

/// The largest log likelihood ratio of a level raised since some period up to now.
fn raised(since: &[(f64, f64)], count: f64, mean: f64) -> f64 {
    let (mut counts, mut means, mut most) = (0.0, 0.0, 0.0_f64);
    for (count, mean) in std::iter::once(&(count, mean)).chain(since.iter().rev()) {
        counts += count;
        means += mean;
        if counts > means {
            most = most.max(counts * (counts / means).ln() + means - counts);
        }
    }
    most
}
