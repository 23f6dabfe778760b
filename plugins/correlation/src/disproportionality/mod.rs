//! `disproportionality`: which unit carries more of a topic than the others, when only reports
//! are known and shipped units are not.

pub(crate) mod prior;
mod reason;
pub(crate) mod reports;

use crate::input::{InputError, level};
use crate::stats::shrink::{Prior, Shrunk, bcpnn_low};
use crate::stats::two_by_two::TwoByTwo;
use crate::verdict::{COMPLAINTS_MIN, Verdict};
use prior::PriorOption;
use reports::Reports;
use tsugi_statistics::multiple::benjamini_hochberg;

/// Pairs that one call may test: about 64 bytes each.
pub(crate) const PAIRS_MAX: usize = 1 << 20;

/// The arguments of `disproportionality`, checked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Options {
    /// q below this, with an information component clearly above 0, makes a leading suspect.
    pub alpha: f64,
    /// q below this needs a person.
    pub review_alpha: f64,
    /// Units with fewer reports are not tested; they still count among the others.
    pub minimum: u64,
    /// Pairs with fewer reports together are neither tested nor returned.
    pub minimum_together: u64,
    /// Reports that a leading suspect must have at least.
    pub min_complaints: u64,
    /// Where the prior of EBGM comes from.
    pub prior: PriorOption,
    /// The unit of reports whose unit is not known: compared with, never tested.
    pub unknown: Option<String>,
}

impl Options {
    /// Checks the arguments.
    ///
    /// # Errors
    /// [`InputError::BadOption`] names the argument and what it must be.
    pub(crate) fn check(
        alpha: f64,
        review_alpha: f64,
        minimum: i64,
        minimum_together: i64,
        min_complaints: i64,
        prior: Option<&str>,
    ) -> Result<Self, InputError> {
        let count = |option: &'static str, given: i64| {
            u64::try_from(given).map_err(|_| InputError::BadOption {
                option,
                given: given.to_string(),
                reason: "it must be at least 0".to_owned(),
            })
        };
        let (alpha, review_alpha) = (level("alpha", alpha)?, level("review_alpha", review_alpha)?);
        if review_alpha < alpha {
            let reason = format!("it must be at least alpha ({alpha})");
            return Err(InputError::BadOption {
                option: "review_alpha",
                given: review_alpha.to_string(),
                reason,
            });
        }
        Ok(Self {
            alpha,
            review_alpha,
            minimum: count("minimum", minimum)?,
            minimum_together: count("minimum_together", minimum_together)?,
            min_complaints: count("min_complaints", min_complaints)?,
            prior: PriorOption::parse(prior.unwrap_or("fit"))?,
            unknown: None,
        })
    }
}

/// One row of the answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Signal {
    /// Place in the whole answer, from 1: by verdict, then by p.
    pub rank: u64,
    /// The family; `None` when the input has none.
    pub family: Option<String>,
    pub unit: String,
    /// The topic; `None` when rows say hit or not.
    pub topic: Option<String>,
    pub table: TwoByTwo,
    /// EBGM with its limits; `None` without a prior.
    pub shrunk: Option<Shrunk>,
    /// The prior behind it.
    pub prior: Option<Prior>,
    /// The lower limit of the information component as the BCPNN gives it.
    pub bcpnn_low: Option<f64>,
    /// Fisher's p; `None` when there are no other units.
    pub fisher_p: Option<f64>,
    /// Benjamini–Hochberg q over all pairs tested.
    pub q_value: Option<f64>,
    /// Pairs tested in the whole call.
    pub pairs_tested: u64,
    pub verdict: Verdict,
    /// One sentence with the numbers.
    pub reason: String,
}

struct Pair {
    family: u32,
    unit: u32,
    topic: u32,
    table: TwoByTwo,
    p: Option<f64>,
    q: f64,
    verdict: Verdict,
}

/// The whole answer: an iterator of its rows.
pub(crate) struct Answer {
    reports: Reports,
    options: Options,
    pairs: Vec<Pair>,
    prior: Option<Prior>,
    tested: u64,
    /// The next pair to return.
    next: usize,
}

/// Tests every unit with every topic of its family.
///
/// # Errors
/// [`InputError::TooMuch`] when there are more pairs than one call may test.
pub(crate) fn disproportionality(reports: Reports, options: Options) -> Result<Answer, InputError> {
    let mut pairs = all_pairs(&reports, &options)?;
    let p_values: Vec<f64> = pairs.iter().filter_map(|pair| pair.p).collect();
    let tested = p_values.len() as u64;
    let q_values = benjamini_hochberg(&p_values, tested);
    for (pair, q) in pairs
        .iter_mut()
        .filter(|pair| pair.p.is_some())
        .zip(q_values)
    {
        pair.q = q;
        pair.verdict = verdict(pair, &options);
    }
    let key = |pair: &Pair| (pair.topic, pair.family, pair.unit);
    pairs.sort_by(|left, right| {
        let p = |pair: &Pair| pair.p.unwrap_or(2.0);
        left.verdict
            .cmp(&right.verdict)
            .then(p(left).total_cmp(&p(right)))
            .then(key(left).cmp(&key(right)))
    });
    let prior = options.prior.prior(&reports)?;
    Ok(Answer {
        reports,
        options,
        pairs,
        prior,
        tested,
        next: 0,
    })
}

/// Every unit with every topic of its family; only pairs that have reports together when
/// `minimum_together` asks for some.
fn all_pairs(reports: &Reports, options: &Options) -> Result<Vec<Pair>, InputError> {
    let mut pairs = Vec::new();
    let unknown = options
        .unknown
        .as_deref()
        .and_then(|name| reports.unit(name));
    let tested = |unit: u32, n: u64| n >= options.minimum.max(1) && Some(unit) != unknown;
    if options.minimum_together > 0 {
        for &([family, unit, topic], a) in &reports.by_pair {
            let n = reports.of_unit(family, unit);
            if a >= options.minimum_together && tested(unit, n) {
                add(&mut pairs, reports, [family, unit, topic], a, n)?;
            }
        }
        return Ok(pairs);
    }
    let mut together = reports.by_pair.iter().copied().peekable();
    for &([family, unit], n) in &reports.by_unit {
        let first = reports.by_topic.partition_point(|(key, _)| key[0] < family);
        let topics = reports.by_topic.iter().skip(first);
        for &([_, topic], _) in topics.take_while(|(key, _)| key[0] == family) {
            let key = [family, unit, topic];
            let found = together.next_if(|(other, _)| *other == key);
            if tested(unit, n) {
                add(&mut pairs, reports, key, found.map_or(0, |(_, a)| a), n)?;
            }
        }
    }
    Ok(pairs)
}

fn add(
    pairs: &mut Vec<Pair>,
    reports: &Reports,
    [family, unit, topic]: [u32; 3],
    a: u64,
    n: u64,
) -> Result<(), InputError> {
    if pairs.len() >= PAIRS_MAX {
        let hint = "Raise minimum or minimum_together, or leave out topics";
        return Err(InputError::TooMuch {
            what: "pairs of unit and topic",
            limit: PAIRS_MAX,
            hint,
        });
    }
    let c = reports.of_topic(family, topic).saturating_sub(a);
    let table = TwoByTwo {
        a,
        b: n.saturating_sub(a),
        c,
        d: reports
            .of_family(family)
            .saturating_sub(n)
            .saturating_sub(c),
    };
    let p = (table.c + table.d > 0).then(|| table.fisher_p());
    pairs.push(Pair {
        family,
        unit,
        topic,
        table,
        p,
        q: 1.0,
        verdict: Verdict::NoEvidence,
    });
    Ok(())
}

fn verdict(pair: &Pair, options: &Options) -> Verdict {
    // Where no other unit has the topic the ratio has no limits, and the component decides alone.
    let clear = pair.q < options.alpha
        && pair.table.ic().1.is_some_and(|low| low > 0.0)
        && pair.table.prr().1.low.is_none_or(|low| low > 1.0);
    if clear && pair.table.a >= options.min_complaints {
        Verdict::Leading
    } else if pair.q < options.review_alpha && pair.table.a >= COMPLAINTS_MIN {
        Verdict::NeedsPerson
    } else {
        Verdict::NoEvidence
    }
}

/// All rows in rank order.
impl Iterator for Answer {
    type Item = Signal;

    fn next(&mut self) -> Option<Signal> {
        let row = self.row(self.next as u64 + 1, self.pairs.get(self.next)?);
        self.next += 1;
        row
    }
}

impl Answer {
    fn row(&self, rank: u64, pair: &Pair) -> Option<Signal> {
        let named = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let table = &pair.table;
        let (unit, topic) = (table.a + table.b, table.a + table.c);
        Some(Signal {
            rank,
            family: named(self.reports.families.get(pair.family as usize)?),
            unit: self.reports.units.get(pair.unit as usize)?.to_string(),
            topic: named(self.reports.topics.get(pair.topic as usize)?),
            table: pair.table,
            shrunk: self
                .prior
                .and_then(|prior| prior.shrunk(table.a, table.expected())),
            prior: self.prior,
            bcpnn_low: bcpnn_low(table.a, unit, topic, table.total()),
            fisher_p: pair.p,
            q_value: pair.p.map(|_| pair.q),
            pairs_tested: self.tested,
            verdict: pair.verdict,
            reason: self.reason(pair),
        })
    }
}
