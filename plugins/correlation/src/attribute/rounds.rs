//! Naming suspects one by one: the strongest excess first, then everything is tested again without
//! its cells, so that what was only its shadow falls away.

use super::cells::{Cells, Tally, elsewhere};
use super::options::Options;
use super::pairs::{Pair, PairState, Seen, Suspect, Totals, subtract, weigh};
use crate::input::InputError;
use crate::stats::Interval;
use crate::stats::ratio::ratio_interval;
use crate::stats::spread::clear_dispersion;
use std::ops::Range;
use tsugi_statistics::multiple::benjamini_hochberg;

/// Pairs with complaints that one call may hold: about 120 bytes each.
pub(crate) const PAIRS_MAX: usize = 1 << 19;

/// Suspects that one call names; a person judges what would follow.
pub(crate) const SUSPECTS_MAX: usize = 100;

/// How often the spread of the background is measured again after suspects were set aside.
const SPREAD_ROUNDS_MAX: usize = 6;

/// Everything that changes while suspects are named.
pub(crate) struct Rounds<'a> {
    cells: &'a Cells,
    options: &'a Options,
    /// Pairs with complaints, by topic, then value.
    pub pairs: Vec<Pair>,
    of_topic: Vec<Range<usize>>,
    /// Sums over all cells, by topic.
    pub full: Vec<Totals>,
    /// Sums without the cells of suspects, by topic.
    pub now: Vec<Totals>,
    /// How much more than Poisson the counts spread, by topic; 1 when they do not.
    pub dispersion: Vec<f64>,
    removed: Vec<Vec<u32>>,
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
    pub(crate) fn run(cells: &'a Cells, options: &'a Options) -> Result<Self, InputError> {
        let topics = cells.topics.len();
        let mut rounds = Self {
            cells,
            options,
            pairs: Vec::new(),
            of_topic: Vec::new(),
            full: Vec::new(),
            now: Vec::new(),
            dispersion: vec![1.0; topics],
            removed: Vec::new(),
            suspects: Vec::new(),
            tested: 0,
        };
        for topic in 0..topics {
            rounds.open_topic(topic)?;
        }
        for _ in 0..SPREAD_ROUNDS_MAX {
            rounds.name_all()?;
            if !rounds.spread_grew() {
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

    /// Counts the pairs of a topic and holds those that have complaints.
    fn open_topic(&mut self, topic: usize) -> Result<(), InputError> {
        let tally = self.cells.tally(topic, &[]);
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
                now: full,
                state: PairState::Open,
                explained: None,
                small: false,
            });
        }
        self.of_topic.push(first..self.pairs.len());
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
        for pair in &mut self.pairs {
            let topic = pair.topic as usize;
            let totals = self.full.get(topic).copied().unwrap_or_default();
            weigh(
                &mut pair.full,
                totals,
                self.dispersion.get(topic).copied().unwrap_or(1.0),
            );
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
            self.name(strongest)?;
            self.correct();
        }
        Ok(())
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

    /// The open pair with the largest excess among those strong enough to lead.
    fn strongest(&self) -> Option<usize> {
        let strong = self
            .pairs
            .iter()
            .enumerate()
            .filter(|(_, pair)| pair.state == PairState::Open && self.is_strong(pair));
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

    /// Strong enough to be a leading suspect, over all cells and over those still open.
    fn is_strong(&self, pair: &Pair) -> bool {
        let topic = pair.topic as usize;
        let enough = |seen: &Seen, totals: &[Totals]| {
            let totals = totals.get(topic).copied().unwrap_or_default();
            seen.q < self.options.alpha
                && seen.x >= self.options.min_complaints
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

    fn factor(&self, pair: &Pair) -> usize {
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
        let range = self.of_topic.get(topic).cloned().ok_or_else(unknown)?;
        let removed = self.removed.get_mut(topic).ok_or_else(unknown)?;
        removed.push(value);
        let remaining = self.cells.tally(topic, removed);
        let leader = self
            .leader(range.clone(), rows, &remaining)
            .unwrap_or(strongest);
        let number = self.suspects.len() as u32;
        self.suspects.push(Suspect {
            pair: leader,
            totals: self.now.get(topic).copied().unwrap_or_default(),
        });
        let parts = self.parts(range.clone(), leader, &remaining);
        let dispersion = self.dispersion.get(topic).copied().unwrap_or(1.0);
        let totals = Totals {
            x: remaining.complaints_total,
            e: remaining.shipped_total,
        };
        for ((at, part), pair) in range
            .clone()
            .zip(parts)
            .zip(self.pairs.iter_mut().skip(range.start))
        {
            if pair.state != PairState::Open {
                continue;
            }
            if at == leader {
                pair.state = PairState::Suspect(number);
            } else if let Some(strong) = part {
                pair.state = PairState::Part { of: number, strong };
            } else {
                subtract(pair, number, &remaining, totals, dispersion);
            }
        }
        if let Some(now) = self.now.get_mut(topic) {
            *now = totals;
        }
        Ok(())
    }

    /// The open pairs of a topic, with their places.
    fn open(&self, range: Range<usize>) -> impl Iterator<Item = (usize, &Pair)> {
        let pairs = self.pairs.iter().enumerate();
        let pairs = pairs.skip(range.start).take(range.len());
        pairs.filter(|(_, pair)| pair.state == PairState::Open)
    }

    /// Values with the very same cells cannot be distinguished: the one nearest the origin is named.
    fn leader(&self, range: Range<usize>, rows: u32, remaining: &Tally) -> Option<usize> {
        self.open(range)
            .filter(|(_, pair)| {
                pair.now.rows == rows && rows_of(remaining, pair) == 0 && self.is_strong(pair)
            })
            .min_by_key(|(_, pair)| (self.nearness(pair), pair.value))
            .map(|(at, _)| at)
    }

    /// For each pair of a topic: none when it is no part of the leader, else whether it is a strong one.
    fn parts(&self, range: Range<usize>, leader: usize, remaining: &Tally) -> Vec<Option<bool>> {
        let leading = self.pairs.get(leader);
        let leading = leading.map_or(usize::MAX, |pair| self.factor(pair));
        let pairs = self.pairs.iter().skip(range.start).take(range.len());
        pairs
            .map(|pair| {
                let inside = pair.now.rows == pair.full.rows && rows_of(remaining, pair) == 0;
                let factors = &self.cells.factors;
                let part = inside && factors.may_be_part(self.factor(pair), leading);
                part.then(|| self.is_strong(pair))
            })
            .collect()
    }

    /// Measures the spread of the background again; true when it is clearly larger than assumed.
    fn spread_grew(&mut self) -> bool {
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
}

/// How many cells of a pair's value remain.
fn rows_of(remaining: &Tally, pair: &Pair) -> u32 {
    let rows = remaining.rows.get(pair.value as usize);
    rows.copied().unwrap_or(0)
}
