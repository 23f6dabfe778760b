//! Quantiles and tails that limits of counts need: normal, Student, Poisson, negative binomial.

use super::finite;
use statrs::function::beta::checked_beta_reg;
use statrs::function::erf::erfc_inv;
use statrs::function::gamma::{checked_gamma_lr, checked_gamma_ur};

/// Counts beyond this are not searched for: a limit so high is useless.
const COUNT_MAX: u64 = 1 << 50;

/// The quantile of the standard normal distribution.
pub(crate) fn normal_quantile(probability: f64) -> f64 {
    -std::f64::consts::SQRT_2 * erfc_inv(2.0 * probability)
}

/// P(|T| ≥ |t|) for Student's T.
pub(crate) fn student_two_sided(t: f64, freedom: f64) -> Option<f64> {
    checked_beta_reg(freedom / 2.0, 0.5, freedom / (freedom + t * t)).ok()
}

/// The quantile of Student's T, for a probability above one half.
pub(crate) fn student_quantile(probability: f64, freedom: f64) -> Option<f64> {
    let tail = 2.0 * (1.0 - probability);
    let beyond = |t: f64| student_two_sided(t, freedom).map(|p| p <= tail);
    let (mut low, mut high) = (0.0, 1.0);
    while !beyond(high)? {
        (low, high) = (high, high * 2.0);
        if high > 1e12 {
            return None;
        }
    }
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if beyond(middle)? {
            high = middle;
        } else {
            low = middle;
        }
    }
    finite(high)
}

/// P(X ≥ x) for X ~ Poisson(mean).
pub(crate) fn poisson_upper(x: u64, mean: f64) -> Option<f64> {
    if x == 0 {
        return Some(1.0);
    }
    if mean <= 0.0 {
        return Some(0.0);
    }
    checked_gamma_lr(x as f64, mean).ok()
}

/// P(X ≤ x) for X ~ Poisson(mean).
pub(crate) fn poisson_lower(x: u64, mean: f64) -> Option<f64> {
    if mean <= 0.0 {
        return Some(1.0);
    }
    checked_gamma_ur(x as f64 + 1.0, mean).ok()
}

/// The smallest x with P(X ≤ x) ≥ probability, X ~ Poisson(mean).
pub(crate) fn poisson_quantile(probability: f64, mean: f64) -> Option<u64> {
    smallest(mean, |x| Some(poisson_lower(x, mean)? >= probability))
}

/// P(X ≥ x) for a negative binomial X with this size and probability of success: its mean is
/// size (1 - p) / p, its variance that mean divided by p.
pub(crate) fn negative_binomial_upper(x: u64, size: f64, p: f64) -> Option<f64> {
    if x == 0 {
        return Some(1.0);
    }
    if size <= 0.0 {
        return Some(0.0);
    }
    checked_beta_reg(x as f64, size, 1.0 - p).ok()
}

/// The smallest x with P(X ≤ x) ≥ probability, X negative binomial.
pub(crate) fn negative_binomial_quantile(probability: f64, size: f64, p: f64) -> Option<u64> {
    if size <= 0.0 {
        return Some(0);
    }
    let mean = size * (1.0 - p) / p;
    smallest(mean, |x| {
        Some(checked_beta_reg(size, x as f64 + 1.0, p).ok()? >= probability)
    })
}

/// The upper limit of the 95 % interval of a Poisson mean after Crow and Gardner 1959, to three
/// decimals as they print it: of the shortest runs of counts that hold 95 %, the highest run, and
/// the largest mean whose run still begins at or below x.
pub(crate) fn crow_gardner_upper(x: u64) -> f64 {
    let (mut low, mut high) = (
        x as f64 + 0.5,
        x as f64 + 5.0 * (x as f64 + 1.0).sqrt() + 3.0,
    );
    while high - low > 1e-5 {
        let middle = 0.5 * (low + high);
        if run_begins(middle) <= x {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low * 1000.0).round() / 1000.0
}

fn run_begins(mean: f64) -> u64 {
    let below = |x: u64| {
        if x == 0 {
            0.0
        } else {
            poisson_lower(x - 1, mean).unwrap_or(1.0)
        }
    };
    let top = mean as u64 + 1;
    for length in 1..=10_000 {
        let holds = |from: &u64| below(from + length) - below(*from) >= 0.95;
        if let Some(from) = (0..=top).rev().find(holds) {
            return from;
        }
    }
    top
}

/// The smallest x that is enough; `enough` is false first and true from some x on.
fn smallest(guess: f64, enough: impl Fn(u64) -> Option<bool>) -> Option<u64> {
    if !(0.0..COUNT_MAX as f64).contains(&guess) {
        return None;
    }
    let mut high = guess as u64 + 1;
    let mut low = 0;
    while !enough(high)? {
        low = high + 1;
        high = high.checked_mul(2).filter(|high| *high < COUNT_MAX)?;
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if enough(middle)? {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(low)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Z_95;

    fn close(got: Option<f64>, want: f64) {
        let got = got.unwrap();
        assert!(
            (got - want).abs() <= 1e-9 * want.abs(),
            "{got} is not {want}"
        );
    }

    #[test]
    fn quantiles_are_those_of_the_tables() {
        close(Some(normal_quantile(0.975)), Z_95);
        close(Some(normal_quantile(0.999)), 3.090_232_306_167_813);
        // Student 1908 as tabled: 10 degrees of freedom, 2.5 % in each tail.
        close(student_quantile(0.975, 10.0), 2.228_138_851_964_939);
        close(student_two_sided(2.228_138_851_964_939, 10.0), 0.05);
        assert_eq!(poisson_quantile(0.95, 5.0), Some(9));
        assert_eq!(poisson_quantile(0.05, 5.0), Some(2));
        assert_eq!(poisson_quantile(0.95, 0.0), Some(0));
        // Mean 5 and variance 7.5.
        assert_eq!(negative_binomial_quantile(0.95, 10.0, 1.0 / 1.5), Some(10));
        assert_eq!(negative_binomial_quantile(0.05, 10.0, 1.0 / 1.5), Some(1));
    }

    #[test]
    fn tails_are_sums_of_terms() {
        let term = |x: u32| 0.5_f64.powi(3 + x as i32) * f64::from((x + 1) * (x + 2)) / 2.0;
        close(
            negative_binomial_upper(3, 3.0, 0.5),
            1.0 - term(0) - term(1) - term(2),
        );
        close(poisson_upper(2, 1.5), 1.0 - 2.5 * (-1.5_f64).exp());
        assert_eq!(poisson_upper(0, 3.0), Some(1.0));
        assert_eq!(negative_binomial_upper(4, 0.0, 0.5), Some(0.0));
    }

    #[test]
    fn crow_and_gardner_print_these_limits() {
        let limits: Vec<f64> = (0..10).map(crow_gardner_upper).collect();
        assert_eq!(
            limits,
            [
                3.285, 5.323, 6.686, 8.102, 9.598, 11.177, 12.817, 13.765, 14.921, 16.768
            ]
        );
    }
}
