//! Exact upper tails of the binomial and the hypergeometric distribution.
//!
//! Single probabilities come from Loader's saddle-point expansion, which keeps full precision
//! where differences of log-gamma values lose it. A tail is summed term by term, away from the
//! centre, until further terms no longer change the sum.

use statrs::function::erf::erfc;
use statrs::function::gamma::ln_gamma;

const HALF_LN_TWO_PI: f64 = 0.918_938_533_204_672_8;

/// A term this much smaller than the sum no longer changes it.
const NEGLIGIBLE: f64 = 1e-18;

/// P(X ≥ x) for X ~ Binomial(n, share): the conditional test of one Poisson rate against
/// another, of n events in total (Przyborowski and Wilenski 1940).
///
/// `share` is the unit's part of the exposure, `1 - share` is passed as `rest_share` so that
/// tiny parts keep their precision.
pub fn binomial_upper(x: u64, n: u64, share: f64, rest_share: f64) -> f64 {
    if x == 0 || rest_share <= 0.0 {
        return 1.0;
    }
    if x > n || share <= 0.0 {
        return 0.0;
    }
    let odds = share / rest_share;
    if x as f64 > n as f64 * share {
        let first = binomial_ln(x, n, share, rest_share).exp();
        sum_up(first, x, n, |k| (n - k) as f64 / (k + 1) as f64 * odds)
    } else {
        let first = binomial_ln(x - 1, n, share, rest_share).exp();
        let below = sum_down(first, x - 1, 0, |k| k as f64 / (n - k + 1) as f64 / odds);
        (1.0 - below).clamp(0.0, 1.0)
    }
}

/// P(X ≥ a) for X hypergeometric: `sampled` reports out of `total`, of which `marked` carry the
/// topic. The one-sided exact test of a 2×2 table (Fisher 1935).
pub fn hypergeometric_upper(a: u64, sampled: u64, marked: u64, total: u64) -> f64 {
    let most = sampled.min(marked);
    let least = (sampled + marked).saturating_sub(total);
    if a <= least {
        return 1.0;
    }
    if a > most || total == 0 {
        return 0.0;
    }
    // How many of the others stay unmarked: total - marked - sampled + k, never negative here.
    let unmarked = |k: u64| (total + k) - marked - sampled;
    if a as f64 > sampled as f64 * marked as f64 / total as f64 {
        let first = hypergeometric_ln(a, sampled, marked, total).exp();
        sum_up(first, a, most, |k| {
            (marked - k) as f64 / (k + 1) as f64 * (sampled - k) as f64 / (unmarked(k) + 1) as f64
        })
    } else {
        let first = hypergeometric_ln(a - 1, sampled, marked, total).exp();
        let below = sum_down(first, a - 1, least, |k| {
            k as f64 / (marked - k + 1) as f64 * unmarked(k) as f64 / (sampled - k + 1) as f64
        });
        (1.0 - below).clamp(0.0, 1.0)
    }
}

/// P(Z ≥ z) for a standard normal Z.
pub fn normal_upper(z: f64) -> f64 {
    0.5 * erfc(z / std::f64::consts::SQRT_2)
}

/// Sums terms from k = `from` to `to`; `ratio(k)` leads from term k to term k + 1.
fn sum_up(first: f64, from: u64, to: u64, ratio: impl Fn(u64) -> f64) -> f64 {
    let (mut term, mut sum) = (first, first);
    for k in from..to {
        term *= ratio(k);
        sum += term;
        if term <= sum * NEGLIGIBLE {
            break;
        }
    }
    sum.clamp(0.0, 1.0)
}

/// Sums terms from k = `from` down to `to`; `ratio(k)` leads from term k to term k - 1.
fn sum_down(first: f64, from: u64, to: u64, ratio: impl Fn(u64) -> f64) -> f64 {
    let (mut term, mut sum) = (first, first);
    for k in (to + 1..=from).rev() {
        term *= ratio(k);
        sum += term;
        if term <= sum * NEGLIGIBLE {
            break;
        }
    }
    sum.clamp(0.0, 1.0)
}

/// ln P(X = x), X ~ Binomial(n, p), q = 1 - p (Loader 2000, "Fast and accurate computation of
/// binomial probabilities").
fn binomial_ln(x: u64, n: u64, p: f64, q: f64) -> f64 {
    let (xf, nf) = (x as f64, n as f64);
    if n == 0 {
        return 0.0;
    }
    if x == 0 {
        return if p < 0.1 {
            nf * (-p).ln_1p()
        } else {
            nf * q.ln()
        };
    }
    if x == n {
        return if q < 0.1 {
            nf * (-q).ln_1p()
        } else {
            nf * p.ln()
        };
    }
    let rest = (n - x) as f64;
    let shape = stirling_error(n) - stirling_error(x) - stirling_error(n - x);
    let distance = deviance(xf, nf * p) + deviance(rest, nf * q);
    shape - distance - HALF_LN_TWO_PI - 0.5 * (xf.ln() + (-xf / nf).ln_1p())
}

/// ln P(X = a), X hypergeometric, as a quotient of three binomial probabilities (Loader 2000).
fn hypergeometric_ln(a: u64, sampled: u64, marked: u64, total: u64) -> f64 {
    let p = sampled as f64 / total as f64;
    let q = (total - sampled) as f64 / total as f64;
    if sampled == total {
        return 0.0;
    }
    binomial_ln(a, marked, p, q) + binomial_ln(sampled - a, total - marked, p, q)
        - binomial_ln(sampled, total, p, q)
}

/// ln n! minus Stirling's approximation of it.
fn stirling_error(n: u64) -> f64 {
    let nf = n as f64;
    if n == 0 {
        return 0.0;
    }
    if n <= 15 {
        return ln_gamma(nf + 1.0) - (nf + 0.5) * nf.ln() + nf - HALF_LN_TWO_PI;
    }
    let square = nf * nf;
    let inner = 1.0 / 1260.0 - (1.0 / 1680.0 - 1.0 / 1188.0 / square) / square;
    (1.0 / 12.0 - (1.0 / 360.0 - inner / square) / square) / nf
}

/// x ln(x / mean) + mean - x, without cancellation near x = mean.
fn deviance(x: f64, mean: f64) -> f64 {
    if (x - mean).abs() >= 0.1 * (x + mean) {
        return x * (x / mean).ln() + mean - x;
    }
    let v = (x - mean) / (x + mean);
    let mut sum = (x - mean) * v;
    let mut power = 2.0 * x * v;
    for j in 1..1000_u32 {
        power *= v * v;
        let next = sum + power / f64::from(2 * j + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, want: f64) {
        assert!(
            (got - want).abs() <= 1e-9 * want.abs(),
            "{got:e} is not {want:e}"
        );
    }

    #[test]
    fn small_tails_equal_what_counting_gives() {
        // 10 tosses: 8 or more heads = (45 + 10 + 1) / 1024.
        close(binomial_upper(8, 10, 0.5, 0.5), 56.0 / 1024.0);
        close(binomial_upper(3, 10, 0.5, 0.5), 968.0 / 1024.0);
        // The lady tasting tea (Fisher 1935): 4 of 4 right = 1 / 70, 3 or more = 17 / 70.
        close(hypergeometric_upper(4, 4, 4, 8), 1.0 / 70.0);
        close(hypergeometric_upper(3, 4, 4, 8), 17.0 / 70.0);
        close(hypergeometric_upper(1, 4, 4, 8), 69.0 / 70.0);
    }

    #[test]
    fn a_tail_below_the_smallest_float_ends_at_once() {
        // The first term is already 0: a hundred million more would add nothing.
        let begun = std::time::Instant::now();
        for _ in 0..100 {
            assert_eq!(
                hypergeometric_upper(100_000_000, 200_000_000, 300_000_000, 4_000_000_000),
                0.0
            );
            assert_eq!(binomial_upper(100_000_000, 900_000_000, 0.05, 0.95), 0.0);
        }
        assert!(begun.elapsed().as_secs() < 5);
    }

    #[test]
    fn edges_are_certain_or_impossible() {
        assert_eq!(binomial_upper(0, 5, 0.2, 0.8), 1.0);
        assert_eq!(binomial_upper(6, 5, 0.2, 0.8), 0.0);
        assert_eq!(binomial_upper(5, 5, 1.0, 0.0), 1.0);
        assert_eq!(hypergeometric_upper(23, 23, 23, 23), 1.0);
        assert_eq!(hypergeometric_upper(0, 0, 3, 9), 1.0);
        assert_eq!(hypergeometric_upper(4, 3, 5, 9), 0.0);
    }

    #[test]
    fn both_sides_of_the_centre_agree() {
        // P(X ≥ x) + P(X ≤ x - 1) = 1, the lower tail seen as an upper one of the mirror image.
        for (n, p) in [(40_u64, 0.3), (1_000, 0.01), (200_000, 0.4)] {
            let centre = (n as f64 * p) as u64;
            for x in [centre.saturating_sub(3).max(1), centre + 1, centre + 4] {
                let upper = binomial_upper(x, n, p, 1.0 - p);
                let lower = binomial_upper(n - x + 1, n, 1.0 - p, p);
                assert!(
                    (upper + lower - 1.0).abs() < 1e-9,
                    "n {n}, x {x}: {}",
                    upper + lower
                );
            }
        }
    }
}
