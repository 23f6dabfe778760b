//! How long people stay: the shifted beta-geometric model of Fader and Hardie, "How to project customer
//! retention", Journal of Interactive Marketing 21(1), 2007.
//!
//! Each person leaves in every period with a chance of their own, which differs between people as a
//! beta(α, β) does. Then the share that stays from period t - 1 to t is (β + t - 1) / (α + β + t - 1):
//! it rises with t, because those who leave easily are gone first.

/// Half of the 95 % point of chi-squared with one degree of freedom: how far the log-likelihood may fall
/// within the profile-likelihood interval of one quantity.
const FALL: f64 = 1.920_729_41;
/// Bounds of ln α and ln β. At the upper end all people are alike.
const LEAST: f64 = -9.0;
const MOST: f64 = 14.0;
/// Points of ln β that are looked at before the best is narrowed down.
const GRID: usize = 115;
/// Halvings of an interval of logarithms: far below what any count of people could tell apart.
const HALVINGS: usize = 45;
/// Points of the rim of likely models that are looked at for the ends of an interval.
const RIM: usize = 32;

/// What was seen: of so many who were there before period 1, 2, …, so many left in it.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Who was there before the period and was seen in it.
    pub there: Vec<f64>,
    /// Who of them left.
    pub left: Vec<f64>,
}

/// The model with its two numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Model {
    /// α.
    pub alpha: f64,
    /// β.
    pub beta: f64,
}

impl Model {
    /// The share that stays from period `t - 1` to `t`.
    pub fn stays(self, t: usize) -> f64 {
        let before = (t as f64) - 1.0;
        (self.beta + before) / (self.alpha + self.beta + before)
    }

    /// The share of all that is still there after each period up to a horizon.
    pub fn shares(self, horizon: usize) -> impl Iterator<Item = f64> {
        (1..=horizon).scan(1.0, move |share, t| {
            *share *= self.stays(t);
            Some(*share)
        })
    }
}

impl Seen {
    /// Takes people in: so many were there before a period, counted from 1, and so many after it.
    pub fn add(&mut self, period: usize, before: u64, after: u64) {
        let at = period.saturating_sub(1);
        let length = self.there.len().max(period);
        self.there.resize(length, 0.0);
        self.left.resize(length, 0.0);
        if let (Some(there), Some(left)) = (self.there.get_mut(at), self.left.get_mut(at)) {
            *there += before as f64;
            *left += before.saturating_sub(after) as f64;
        }
    }

    /// How many left in all.
    pub fn lost(&self) -> f64 {
        self.left.iter().sum()
    }

    /// The log-likelihood of a model: in each period the leavers are a binomial draw.
    pub fn log_likelihood(&self, model: Model) -> f64 {
        let periods = self.there.iter().zip(&self.left).zip(1..);
        let each = periods.map(|((there, left), t)| {
            let sum = model.alpha + model.beta + f64::from(t) - 1.0;
            let term = |people: f64, share: f64| match people > 0.0 {
                true => people * share.ln(),
                false => 0.0,
            };
            term(there - left, (sum - model.alpha) / sum) + term(*left, model.alpha / sum)
        });
        each.sum()
    }

    /// The best model for a β. Its α solves Σ there · α / (α + β + t - 1) = Σ left, whose left side
    /// grows with α.
    fn best(&self, ln_beta: f64) -> Model {
        let (beta, lost) = (ln_beta.exp(), self.lost());
        let expected = |alpha: f64| -> f64 {
            let periods = self.there.iter().zip(0..);
            periods
                .map(|(there, before)| there * alpha / (alpha + beta + f64::from(before)))
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

    /// The most likely model. None where nobody left or nobody stayed: then anything may be.
    pub fn fit(&self) -> Option<Model> {
        let lost = self.lost();
        let all: f64 = self.there.iter().sum();
        if lost <= 0.0 || lost >= all {
            return None;
        }
        let best = grid().max_by(|one, two| self.profile(*one).total_cmp(&self.profile(*two)))?;
        let step = (MOST - LEAST) / (GRID as f64 - 1.0);
        let (low, high) = ((best - step).max(LEAST), (best + step).min(MOST));
        Some(self.best(narrowed(low, high, |at| self.profile(at))))
    }

    /// The 95 % profile-likelihood interval of a quantity that falls with α and grows with β: its
    /// least and most over all models that are not much less likely than the best.
    pub fn interval(&self, best: Model, of: impl Fn(Model) -> f64) -> (f64, f64) {
        let least = self.log_likelihood(best) - FALL;
        let (mut low, mut high) = (of(best), of(best));
        // The ends of α for a β; the model there is on the rim of those that are likely enough.
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
        let mut look = |ln_beta: f64| {
            if let Some((left, right)) = ends(ln_beta) {
                high = high.max(of(left));
                low = low.min(of(right));
            }
        };
        let middle = best.beta.ln();
        let inside = |at: f64| self.profile(at) - least;
        let (first, last) = (
            root(LEAST, middle, inside),
            root(middle, MOST, |at| -inside(at)),
        );
        for part in 0..=RIM {
            look(first + (last - first) * part as f64 / RIM as f64);
        }
        (low, high)
    }
}

fn grid() -> impl Iterator<Item = f64> {
    (0..GRID).map(|part| LEAST + (MOST - LEAST) * part as f64 / (GRID as f64 - 1.0))
}

/// Where a growing function passes 0; an end where it does not.
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

/// Where a function with one top has it (Kiefer 1953, golden section).
fn narrowed(mut low: f64, mut high: f64, of: impl Fn(f64) -> f64) -> f64 {
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    for _ in 0..HALVINGS {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        match of(left) < of(right) {
            true => low = left,
            false => high = right,
        }
    }
    f64::midpoint(low, high)
}
