//! One value of one factor with one topic: what was seen of it and where it stands.

use super::cells::{Tally, elsewhere};
use crate::stats::ratio::compare;

/// What was seen of one value and topic, over all cells or over those still open.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// Complaints.
    pub x: u64,
    /// Shipped units.
    pub e: f64,
    /// Cells.
    pub rows: u32,
    /// Exact one-sided p; `None` when there is nothing to compare with.
    pub p: Option<f64>,
    /// q over all pairs tested.
    pub q: f64,
    /// Log likelihood ratio of the excess.
    pub llr: f64,
}

/// Where a pair stands after the rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not named, not inside a suspect.
    Open,
    /// The suspect of this number.
    Suspect(u32),
    /// All its units lie inside this suspect, and it may be its part.
    Part {
        /// The suspect's number.
        of: u32,
        /// Strong enough to lead by itself.
        strong: bool,
    },
}

/// One value of one factor with one topic, at least one complaint.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Topic number.
    pub topic: u32,
    /// Value number.
    pub value: u32,
    /// Over all cells.
    pub full: Seen,
    /// When it was named; or, never named, without the cells of all suspects of its topic.
    pub now: Seen,
    /// Where it stands.
    pub standing: Standing,
    /// The suspect that took most of its complaints, and how many.
    pub taken: Option<(u32, u64)>,
    /// What is left of its excess is clear, and surely too small to lead.
    pub small: bool,
}

/// Sums of one topic.
#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    /// Complaints.
    pub x: u64,
    /// Shipped units.
    pub e: f64,
}

/// A named suspect.
#[derive(Clone, Copy, Debug)]
pub struct Suspect {
    /// Its place among the pairs.
    pub pair: usize,
    /// Sums of its topic when it was named.
    pub totals: Totals,
}

/// Weighs an excess against the rest of its topic; q is set later, over all pairs.
pub fn weigh(seen: &mut Seen, totals: Totals, dispersion: f64) {
    let rest = elsewhere(totals.e, seen.e);
    let found = compare(
        seen.x,
        seen.e,
        totals.x.saturating_sub(seen.x),
        rest,
        dispersion,
    );
    seen.p = found.map(|found| found.p);
    seen.llr = found.map_or(0.0, |found| found.llr);
    seen.q = 1.0;
}

/// What a suspect leaves of another pair.
pub fn take(pair: &mut Pair, suspect: u32, left: &Tally, totals: Totals, dispersion: f64) {
    let at = pair.value as usize;
    let x = left.complaints.get(at).copied().unwrap_or(0);
    let taken = pair.now.x.saturating_sub(x);
    if taken > pair.taken.map_or(0, |(_, most)| most) {
        pair.taken = Some((suspect, taken));
    }
    pair.now = Seen {
        x,
        e: left.shipped.get(at).copied().unwrap_or(0.0),
        rows: left.rows.get(at).copied().unwrap_or(0),
        ..Seen::default()
    };
    weigh(&mut pair.now, totals, dispersion);
}
