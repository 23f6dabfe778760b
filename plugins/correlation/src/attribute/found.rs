//! Windows of series among the pairs: found at the start, and again whenever a suspect is set aside.

use super::cells::Tally;
use super::pairs::{Pair, PairState, Seen, Totals, search_p, weigh};
use super::rounds::Rounds;
use super::window::Window;
use super::windows::best;

/// Windows of one topic beyond these are left to a person.
const WINDOWS_MAX: usize = 4_096;

impl Rounds<'_> {
    /// Series with shipped units inside and elsewhere: each asks one question.
    pub(super) fn series_tested(&self, tally: &Tally) -> u64 {
        let shipped = |unit: &u32| tally.shipped.get(*unit as usize).copied().unwrap_or(0.0);
        let series = self.cells.series.iter().filter(|series| {
            let steps = series.steps.iter();
            let shipped: f64 = steps.flat_map(|step| &step.units).map(shipped).sum();
            shipped > 0.0
        });
        series.count() as u64
    }

    /// Finds the clearest window of every series for a topic. Once suspects are set aside (`now` is
    /// what remains), only what is new and clear by itself is added.
    pub(super) fn scan(&mut self, topic: usize, tally: &Tally, now: Option<Totals>) {
        let scans = self.cells.series.len() * self.cells.topics.len();
        let windows = self.cells.series.iter().map(|series| {
            let window = best(series, topic, tally, scans);
            window.map(|window| (series.factor, window))
        });
        let windows: Vec<(usize, Window)> = windows.flatten().collect();
        let known = self
            .cells
            .windows
            .iter()
            .filter(|window| window.topic == topic);
        let mut room = WINDOWS_MAX.saturating_sub(known.count());
        for (factor, window) in windows {
            if room == 0 {
                break;
            }
            let known = |pair: &Pair| {
                let other = self.cells.window(pair.value);
                other.is_some_and(|other| other.name() == window.name())
            };
            let own = self
                .of_topic
                .get(topic)
                .map(Vec::as_slice)
                .unwrap_or_default();
            if now.is_some() && self.open(own).any(|(_, pair)| known(pair)) {
                continue;
            }
            if let Some(pair) = self.judged(topic, factor, window, tally, now) {
                if let Some(own) = self.of_topic.get_mut(topic) {
                    own.push(self.pairs.len() as u32);
                }
                self.pairs.push(pair);
                room -= 1;
            }
        }
    }

    /// The window as a pair; none when it is a later one and not clear by itself.
    fn judged(
        &mut self,
        topic: usize,
        factor: usize,
        window: Window,
        tally: &Tally,
        now: Option<Totals>,
    ) -> Option<Pair> {
        let dispersion = self.dispersion.get(topic).copied().unwrap_or(1.0);
        let weighed = |tally: &Tally, totals: Totals| {
            let sums = tally.of_units(&window.units);
            let mut seen = Seen {
                x: sums.complaints,
                e: sums.shipped,
                rows: sums.rows,
                ..Seen::default()
            };
            weigh(&mut seen, totals, dispersion);
            search_p(&mut seen, &window, dispersion);
            seen
        };
        let full = self.full.get(topic).copied().unwrap_or_default();
        let (first, later) = if let Some(now) = now {
            let later = weighed(tally, now);
            if later.p.is_none_or(|p| p >= self.options.alpha) {
                return None;
            }
            let mut first = weighed(&self.cells.tally(topic, &[]), full);
            first.q = self.q_of(first.p);
            (first, later)
        } else {
            let first = weighed(tally, full);
            (first, first)
        };
        let plain = self.cells.plain_tally(topic);
        let units = window.units.iter();
        let plain = units
            .filter_map(|unit| plain.shipped.get(*unit as usize))
            .sum();
        let value = self.cells.add_window(factor, window);
        Some(Pair {
            topic: topic as u32,
            value,
            full: first,
            plain,
            now: later,
            state: PairState::Open,
            explained: None,
            small: false,
        })
    }

    /// q of a pair that was not there when all pairs were first compared.
    fn q_of(&self, p: Option<f64>) -> f64 {
        let p = p.unwrap_or(1.0);
        let clearer = |pair: &&Pair| pair.full.p.is_some_and(|other| other <= p);
        let rank = 1 + self.pairs.iter().filter(clearer).count();
        (p * self.tested as f64 / rank as f64).min(1.0)
    }
}
