//! A window of a series, as one value of the series' factor.

use super::chance::Chance;
use std::rc::Rc;

/// A window of a series that was found for a topic.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    pub topic: usize,
    pub series: Rc<str>,
    /// The first step and the last.
    pub first: Rc<str>,
    pub last: Rc<str>,
    /// Numbers of its units.
    pub units: Vec<u32>,
    /// Steps of the series that have shipped units, and the windows that these make.
    pub steps: usize,
    pub searched: u64,
    /// Windows began and ended first at every so many steps with complaints; 1 for all.
    pub every: usize,
    /// What the steps that could not tell take from its log likelihood ratio.
    pub widening_loss: f64,
    pub(super) chance: Chance,
}

impl Window {
    /// The window as a suspect.
    pub(crate) fn name(&self) -> String {
        if self.first == self.last {
            return format!("{} {}", self.series, self.first);
        }
        format!("{} {} to {}", self.series, self.first, self.last)
    }

    /// How often the best window of the series is as clear by chance.
    pub(crate) fn p(&self, llr: f64) -> f64 {
        self.chance.p(llr + self.widening_loss)
    }

    /// How many simulations that rests on.
    pub(crate) fn draws(&self) -> usize {
        self.chance.draws()
    }
}
