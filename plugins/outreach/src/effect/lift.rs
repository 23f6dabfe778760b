//! `lift`: the outcomes of people who got a message against those of the holdout.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};
use tsugi_plugin::{Aggregate, Error, Record};

/// Quantile of a two-sided 95 % interval.
const UPPER: f64 = 0.975;

/// `lift(outcome, treated)`: the difference of two means with its 95 % interval.
///
/// An outcome that is only ever 0 or 1 is a share: the interval is that of Wald for a difference of
/// shares, the statistic a z with the pooled share. Any other outcome is compared by Welch's t
/// (Welch 1947), with the degrees of freedom of Satterthwaite 1946.
#[derive(Clone, Default, Record)]
pub struct Lift {
    treated: i64,
    treated_mean: f64,
    treated_squares: f64,
    held: i64,
    held_mean: f64,
    held_squares: f64,
    /// Outcomes that are neither 0 nor 1.
    amounts: i64,
}

/// The answer of [`Lift`]; null where a side is empty or too small.
#[derive(Clone, Debug, PartialEq, Record)]
pub struct LiftAnswer {
    /// People who got the message.
    pub treated: i64,
    /// People in the holdout.
    pub holdout: i64,
    /// Mean outcome of people who got the message.
    pub treated_mean: Option<f64>,
    /// Mean outcome of the holdout: what happens without the message.
    pub holdout_mean: Option<f64>,
    /// The difference of the means.
    pub lift: Option<f64>,
    /// Lower 95 % limit of the lift.
    pub low: Option<f64>,
    /// Upper 95 % limit of the lift.
    pub high: Option<f64>,
    /// z for shares, Welch's t for amounts.
    pub statistic: Option<f64>,
    /// Two-sided.
    pub p_value: Option<f64>,
    /// The lift times the people who got the message: what the messages brought about.
    pub incremental: Option<f64>,
    /// All outcomes of people who got the message, credited to it: what is often claimed.
    pub naive: f64,
}

/// One side: count, mean, and sum of squared distances from the mean.
#[derive(Clone, Copy)]
struct Side {
    n: f64,
    mean: f64,
    squares: f64,
}

impl Side {
    /// Two sides as one (Chan, Golub and LeVeque 1979).
    fn join(self, other: Side) -> Side {
        let n = self.n + other.n;
        if n <= 0.0 {
            return self;
        }
        let apart = other.mean - self.mean;
        Side {
            n,
            mean: self.mean + apart * other.n / n,
            squares: self.squares + other.squares + apart * apart * self.n * other.n / n,
        }
    }
}

impl Lift {
    fn sides(&self) -> (Side, Side) {
        let side = |n: i64, mean, squares| Side {
            n: n as f64,
            mean,
            squares,
        };
        (
            side(self.treated, self.treated_mean, self.treated_squares),
            side(self.held, self.held_mean, self.held_squares),
        )
    }
}

impl Aggregate for Lift {
    const NAME: &'static str = "lift";
    const DOC: &'static str = "What a message brought about: treated against holdout, with a 95 % interval, and the naive claim beside it.";
    const PARAMS: &'static [&'static str] = &["outcome", "treated"];
    type Args<'a> = (Option<f64>, bool);
    type State = Self;
    type Output = LiftAnswer;

    fn update(&mut self, (outcome, treated): Self::Args<'_>) -> Result<(), Error> {
        // People without an outcome have null, which is an outcome of 0.
        let outcome = outcome.unwrap_or(0.0);
        if !outcome.is_finite() {
            let what = format!("lift: outcome is {outcome}, which is no finite number");
            return Err(Error::give_up("bad-number", what).detail("filter such rows first"));
        }
        let mut one = Lift {
            amounts: i64::from(outcome != 0.0 && outcome != 1.0),
            ..Lift::default()
        };
        match treated {
            true => (one.treated, one.treated_mean) = (1, outcome),
            false => (one.held, one.held_mean) = (1, outcome),
        }
        self.merge(one)
    }

    fn merge(&mut self, other: Self) -> Result<(), Error> {
        let ((treated, held), (more_treated, more_held)) = (self.sides(), other.sides());
        let (treated, held) = (treated.join(more_treated), held.join(more_held));
        *self = Lift {
            treated: self.treated.saturating_add(other.treated),
            treated_mean: treated.mean,
            treated_squares: treated.squares,
            held: self.held.saturating_add(other.held),
            held_mean: held.mean,
            held_squares: held.squares,
            amounts: self.amounts.saturating_add(other.amounts),
        };
        Ok(())
    }

    fn state(&self) -> Self {
        self.clone()
    }

    fn result(&self) -> LiftAnswer {
        let (treated, held) = self.sides();
        let mean = |side: Side| (side.n > 0.0).then_some(side.mean);
        let lift = mean(treated).zip(mean(held)).map(|(one, two)| one - two);
        let compared = lift.and_then(|_| match self.amounts {
            0 => shares(treated, held),
            _ => amounts(treated, held),
        });
        LiftAnswer {
            treated: self.treated,
            holdout: self.held,
            treated_mean: mean(treated),
            holdout_mean: mean(held),
            lift,
            low: lift.zip(compared.as_ref()).map(|(lift, c)| lift - c.reach),
            high: lift.zip(compared.as_ref()).map(|(lift, c)| lift + c.reach),
            statistic: compared.as_ref().and_then(|c| c.statistic),
            p_value: compared.as_ref().and_then(|c| c.p_value),
            incremental: lift.map(|lift| lift * treated.n),
            naive: treated.mean * treated.n,
        }
    }
}

struct Compared {
    /// Half the width of the interval.
    reach: f64,
    statistic: Option<f64>,
    p_value: Option<f64>,
}

/// Shares: Wald's interval with each side's own share, z with the pooled one.
fn shares(treated: Side, held: Side) -> Option<Compared> {
    let normal = Normal::standard();
    let spread = |share: f64, n: f64| share * (1.0 - share) / n;
    let apart = spread(treated.mean, treated.n) + spread(held.mean, held.n);
    let pooled = treated.join(held).mean;
    let error = (spread(pooled, treated.n) + spread(pooled, held.n)).sqrt();
    let z = (error > 0.0).then(|| (treated.mean - held.mean) / error);
    Some(Compared {
        reach: normal.inverse_cdf(UPPER) * apart.sqrt(),
        statistic: z,
        p_value: z.map(|z| 2.0 * normal.sf(z.abs())),
    })
}

/// Amounts: Welch's t. Each side needs two people to know its own spread.
fn amounts(treated: Side, held: Side) -> Option<Compared> {
    if treated.n < 2.0 || held.n < 2.0 {
        return None;
    }
    let spread = |side: Side| side.squares / (side.n - 1.0) / side.n;
    let (one, two) = (spread(treated), spread(held));
    let error = (one + two).sqrt();
    if error <= 0.0 {
        return Some(Compared {
            reach: 0.0,
            statistic: None,
            p_value: None,
        });
    }
    let freedom =
        (one + two).powi(2) / (one.powi(2) / (treated.n - 1.0) + two.powi(2) / (held.n - 1.0));
    let student = StudentsT::new(0.0, 1.0, freedom).ok()?;
    let t = (treated.mean - held.mean) / error;
    Some(Compared {
        reach: student.inverse_cdf(UPPER) * error,
        statistic: Some(t),
        p_value: Some(2.0 * student.sf(t.abs())),
    })
}
