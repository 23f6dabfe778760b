//! Observed over expected counts, shrunk towards what the other counts look like: the multi-item
//! gamma-Poisson shrinker (DuMouchel 1999) and the normal form of the BCPNN (Bate and others 1998,
//! Gould 2003).
#![allow(clippy::indexing_slicing, reason = "the prior has five numbers")]

use super::intervals::{LARGE_SHAPE, cube_quantile};
use super::minimize::Point;
use super::{Z_95, finite};
use statrs::function::gamma::{checked_gamma_lr, digamma, ln_gamma};

/// The 95 % point of the standard normal distribution.
const Z_90: f64 = 1.644_853_626_951_472_2;

/// A mixture of two gamma distributions, of the ratio of observed to expected counts before any
/// count is seen. The first component has the larger mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Prior {
    alpha: [f64; 2],
    beta: [f64; 2],
    share: f64,
}

/// The posterior of a count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shrunk {
    /// The probability that the ratio comes from the first component (equation 6).
    pub share: f64,
    /// The geometric mean of the ratio (equation 11).
    pub ebgm: f64,
    /// The 5 % point of the ratio.
    pub low: Option<f64>,
    /// The 95 % point of the ratio.
    pub high: Option<f64>,
}

impl Prior {
    /// From α1, β1, α2, β2 and the share of the first component; `None` unless the first four are
    /// above 0 and the share lies between 0 and 1.
    pub(crate) fn of(numbers: &[f64; 5]) -> Option<Self> {
        let [a1, b1, a2, b2, share] = *numbers;
        let positive = [a1, b1, a2, b2]
            .iter()
            .all(|number| number.is_finite() && *number > 0.0);
        if !(positive && share > 0.0 && share < 1.0) {
            return None;
        }
        Some(if a1 / b1 >= a2 / b2 {
            Self {
                alpha: [a1, a2],
                beta: [b1, b2],
                share,
            }
        } else {
            Self {
                alpha: [a2, a1],
                beta: [b2, b1],
                share: 1.0 - share,
            }
        })
    }

    /// α1, β1, α2, β2 and the share of the first component.
    pub(crate) fn numbers(&self) -> [f64; 5] {
        let ([a1, a2], [b1, b2]) = (self.alpha, self.beta);
        [a1, b1, a2, b2, self.share]
    }

    /// As numbers without bounds.
    pub(super) fn to_point(self) -> Point {
        let [a1, b1, a2, b2, share] = self.numbers();
        [
            a1.ln(),
            b1.ln(),
            a2.ln(),
            b2.ln(),
            (share / (1.0 - share)).ln(),
        ]
    }

    pub(super) fn from_point(point: &Point) -> Option<Self> {
        let [a1, b1, a2, b2, logit] = *point;
        Self::of(&[
            a1.exp(),
            b1.exp(),
            a2.exp(),
            b2.exp(),
            1.0 / (1.0 + (-logit).exp()),
        ])
    }

    /// The posterior of `count` where `expected` were expected.
    pub(crate) fn shrunk(&self, count: u64, expected: f64) -> Option<Shrunk> {
        let n = count as f64;
        if !expected.is_finite() || expected < 0.0 || (expected == 0.0 && count > 0) {
            return None;
        }
        let ln = |k: usize| {
            let (alpha, beta) = (self.alpha[k], self.beta[k]);
            let some = if count > 0 {
                n * (expected / (beta + expected)).ln()
            } else {
                0.0
            };
            ln_gamma(alpha + n) - ln_gamma(alpha) - alpha * (expected / beta).ln_1p() + some
        };
        let gap = (1.0 - self.share).ln() + ln(1) - self.share.ln() - ln(0);
        let share = 1.0 / (1.0 + gap.exp());
        let shape = self.alpha.map(|alpha| alpha + n);
        let rate = self.beta.map(|beta| beta + expected);
        let mean = |k: usize| digamma(shape[k]) - rate[k].ln();
        let after = Mixture { share, shape, rate };
        Some(Shrunk {
            share,
            ebgm: (share * mean(0) + (1.0 - share) * mean(1)).exp(),
            low: after.quantile(0.05),
            high: after.quantile(0.95),
        })
    }
}

/// A mixture of two gamma distributions.
struct Mixture {
    share: f64,
    shape: [f64; 2],
    rate: [f64; 2],
}

impl Mixture {
    /// Probability up to `x`, and the density there.
    fn at(&self, x: f64) -> (f64, f64) {
        let (mut below, mut density) = (0.0, 0.0);
        for (k, share) in [self.share, 1.0 - self.share].into_iter().enumerate() {
            if share < 1e-12 {
                continue;
            }
            let (shape, scaled) = (self.shape[k], self.rate[k] * x);
            below += share * checked_gamma_lr(shape, scaled).unwrap_or(f64::NAN);
            density += share
                * ((shape - 1.0) * scaled.ln() - scaled - ln_gamma(shape)).exp()
                * self.rate[k];
        }
        (below, density)
    }

    /// The point below which this probability lies, to 12 figures: Newton's steps on the logarithm,
    /// held between two bounds.
    fn quantile(&self, probability: f64) -> Option<f64> {
        let mut x = self.guess(probability);
        // Such a count leaves nothing of the prior, and the components coincide.
        if self.shape[0].min(self.shape[1]) >= LARGE_SHAPE {
            return finite(x);
        }
        let (mut low, mut high) = (0.0, f64::INFINITY);
        for _ in 0..200 {
            let (below, density) = self.at(x);
            let gap = below - probability;
            if gap.is_nan() {
                return None;
            }
            if gap > 0.0 {
                high = x;
            } else {
                low = x;
            }
            let step = (-gap / (density * x)).clamp(-3.0, 3.0);
            let mut next = x * step.exp();
            if !next.is_finite() || next <= low || next >= high {
                next = if high.is_finite() {
                    0.5 * (low + high)
                } else {
                    2.0 * x
                };
            }
            if (next - x).abs() <= 1e-12 * x {
                return finite(next);
            }
            x = next;
        }
        finite(x)
    }

    /// Near the quantile: that of the heavier component after Wilson and Hilferty 1931.
    fn guess(&self, probability: f64) -> f64 {
        let k = usize::from(self.share < 0.5);
        let z = if probability < 0.5 { -Z_90 } else { Z_90 };
        (cube_quantile(self.shape[k], z) / self.rate[k]).max(1e-300)
    }
}

/// The lower 95 % limit of the information component as the BCPNN gives it: a normal limit from the
/// mean and variance under beta priors. It shrinks little where few reports were expected.
pub(crate) fn bcpnn_low(a: u64, unit: u64, topic: u64, total: u64) -> Option<f64> {
    let [a, unit, topic, total] = [a, unit, topic, total].map(|count| count as f64);
    let (u, t, both) = (1.0 + unit, 1.0 + topic, 1.0 + a);
    let margin = 2.0 + total;
    let whole = both + total - a - 1.0 + margin * margin / (u * t);
    let mean = digamma(both)
        - digamma(whole)
        - (digamma(u) - digamma(margin) + digamma(t) - digamma(margin));
    let variance = trigamma(both) - trigamma(whole) + trigamma(u) - trigamma(margin) + trigamma(t)
        - trigamma(margin);
    finite((mean - Z_95 * variance.max(0.0).sqrt()) / std::f64::consts::LN_2)
}

/// The slope of the digamma function, for arguments above 0 (Abramowitz and Stegun 1964, 6.4.12,
/// after 6.4.6 has made the argument large).
pub(crate) fn trigamma(x: f64) -> f64 {
    let (mut sum, mut x) = (0.0, x);
    while x < 12.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let series = 1.0 / 6.0
        - square
            * (1.0 / 30.0 - square * (1.0 / 42.0 - square * (1.0 / 30.0 - square * 5.0 / 66.0)));
    sum + 1.0 / x + 0.5 * square + series * square / x
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, want: f64, relative: f64) {
        assert!(
            (got - want).abs() <= relative * want.abs(),
            "{got} is not {want}"
        );
    }

    #[test]
    fn the_posterior_is_that_of_openebgm() {
        // R openEBGM 0.9.1 with the prior 0.2, 0.1, 2, 4, 1/3: count, expected, share, EBGM, limits.
        let prior = Prior::of(&[0.2, 0.1, 2.0, 4.0, 1.0 / 3.0]).unwrap();
        for (n, e, share, ebgm, low, high) in [
            (
                1,
                1.5,
                0.157_281_193_761,
                0.459_158_948_5,
                0.130_368,
                1.291_921,
            ),
            (
                2,
                0.1,
                0.884_890_754_305,
                6.606_077_569_8,
                0.769_910,
                24.560_428,
            ),
            (
                4,
                2.2,
                0.322_965_786_812,
                1.077_166_718_8,
                0.453_632,
                2.708_925,
            ),
            (
                10,
                3.7,
                0.764_817_461_399,
                2.251_236_194_4,
                1.140_223,
                4.050_179,
            ),
            (
                50,
                10.1,
                0.999_797_356_971,
                4.872_346_634_0,
                3.836_725,
                6.117_014,
            ),
            (
                3,
                0.005,
                0.998_352_579_762,
                25.725_191_007_8,
                8.669_764,
                62.771_452,
            ),
            (
                7,
                7.0,
                0.163_871_934_162,
                0.798_957_055_0,
                0.433_066,
                1.399_988,
            ),
        ] {
            let found = prior.shrunk(n, e).unwrap();
            close(found.share, share, 1e-9);
            close(found.ebgm, ebgm, 1e-9);
            // Their limits are bisected to six places.
            assert!((found.low.unwrap() - low).abs() < 2e-6, "{found:?}");
            assert!((found.high.unwrap() - high).abs() < 2e-6, "{found:?}");
        }
    }

    #[test]
    fn extreme_counts_still_have_limits() {
        let prior = Prior::of(&[3.25, 0.4, 2.03, 1.91, 0.065]).unwrap();
        for (n, e) in [
            (0, 1e-9),
            (0, 0.0),
            (0, 1e6),
            (1, 1e-9),
            (1_000_000, 0.01),
            (1_000_000, 1e6),
        ] {
            let found = prior.shrunk(n, e).unwrap();
            let (low, high) = (found.low.unwrap(), found.high.unwrap());
            assert!(
                low > 0.0 && low < found.ebgm && found.ebgm < high,
                "{n} {e}: {found:?}"
            );
        }
        assert_eq!(prior.shrunk(1, 0.0), None);
        assert_eq!(Prior::of(&[0.0, 1.0, 1.0, 1.0, 0.5]), None);
        assert_eq!(Prior::of(&[1.0, 1.0, 1.0, 1.0, 1.0]), None);
        // The component with the larger mean comes first.
        assert_eq!(
            Prior::of(&[2.0, 4.0, 0.2, 0.1, 0.7]).unwrap().numbers()[0],
            0.2
        );
    }

    #[test]
    fn trigamma_has_its_known_values() {
        let pi = std::f64::consts::PI;
        close(trigamma(1.0), pi * pi / 6.0, 1e-14);
        close(trigamma(0.5), pi * pi / 2.0, 1e-14);
        close(trigamma(1e6), 1e-6 + 0.5e-12, 1e-12);
    }

    #[test]
    fn the_bcpnn_limit_is_that_of_phvid() {
        // R PhViD 1.0.8: the first two of its own data set of 1,196,487 reports.
        close(
            bcpnn_low(267, 3781, 378, 1_196_487).unwrap(),
            6.698_849_918_336_85,
            1e-9,
        );
        close(
            bcpnn_low(2507, 4247, 11_113, 1_196_487).unwrap(),
            5.877_916_927_398_04,
            1e-9,
        );
    }
}
