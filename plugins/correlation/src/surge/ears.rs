//! EARS C1, C2 and C3: limits from the periods just before (Hutwagner, Thompson, Seeman and
//! Treadwell 2003; Fricker, Hegler and Dunfee 2008).

use super::point::{Abstention, Point};
use crate::series::Series;
use crate::stats::discrete::{negative_binomial_upper, normal_quantile, poisson_upper};

/// Which of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    /// The baseline ends just before the period.
    C1,
    /// Two periods lie between, so that a surge that begins slowly does not raise its own limit.
    C2,
    /// What C2 found in the two periods before, added up.
    C3,
}

/// The arguments of EARS.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ears {
    /// Which of the three.
    pub variant: Variant,
    /// Periods of the baseline.
    pub baseline: usize,
    /// The standard deviation counts as at least this.
    pub minimum_sigma: f64,
    /// Chance of an alarm when nothing happens, if counts were normal.
    pub alpha: f64,
}

struct Window {
    mean: f64,
    sigma: f64,
    /// The variance of the counts as they are.
    variance: f64,
    periods: f64,
}

impl Window {
    /// The chance of at least so many: counts of this mean are Poisson counts, and negative binomial where those
    /// of the baseline spread more. After silence the mean is half a count in the whole baseline.
    fn chance(&self, count: f64) -> Option<f64> {
        if count < 0.0 {
            return None;
        }
        let mean = self.mean.max(0.5 / self.periods);
        let least = count.ceil() as u64;
        if self.variance > mean {
            let size = mean * mean / (self.variance - mean);
            return negative_binomial_upper(least, size, mean / self.variance);
        }
        poisson_upper(least, mean)
    }
}

impl Ears {
    /// Periods that must lie before a judged one.
    pub(crate) fn reach(&self) -> usize {
        let gap = match self.variant {
            Variant::C1 => 0,
            Variant::C2 => 2,
            Variant::C3 => 4,
        };
        self.baseline + gap
    }

    pub(crate) fn judge(&self, series: &Series, at: usize) -> Point {
        let observed = series.count(at);
        let Some(count) = observed else {
            return Point::abstain(None, Abstention::NoCount);
        };
        if at < self.reach() {
            return Point::abstain(observed, Abstention::Short(self.reach()));
        }
        let judged = match self.variant {
            Variant::C1 => self.limit(series, at, 0, count),
            Variant::C2 => self.limit(series, at, 2, count),
            Variant::C3 => self.sum_of_two(series, at, count),
        };
        judged.unwrap_or_else(|why| Point::abstain(observed, why))
    }

    fn window(&self, series: &Series, at: usize, gap: usize) -> Result<Window, Abstention> {
        let end = at.checked_sub(gap).ok_or(Abstention::Short(self.reach()))?;
        let from = end
            .checked_sub(self.baseline)
            .ok_or(Abstention::Short(self.reach()))?;
        let counts = series.window(from, end).ok_or(Abstention::Gap)?;
        let n = counts.len() as f64;
        let mean = counts.iter().sum::<f64>() / n;
        let squares: f64 = counts.iter().map(|count| (count - mean).powi(2)).sum();
        let variance = squares / (n - 1.0);
        let sigma = variance.sqrt().max(self.minimum_sigma);
        Ok(Window {
            mean,
            sigma,
            variance,
            periods: n,
        })
    }

    fn limit(
        &self,
        series: &Series,
        at: usize,
        gap: usize,
        count: f64,
    ) -> Result<Point, Abstention> {
        let window = self.window(series, at, gap)?;
        let Window { mean, sigma, .. } = window;
        let upper = mean + normal_quantile(1.0 - self.alpha) * sigma;
        let chance = window.chance(count);
        Ok(Point::judged(count, mean, upper, count > upper).chance(chance))
    }

    /// The limit of C3 falls by what the two periods before were above theirs, each less 1.
    fn sum_of_two(&self, series: &Series, at: usize, count: f64) -> Result<Point, Abstention> {
        let mut excess = 0.0;
        for lag in [1, 2] {
            let before = at.checked_sub(lag).ok_or(Abstention::Short(self.reach()))?;
            let Window { mean, sigma, .. } = self.window(series, before, 2)?;
            let then = series.count(before).ok_or(Abstention::Gap)?;
            // 0 / 0: neither above nor below.
            if sigma <= 0.0 && then == mean {
                return Err(Abstention::Flat);
            }
            excess += ((then - mean) / sigma - 1.0).max(0.0);
        }
        let Window { mean, sigma, .. } = self.window(series, at, 2)?;
        if sigma <= 0.0 && !excess.is_finite() {
            return Err(Abstention::Flat);
        }
        let z = normal_quantile(1.0 - self.alpha);
        let upper = (count + sigma * (z - excess)).max(0.0);
        Ok(Point::judged(count, mean, upper, count > upper))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chance(counts: [f64; 7], count: f64) -> f64 {
        let n = counts.len() as f64;
        let mean = counts.iter().sum::<f64>() / n;
        let squares: f64 = counts.iter().map(|one| (one - mean).powi(2)).sum();
        let window = Window {
            mean,
            sigma: 1.0,
            variance: squares / (n - 1.0),
            periods: n,
        };
        window.chance(count).unwrap()
    }

    #[test]
    fn p_is_the_tail_of_the_counts() {
        // 9 against 9 / 7: 1 - Σ e^-m m^k / k! up to 8.
        let m: f64 = 9.0 / 7.0;
        let mut term = (-m).exp();
        let mut below = term;
        for k in 1..9 {
            term *= m / f64::from(k);
            below += term;
        }
        let poisson = chance([1.0, 1.0, 1.0, 2.0, 1.0, 2.0, 1.0], 9.0);
        assert!((poisson - (1.0 - below)).abs() < 1e-12, "{poisson}");
        assert!((poisson - 8.1e-6).abs() < 1e-6, "{poisson}");
        // The same mean where counts spread more: a negative binomial with variance 4.9, by hand
        // from its moments.
        let spread = chance([0.0, 0.0, 0.0, 6.0, 0.0, 2.0, 1.0], 9.0);
        assert!(spread > 100.0 * poisson && spread < 0.05, "{spread}");
        // After silence one complaint is no alarm, five are.
        assert!(chance([0.0; 7], 1.0) > 0.05);
        assert!(chance([0.0; 7], 5.0) < 1e-6);
        assert_eq!(chance([0.0; 7], 0.0), 1.0);
    }
}
