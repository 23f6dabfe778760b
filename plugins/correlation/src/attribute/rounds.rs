//! Naming suspects one by one: the strongest excess first, then everything is tested again without
//! its cells, so that what was only its shadow falls away.

use super::cells::{Cells, Tally, elsewhere};
use super::options::Options;
use super::pairs::{Pair, PairState, Seen, Suspect, Totals, search_p, subtract, weigh};
use crate::input::InputError;
use crate::stats::Interval;
use crate::stats::ratio::{compare, ratio_interval};
use crate::verdict::COMPLAINTS_MIN;
use tsugi_statistics::multiple::benjamini_hochberg;

/// Pairs with complaints that one call may hold: about 120 bytes each.
pub(crate) const PAIRS_MAX: usize = 1 << 19;

/// Suspects that one call names; a person judges what would follow.
pub(crate) const SUSPECTS_MAX: usize = 100;

/// How often the spread of the background is measured again after suspects were set aside.
const SPREAD_ROUNDS_MAX: usize = 6;

/// Everything that changes while suspects are named.
pub(crate) struct Rounds<'a> {
    pub cells: Cells,
    pub(super) options: &'a Options,
    /// Pairs with complaints, by topic, then value; behind them windows as they are found.
    pub pairs: Vec<Pair>,
    /// How many of these are there before any window.
    fixed: usize,
    /// Places of the pairs, by topic.
    pub(super) of_topic: Vec<Vec<u32>>,
    /// Sums over all cells, by topic.
    pub full: Vec<Totals>,
    /// Shipped units by topic, whatever their age.
    pub plain: Vec<f64>,
    /// Sums without the cells of suspects, by topic.
    pub now: Vec<Totals>,
    /// How much more than Poisson the counts spread, by topic; 1 when they do not.
    pub dispersion: Vec<f64>,
    pub(super) removed: Vec<Vec<u32>>,
    /// Suspects in the order they were named.
    pub suspects: Vec<Suspect>,
    /// Pairs tested: every value and topic with shipped units here and elsewhere.
    pub tested: u64,
}

impl<'a> Rounds<'a> {
    /// Tests every pair and names suspects until none is strong enough.
    ///
    /// # Errors
    /// [`InputError::TooMuch`] when more pairs have complaints than one call may hold, and
    /// [`InputError::Defect`] when its own numbers do not agree.
    pub(crate) fn run(cells: Cells, options: &'a Options) -> Result<Self, InputError> {
        let topics = cells.topics.len();
        let mut rounds = Self {
            cells,
            options,
            pairs: Vec::new(),
            fixed: 0,
            of_topic: Vec::new(),
            full: Vec::new(),
            plain: Vec::new(),
            now: Vec::new(),
            dispersion: vec![1.0; topics],
            removed: Vec::new(),
            suspects: Vec::new(),
            tested: 0,
        };
        for topic in 0..topics {
            rounds.cells.weigh(topic, &[]);
        }
        rounds.open_all()?;
        let mut aged = false;
        for _ in 0..SPREAD_ROUNDS_MAX {
            rounds.name_all()?;
            let mut again = rounds.spread_grew();
            // Rates at each age are those of the comparison: without the suspects.
            if !std::mem::replace(&mut aged, true) && rounds.age_again() {
                rounds.open_all()?;
                again = true;
            }
            if !again {
                break;
            }
        }
        for at in 0..rounds.pairs.len() {
            let small = rounds
                .pairs
                .get(at)
                .is_some_and(|pair| rounds.is_small(pair));
            if let Some(pair) = rounds.pairs.get_mut(at) {
                pair.small = small;
            }
        }
        Ok(rounds)
    }

    fn open_all(&mut self) -> Result<(), InputError> {
        (self.pairs, self.of_topic, self.full) = Default::default();
        (self.plain, self.tested) = (Vec::new(), 0);
        self.cells.forget_windows();
        for topic in 0..self.cells.topics.len() {
            self.open_topic(topic)?;
        }
        self.fixed = self.pairs.len();
        Ok(())
    }

    /// Counts the pairs of a topic and holds those that have complaints.
    fn open_topic(&mut self, topic: usize) -> Result<(), InputError> {
        let tally = self.cells.tally(topic, &[]);
        let plain = self.cells.plain_tally(topic);
        let first = self.pairs.len();
        for (value, ((&x, &e), &rows)) in tally
            .complaints
            .iter()
            .zip(&tally.shipped)
            .zip(&tally.rows)
            .enumerate()
        {
            self.tested += u64::from(e > 0.0 && tally.shipped_elsewhere(e) > 0.0);
            if x == 0 {
                continue;
            }
            if self.pairs.len() >= PAIRS_MAX {
                let hint = "Leave out factors or topics that cannot matter, or group small values";
                return Err(InputError::TooMuch {
                    what: "pairs with complaints",
                    limit: PAIRS_MAX,
                    hint,
                });
            }
            let full = Seen {
                x,
                e,
                rows,
                ..Seen::default()
            };
            let (topic, value) = (topic as u32, value as u32);
            self.pairs.push(Pair {
                topic,
                value,
                full,
                plain: plain.shipped.get(value as usize).copied().unwrap_or(0.0),
                now: full,
                state: PairState::Open,
                explained: None,
                small: false,
            });
        }
        self.of_topic
            .push((first as u32..self.pairs.len() as u32).collect());
        self.tested += self.series_tested(&tally);
        self.plain.push(plain.shipped_total);
        self.full.push(Totals {
            x: tally.complaints_total,
            e: tally.shipped_total,
        });
        Ok(())
    }

    /// Starts over with the spread known so far and names suspects.
    fn name_all(&mut self) -> Result<(), InputError> {
        self.now = self.full.clone();
        self.removed = vec![Vec::new(); self.full.len()];
        self.suspects.clear();
        self.forget_windows();
        for topic in 0..self.full.len() {
            let tally = self.cells.tally(topic, &[]);
            self.scan(topic, &tally, None);
        }
        for pair in &mut self.pairs {
            let topic = pair.topic as usize;
            let totals = self.full.get(topic).copied().unwrap_or_default();
            let dispersion = self.dispersion.get(topic).copied().unwrap_or(1.0);
            weigh(&mut pair.full, totals, dispersion);
            if let Some(window) = self.cells.window(pair.value) {
                search_p(&mut pair.full, window, dispersion);
            }
            (pair.now, pair.state, pair.explained) = (pair.full, PairState::Open, None);
        }
        self.correct();
        for pair in &mut self.pairs {
            pair.full.q = pair.now.q;
        }
        while self.suspects.len() < SUSPECTS_MAX {
            let Some(strongest) = self.strongest() else {
                break;
            };
            let strongest = self.narrowed(strongest);
            self.name(strongest)?;
            self.correct();
        }
        Ok(())
    }

    fn forget_windows(&mut self) {
        self.cells.forget_windows();
        self.pairs.truncate(self.fixed);
        for pairs in &mut self.of_topic {
            pairs.retain(|at| (*at as usize) < self.fixed);
        }
    }

    /// q of every open pair over all pairs tested; suspects that are named count as p = 1.
    fn correct(&mut self) {
        let open = |pair: &Pair| pair.state == PairState::Open;
        let p_values: Vec<f64> = self
            .pairs
            .iter()
            .map(|pair| {
                if open(pair) {
                    pair.now.p.unwrap_or(1.0)
                } else {
                    1.0
                }
            })
            .collect();
        let q_values = benjamini_hochberg(&p_values, self.tested);
        for (pair, q) in self.pairs.iter_mut().zip(q_values) {
            if open(pair) {
                pair.now.q = q;
            }
        }
    }

    /// The open pair with the largest excess among those that are clear. One with too few complaints to lead is
    /// among them: what only borrows its complaints must not lead in its place.
    fn strongest(&self) -> Option<usize> {
        let strong = self
            .pairs
            .iter()
            .enumerate()
            .filter(|(_, pair)| pair.state == PairState::Open && self.is_clear(pair));
        strong
            .reduce(|best, other| {
                let key = |pair: &Pair| (self.nearness(pair), pair.value, pair.topic);
                match other.1.now.llr.total_cmp(&best.1.now.llr) {
                    std::cmp::Ordering::Greater => other,
                    std::cmp::Ordering::Equal if key(other.1) < key(best.1) => other,
                    _ => best,
                }
            })
            .map(|(at, _)| at)
    }

    /// Strong enough to be a leading suspect: clear, with enough complaints.
    fn is_strong(&self, pair: &Pair) -> bool {
        let searched = self.cells.window(pair.value).is_some();
        let least = self.options.least(searched);
        pair.full.x >= least && pair.now.x >= least && self.is_clear(pair)
    }

    /// Clear over all cells and over those still open.
    pub(super) fn is_clear(&self, pair: &Pair) -> bool {
        let topic = pair.topic as usize;
        let enough = |seen: &Seen, totals: &[Totals]| {
            let totals = totals.get(topic).copied().unwrap_or_default();
            seen.q < self.options.alpha
                && seen.x >= COMPLAINTS_MIN
                && self.interval(seen, totals, topic).low.unwrap_or(0.0) > self.options.min_ratio
        };
        enough(&pair.full, &self.full) && enough(&pair.now, &self.now)
    }

    fn interval(&self, seen: &Seen, totals: Totals, topic: usize) -> Interval {
        let dispersion = self.dispersion.get(topic).copied().unwrap_or(1.0);
        let rest = elsewhere(totals.e, seen.e);
        let rest_x = totals.x.saturating_sub(seen.x);
        ratio_interval(seen.x, seen.e, rest_x, rest, dispersion)
    }

    /// Clear, and yet surely not above the least ratio that leads.
    fn is_small(&self, pair: &Pair) -> bool {
        let topic = pair.topic as usize;
        let totals = self.now.get(topic).copied().unwrap_or_default();
        let interval = self.interval(&pair.now, totals, topic);
        interval.low.is_some_and(|low| low > 1.0)
            && interval
                .high
                .is_some_and(|high| high <= self.options.min_ratio)
    }

    fn nearness(&self, pair: &Pair) -> (usize, usize) {
        self.cells.factors.nearness(self.factor(pair))
    }

    pub(super) fn factor(&self, pair: &Pair) -> usize {
        self.cells
            .values
            .get(pair.value as usize)
            .map_or(usize::MAX, |value| value.factor)
    }

    /// Makes a pair the next suspect, and tests its topic again without its cells.
    fn name(&mut self, strongest: usize) -> Result<(), InputError> {
        let pair = self.pairs.get(strongest);
        let (topic, value, rows) = pair
            .map(|pair| (pair.topic as usize, pair.value, pair.now.rows))
            .ok_or(InputError::Defect(
                "the strongest pair is none of the pairs",
            ))?;
        let unknown = || InputError::Defect("a pair is of no topic");
        let own = self.of_topic.get(topic).cloned().ok_or_else(unknown)?;
        let removed = self.removed.get_mut(topic).ok_or_else(unknown)?;
        removed.push(value);
        let remaining = self.cells.tally(topic, removed);
        let leader = self.leader(&own, rows, &remaining).unwrap_or(strongest);
        let number = self.suspects.len() as u32;
        self.suspects.push(Suspect {
            pair: leader,
            totals: self.now.get(topic).copied().unwrap_or_default(),
            rivals: self.rivals(&own, leader, &remaining),
        });
        let parts = self.parts(&own, leader, &remaining);
        let dispersion = self.dispersion.get(topic).copied().unwrap_or(1.0);
        let totals = Totals {
            x: remaining.complaints_total,
            e: remaining.shipped_total,
        };
        for (at, part) in own.iter().zip(parts) {
            let at = *at as usize;
            let Some(pair) = self.pairs.get_mut(at) else {
                continue;
            };
            if pair.state != PairState::Open {
                continue;
            }
            if at == leader {
                pair.state = PairState::Suspect(number);
            } else if let Some(higher) = part {
                pair.state = PairState::Part { of: number, higher };
            } else {
                let suspect = (number, rows);
                subtract(pair, suspect, &remaining, totals, dispersion);
                if let Some(window) = self.cells.window(pair.value) {
                    search_p(&mut pair.now, window, dispersion);
                }
            }
        }
        if let Some(now) = self.now.get_mut(topic) {
            *now = totals;
        }
        self.scan(topic, &remaining, Some(totals));
        Ok(())
    }

    /// The pairs at these places that are open.
    pub(super) fn open(&self, own: &[u32]) -> impl Iterator<Item = (usize, &Pair)> {
        let pairs = own.iter().filter_map(|at| {
            let at = *at as usize;
            Some((at, self.pairs.get(at)?))
        });
        pairs.filter(|(_, pair)| pair.state == PairState::Open)
    }

    /// Values with the very same cells cannot be distinguished: the one nearest the origin is named.
    fn leader(&self, own: &[u32], rows: u32, remaining: &Tally) -> Option<usize> {
        self.open(own)
            .filter(|(_, pair)| {
                pair.now.rows == rows && rows_of(remaining, pair) == 0 && self.is_clear(pair)
            })
            .min_by_key(|(_, pair)| (self.nearness(pair), pair.value))
            .map(|(at, _)| at)
    }

    /// For each pair of a topic: none when it is no part of the leader, else whether it has more than its share of it.
    fn parts(&self, own: &[u32], leader: usize, remaining: &Tally) -> Vec<Option<bool>> {
        let Some(whole) = self.pairs.get(leader) else {
            return vec![None; own.len()];
        };
        let pairs = own.iter().filter_map(|at| self.pairs.get(*at as usize));
        let is_part = |pair: &Pair| {
            let inside = pair.now.rows == pair.full.rows && rows_of(remaining, pair) == 0;
            let factors = &self.cells.factors;
            inside && factors.may_be_part(self.factor(pair), self.factor(whole))
        };
        let count = pairs.clone().filter(|pair| is_part(pair)).count();
        pairs
            .map(|pair| is_part(pair).then(|| self.is_higher(pair, whole, count)))
            .collect()
    }

    /// Strong by itself, and above the rest of the suspect that it is a part of, among so many parts; or that has
    /// too few complaints to lead.
    fn is_higher(&self, part: &Pair, whole: &Pair, parts: usize) -> bool {
        let dispersion = self.dispersion.get(part.topic as usize).copied();
        let (x, rest_e) = (part.now.x, elsewhere(whole.now.e, part.now.e));
        let rest_x = whole.now.x.saturating_sub(x);
        let found = compare(x, part.now.e, rest_x, rest_e, dispersion.unwrap_or(1.0));
        let above = found.is_some_and(|found| found.p * (parts as f64) < self.options.alpha);
        (above || !self.is_strong(whole)) && self.is_strong(part)
    }
}

/// How many cells of a pair's value remain.
pub(super) fn rows_of(remaining: &Tally, pair: &Pair) -> u32 {
    let rows = remaining.rows.get(pair.value as usize);
    rows.copied().unwrap_or(0)
}
