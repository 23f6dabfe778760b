//! The same season of the years before: the rule of the Robert Koch Institute, and Bayes' (Riebler
//! 2004; Höhle 2007).

use super::point::{Abstention, Point};
use crate::series::Series;
use crate::stats::discrete::{negative_binomial_quantile, negative_binomial_upper};

/// Means up to this take the exact limits of Crow and Gardner, larger ones two sigmas.
const SMALL_MEAN: usize = 20;

/// Which counts are looked back at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    /// Years back.
    pub years: usize,
    /// Periods to each side of the same period in a year before.
    pub half_window: usize,
    /// Periods in a year.
    pub year_length: usize,
    /// Whether the periods just before count too.
    pub current_year: bool,
}

/// Which limit is set on them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Rule {
    /// Robert Koch Institute: the limits of the means 0 to 20, else two standard deviations.
    Rki(Vec<f64>),
    /// The upper quantile of what Bayes predicts with Jeffreys' prior.
    Bayes {
        /// Chance of an alarm when nothing happens.
        alpha: f64,
    },
}

impl Rule {
    /// The rule of the Robert Koch Institute.
    pub(crate) fn rki() -> Self {
        let limits = (0..=SMALL_MEAN as u64).map(crate::stats::discrete::crow_gardner_upper);
        Self::Rki(limits.collect())
    }
}

impl Reference {
    /// Periods that must lie before a judged one.
    pub(crate) fn reach(&self) -> usize {
        self.years * self.year_length + self.half_window
    }

    fn counts(&self, series: &Series, at: usize) -> Option<Vec<f64>> {
        let mut counts = Vec::new();
        if self.current_year {
            counts.extend_from_slice(series.window(at.checked_sub(self.half_window)?, at)?);
        }
        for year in 1..=self.years {
            let then = at.checked_sub(year * self.year_length)?;
            let from = then.checked_sub(self.half_window)?;
            counts.extend_from_slice(series.window(from, then + self.half_window + 1)?);
        }
        Some(counts)
    }

    /// Judges one period by this rule.
    pub(crate) fn judge(&self, rule: &Rule, series: &Series, at: usize) -> Point {
        let observed = series.count(at);
        let Some(count) = observed else {
            return Point::abstain(None, Abstention::NoCount);
        };
        if at < self.reach() {
            return Point::abstain(observed, Abstention::Short(self.reach()));
        }
        let Some(counts) = self.counts(series, at) else {
            return Point::abstain(observed, Abstention::Gap);
        };
        let n = counts.len() as f64;
        let sum: f64 = counts.iter().sum();
        let mean = sum / n;
        match rule {
            Rule::Rki(limits) => {
                let upper = limits
                    .get(mean as usize)
                    .copied()
                    .filter(|_| mean <= SMALL_MEAN as f64);
                let upper = upper.unwrap_or_else(|| {
                    let squares: f64 = counts.iter().map(|count| (count - mean).powi(2)).sum();
                    mean + 2.0 * (squares / (n - 1.0)).sqrt()
                });
                Point::judged(count, mean, upper, count > upper)
            }
            Rule::Bayes { alpha } => {
                let (size, p) = (sum + 0.5, n / (n + 1.0));
                let Some(upper) = negative_binomial_quantile(1.0 - alpha, size, p) else {
                    return Point::abstain(observed, Abstention::NoLimit);
                };
                let chance = negative_binomial_upper(count as u64, size, p);
                Point::judged(count, size / n, upper as f64, count > upper as f64).chance(chance)
            }
        }
    }
}
