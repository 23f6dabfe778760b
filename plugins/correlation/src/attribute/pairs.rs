//! One value of one factor with one topic: what was seen of it, and its state after the rounds.

use super::cells::{Tally, elsewhere};
use super::window::Window;
use crate::stats::ratio::compare;

/// What was seen of one value and topic, over all cells or over those still open.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    pub x: u64,
    pub e: f64,
    pub rows: u32,
    /// Exact one-sided p; `None` when there is nothing to compare with.
    pub p: Option<f64>,
    /// q over all pairs tested.
    pub q: f64,
    /// Log likelihood ratio of the excess.
    pub llr: f64,
}

/// The state of a pair after the rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PairState {
    /// Not named, not inside a suspect.
    Open,
    /// The suspect of this number.
    Suspect(u32),
    /// All its units lie inside this suspect, and it may be its part.
    Part {
        of: u32,
        /// Clear by itself, and its rate above that of the rest of the suspect, or that may not lead.
        higher: bool,
    },
}

/// What a suspect takes from another pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Explained {
    /// The number of the suspect.
    pub by: u32,
    pub complaints: u64,
    /// All units of the suspect are units of the pair, which has others too.
    pub inside: bool,
}

/// One value of one factor with one topic, at least one complaint.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub topic: u32,
    pub value: u32,
    pub full: Seen,
    /// Shipped units, whatever their age.
    pub plain: f64,
    /// When it was named; or, never named, without the cells of all suspects of its topic.
    pub now: Seen,
    pub state: PairState,
    /// The suspect that most of its complaints belong to.
    pub explained: Option<Explained>,
    /// The rest of its excess is clear, and surely too small to lead.
    pub small: bool,
}

/// Sums of one topic.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Totals {
    pub x: u64,
    pub e: f64,
}

#[derive(Clone, Debug)]
pub(crate) struct Suspect {
    /// Its place among the pairs.
    pub pair: usize,
    /// Sums of its topic when it was named.
    pub totals: Totals,
    /// Places of the pairs that it cannot be distinguished from.
    pub rivals: Vec<usize>,
}

/// Weighs an excess against the rest of its topic; q is set later, over all pairs.
pub(crate) fn weigh(seen: &mut Seen, totals: Totals, dispersion: f64) {
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

/// What remains of another pair without the cells of a suspect.
pub(crate) fn subtract(
    pair: &mut Pair,
    (suspect, suspect_rows): (u32, u32),
    remaining: &Tally,
    totals: Totals,
    dispersion: f64,
) {
    let at = pair.value as usize;
    let x = remaining.complaints.get(at).copied().unwrap_or(0);
    let rows = remaining.rows.get(at).copied().unwrap_or(0);
    let complaints = pair.now.x.saturating_sub(x);
    if complaints > pair.explained.map_or(0, |most| most.complaints) {
        let inside = rows > 0 && pair.now.rows.saturating_sub(rows) == suspect_rows;
        pair.explained = Some(Explained {
            by: suspect,
            complaints,
            inside,
        });
    }
    pair.now = Seen {
        x,
        e: remaining.shipped.get(at).copied().unwrap_or(0.0),
        rows,
        ..Seen::default()
    };
    weigh(&mut pair.now, totals, dispersion);
}

/// The p of a window is that of the search that found it, not of the one comparison.
pub(super) fn search_p(seen: &mut Seen, window: &Window, dispersion: f64) {
    let llr = seen.llr / dispersion.max(1.0);
    seen.p = seen
        .p
        .map(|_| if seen.llr > 0.0 { window.p(llr) } else { 1.0 });
}
