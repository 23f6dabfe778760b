//! Where is the excess? Scans over places and over production dates, whose p-values count how
//! often chance alone gives as much (Kulldorff 1997; Dwass 1957).

pub(crate) mod lots;
pub(crate) mod nearest;
pub(crate) mod place;
pub(crate) mod regions;

use crate::arguments::within;
use crate::input::InputError;

/// Steps that the simulations of one call may take: under 30 nanoseconds each in the sandbox.
const WORK_MAX: f64 = 1e9;

/// How chance is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chance {
    /// How often; the smallest possible p is 1 / (simulations + 1).
    pub simulations: usize,
    /// The same seed gives the same p.
    pub seed: u64,
}

impl Chance {
    /// Reads the options `simulations` (999) and `seed` (1).
    ///
    /// # Errors
    /// [`InputError::BadOption`] beyond 99 to 99,999 simulations.
    pub(crate) fn read(simulations: Option<i64>, seed: Option<i64>) -> Result<Self, InputError> {
        Ok(Self {
            simulations: within("simulations", simulations.unwrap_or(999), 99, 99_999)?,
            seed: seed.unwrap_or(1) as u64,
        })
    }

    /// Refuses what would take too long; `steps` are those of one simulation.
    fn affordable(&self, steps: f64) -> Result<(), InputError> {
        if steps * self.simulations as f64 <= WORK_MAX {
            return Ok(());
        }
        Err(InputError::TooMuch {
            what: "steps of simulation",
            limit: WORK_MAX as usize,
            hint: "Ask for fewer simulations, smaller windows or circles, or larger regions",
        })
    }

    /// The part of the simulations that give at least this much, the observed one included. What
    /// differs only by rounding counts as much.
    fn p_value(&self, simulated: &[f64], observed: f64) -> f64 {
        let least = observed * (1.0 - 1e-12);
        let as_much = simulated.iter().filter(|most| **most >= least).count();
        (as_much + 1) as f64 / (simulated.len() + 1) as f64
    }
}

/// Deals events out to places by their shares.
pub(crate) struct Dealer {
    upto: Vec<f64>,
    dice: fastrand::Rng,
}

impl Dealer {
    pub(crate) fn new(shares: &[f64], seed: u64) -> Self {
        let mut sum = 0.0;
        let upto = shares
            .iter()
            .map(|share| {
                sum += share;
                sum
            })
            .collect();
        let dice = fastrand::Rng::with_seed(seed);
        Self { upto, dice }
    }

    /// Puts so many events into `counts`, which has a slot for each share.
    pub(crate) fn deal(&mut self, events: u64, counts: &mut [u32]) {
        counts.fill(0);
        let all = self.upto.last().copied().unwrap_or(0.0);
        for _ in 0..events {
            let point = self.dice.f64() * all;
            let place = self.upto.partition_point(|upto| *upto <= point);
            if let Some(count) = counts.get_mut(place.min(self.upto.len().saturating_sub(1))) {
                *count += 1;
            }
        }
    }
}

/// The largest log likelihood ratio of an excess, among zones offered one by one. The bound
/// ln x ≤ x - 1 spares the logarithms of zones that cannot win.
pub(crate) struct Most {
    total: f64,
    pub best: f64,
}

impl Most {
    pub(crate) fn new(total: f64) -> Self {
        Self { total, best: 0.0 }
    }

    pub(crate) fn offer(&mut self, cases: f64, expected: f64) -> bool {
        if cases <= expected || expected <= 0.0 {
            return false;
        }
        let (outside, other) = (self.total - cases, self.total - expected);
        let excess = cases - expected;
        if excess * excess * self.total <= self.best * expected * other {
            return false;
        }
        let rest = if outside > 0.0 {
            outside * (outside / other).ln()
        } else {
            0.0
        };
        let llr = cases * (cases / expected).ln() + rest;
        if llr > self.best {
            self.best = llr;
            return true;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_dealt_by_share_and_the_same_each_time() {
        let deal = |seed| {
            let mut counts = [0; 3];
            Dealer::new(&[0.5, 0.0, 1.5], seed).deal(40_000, &mut counts);
            counts
        };
        let [first, none, last] = deal(7);
        assert_eq!((none, first + last), (0, 40_000));
        // Five standard deviations of a share of one quarter.
        assert!((f64::from(first) - 10_000.0).abs() < 5.0 * 86.7, "{first}");
        assert_eq!(deal(7), deal(7));
        assert_ne!(deal(7), deal(8));
    }

    #[test]
    fn the_most_is_found_with_its_bound() {
        let mut most = Most::new(552.0);
        assert!(most.offer(38.0, 17.7879));
        assert!(most.offer(100.0, 58.2827));
        assert!(!most.offer(64.0, 40.8544) && !most.offer(10.0, 12.0) && !most.offer(3.0, 0.0));
        assert!((most.best - 14.083_5).abs() < 1e-3, "{}", most.best);
    }
}
