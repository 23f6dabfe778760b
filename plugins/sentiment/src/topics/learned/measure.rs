//! From which margin a topic is given, how sure a margin is, and what comes of both on texts held out.

use super::examples::FOLDS;
use super::logistic;
use crate::model::minimize;

/// A share of right ones among fewer than this says little.
const HITS_MIN: u64 = 5;

/// A text held out: its part, its margin, whether it has the topic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Outcome {
    pub fold: u8,
    pub margin: f64,
    pub has: bool,
}

/// Texts that are given a topic, that have it, and both.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Counted {
    pub given: u64,
    pub has: u64,
    pub both: u64,
}

impl Counted {
    pub(super) fn precision(self) -> f64 {
        share(self.both, self.given)
    }

    pub(super) fn recall(self) -> f64 {
        share(self.both, self.has)
    }

    pub(super) fn f1(self) -> f64 {
        share(2 * self.both, self.given + self.has)
    }

    pub(super) fn add(&mut self, other: Self) {
        self.given += other.given;
        self.has += other.has;
        self.both += other.both;
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    part as f64 / whole as f64
}

/// The least margin at which a topic is given: where F1 is highest, or, with `precision`, where most texts are found while
/// that share of them is right; none where it never is.
pub(super) fn threshold(outcomes: &[Outcome], precision: Option<f64>) -> Option<f64> {
    let mut order: Vec<&Outcome> = outcomes.iter().collect();
    order.sort_by(|one, other| other.margin.total_cmp(&one.margin));
    let has = order.iter().filter(|outcome| outcome.has).count() as u64;
    let mut counted = Counted {
        has,
        ..Counted::default()
    };
    let mut best: Option<(f64, f64)> = None;
    for (at, outcome) in order.iter().enumerate() {
        counted.given += 1;
        counted.both += u64::from(outcome.has);
        // Equal margins go together.
        if order
            .get(at + 1)
            .is_some_and(|next| next.margin >= outcome.margin)
        {
            continue;
        }
        let value = match precision {
            None => counted.f1(),
            Some(least) if counted.precision() >= least && counted.given >= HITS_MIN => {
                counted.recall()
            }
            Some(_) => continue,
        };
        if value > 0.0 && best.is_none_or(|(known, _)| value > known) {
            best = Some((value, outcome.margin));
        }
    }
    best.map(|(_, margin)| margin)
}

/// What comes of thresholds that were found on the other parts.
pub(super) fn measure(outcomes: &[Outcome], precision: Option<f64>) -> Counted {
    let mut counted = Counted::default();
    for fold in 0..FOLDS {
        let (own, others): (Vec<Outcome>, Vec<Outcome>) = outcomes
            .iter()
            .copied()
            .partition(|outcome| outcome.fold == fold);
        let least = threshold(&others, precision);
        for outcome in own {
            let given = least.is_some_and(|least| outcome.margin >= least);
            counted.given += u64::from(given);
            counted.has += u64::from(outcome.has);
            counted.both += u64::from(given && outcome.has);
        }
    }
    counted
}

/// Slope and offset that make a margin the logarithm of honest odds (Platt 1999), from texts held out.
pub(super) fn calibrate(outcomes: &[Outcome]) -> (f64, f64) {
    let with = outcomes.iter().filter(|outcome| outcome.has).count() as f64;
    let without = outcomes.len() as f64 - with;
    // Platt's targets: a few texts do not make anything certain.
    let targets = [1.0 / (without + 2.0), (with + 1.0) / (with + 2.0)];
    let mut at = [1.0, (with.max(1.0) / without.max(1.0)).ln()];
    minimize(&mut at, 100, 1e-6, |at, slope| {
        let (a, b) = (
            at.first().copied().unwrap_or(1.0),
            at.last().copied().unwrap_or_default(),
        );
        slope.fill(0.0);
        let mut loss = 0.0;
        for outcome in outcomes {
            let target = targets[usize::from(outcome.has)];
            let odds = a * outcome.margin + b;
            loss += (-odds.abs()).exp().ln_1p() + odds.max(0.0) - target * odds;
            let pull = logistic(odds) - target;
            for (slope, by) in slope.iter_mut().zip([outcome.margin, 1.0]) {
                *slope += pull * by;
            }
        }
        loss
    });
    (at[0], at[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(list: &[(f64, bool)]) -> Vec<Outcome> {
        let outcome = |(at, &(margin, has)): (usize, &(f64, bool))| Outcome {
            fold: (at % usize::from(FOLDS)) as u8,
            margin,
            has,
        };
        list.iter().enumerate().map(outcome).collect()
    }

    #[test]
    fn thresholds_by_f1_and_by_precision() {
        let list = [
            (3.0, true),
            (2.5, true),
            (2.0, true),
            (1.5, true),
            (1.0, true),
            (0.5, false),
            (0.4, false),
            (0.3, true),
            (0.0, false),
            (0.0, false),
        ];
        assert_eq!(threshold(&outcomes(&list), None), Some(1.0));
        assert_eq!(threshold(&outcomes(&list), Some(0.75)), Some(0.3));
        assert_eq!(threshold(&outcomes(&list), Some(0.9)), Some(1.0));
        assert_eq!(threshold(&outcomes(&[(1.0, false)]), None), None);
        assert_eq!(threshold(&outcomes(&list[5..7]), Some(0.9)), None);
    }

    #[test]
    fn margins_become_honest_odds() {
        // Three of four are right at margin 2, one of four at -2.
        let list: Vec<(f64, bool)> = (0..4000)
            .map(|at| {
                let high = at % 2 == 0;
                (if high { 2.0 } else { -2.0 }, (at / 2 % 4 != 0) == high)
            })
            .collect();
        let (a, b) = calibrate(&outcomes(&list));
        assert!((logistic(2.0 * a + b) - 0.75).abs() < 0.01, "{a} {b}");
        assert!((logistic(-2.0 * a + b) - 0.25).abs() < 0.01, "{a} {b}");
    }
}
