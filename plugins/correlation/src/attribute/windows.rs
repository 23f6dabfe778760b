//! The window of a series with the largest excess, and how often chance alone brings as much.

use super::cells::{Tally, elsewhere};
use super::chance::Chance;
use super::series::Series;
use super::window::Window;
use crate::scan::Most;
use crate::stats::ratio::excess_llr;
use std::rc::Rc;

/// Steps with complaints at which windows begin and end. Of longer series only every second, third …
/// is looked at first, and then all beside the best.
const ENDS_MAX: usize = 2_000;
/// What one topic has in all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whole {
    pub x: u64,
    pub e: f64,
}

/// The best window of a series, and how chance compares.
///
/// None without complaints, or where no window has more than its share.
pub(crate) fn best(series: &Series, topic: usize, tally: &Tally, scans: usize) -> Option<Window> {
    let whole = Whole {
        x: tally.complaints_total,
        e: tally.shipped_total,
    };
    let steps = Steps::of(series, tally, whole);
    let (from, to, every) = steps.best(whole)?;
    let (from, to) = steps.without_gaps((from, to), whole);
    let of = |(from, to)| {
        let e = steps.e_of(from, to);
        excess_llr(steps.x_of(from, to), whole.x, e / whole.e)
    };
    let llr = of((from, to));
    let (from, to) = steps.with_quiet_ends((from, to), whole);
    let widening_loss = llr - of((from, to));
    let seen = series.steps.get(from..=to)?;
    let mut units: Vec<u32> = seen.iter().flat_map(|step| step.units.clone()).collect();
    units.sort_unstable();
    let shares: Vec<f64> = steps.e.iter().map(|e| e / whole.e).collect();
    let shares: Vec<f64> = shares.into_iter().filter(|share| *share > 0.0).collect();
    let filled = shares.len();
    Some(Window {
        topic,
        series: Rc::clone(&series.name),
        first: Rc::clone(&seen.first()?.name),
        last: Rc::clone(&seen.last()?.name),
        units,
        steps: filled,
        searched: (filled as u64 * (filled as u64 + 1)) / 2,
        every,
        widening_loss,
        chance: Chance::simulate(shares, whole.x, llr, scans),
    })
}

/// Complaints and shipped units of a series up to each step.
struct Steps {
    x: Vec<u64>,
    e: Vec<f64>,
    x_upto: Vec<u64>,
    e_upto: Vec<f64>,
}

impl Steps {
    fn of(series: &Series, tally: &Tally, whole: Whole) -> Self {
        let sums = series.steps.iter().map(|step| {
            let sums = tally.of_units(&step.units);
            (sums.complaints, sums.shipped)
        });
        let (x, e): (Vec<u64>, Vec<f64>) = sums.unzip();
        let (mut x_upto, mut e_upto) = (vec![0], vec![0.0]);
        let (mut so_far, mut shipped) = (0, 0.0);
        for (x, e) in x.iter().zip(&e) {
            so_far += x;
            shipped += e;
            x_upto.push(so_far);
            e_upto.push(f64::min(shipped, whole.e));
        }
        Self {
            x,
            e,
            x_upto,
            e_upto,
        }
    }

    fn x_of(&self, from: usize, to: usize) -> u64 {
        let at = |step: usize| self.x_upto.get(step).copied().unwrap_or(0);
        at(to + 1).saturating_sub(at(from))
    }

    fn e_of(&self, from: usize, to: usize) -> f64 {
        let at = |step: usize| self.e_upto.get(step).copied().unwrap_or(0.0);
        at(to + 1) - at(from)
    }

    /// The first and the last step of the clearest window, and how coarse the search was. It begins and
    /// ends with a complaint: without its quiet ends a window is clearer.
    fn best(&self, whole: Whole) -> Option<(usize, usize, usize)> {
        let ends: Vec<usize> = self
            .x
            .iter()
            .enumerate()
            .filter(|(_, x)| **x > 0)
            .map(|(at, _)| at)
            .collect();
        let every = ends.len().div_ceil(ENDS_MAX).max(1);
        let coarse: Vec<usize> = ends.iter().copied().step_by(every).collect();
        let mut search = Search {
            steps: self,
            whole,
            most: Most::new(whole.x as f64),
            found: None,
        };
        for (at, from) in coarse.iter().enumerate() {
            let stops = coarse.iter().skip(at);
            stops.for_each(|to| search.offer(*from, *to));
        }
        if every > 1 {
            let (from, to) = search.found?;
            let beside = |step: usize| {
                let at = ends.partition_point(|end| *end < step);
                let range = at.saturating_sub(every)..(at + every + 1).min(ends.len());
                ends.get(range).unwrap_or_default()
            };
            for from in beside(from) {
                beside(to)
                    .iter()
                    .filter(|to| *to >= from)
                    .for_each(|to| search.offer(*from, *to));
            }
        }
        let (from, to) = search.found?;
        Some((from, to, every))
    }
}

/// Steps with complaints up to which a window is looked into for a good time inside it.
const INSIDE_MAX: usize = 400;
/// A good time inside a window is held to be one when chance would bring it in so many windows at most.
const GAP_LEVEL: f64 = 0.05;

/// Ends of a window that cost its log likelihood ratio no more than this lie inside the 95 % support interval:
/// half of 3.84, the 95 % point of chi² with one degree of freedom.
const WIDENING_LOSS_MAX: f64 = 1.92;

impl Steps {
    /// The window with the steps beside it that tell nothing: too few units, or not out for long enough, to
    /// have shown a complaint even if they are as bad.
    fn with_quiet_ends(&self, window: (usize, usize), whole: Whole) -> (usize, usize) {
        let (mut from, mut to) = window;
        let llr = |from, to| {
            let e = self.e_of(from, to);
            excess_llr(self.x_of(from, to), whole.x, e / whole.e)
        };
        let least = (llr(from, to) - WIDENING_LOSS_MAX).max(0.0);
        let quiet = |step: usize| self.x.get(step) == Some(&0);
        // Something must be left to compare with.
        let rest = |from, to| elsewhere(whole.e, self.e_of(from, to)) > 0.0;
        while quiet(to + 1) && rest(from, to + 1) && llr(from, to + 1) >= least {
            to += 1;
        }
        while from > 0 && quiet(from - 1) && rest(from - 1, to) && llr(from - 1, to) >= least {
            from -= 1;
        }
        (from, to)
    }

    /// The clearest side of a window that spans a good time between two bad ones, else the window. Two bad
    /// times without what lies between are clearer than both with it; by how much, must be more than
    /// the choice among all such gaps gives (each has a chance of at most exp(-gain), Chernoff 1952).
    fn without_gaps(&self, window: (usize, usize), whole: Whole) -> (usize, usize) {
        let (mut from, mut to) = window;
        let llr = |x, e| excess_llr(x, whole.x, e / whole.e);
        while let Some((before, after, gain)) = self.gap((from, to), whole) {
            let gaps = ((to - from) * (to - from + 1)) as f64 / 2.0;
            if gain <= (gaps / GAP_LEVEL).ln() {
                break;
            }
            let of = |(from, to)| llr(self.x_of(from, to), self.e_of(from, to));
            (from, to) = if of((from, before)) >= of((after, to)) {
                (from, before)
            } else {
                (after, to)
            };
        }
        (from, to)
    }

    /// The last step before and the first after the clearest gap, and how much clearer the rest is without it.
    fn gap(&self, (from, to): (usize, usize), whole: Whole) -> Option<(usize, usize, f64)> {
        let ends: Vec<usize> = (from..=to)
            .filter(|at| self.x.get(*at).is_some_and(|x| *x > 0))
            .collect();
        if ends.len() > INSIDE_MAX {
            return None;
        }
        let (x, e) = (self.x_of(from, to), self.e_of(from, to));
        let all = excess_llr(x, whole.x, e / whole.e);
        let mut most: Option<(usize, usize, f64)> = None;
        for (at, before) in ends.iter().enumerate() {
            for after in ends
                .iter()
                .skip(at + 1)
                .filter(|after| **after > before + 1)
            {
                let (gap_x, gap_e) = (
                    self.x_of(before + 1, after - 1),
                    self.e_of(before + 1, after - 1),
                );
                let rest = excess_llr(x - gap_x.min(x), whole.x, (e - gap_e).max(0.0) / whole.e);
                if most.is_none_or(|(_, _, gain)| rest - all > gain) {
                    most = Some((*before, *after, rest - all));
                }
            }
        }
        most
    }
}

struct Search<'a> {
    steps: &'a Steps,
    whole: Whole,
    most: Most,
    found: Option<(usize, usize)>,
}

impl Search<'_> {
    fn offer(&mut self, from: usize, to: usize) {
        let (x, e) = (self.steps.x_of(from, to), self.steps.e_of(from, to));
        // A window that is everything has nothing to be compared with.
        if elsewhere(self.whole.e, e) <= 0.0 {
            return;
        }
        let expected = e / self.whole.e * self.whole.x as f64;
        if self.most.offer(x as f64, expected) {
            self.found = Some((from, to));
        }
    }
}
