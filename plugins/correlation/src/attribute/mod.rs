//! `attribute`: which lot, supplier, period, change, carrier, region or product carries the excess
//! of complaints, and which only looks guilty because another does.

pub(crate) mod ages;
mod background;
pub(crate) mod cells;
mod chance;
pub(crate) mod columns;
mod evenness;
pub(crate) mod factors;
mod found;
pub(crate) mod options;
pub(crate) mod pairs;
mod parts;
pub(crate) mod reader;
mod reason;
mod rivals;
pub(crate) mod rounds;
pub(crate) mod series;
mod unit_rows;
pub(crate) mod window;
pub(crate) mod windows;

use crate::input::InputError;
use crate::stats::ratio::{rate_ratio, ratio_interval};
use crate::stats::{Interval, finite};
use crate::verdict::{COMPLAINTS_MIN, Verdict};
use cells::{Cells, Tally, elsewhere};
use evenness::Evenness;
use options::Options;
use pairs::{Explained, Pair, PairState, Seen, Suspect, Totals};
use rounds::Rounds;

/// One row of the answer: one value of one factor with one topic.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Comparison {
    /// Place in the whole answer, from 1: by verdict, then by log likelihood ratio.
    pub rank: u64,
    pub topic: String,
    /// The kind of suspect: a factor's name.
    pub factor: String,
    /// The suspect: a value of that factor.
    pub value: String,
    /// Of a window: its series, and the first and the last step of it.
    pub series: Option<String>,
    pub first: Option<String>,
    pub last: Option<String>,
    /// Complaints of the topic here.
    pub complaints: u64,
    pub shipped: f64,
    /// Complaints per unit; `None` without units.
    pub rate: Option<f64>,
    /// Complaints of the topic elsewhere.
    pub rest_complaints: u64,
    pub rest_shipped: f64,
    /// Complaints that units out for as long have elsewhere.
    pub expected: Option<f64>,
    /// Rate here over rate elsewhere, whatever the ages.
    pub plain_ratio: Option<f64>,
    /// The same at equal time at risk, where ages are known; `None` when infinite or unknown.
    pub rate_ratio: Option<f64>,
    /// The ratio's 95 % interval.
    pub interval: Interval,
    /// Exact one-sided p; `None` when it could not be tested.
    pub p_value: Option<f64>,
    /// Benjamini–Hochberg q over all pairs tested; `None` when it could not be tested.
    pub q_value: Option<f64>,
    /// Log likelihood ratio of the excess.
    pub llr: f64,
    /// How much more than by chance counts spread over the units of the first factor; 1 if not.
    pub dispersion: f64,
    /// Of a suspect with several units of the first factor: whether these share one rate.
    pub evenness: Option<Evenness>,
    /// Pairs tested in the whole call.
    pub pairs_tested: u64,
    pub verdict: Verdict,
    /// The suspect that explains it, as `factor value`.
    pub explained_by: Option<String>,
    /// The suspect it is a part of, as `factor value`.
    pub part_of: Option<String>,
    /// What the data cannot tell it from, as `factor value`.
    pub rivals: Option<String>,
    /// One sentence with the numbers.
    pub reason: String,
}

/// The whole answer: an iterator of its rows.
pub(crate) struct Answer {
    cells: Cells,
    options: Options,
    pairs: Vec<Pair>,
    full: Vec<Totals>,
    plain: Vec<f64>,
    now: Vec<Totals>,
    dispersion: Vec<f64>,
    suspects: Vec<Suspect>,
    tested: u64,
    order: Vec<(u32, Verdict)>,
    next_pair: usize,
    next_topic: usize,
    next_value: usize,
    tally: Option<Tally>,
    plain_tally: Option<Tally>,
    /// By topic: complaints and shipped units of each value of the first factor, once they are needed.
    units: Vec<Option<Vec<(u64, f64)>>>,
    rank: u64,
}

/// Tests every pair of the cells and settles every verdict.
///
/// # Errors
/// [`InputError::TooMuch`] when more pairs have complaints than one call may hold.
pub(crate) fn attribute(cells: Cells, options: Options) -> Result<Answer, InputError> {
    let rounds = Rounds::run(cells, &options)?;
    let mut order: Vec<(u32, Verdict)> = rounds
        .pairs
        .iter()
        .enumerate()
        .map(|(at, pair)| {
            let searched = rounds.cells.window(pair.value).is_some();
            (at as u32, verdict(pair, &options, searched))
        })
        .collect();
    let llr = |at: u32| {
        rounds
            .pairs
            .get(at as usize)
            .map_or(0.0, |pair| pair.full.llr)
    };
    let is_part = |at: u32| {
        let pair = rounds.pairs.get(at as usize);
        pair.is_some_and(|pair| matches!(pair.state, PairState::Part { .. }))
    };
    order.sort_by(|left, right| {
        left.1
            .cmp(&right.1)
            .then(llr(right.0).total_cmp(&llr(left.0)))
            .then(is_part(left.0).cmp(&is_part(right.0)))
            .then(left.0.cmp(&right.0))
    });
    let Rounds {
        cells,
        pairs,
        full,
        plain,
        now,
        dispersion,
        suspects,
        tested,
        ..
    } = rounds;
    Ok(Answer {
        cells,
        options,
        pairs,
        full,
        plain,
        now,
        dispersion,
        suspects,
        tested,
        order,
        next_pair: 0,
        next_topic: 0,
        next_value: 0,
        tally: None,
        plain_tally: None,
        units: Vec::new(),
        rank: 0,
    })
}

fn verdict(pair: &Pair, options: &Options, searched: bool) -> Verdict {
    let noticeable = |seen: &Seen| seen.q < options.review_alpha && seen.x >= COMPLAINTS_MIN;
    match pair.state {
        PairState::Suspect(_) if pair.now.x < options.least(searched) => Verdict::NeedsPerson,
        PairState::Suspect(_) => Verdict::Leading,
        PairState::Part { higher: true, .. } => Verdict::Leading,
        PairState::Part { .. } if noticeable(&pair.full) && noticeable(&pair.now) => {
            Verdict::PartOf
        }
        PairState::Part { .. } => Verdict::NoEvidence,
        // What shows only once a suspect is set aside must at least have looked high before.
        PairState::Open
            if noticeable(&pair.now)
                && !pair.small
                && pair.full.p.is_some_and(|p| p < options.alpha) =>
        {
            Verdict::NeedsPerson
        }
        PairState::Open if pair.full.q < options.review_alpha && is_shadow(pair, options) => {
            match pair.explained {
                Some(Explained { inside: true, .. }) => Verdict::ExplainedByPart,
                _ => Verdict::Explained,
            }
        }
        PairState::Open => Verdict::NoEvidence,
    }
}

/// Without the suspects its excess does not hold, or most of it was theirs.
fn is_shadow(pair: &Pair, options: &Options) -> bool {
    let Some(explained) = pair.explained else {
        return false;
    };
    pair.now.p.is_none_or(|p| p >= options.alpha) || explained.complaints * 2 >= pair.full.x
}

/// All rows in rank order.
impl Iterator for Answer {
    type Item = Comparison;

    fn next(&mut self) -> Option<Comparison> {
        let found = self.next_with_complaints().or_else(|| self.next_without());
        let mut row = found?;
        self.rank += 1;
        row.rank = self.rank;
        Some(row)
    }
}

impl Answer {
    fn next_with_complaints(&mut self) -> Option<Comparison> {
        let (at, verdict) = self.order.get(self.next_pair).copied()?;
        self.next_pair += 1;
        let pair = self.pairs.get(at as usize)?.clone();
        let mut finding = self.row(
            pair.topic as usize,
            pair.value as usize,
            (&pair.full, pair.plain),
        )?;
        finding.verdict = verdict;
        finding.evenness = self.evenness_of(at, verdict);
        finding.rivals = self.rivals_of(&pair);
        finding.reason = self.reason(&pair, &finding);
        match (pair.state, verdict, pair.explained) {
            (PairState::Part { of, .. }, ..) => finding.part_of = self.suspect_name(of),
            (_, Verdict::Explained | Verdict::ExplainedByPart, Some(explained)) => {
                finding.explained_by = self.suspect_name(explained.by)
            }
            _ => {}
        }
        Some(finding)
    }

    /// Values without a complaint, topic by topic: they were tested too.
    fn next_without(&mut self) -> Option<Comparison> {
        loop {
            if self.next_topic >= self.cells.topics.len() {
                return None;
            }
            if self.tally.is_none() {
                self.tally = Some(self.cells.tally(self.next_topic, &[]));
                self.plain_tally = Some(self.cells.plain_tally(self.next_topic));
            }
            let tally = self.tally.as_ref()?;
            let value = self.next_value;
            self.next_value += 1;
            match (tally.complaints.get(value), tally.shipped.get(value)) {
                (Some(0), Some(&e)) if e > 0.0 => {
                    let p = (tally.shipped_elsewhere(e) > 0.0).then_some(1.0);
                    let seen = Seen {
                        x: 0,
                        e,
                        rows: 0,
                        p,
                        q: 1.0,
                        llr: 0.0,
                    };
                    let plain = self.plain_tally.as_ref();
                    let plain = plain.and_then(|plain| plain.shipped.get(value));
                    let plain = plain.copied().unwrap_or(e);
                    return self.row(self.next_topic, value, (&seen, plain));
                }
                (Some(_), Some(_)) => {}
                _ => {
                    (self.next_topic, self.next_value, self.tally) = (self.next_topic + 1, 0, None)
                }
            }
        }
    }

    /// The row as the plain comparison over all cells gives it.
    fn row(&self, topic: usize, value: usize, (seen, plain): (&Seen, f64)) -> Option<Comparison> {
        let name = self.cells.values.get(value)?;
        let totals = self.full.get(topic)?;
        let dispersion = self.dispersion.get(topic).copied().unwrap_or(1.0);
        // Complaints about what was never shipped are in no sum.
        let own_x = if seen.e > 0.0 { seen.x } else { 0 };
        let (rest_x, rest_e) = (totals.x.saturating_sub(own_x), elsewhere(totals.e, seen.e));
        let window = self.cells.window(value as u32);
        let plain_rest = elsewhere(*self.plain.get(topic)?, plain);
        Some(Comparison {
            rank: 0,
            topic: self.cells.topics.get(topic)?.to_string(),
            factor: self.cells.factors.name(name.factor)?.to_owned(),
            value: name.name.to_string(),
            series: window.map(|window| window.series.to_string()),
            first: window.map(|window| window.first.to_string()),
            last: window.map(|window| window.last.to_string()),
            complaints: seen.x,
            shipped: plain,
            rate: (plain > 0.0)
                .then(|| finite(seen.x as f64 / plain))
                .flatten(),
            rest_complaints: rest_x,
            rest_shipped: plain_rest,
            expected: (rest_e > 0.0)
                .then(|| finite(seen.e * rest_x as f64 / rest_e))
                .flatten(),
            plain_ratio: rate_ratio(seen.x, plain, rest_x, plain_rest),
            rate_ratio: rate_ratio(seen.x, seen.e, rest_x, rest_e),
            interval: ratio_interval(seen.x, seen.e, rest_x, rest_e, dispersion),
            p_value: seen.p,
            q_value: seen.p.map(|_| seen.q),
            llr: seen.llr,
            dispersion,
            evenness: None,
            pairs_tested: self.tested,
            verdict: Verdict::NoEvidence,
            explained_by: None,
            part_of: None,
            rivals: None,
            reason: self.nothing_here(seen),
        })
    }

    fn suspect_name(&self, suspect: u32) -> Option<String> {
        self.pair_name(self.suspects.get(suspect as usize)?.pair)
    }

    fn pair_name(&self, at: usize) -> Option<String> {
        let pair = self.pairs.get(at)?;
        let value = self.cells.values.get(pair.value as usize)?;
        Some(format!(
            "{} {}",
            self.cells.factors.name(value.factor)?,
            value.name
        ))
    }
}
