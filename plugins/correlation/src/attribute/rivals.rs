//! What a suspect cannot be distinguished from: others that fit nearly the same complaints nearly as well.

use super::Answer;
use super::cells::Tally;
use super::pairs::{Pair, PairState};
use super::rounds::{Rounds, rows_of};

/// A difference of log likelihood ratios that says nothing: half of 3.84, the 95 % point of chi² with one degree of
/// freedom (Edwards 1972).
const LLR_APART: f64 = 1.92;
/// What holds all of a suspect and this much more is a whole of it and no rival.
const SHARE_MAX: f64 = 2.0 / 3.0;

impl Rounds<'_> {
    /// The places of open pairs that the data cannot tell from the leader, the clearest first: clear by themselves,
    /// within [`LLR_APART`], most of their complaints those of the leader, and neither made of it nor into it.
    pub(super) fn rivals(&self, own: &[u32], leader: usize, remaining: &Tally) -> Vec<usize> {
        let Some(named) = self.pairs.get(leader) else {
            return Vec::new();
        };
        let dispersion = self.dispersion.get(named.topic as usize).copied();
        let apart = LLR_APART * dispersion.unwrap_or(1.0).max(1.0);
        let left = |pair: &Pair| {
            let x = remaining.complaints.get(pair.value as usize);
            x.copied().unwrap_or(0)
        };
        let is_rival = |(at, pair): &(usize, &Pair)| {
            let nested = self.is_nested(pair, named);
            let rows = pair.now.rows.saturating_sub(rows_of(remaining, pair));
            let whole = rows == named.now.rows && named.now.e <= pair.now.e * SHARE_MAX;
            *at != leader
                && !nested
                && !whole
                && pair.now.llr >= named.now.llr - apart
                && left(pair) * 2 < pair.now.x
                && self.is_clear(pair)
        };
        let mut found: Vec<(usize, &Pair)> = self.open(own).filter(is_rival).collect();
        found.sort_by(|left, right| {
            let by_llr = right.1.now.llr.total_cmp(&left.1.now.llr);
            by_llr.then(left.0.cmp(&right.0))
        });
        found.into_iter().map(|(at, _)| at).collect()
    }

    /// Whether one factor is made of the other: a lot and its supplier's period are the same finding.
    fn is_nested(&self, one: &Pair, other: &Pair) -> bool {
        let (one, other) = (self.factor(one), self.factor(other));
        let factors = &self.cells.factors;
        factors.is_made_from(one, other) || factors.is_made_from(other, one)
    }
}

impl Answer {
    /// The rivals of a pair as `factor value`, joined by `; `.
    pub(super) fn rivals_of(&self, pair: &Pair) -> Option<String> {
        let PairState::Suspect(number) = pair.state else {
            return None;
        };
        let suspect = self.suspects.get(number as usize)?;
        let names = suspect.rivals.iter().filter_map(|at| self.pair_name(*at));
        let names: Vec<String> = names.collect();
        (!names.is_empty()).then(|| names.join("; "))
    }
}
