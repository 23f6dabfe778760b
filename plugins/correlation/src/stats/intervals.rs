//! 95 % intervals for one rate and for one share.

use super::{Interval, TAIL_95, Z_95, finite};
use statrs::distribution::{ContinuousCDF, Gamma, Normal};

/// The exact interval of a Poisson rate: `events` seen in `exposure` units (Garwood 1936).
/// Both limits are `None` when there is no exposure.
pub(crate) fn garwood(events: f64, exposure: f64) -> Interval {
    if exposure <= 0.0 {
        return Interval::NONE;
    }
    let low = if events > 0.0 {
        gamma_quantile(events, TAIL_95)
    } else {
        Some(0.0)
    };
    let high = gamma_quantile(events + 1.0, 1.0 - TAIL_95);
    let rate = |count: f64| finite(count / exposure);
    Interval {
        low: low.and_then(rate),
        high: high.and_then(rate),
    }
}

/// The score interval of a share: `hits` of `n` (Wilson 1927). `None` when n is 0.
pub(crate) fn wilson(hits: f64, n: f64) -> Interval {
    if n <= 0.0 {
        return Interval::NONE;
    }
    let share = hits / n;
    let square = Z_95 * Z_95;
    let centre = share + square / (2.0 * n);
    let half = Z_95
        * (share * (1.0 - share) / n + square / (4.0 * n * n))
            .max(0.0)
            .sqrt();
    let scale = 1.0 + square / n;
    Interval::of(
        ((centre - half) / scale).max(0.0),
        ((centre + half) / scale).min(1.0),
    )
}

/// From this shape on the cube of a normal quantile is as good as exact, and far quicker.
pub(crate) const LARGE_SHAPE: f64 = 1e6;

/// The quantile of a gamma distribution with this shape and rate 1, at a normal quantile, as Wilson
/// and Hilferty 1931 have it: with an error below 1e-9 of itself from [`LARGE_SHAPE`] on.
pub(crate) fn cube_quantile(shape: f64, z: f64) -> f64 {
    let ninth = 1.0 / (9.0 * shape);
    shape * (1.0 - ninth + z * ninth.sqrt()).max(0.05).powi(3)
}

/// The quantile of a gamma distribution with this shape and rate 1.
pub(crate) fn gamma_quantile(shape: f64, probability: f64) -> Option<f64> {
    if shape >= LARGE_SHAPE {
        let z = Normal::standard().inverse_cdf(probability);
        return finite(cube_quantile(shape, z));
    }
    let gamma = Gamma::new(shape, 1.0).ok()?;
    finite(gamma.inverse_cdf(probability))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: Option<f64>, want: f64, tolerance: f64) {
        let got = got.unwrap();
        assert!((got - want).abs() <= tolerance, "{got} is not {want}");
    }

    #[test]
    fn large_counts_have_the_same_limits_by_the_short_way() {
        for (shape, probability) in [(1e6 - 0.5, TAIL_95), (1e6 - 0.5, 1.0 - TAIL_95)] {
            let long = gamma_quantile(shape, probability).unwrap();
            let z = if probability < 0.5 { -Z_95 } else { Z_95 };
            let short = cube_quantile(shape, z);
            assert!((short / long - 1.0).abs() < 1e-9, "{short} is not {long}");
        }
        close(
            gamma_quantile(1e6, TAIL_95),
            cube_quantile(1e6, -Z_95),
            1e-5,
        );
    }

    #[test]
    fn garwood_gives_the_published_limits_of_small_counts() {
        // Garwood 1936 as tabled by Ulm 1990: 0 → 3.69, 1 → 0.03–5.57, 10 → 4.795–18.390.
        assert_eq!(garwood(0.0, 1.0).low, Some(0.0));
        close(garwood(0.0, 1.0).high, 3.689, 5e-4);
        close(garwood(1.0, 1.0).low, 0.0253, 5e-5);
        close(garwood(1.0, 1.0).high, 5.572, 5e-4);
        close(garwood(10.0, 1.0).low, 4.795, 5e-4);
        close(garwood(10.0, 1.0).high, 18.390, 5e-4);
        assert_eq!(garwood(3.0, 0.0), Interval::NONE);
    }

    #[test]
    fn garwood_gives_the_water_suppliers_of_snow_1855() {
        let southwark = garwood(1263.0, 40046.0);
        close(southwark.low, 0.029_823_136_96, 1e-11);
        close(southwark.high, 0.033_327_284_29, 1e-11);
        let lambeth = garwood(98.0, 26107.0);
        close(lambeth.low, 0.003_047_502_09, 1e-12);
        close(lambeth.high, 0.004_574_658_532, 1e-12);
    }

    #[test]
    fn wilson_gives_the_first_seller_of_olist() {
        let first = wilson(24.0, 42.0);
        close(first.low, 0.422_062_398_7, 1e-9);
        close(first.high, 0.708_823_488_7, 1e-9);
        assert_eq!(wilson(0.0, 0.0), Interval::NONE);
        assert_eq!(wilson(0.0, 10.0).low, Some(0.0));
    }
}
