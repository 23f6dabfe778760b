//! A rate ratio over strata (regions, months), so that a mix of easy and hard strata does not
//! pose as a difference (Mantel and Haenszel 1959; for rates Rothman and Boice 1979).

use super::{Interval, Z_95, finite};
use tsugi_statistics::tails::normal_upper;

/// Sums over strata. They add up, so parts may be merged in any order.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Strata {
    /// Σ x · rest exposure / total exposure.
    pub here: f64,
    /// Σ rest x · exposure / total exposure.
    pub rest: f64,
    /// Σ (x + rest x) · exposure · rest exposure / total exposure².
    pub variance: f64,
    /// Σ x − (x + rest x) · exposure / total exposure.
    pub excess: f64,
    /// Strata in which both sides have exposure.
    pub strata: u64,
}

/// What the strata say together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct StratifiedRatio {
    /// The common rate ratio; `None` when the other side has no events.
    pub ratio: Option<f64>,
    /// 95 % interval with the variance of Greenland and Robins 1985.
    pub interval: Interval,
    /// One-sided p of the Mantel–Haenszel test of an excess; `None` without events.
    pub p: Option<f64>,
}

impl Strata {
    /// Adds one stratum. One without exposure on both sides tells nothing of the ratio and is
    /// omitted.
    pub(crate) fn add(&mut self, x: f64, exposure: f64, rest_x: f64, rest_exposure: f64) {
        if exposure <= 0.0 || rest_exposure <= 0.0 {
            return;
        }
        let total = exposure + rest_exposure;
        let (share, rest_share) = (exposure / total, rest_exposure / total);
        self.here += x * rest_share;
        self.rest += rest_x * share;
        self.variance += (x + rest_x) * share * rest_share;
        self.excess += x - (x + rest_x) * share;
        self.strata += 1;
    }

    /// Adds the sums of other strata.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.here += other.here;
        self.rest += other.rest;
        self.variance += other.variance;
        self.excess += other.excess;
        self.strata += other.strata;
    }

    /// The common ratio over all strata added.
    pub(crate) fn answer(&self) -> StratifiedRatio {
        let ratio = if self.rest > 0.0 {
            finite(self.here / self.rest)
        } else {
            None
        };
        let interval = match ratio {
            Some(ratio) if ratio > 0.0 => {
                let half = Z_95 * (self.variance / (self.here * self.rest)).sqrt();
                Interval::of(ratio * (-half).exp(), ratio * half.exp())
            }
            _ => Interval::NONE,
        };
        let p = (self.variance > 0.0).then(|| normal_upper(self.excess / self.variance.sqrt()));
        StratifiedRatio { ratio, interval, p }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_stratum_is_the_plain_ratio() {
        let mut strata = Strata::default();
        strata.add(1263.0, 40046.0, 98.0, 26107.0);
        let answer = strata.answer();
        assert!((answer.ratio.unwrap() - 8.401_853_429_8).abs() < 1e-9);
        assert!(answer.interval.low.unwrap() > 6.8 && answer.interval.high.unwrap() < 10.4);
        assert!(answer.p.unwrap() < 1e-100);
    }

    #[test]
    fn strata_remove_what_only_the_mix_shows() {
        // Equal rates inside each stratum, unequal mixes: pooled 3.25, stratified 1.
        let mut strata = Strata::default();
        strata.add(90.0, 900.0, 10.0, 100.0);
        strata.add(1.0, 100.0, 9.0, 900.0);
        let answer = strata.answer();
        assert!((answer.ratio.unwrap() - 1.0).abs() < 1e-12);
        assert!((answer.p.unwrap() - 0.5).abs() < 1e-9);
    }

    #[test]
    fn empty_strata_give_nulls() {
        let mut strata = Strata::default();
        strata.add(1.0, 0.0, 2.0, 10.0);
        assert_eq!(strata.strata, 0);
        let answer = strata.answer();
        assert_eq!(
            (answer.ratio, answer.p, answer.interval),
            (None, None, Interval::NONE)
        );
    }
}
