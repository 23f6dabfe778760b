//! The input of `attribute`: cells of shipped units and complaints, held as plain columns.

use super::options::Options;
use crate::input::{InputError, Place, Texts};
use std::ops::Range;
use std::rc::Rc;

/// Cells one call may hold: about 48 bytes each with seven factors.
pub const CELLS_MAX: usize = 1_500_000;

/// No topic, or no value of a factor.
const NONE: u32 = u32::MAX;

/// A share of the exposure below this is the rounding error of a sum.
const ROUNDING: f64 = 1e-12;

/// Collects cells row by row.
pub struct CellReader {
    factors: Vec<String>,
    topics: Texts,
    values: Vec<Texts>,
    topic: Vec<u32>,
    shipped: Vec<f64>,
    complaints: Vec<u64>,
    columns: Vec<Vec<u32>>,
    rows_seen: u64,
    shipped_for_all: bool,
    shipped_for_one: bool,
    fractional: bool,
}

/// One value of one factor.
pub struct Value {
    /// The factor's place in the options.
    pub factor: usize,
    /// The value's text.
    pub name: Rc<str>,
}

/// All cells, in an order that does not depend on the order of arrival.
pub struct Cells {
    /// Topics in ascending order.
    pub topics: Vec<Rc<str>>,
    /// Values by factor, then in ascending order: their place is their number.
    pub values: Vec<Value>,
    shipped: Vec<f64>,
    complaints: Vec<u64>,
    columns: Vec<Vec<u32>>,
    /// Rows that hold for every topic.
    shared: Range<usize>,
    /// Rows of each topic.
    of_topic: Vec<Range<usize>>,
}

/// Sums of one topic over every value.
#[derive(Default)]
pub struct Tally {
    /// Complaints by value number.
    pub complaints: Vec<u64>,
    /// Shipped units by value number.
    pub shipped: Vec<f64>,
    /// Cells by value number.
    pub rows: Vec<u32>,
    /// Complaints in all.
    pub complaints_total: u64,
    /// Shipped units in all.
    pub shipped_total: f64,
}

impl Tally {
    /// Shipped units outside, given those of one value; a rounding error counts as none.
    pub fn shipped_elsewhere(&self, here: f64) -> f64 {
        elsewhere(self.shipped_total, here)
    }
}

/// What is left of a sum outside one part of it; a rounding error counts as nothing.
pub fn elsewhere(total: f64, here: f64) -> f64 {
    let rest = total - here;
    if rest <= total * ROUNDING { 0.0 } else { rest }
}

impl CellReader {
    /// A reader for these factors.
    pub fn new(options: &Options) -> Self {
        let count = options.factors.len();
        Self {
            factors: options.factors.clone(),
            topics: Texts::default(),
            values: (0..count).map(|_| Texts::default()).collect(),
            topic: Vec::new(),
            shipped: Vec::new(),
            complaints: Vec::new(),
            columns: vec![Vec::new(); count],
            rows_seen: 0,
            shipped_for_all: false,
            shipped_for_one: false,
            fractional: false,
        }
    }

    /// Adds one row; `values` in the order of the factors, `None` where a factor does not apply.
    ///
    /// # Errors
    /// Names the row when a number is negative, not finite or not whole, when complaints have no
    /// topic, when shipped units are given in both forms, or when there is too much.
    pub fn push(
        &mut self,
        topic: Option<&str>,
        shipped: Option<f64>,
        complaints: Option<f64>,
        values: &[Option<&str>],
    ) -> Result<(), InputError> {
        self.rows_seen += 1;
        let factors = std::mem::take(&mut self.factors);
        let mut about = vec![("topic", topic)];
        about.extend(
            factors
                .iter()
                .map(String::as_str)
                .zip(values.iter().copied()),
        );
        let added = self.add(
            Place {
                row: self.rows_seen,
                about: &about,
            },
            topic,
            shipped,
            complaints,
            values,
        );
        self.factors = factors;
        added
    }

    fn add(
        &mut self,
        place: Place<'_>,
        topic: Option<&str>,
        shipped: Option<f64>,
        complaints: Option<f64>,
        values: &[Option<&str>],
    ) -> Result<(), InputError> {
        let shipped = place.amount("shipped", shipped)?;
        let complaints = place.count("complaints", complaints)?;
        let (row, about) = (place.row, || place.words());
        if topic.is_none() && complaints > 0 {
            return Err(InputError::ComplaintsWithoutTopic {
                row,
                about: about(),
                complaints,
            });
        }
        if shipped > 0.0 {
            let for_one = topic.is_some();
            self.shipped_for_one |= for_one;
            self.shipped_for_all |= !for_one;
            if self.shipped_for_one && self.shipped_for_all {
                return Err(InputError::MixedExposure {
                    row,
                    about: about(),
                });
            }
        }
        let topic = topic.map_or(Ok(NONE), |topic| self.topics.number(topic))?;
        if shipped == 0.0 && complaints == 0 {
            return Ok(());
        }
        if self.topic.len() >= CELLS_MAX {
            let hint = "Sum the cells in SQL first: GROUP BY topic and the factors";
            return Err(InputError::TooMuch {
                what: "cells",
                limit: CELLS_MAX,
                hint,
            });
        }
        for (at, (texts, column)) in self.values.iter_mut().zip(&mut self.columns).enumerate() {
            let value = values.get(at).copied().flatten();
            column.push(value.map_or(Ok(NONE), |value| texts.number(value))?);
        }
        self.fractional |= shipped.fract() != 0.0;
        self.topic.push(topic);
        self.shipped.push(shipped);
        self.complaints.push(complaints);
        Ok(())
    }

    /// All cells in their own order.
    pub fn finish(self) -> Cells {
        let (topics, renumbered) = self.topics.sorted();
        // Null first: rows that hold for every topic.
        let topic: Vec<u32> = self
            .topic
            .iter()
            .map(|&old| renumbered.get(old as usize).map_or(0, |new| new + 1))
            .collect();
        let mut values = Vec::new();
        let mut columns = self.columns;
        for (factor, (texts, column)) in self.values.into_iter().zip(&mut columns).enumerate() {
            let first = values.len() as u32;
            let (names, renumbered) = texts.sorted();
            values.extend(names.into_iter().map(|name| Value { factor, name }));
            for slot in column.iter_mut() {
                *slot = renumbered
                    .get(*slot as usize)
                    .map_or(NONE, |new| first + new);
            }
        }
        let order = ordered(&topic, &columns, &self.shipped, self.fractional);
        for column in &mut columns {
            *column = arranged(&order, column);
        }
        let topic = arranged(&order, &topic);
        let end_of = |number: u32| topic.partition_point(|&at| at <= number);
        let of_topic = (1..=topics.len() as u32)
            .map(|at| end_of(at - 1)..end_of(at))
            .collect();
        Cells {
            shared: 0..end_of(0),
            of_topic,
            shipped: arranged(&order, &self.shipped),
            complaints: arranged(&order, &self.complaints),
            topics,
            values,
            columns,
        }
    }
}

/// Row numbers by topic. Sums of fractions depend on their order, so with fractions the order is
/// settled to the last row.
fn ordered(topic: &[u32], columns: &[Vec<u32>], shipped: &[f64], fractional: bool) -> Vec<u32> {
    let mut order: Vec<u32> = (0..topic.len() as u32).collect();
    order.sort_by(|&left, &right| {
        let (left, right) = (left as usize, right as usize);
        let by_topic = topic.get(left).cmp(&topic.get(right));
        if !fractional {
            return by_topic;
        }
        columns
            .iter()
            .fold(by_topic, |so_far, column| {
                so_far.then_with(|| column.get(left).cmp(&column.get(right)))
            })
            .then_with(|| {
                shipped
                    .get(left)
                    .partial_cmp(&shipped.get(right))
                    .unwrap_or(std::cmp::Ordering::Equal)
            })
    });
    order
}

fn arranged<T: Copy>(order: &[u32], column: &[T]) -> Vec<T> {
    order
        .iter()
        .filter_map(|&row| column.get(row as usize).copied())
        .collect()
}

impl Cells {
    /// Sums one topic over every value, leaving out the cells of the values `without`.
    pub fn tally(&self, topic: usize, without: &[u32]) -> Tally {
        let count = self.values.len();
        let mut tally = Tally {
            complaints: vec![0; count],
            shipped: vec![0.0; count],
            rows: vec![0; count],
            ..Tally::default()
        };
        let own = self.of_topic.get(topic).cloned().unwrap_or(0..0);
        for range in [self.shared.clone(), own] {
            self.add_rows(range, without, &mut tally);
        }
        tally
    }

    fn add_rows(&self, range: Range<usize>, without: &[u32], tally: &mut Tally) {
        let kept = self.kept(range.clone(), without);
        let shipped = self.shipped.get(range.clone()).unwrap_or_default();
        let complaints = self.complaints.get(range.clone()).unwrap_or_default();
        for ((kept, shipped), complaints) in kept.iter().zip(shipped).zip(complaints) {
            if *kept {
                tally.shipped_total += shipped;
                tally.complaints_total += complaints;
            }
        }
        for column in &self.columns {
            let column = column.get(range.clone()).unwrap_or_default();
            for (((value, kept), shipped), complaints) in
                column.iter().zip(&kept).zip(shipped).zip(complaints)
            {
                let value = *value as usize;
                if !*kept || value >= tally.rows.len() {
                    continue;
                }
                if let (Some(e), Some(x), Some(rows)) = (
                    tally.shipped.get_mut(value),
                    tally.complaints.get_mut(value),
                    tally.rows.get_mut(value),
                ) {
                    *e += shipped;
                    *x += complaints;
                    *rows += 1;
                }
            }
        }
    }

    fn kept(&self, range: Range<usize>, without: &[u32]) -> Vec<bool> {
        let mut kept = vec![true; range.len()];
        for &value in without {
            let factor = self
                .values
                .get(value as usize)
                .map_or(usize::MAX, |value| value.factor);
            let Some(column) = self
                .columns
                .get(factor)
                .and_then(|column| column.get(range.clone()))
            else {
                continue;
            };
            for (kept, at) in kept.iter_mut().zip(column) {
                *kept &= *at != value;
            }
        }
        kept
    }
}
