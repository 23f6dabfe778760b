//! The shifted beta-geometric model of retention of Fader and Hardie, "How to project customer
//! retention", Journal of Interactive Marketing 21(1), 2007.
//!
//! Each person leaves in every period with a chance of their own, which differs between people as a
//! beta(α, β) does. Then the share that stays from period t - 1 to t is (β + t - 1) / (α + β + t - 1):
//! it rises with t, because people who leave easily are the first to go.

/// Half of the 95 % point of chi-squared with one degree of freedom: how far the log-likelihood may fall
/// within the profile-likelihood interval of one quantity.
const FALL: f64 = 1.920_729_41;
/// Bounds of ln α and ln β. At the upper end all people are alike.
const LEAST: f64 = -9.0;
const MOST: f64 = 14.0;
/// Points of ln β that are tried before the best is refined.
const GRID: usize = 115;
/// Halvings of an interval of logarithms: far below what any count of people could tell apart.
const HALVINGS: usize = 45;
/// Points on the rim of likely models that are tried for the ends of an interval.
const RIM: usize = 32;

/// Counts of people by period, from period 1 on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Observed {
    /// People present before the period.
    pub(crate) present: Vec<f64>,
    /// People who departed in it.
    pub(crate) departed: Vec<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Model {
    pub(crate) alpha: f64,
    pub(crate) beta: f64,
}

impl Model {
    /// The share that stays from period `t - 1` to `t`.
    pub(crate) fn stays(self, t: usize) -> f64 {
        let before = (t as f64) - 1.0;
        (self.beta + before) / (self.alpha + self.beta + before)
    }

    /// The share of all that is still there after each period up to a horizon.
    pub(crate) fn shares(self, horizon: usize) -> impl Iterator<Item = f64> {
        (1..=horizon).scan(1.0, move |share, t| {
            *share *= self.stays(t);
            Some(*share)
        })
    }
}

impl Observed {
    /// Adds the people present before and after a period, counted from 1.
    pub(crate) fn add(&mut self, period: usize, before: u64, after: u64) {
        let at = period.saturating_sub(1);
        let length = self.present.len().max(period);
        self.present.resize(length, 0.0);
        self.departed.resize(length, 0.0);
        if let (Some(present), Some(departed)) =
            (self.present.get_mut(at), self.departed.get_mut(at))
        {
            *present += before as f64;
            *departed += before.saturating_sub(after) as f64;
        }
    }

    /// People who departed in all periods.
    pub(crate) fn lost(&self) -> f64 {
        self.departed.iter().sum()
    }

    /// In each period the departures are a binomial draw.
    fn log_likelihood(&self, model: Model) -> f64 {
        let periods = self.present.iter().zip(&self.departed).zip(1..);
        let each = periods.map(|((present, departed), t)| {
            let sum = model.alpha + model.beta + f64::from(t) - 1.0;
            let term = |people: f64, share: f64| match people > 0.0 {
                true => people * share.ln(),
                false => 0.0,
            };
            term(present - departed, (sum - model.alpha) / sum) + term(*departed, model.alpha / sum)
        });
        each.sum()
    }

    /// The best model for a β. Its α solves Σ present · α / (α + β + t - 1) = Σ departed. The sum
    /// of fractions grows with α.
    fn best(&self, ln_beta: f64) -> Model {
        let (beta, lost) = (ln_beta.exp(), self.lost());
        let expected = |alpha: f64| -> f64 {
            let periods = self.present.iter().zip(0..);
            periods
                .map(|(present, before)| present * alpha / (alpha + beta + f64::from(before)))
                .sum()
        };
        let ln_alpha = root(LEAST, MOST, |at| expected(at.exp()) - lost);
        Model {
            alpha: ln_alpha.exp(),
            beta,
        }
    }

    fn profile(&self, ln_beta: f64) -> f64 {
        self.log_likelihood(self.best(ln_beta))
    }

    /// The most likely model. None where all people stayed or all departed, which any model fits.
    pub(crate) fn fit(&self) -> Option<Model> {
        let lost = self.lost();
        let all: f64 = self.present.iter().sum();
        if lost <= 0.0 || lost >= all {
            return None;
        }
        let best = grid().max_by(|one, two| self.profile(*one).total_cmp(&self.profile(*two)))?;
        let step = (MOST - LEAST) / (GRID as f64 - 1.0);
        let (low, high) = ((best - step).max(LEAST), (best + step).min(MOST));
        Some(self.best(maximum(low, high, |at| self.profile(at))))
    }

    /// The 95 % profile-likelihood interval of a quantity that falls with α and grows with β: its
    /// least and most over all models that are not much less likely than the best.
    pub(crate) fn interval(&self, best: Model, of: impl Fn(Model) -> f64) -> (f64, f64) {
        let least = self.log_likelihood(best) - FALL;
        let (mut low, mut high) = (of(best), of(best));
        // The ends of α for a β, which are on the rim of the models that are likely enough.
        let ends = |ln_beta: f64| {
            let middle = self.best(ln_beta);
            (self.log_likelihood(middle) >= least).then(|| {
                let beta = middle.beta;
                let at = |ln_alpha: f64| Model {
                    alpha: ln_alpha.exp(),
                    beta,
                };
                let over = |ln_alpha: f64| self.log_likelihood(at(ln_alpha)) - least;
                let middle = middle.alpha.ln();
                (
                    at(root(LEAST, middle, over)),
                    at(root(middle, MOST, |a| -over(a))),
                )
            })
        };
        let mut widen = |ln_beta: f64| {
            if let Some((smallest, largest)) = ends(ln_beta) {
                high = high.max(of(smallest));
                low = low.min(of(largest));
            }
        };
        let middle = best.beta.ln();
        let inside = |at: f64| self.profile(at) - least;
        let (first, last) = (
            root(LEAST, middle, inside),
            root(middle, MOST, |at| -inside(at)),
        );
        for part in 0..=RIM {
            widen(first + (last - first) * part as f64 / RIM as f64);
        }
        (low, high)
    }
}

fn grid() -> impl Iterator<Item = f64> {
    (0..GRID).map(|part| LEAST + (MOST - LEAST) * part as f64 / (GRID as f64 - 1.0))
}

/// The zero of a growing function; an end of the interval where it has none.
fn root(mut low: f64, mut high: f64, of: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        match of(middle) < 0.0 {
            true => low = middle,
            false => high = middle,
        }
    }
    f64::midpoint(low, high)
}

/// The maximum of a function with one top, by golden section (Kiefer 1953).
fn maximum(mut low: f64, mut high: f64, of: impl Fn(f64) -> f64) -> f64 {
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    for _ in 0..HALVINGS {
        let (lower, upper) = (high - golden * (high - low), low + golden * (high - low));
        match of(lower) < of(upper) {
            true => low = lower,
            false => high = upper,
        }
    }
    f64::midpoint(low, high)
}
