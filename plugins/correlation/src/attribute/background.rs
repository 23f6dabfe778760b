//! What is learnt of the comparison once suspects are set aside: how its counts spread, and its rates by age.

use super::rounds::Rounds;
use crate::stats::spread::clear_dispersion;

impl Rounds<'_> {
    /// Measures the spread of the background again; true when it is clearly larger than assumed.
    pub(super) fn spread_grew(&mut self) -> bool {
        let mut grew = false;
        for topic in 0..self.full.len() {
            let removed = self
                .removed
                .get(topic)
                .map(Vec::as_slice)
                .unwrap_or_default();
            let remaining = self.cells.tally(topic, removed);
            // The first factor is the finest one: the units whose counts should scatter by chance.
            let units: Vec<(u64, f64)> = self
                .cells
                .values
                .iter()
                .enumerate()
                .filter(|(_, value)| value.factor == 0)
                .filter_map(|(at, _)| {
                    Some((*remaining.complaints.get(at)?, *remaining.shipped.get(at)?))
                })
                .filter(|(_, shipped)| *shipped > 0.0)
                .collect();
            let (Some(found), Some(known)) =
                (clear_dispersion(&units), self.dispersion.get_mut(topic))
            else {
                continue;
            };
            if found > *known * 1.01 {
                *known = found;
                grew = true;
            }
        }
        grew
    }

    /// Takes the rates at each age from the units that belong to no suspect; true when that changes anything.
    pub(super) fn age_again(&mut self) -> bool {
        let mut changed = false;
        for topic in 0..self.full.len() {
            let removed = self.removed.get(topic).map(Vec::as_slice);
            let Some(removed @ [_, ..]) = removed else {
                continue;
            };
            let remaining = self.cells.tally(topic, removed);
            let left_out: Vec<bool> = remaining.rows.iter().map(|rows| *rows == 0).collect();
            changed |= self.cells.weigh(topic, &left_out);
        }
        changed
    }
}
