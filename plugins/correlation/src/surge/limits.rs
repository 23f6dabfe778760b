//! From a fitted mean to the largest count that is still to be expected: on a transformed scale
//! (Farrington, Andrews, Beale and Catchpole 1996) or by a negative binomial distribution
//! (Noufaily, Enki, Farrington, Garthwaite, Andrews and Charlett 2013; Salmon, Schumacher and Höhle
//! 2016).

use crate::stats::discrete::{
    negative_binomial_quantile, negative_binomial_upper, normal_quantile, poisson_quantile,
    poisson_upper,
};
use tsugi_statistics::tails::normal_upper;

/// The power that makes counts about normal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Power {
    /// Counts as they are.
    One,
    /// Their roots, which steadies the variance.
    Half,
    /// Their power of two thirds, which removes the skewness.
    TwoThirds,
}

impl Power {
    fn exponent(self) -> f64 {
        match self {
            Self::One => 1.0,
            Self::Half => 0.5,
            Self::TwoThirds => 2.0 / 3.0,
        }
    }
}

/// How the limit is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Threshold {
    /// A normal quantile on the transformed scale; the error of the mean counts too.
    Delta(Power),
    /// A quantile of the negative binomial distribution at the fitted mean.
    NbPlugin,
    /// The same at the upper quantile of the fitted mean.
    Muan,
}

/// A fitted mean with its error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Mean {
    /// The logarithm of the mean.
    pub log: f64,
    /// The standard error of that logarithm.
    pub log_error: f64,
    /// How many times the variance of a Poisson count the counts vary; at least 1.
    pub dispersion: f64,
}

/// The limits, and the chance of a count as large as the one seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limits {
    /// The smallest count still to be expected.
    pub lower: f64,
    pub upper: f64,
    /// P(count ≥ seen).
    pub chance: Option<f64>,
}

/// The limits around a mean: each side is passed by chance with probability `alpha`. None when
/// the mean is too uncertain for a limit.
pub(crate) fn limits(threshold: Threshold, mean: Mean, alpha: f64, seen: f64) -> Option<Limits> {
    match threshold {
        Threshold::Delta(power) => transformed(power, mean, alpha, seen),
        Threshold::NbPlugin => counted(mean.log.exp(), mean.dispersion, alpha, seen),
        Threshold::Muan => {
            let high = normal_quantile(1.0 - alpha) * mean.log_error + mean.log;
            counted(high.exp(), mean.dispersion, alpha, seen)
        }
    }
}

fn transformed(power: Power, mean: Mean, alpha: f64, seen: f64) -> Option<Limits> {
    let exponent = power.exponent();
    let centre = mean.log.exp();
    let error = centre * mean.log_error;
    let spread = mean.dispersion + error * error / centre;
    let sigma = match power {
        Power::One => (centre * spread).sqrt(),
        Power::Half => (spread / 4.0).sqrt(),
        Power::TwoThirds => (4.0 / 9.0 * centre.cbrt() * spread).sqrt(),
    };
    let z = normal_quantile(1.0 - alpha);
    let back = |value: f64| value.max(0.0).powf(1.0 / exponent);
    let middle = centre.powf(exponent);
    let upper = back(middle + z * sigma);
    let chance = normal_upper((seen.powf(exponent) - middle) / sigma);
    upper.is_finite().then(|| Limits {
        lower: back(middle - z * sigma),
        upper,
        chance: crate::stats::finite(chance),
    })
}

fn counted(mean: f64, dispersion: f64, alpha: f64, seen: f64) -> Option<Limits> {
    if !mean.is_finite() {
        return None;
    }
    let (lower, upper, chance) = if dispersion > 1.0 {
        let (size, p) = (mean / (dispersion - 1.0), 1.0 / dispersion);
        (
            negative_binomial_quantile(alpha, size, p)?,
            negative_binomial_quantile(1.0 - alpha, size, p)?,
            negative_binomial_upper(seen as u64, size, p),
        )
    } else {
        (
            poisson_quantile(alpha, mean)?,
            poisson_quantile(1.0 - alpha, mean)?,
            poisson_upper(seen as u64, mean),
        )
    };
    Some(Limits {
        lower: lower as f64,
        upper: upper as f64,
        chance,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transformed_limits_are_those_of_surveillance() {
        let mean = Mean {
            log: 5.0_f64.ln(),
            log_error: 0.2 / 5.0,
            dispersion: 1.0,
        };
        for (power, lower, upper) in [
            (Power::One, 1.307_312_8, 8.692_687_2),
            (Power::Half, 1.989_109_7, 9.374_484_2),
            (Power::TwoThirds, 1.808_447_7, 9.115_482_5),
        ] {
            let found = limits(Threshold::Delta(power), mean, 0.05, 8.0).unwrap();
            assert!((found.lower - lower).abs() < 1e-7, "{power:?}: {found:?}");
            assert!((found.upper - upper).abs() < 1e-7, "{power:?}: {found:?}");
        }
        let found = limits(Threshold::Delta(Power::One), mean, 0.05, 8.0).unwrap();
        assert!((found.chance.unwrap() - 0.090_724_6).abs() < 1e-7);
        let score = (8.0 - 5.0) / (found.upper - 5.0);
        assert!((score - 0.812_416_5).abs() < 1e-7);
    }

    #[test]
    fn counted_limits_are_those_of_surveillance() {
        for (threshold, dispersion, lower, upper) in [
            (Threshold::Muan, 1.5, 8.0, 24.0),
            (Threshold::NbPlugin, 1.5, 1.0, 10.0),
            (Threshold::Muan, 1.0, 9.0, 22.0),
            (Threshold::NbPlugin, 1.0, 2.0, 9.0),
        ] {
            let mean = Mean {
                log: 5.0_f64.ln(),
                log_error: 2.0_f64.ln(),
                dispersion,
            };
            let found = limits(threshold, mean, 0.05, 11.0).unwrap();
            assert_eq!(
                (found.lower, found.upper),
                (lower, upper),
                "{threshold:?} {dispersion}"
            );
        }
        let endless = Mean {
            log: 5.0,
            log_error: 1e6,
            dispersion: 2.0,
        };
        assert_eq!(limits(Threshold::Muan, endless, 0.05, 11.0), None);
    }
}
