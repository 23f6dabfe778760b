//! One rate against another: the ratio, its interval, the exact test and the log likelihood ratio.

use super::{Interval, TAIL_95, Z_95, finite};
use tsugi_statistics::tails::{binomial_upper, normal_upper};

/// The result of comparing two rates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Comparison {
    /// The rate here over the rate elsewhere; `None` when it would be infinite or unknown.
    pub ratio: Option<f64>,
    /// The 95 % interval of the ratio.
    pub interval: Interval,
    /// One-sided probability of at least this many events here, were both rates equal.
    pub p: f64,
    /// The Poisson log likelihood ratio of an excess here; 0 without an excess.
    pub llr: f64,
}

/// Compares `x` events in `exposure` with `rest_x` in `rest_exposure`; `None` when one side has no
/// exposure, for then there is nothing to compare.
///
/// `dispersion` is 1 for Poisson counts; above 1 the standard error grows with its square root and
/// p is at least the quasi-likelihood one (Wedderburn 1974).
pub(crate) fn compare(
    x: u64,
    exposure: f64,
    rest_x: u64,
    rest_exposure: f64,
    dispersion: f64,
) -> Option<Comparison> {
    if exposure <= 0.0 || rest_exposure <= 0.0 {
        return None;
    }
    let total = exposure + rest_exposure;
    let llr = excess_llr(x, x + rest_x, exposure / total);
    let exact = binomial_upper(x, x + rest_x, exposure / total, rest_exposure / total);
    let p = if dispersion > 1.0 && llr > 0.0 {
        exact.max(normal_upper((2.0 * llr / dispersion).sqrt()))
    } else {
        exact
    };
    Some(Comparison {
        ratio: rate_ratio(x, exposure, rest_x, rest_exposure),
        interval: ratio_interval(x, exposure, rest_x, rest_exposure, dispersion),
        p,
        llr,
    })
}

/// The ratio of two rates; `None` when the other side has no events, where it has no finite value.
pub(crate) fn rate_ratio(x: u64, exposure: f64, rest_x: u64, rest_exposure: f64) -> Option<f64> {
    if rest_x == 0 || exposure <= 0.0 {
        return None;
    }
    finite((x as f64 / exposure) / (rest_x as f64 / rest_exposure))
}

/// The 95 % interval of a rate ratio: on the log scale with standard error √(1/x + 1/rest)
/// (Rothman and Greenland 1998); when one count is 0, the side that exists comes from the exact
/// limits of the conditional share (Clopper and Pearson 1934).
/// `NONE` without exposure on both sides.
pub(crate) fn ratio_interval(
    x: u64,
    e: f64,
    rest_x: u64,
    rest_e: f64,
    dispersion: f64,
) -> Interval {
    if e <= 0.0 || rest_e <= 0.0 {
        return Interval::NONE;
    }
    let per_odds = rest_e / e;
    // With one side empty the exact limit of the share solves share^n = 2.5 %.
    let limit = |n: u64| (TAIL_95.ln() * dispersion.max(1.0) / n as f64).exp();
    match (x, rest_x) {
        (0, 0) => Interval::NONE,
        (0, rest) => {
            let share = limit(rest);
            Interval {
                low: Some(0.0),
                high: finite((1.0 - share) / share * per_odds),
            }
        }
        (here, 0) => {
            let share = limit(here);
            Interval {
                low: finite(share / (1.0 - share) * per_odds),
                high: None,
            }
        }
        (here, rest) => {
            let (here, rest) = (here as f64, rest as f64);
            let middle = (here / rest * per_odds).ln();
            let half = Z_95 * ((1.0 / here + 1.0 / rest) * dispersion.max(1.0)).sqrt();
            Interval::of((middle - half).exp(), (middle + half).exp())
        }
    }
}

/// The Poisson log likelihood ratio that `x` of `total` events are an excess, when `share` of the
/// exposure is here (Kulldorff 1997, formula for one zone). 0 without an excess.
pub(crate) fn excess_llr(x: u64, total: u64, share: f64) -> f64 {
    let (xf, all) = (x as f64, total as f64);
    let expected = all * share;
    if xf <= expected || expected <= 0.0 {
        return 0.0;
    }
    let outside = all - xf;
    let rest = if outside > 0.0 {
        outside * (outside / (all - expected)).ln()
    } else {
        0.0
    };
    (xf * (xf / expected).ln() + rest).max(0.0)
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
    fn southwark_against_lambeth_is_the_ratio_of_snow_1855() {
        let found = compare(1263, 40046.0, 98, 26107.0, 1.0).unwrap();
        close(found.ratio.unwrap(), 8.401_853_429_8, 1e-10);
        close(found.interval.low.unwrap(), 6.840_962_080_2, 1e-8);
        close(found.interval.high.unwrap(), 10.318_890_856, 1e-8);
    }

    #[test]
    fn a_recent_window_of_da_vinci_part_420179_is_3_45_times_its_baseline() {
        // MAUDE 2013: 43 of 446 complaints in 35 days against 56 of 2,003 before.
        let found = compare(43, 446.0, 56, 2003.0, 1.0).unwrap();
        close(found.ratio.unwrap(), 3.448, 2e-4);
        close(found.p, 6.093e-9, 1e-3);
    }

    #[test]
    fn new_york_leukaemia_gives_the_log_likelihood_of_satscan() {
        // 552 cases; 100 where 58.28 were expected: 14.083511 (SaTScan), expected rounded here.
        close(excess_llr(100, 552, 58.28 / 552.0), 14.083_511, 1e-3);
        assert_eq!(excess_llr(50, 552, 58.28 / 552.0), 0.0);
    }

    #[test]
    fn empty_cells_give_one_sided_limits_and_no_ratio() {
        let none_elsewhere = compare(6, 100.0, 0, 900.0, 1.0).unwrap();
        assert_eq!(none_elsewhere.ratio, None);
        assert_eq!(none_elsewhere.interval.high, None);
        // share = 0.025^(1/6) = 0.5407419; odds × 9.
        close(
            none_elsewhere.interval.low.unwrap(),
            0.540_741_9 / 0.459_258_1 * 9.0,
            1e-5,
        );
        close(none_elsewhere.p, 1e-6, 1e-12);
        let none_here = compare(0, 100.0, 6, 900.0, 1.0).unwrap();
        assert_eq!(
            (none_here.ratio, none_here.interval.low, none_here.p),
            (Some(0.0), Some(0.0), 1.0)
        );
        assert!(none_here.interval.high.is_some());
        assert_eq!(compare(1, 0.0, 6, 900.0, 1.0), None);
        assert_eq!(
            compare(0, 10.0, 0, 90.0, 1.0).unwrap().interval,
            Interval::NONE
        );
    }

    #[test]
    fn dispersion_widens_and_never_narrows() {
        let plain = compare(40, 900.0, 60, 20_000.0, 1.0).unwrap();
        let wide = compare(40, 900.0, 60, 20_000.0, 4.0).unwrap();
        assert!(wide.p > plain.p && wide.interval.low < plain.interval.low);
        assert_eq!(wide.llr, plain.llr);
    }
}
