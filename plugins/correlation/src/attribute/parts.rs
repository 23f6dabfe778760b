//! Before a suspect is named: does a part of it explain it?

use super::pairs::Pair;
use super::rounds::{Rounds, rows_of};
use crate::stats::ratio::compare;

/// Parts that are tried for one suspect, the clearest first.
const PARTS_TRIED: usize = 8;
/// A part that explains its whole has at most this share of its units: one that is nearly the whole is the same
/// finding with other ends.
const SHARE_MAX: f64 = 2.0 / 3.0;

impl Rounds<'_> {
    /// The pair itself, or the clearest part of it, down to the last, without which nothing unusual remains of it.
    pub(super) fn narrowed(&self, strongest: usize) -> usize {
        let mut named = strongest;
        while let Some(part) = self.explaining_part(named) {
            named = part;
        }
        named
    }

    fn explaining_part(&self, whole: usize) -> Option<usize> {
        let pair = self.pairs.get(whole)?;
        let topic = pair.topic as usize;
        let without = |value: u32| {
            let mut removed = self.removed.get(topic).cloned().unwrap_or_default();
            removed.push(value);
            self.cells.tally(topic, &removed)
        };
        let own = self.of_topic.get(topic)?;
        let elsewhere = without(pair.value);
        let inside = |part: &Pair| {
            rows_of(&elsewhere, part) == 0
                && part.now.rows > 0
                && part.now.e <= pair.now.e * SHARE_MAX
                && self.is_clear(part)
        };
        let mut parts: Vec<(usize, &Pair)> =
            self.open(own).filter(|(_, part)| inside(part)).collect();
        parts.sort_by(|left, right| {
            let by_llr = right.1.now.llr.total_cmp(&left.1.now.llr);
            by_llr.then(left.0.cmp(&right.0))
        });
        let dispersion = self.dispersion.get(topic).copied().unwrap_or(1.0);
        let explains = |part: &Pair| {
            let rest = without(part.value);
            let at = pair.value as usize;
            let x = rest.complaints.get(at).copied().unwrap_or(0);
            let e = rest.shipped.get(at).copied().unwrap_or(0.0);
            let (base_x, base_e) = (elsewhere.complaints_total, elsewhere.shipped_total);
            compare(x, e, base_x, base_e, dispersion)
                .is_none_or(|found| found.p >= self.options.alpha)
        };
        let mut parts = parts.into_iter().take(PARTS_TRIED);
        parts.find(|(_, part)| explains(part)).map(|(at, _)| at)
    }
}
