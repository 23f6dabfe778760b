//! How often chance alone brings a window as clear as the one that was found.

use crate::scan::{Dealer, Most};
use crate::stats::ratio::excess_llr;
use tsugi_statistics::tails::binomial_upper;

/// How often chance is simulated at most for one series and topic.
pub(crate) const DRAWS: usize = 999;
/// The seed of these simulations: the same input has the same answer.
pub(crate) const SEED: u64 = 1;

/// So many simulated windows as clear as the one found settle its p: no need for more
/// (Besag and Clifford 1991).
const HITS: usize = 10;
/// Fewer simulations than this say nothing.
const DRAWS_MIN: usize = 99;
/// Steps of simulation for one series and topic, and for all of a call: some nanoseconds each.
const WORK_MAX: f64 = 5e6;
const WORK_OF_ALL: f64 = 1e9;
/// Steps up to which the chances of all windows are added up one by one.
const EXACT_MAX: usize = 160;

/// What the clearest window of a series looks like when complaints fall on units by chance alone, as
/// many in all as there are.
#[derive(Debug, Clone)]
pub(super) struct Chance {
    /// The largest log likelihood ratio of each simulation.
    maxima: Vec<f64>,
    /// Share of all shipped units by step.
    shares: Vec<f64>,
    total: u64,
    windows: f64,
}

impl Chance {
    pub(super) fn simulate(shares: Vec<f64>, total: u64, llr: f64, scans: usize) -> Self {
        let filled = shares.len() as f64;
        let mut chance = Self {
            maxima: Vec::new(),
            shares,
            total,
            windows: filled * (filled + 1.0) / 2.0,
        };
        let ends = filled.min(total as f64);
        let steps = 8.0 * total as f64 + filled + ends * ends / 2.0;
        let work = WORK_MAX.min(WORK_OF_ALL / scans.max(1) as f64);
        let draws = DRAWS.min((work / steps.max(1.0)) as usize);
        // Beyond what simulations can tell the bound decides, and it needs none.
        if draws >= DRAWS_MIN && chance.bound(llr) * DRAWS as f64 > 0.1 {
            chance.draw(draws, llr);
        }
        if chance.shares.len() > EXACT_MAX {
            chance.shares = Vec::new();
        }
        chance
    }

    /// How many simulations there were.
    pub(super) fn draws(&self) -> usize {
        self.maxima.len()
    }

    fn draw(&mut self, draws: usize, llr: f64) {
        let inside: f64 = self.shares.iter().sum();
        let mut places = self.shares.clone();
        places.push((1.0 - inside).max(0.0));
        let mut dealer = Dealer::new(&places, SEED);
        let mut dealt = vec![0; places.len()];
        let mut hits = 0;
        for _ in 0..draws {
            dealer.deal(self.total, &mut dealt);
            let most = self.most(&dealt);
            self.maxima.push(most);
            hits += usize::from(most >= llr);
            if hits >= HITS {
                break;
            }
        }
    }

    /// The largest log likelihood ratio of any window of these counts.
    fn most(&self, dealt: &[u32]) -> f64 {
        let total = self.total as f64;
        let (mut x, mut e) = (0_u64, 0.0);
        // Complaints and expected ones before each step that has any, and after it.
        let mut ends = Vec::new();
        for (share, dealt) in self.shares.iter().zip(dealt) {
            let before = (x, e);
            x += u64::from(*dealt);
            e += share * total;
            if *dealt > 0 {
                ends.push((before, (x, e)));
            }
        }
        let mut most = Most::new(total);
        for (at, ((x_before, e_before), _)) in ends.iter().enumerate() {
            for (_, (x, e)) in ends.iter().skip(at) {
                let expected = e - e_before;
                if expected < total {
                    most.offer((x - x_before) as f64, expected);
                }
            }
        }
        most.best
    }

    /// The chance of a window at least as clear: from the simulations while ten of them reach it, and
    /// beyond never more than the sum of the chances of all windows.
    pub(super) fn p(&self, llr: f64) -> f64 {
        let least = llr * (1.0 - 1e-12);
        let hits = self.maxima.iter().filter(|most| **most >= least).count();
        let counted = (hits + 1) as f64 / (self.maxima.len() + 1) as f64;
        if hits >= HITS {
            return counted;
        }
        counted.min(self.bound(llr))
    }

    /// The sum over all windows of the exact chance to be as clear; of long series that of its bound
    /// exp(-llr) for each (Chernoff 1952).
    fn bound(&self, llr: f64) -> f64 {
        let by_chernoff = (self.windows * (-llr).exp()).min(1.0);
        if self.shares.is_empty() || self.shares.len() > EXACT_MAX || by_chernoff < 1e-12 {
            return by_chernoff;
        }
        let mut sum = 0.0;
        for from in 0..self.shares.len() {
            let mut share = 0.0;
            for step in self.shares.iter().skip(from) {
                share += step;
                sum += as_clear(llr, self.total, share);
                if sum >= by_chernoff {
                    return by_chernoff;
                }
            }
        }
        sum.min(1.0)
    }
}

/// The chance that a part with this share of all shipped units has a log likelihood ratio this large.
fn as_clear(llr: f64, total: u64, share: f64) -> f64 {
    if share >= 1.0 || excess_llr(total, total, share) < llr {
        return 0.0;
    }
    let (mut below, mut enough) = ((total as f64 * share) as u64, total);
    while below + 1 < enough {
        let middle = below + (enough - below) / 2;
        if excess_llr(middle, total, share) >= llr {
            enough = middle;
        } else {
            below = middle;
        }
    }
    binomial_upper(enough, total, share, 1.0 - share)
}
