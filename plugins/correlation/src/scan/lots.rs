//! `lot_window_scan`: which production dates carry more of a unit's complaints than the dates of
//! all other units make expected (Kulldorff 1997 in one dimension; Naus 1965).

use super::{Chance, Dealer, Most};
use crate::input::{InputError, Place, Texts};
use crate::series::clock::{Clock, Every, When};
use crate::stats::ratio::excess_llr;
use std::collections::BTreeMap;
use std::rc::Rc;
use tsugi_statistics::multiple::benjamini_hochberg;

/// Periods from the first production date to the last.
pub(crate) const PERIODS_MAX: usize = 5_000;

/// The arguments of `lot_window_scan`, checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Options {
    /// How long a period is.
    pub every: Every,
    /// The first day looked at.
    pub from: Option<When>,
    /// The last day looked at.
    pub to: Option<When>,
    /// Periods in a window at most.
    pub window_max: usize,
    /// Windows returned for a unit.
    pub windows: usize,
    /// Units with fewer dated complaints are not scanned; they still count among the others.
    pub minimum: u64,
    /// How p is simulated.
    pub chance: Chance,
}

/// A window of production dates.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Window {
    pub unit: String,
    /// Place among the windows of its unit, from 1.
    pub window_rank: u64,
    /// The first period, ISO 8601 or number; none when the scan abstains.
    pub from: Option<String>,
    pub to: Option<String>,
    /// The unit's complaints made in the window.
    pub observed: u64,
    /// What the dates of the others make expected.
    pub expected: Option<f64>,
    /// The log likelihood ratio.
    pub llr: Option<f64>,
    /// All dated complaints of the unit in the range.
    pub total: u64,
    /// How often chance gives a window as clear.
    pub p_value: Option<f64>,
    /// q over the units scanned, for the clearest window of each.
    pub q_value: Option<f64>,
    /// Why the scan abstains.
    pub abstained: Option<&'static str>,
}

/// Takes rows of unit, production date and number.
pub(crate) struct LotReader {
    options: Options,
    clock: Clock,
    units: Texts,
    counts: BTreeMap<(u32, i64), u64>,
    rows: u64,
}

impl LotReader {
    /// A reader that has seen nothing.
    ///
    /// # Errors
    /// [`InputError::BadPeriod`] when `from` and `to` are not alike.
    pub(crate) fn new(options: Options) -> Result<Self, InputError> {
        let mut clock = Clock::new(options.every);
        for bound in [options.from, options.to].into_iter().flatten() {
            clock.number(0, options.every.begin(bound))?;
        }
        Ok(Self {
            options,
            clock,
            units: Texts::default(),
            counts: BTreeMap::new(),
            rows: 0,
        })
    }

    /// Adds a row. A null date is a complaint whose lot is not known: it is omitted.
    ///
    /// # Errors
    /// [`InputError`] with the row when a value cannot be used.
    pub(crate) fn push(
        &mut self,
        unit: Option<&str>,
        made: Option<When>,
        n: Option<f64>,
    ) -> Result<(), InputError> {
        self.rows += 1;
        let row = self.rows;
        let unit = unit.ok_or(InputError::NullUnit {
            row,
            column: "unit".to_owned(),
        })?;
        let about = [("unit", Some(unit))];
        let n = Place { row, about: &about }.count("n", n)?;
        let number = self.units.number(unit)?;
        let Some(made) = made else {
            return Ok(());
        };
        let options = &self.options;
        let outside = options.from.is_some_and(|from| before(made, from))
            || options.to.is_some_and(|to| before(to, made));
        let period = self.clock.number(row, options.every.begin(made))?;
        if !outside {
            *self.counts.entry((number, period)).or_default() += n;
        }
        Ok(())
    }

    /// Scans every unit.
    ///
    /// # Errors
    /// [`InputError::TooMuch`] when the dates reach too far or the simulations would take too long.
    pub(crate) fn scan(mut self) -> Result<Vec<Window>, InputError> {
        let mut bound = |when: Option<When>| {
            when.map(|when| self.clock.number(0, self.options.every.begin(when)))
                .transpose()
        };
        let (from, to) = (bound(self.options.from)?, bound(self.options.to)?);
        let periods = || self.counts.keys().map(|(_, period)| *period);
        let (Some(first), Some(last)) = (from.or(periods().min()), to.or(periods().max())) else {
            return Ok(Vec::new());
        };
        let length = usize::try_from(last.saturating_sub(first).saturating_add(1)).unwrap_or(0);
        if length > PERIODS_MAX {
            return Err(InputError::TooMuch {
                what: "periods between the first production date and the last",
                limit: PERIODS_MAX,
                hint: "Set made_from and made_to, or look for a date that is wrong",
            });
        }
        let mut all = vec![0_u64; length];
        let mut own: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
        for ((unit, period), n) in &self.counts {
            let at = usize::try_from(period - first).unwrap_or(usize::MAX);
            let mine = own.entry(*unit).or_insert_with(|| vec![0; length]);
            for slots in [mine, &mut all] {
                if let Some(slot) = slots.get_mut(at) {
                    *slot += n;
                }
            }
        }
        let (names, renumbered) = self.units.sorted();
        let mut units: Vec<(Rc<str>, Vec<u64>)> = own
            .into_iter()
            .filter_map(|(unit, counts)| {
                let name = names.get(*renumbered.get(unit as usize)? as usize)?;
                Some((Rc::clone(name), counts))
            })
            .filter(|(_, counts)| counts.iter().sum::<u64>() >= self.options.minimum)
            .collect();
        units.sort();
        let scan = Scan {
            options: &self.options,
            clock: self.clock,
            first,
            all,
        };
        scan.units(&units)
    }
}

fn before(left: When, right: When) -> bool {
    match (left, right) {
        (When::Number(left), When::Number(right)) => left < right,
        (When::Day(left), When::Day(right)) => left < right,
        _ => false,
    }
}

struct Scan<'a> {
    options: &'a Options,
    clock: Clock,
    first: i64,
    all: Vec<u64>,
}

struct Span {
    from: usize,
    to: usize,
    observed: u64,
    expected: f64,
    llr: f64,
}

impl Scan<'_> {
    fn units(&self, units: &[(Rc<str>, Vec<u64>)]) -> Result<Vec<Window>, InputError> {
        let windows = (self.all.len() * self.options.window_max.min(self.all.len())) as f64;
        let steps = |counts: &[u64]| windows + 8.0 * counts.iter().sum::<u64>() as f64;
        self.options
            .chance
            .affordable(units.iter().map(|(_, counts)| steps(counts)).sum())?;
        let mut found = Vec::new();
        for (name, counts) in units {
            found.extend(self.unit(name, counts));
        }
        let first_p = |window: &Window| window.p_value.filter(|_| window.window_rank == 1);
        let chances: Vec<f64> = found.iter().filter_map(first_p).collect();
        let q_values = benjamini_hochberg(&chances, chances.len() as u64);
        let firsts = found.iter_mut().filter(|window| first_p(window).is_some());
        for (window, q) in firsts.zip(q_values) {
            window.q_value = Some(q);
        }
        Ok(found)
    }

    fn unit(&self, name: &str, counts: &[u64]) -> Vec<Window> {
        let total: u64 = counts.iter().sum();
        let others: Vec<u64> = self
            .all
            .iter()
            .zip(counts)
            .map(|(all, own)| all - own)
            .collect();
        let elsewhere: u64 = others.iter().sum();
        let nothing = |why| {
            vec![Window {
                unit: name.to_owned(),
                window_rank: 1,
                from: None,
                to: None,
                observed: 0,
                expected: None,
                llr: None,
                total,
                p_value: None,
                q_value: None,
                abstained: Some(why),
            }]
        };
        if elsewhere == 0 {
            return nothing("no other unit has a dated complaint in the range");
        }
        let shares: Vec<f64> = others
            .iter()
            .map(|n| *n as f64 / elsewhere as f64)
            .collect();
        let mut spans = self.spans(counts, &shares, total);
        // Where nothing tells two windows apart the longer one goes first: it claims less.
        spans.sort_by(|left, right| {
            let longer = (right.to - right.from).cmp(&(left.to - left.from));
            right
                .llr
                .total_cmp(&left.llr)
                .then(longer)
                .then(left.from.cmp(&right.from))
        });
        spans.truncate(self.options.windows);
        if spans.is_empty() {
            return nothing("no window has more than expected");
        }
        let simulated = self.simulate(&shares, total);
        (1..)
            .zip(spans)
            .map(|(rank, span)| Window {
                unit: name.to_owned(),
                window_rank: rank,
                from: Some(self.clock.text(self.first + span.from as i64)),
                to: Some(self.clock.text(self.first + span.to as i64)),
                observed: span.observed,
                expected: Some(span.expected),
                llr: Some(span.llr),
                total,
                p_value: Some(self.options.chance.p_value(&simulated, span.llr)),
                q_value: None,
                abstained: None,
            })
            .collect()
    }

    fn spans(&self, counts: &[u64], shares: &[f64], total: u64) -> Vec<Span> {
        let mut spans = Vec::new();
        for from in 0..counts.len() {
            let (mut observed, mut share) = (0, 0.0);
            let run = counts
                .iter()
                .zip(shares)
                .skip(from)
                .take(self.options.window_max);
            for (to, (count, part)) in (from..).zip(run) {
                observed += count;
                share += part;
                let llr = excess_llr(observed, total, share);
                if llr > 0.0 {
                    spans.push(Span {
                        from,
                        to,
                        observed,
                        expected: share * total as f64,
                        llr,
                    });
                }
            }
        }
        spans
    }

    fn simulate(&self, shares: &[f64], total: u64) -> Vec<f64> {
        let mut dealer = Dealer::new(shares, self.options.chance.seed);
        let mut dealt = vec![0; shares.len()];
        let expected: Vec<f64> = shares.iter().map(|share| share * total as f64).collect();
        (0..self.options.chance.simulations)
            .map(|_| {
                dealer.deal(total, &mut dealt);
                let mut most = Most::new(total as f64);
                for from in 0..dealt.len() {
                    let (mut inside, mut awaited) = (0_u64, 0.0);
                    let run = dealt
                        .iter()
                        .zip(&expected)
                        .skip(from)
                        .take(self.options.window_max);
                    for (count, part) in run {
                        inside += u64::from(*count);
                        awaited += part;
                        most.offer(inside as f64, awaited);
                    }
                }
                most.best
            })
            .collect()
    }
}
