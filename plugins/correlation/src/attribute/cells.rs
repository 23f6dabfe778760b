//! The cells of `attribute`: shipped units and complaints, held as plain columns, and their sums.

use super::ages::Ages;
use super::columns::{Columns, NONE};
use super::factors::Factors;
use super::series::Series;
use super::window::Window;
use std::ops::Range;
use std::rc::Rc;

/// A share of the exposure below this is the rounding error of a sum.
const ROUNDING: f64 = 1e-12;

/// One value of one factor.
pub(crate) struct FactorValue {
    pub factor: usize,
    pub name: Rc<str>,
}

/// All cells, in an order that does not depend on the order of arrival.
pub(crate) struct Cells {
    /// The factors of the call.
    pub factors: Factors,
    /// Topics in ascending order.
    pub topics: Vec<Rc<str>>,
    /// Values by factor, then in ascending order: their place is their number.
    pub values: Vec<FactorValue>,
    /// Units in the order in which they were made, or their material received.
    pub series: Vec<Series>,
    /// Windows of these that were found: each is a value, behind all others.
    pub windows: Vec<Window>,
    pub(super) ages: Ages,
    /// By topic, then unit: what a shipped unit counts for. Empty where all count alike.
    pub(super) weights: Vec<Vec<f64>>,
    pub(super) shipped: Vec<f64>,
    pub(super) complaints: Vec<u32>,
    pub(super) columns: Columns,
    /// Rows that hold for every topic.
    pub(super) shared: Range<usize>,
    /// Rows of each topic.
    pub(super) of_topic: Vec<Range<usize>>,
}

/// Sums of one topic over every value.
#[derive(Default)]
pub(crate) struct Tally {
    /// Complaints by value number.
    pub complaints: Vec<u64>,
    /// Shipped units by value number.
    pub shipped: Vec<f64>,
    /// Cells by value number.
    pub rows: Vec<u32>,
    pub complaints_total: u64,
    /// Shipped units in all.
    pub shipped_total: f64,
}

/// What some cells sum up to.
#[derive(Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) complaints: u64,
    pub(super) shipped: f64,
    pub(super) rows: u32,
}

impl Sums {
    /// The same without complaints where nothing was shipped.
    fn with_exposure(self) -> Self {
        match self.shipped > 0.0 {
            true => self,
            false => Self {
                complaints: 0,
                ..self
            },
        }
    }

    fn add(&mut self, other: Self) {
        self.complaints += other.complaints;
        self.shipped += other.shipped;
        self.rows += other.rows;
    }
}

impl Tally {
    fn of(&self, value: u32) -> Option<Sums> {
        let value = value as usize;
        Some(Sums {
            complaints: *self.complaints.get(value)?,
            shipped: *self.shipped.get(value)?,
            rows: *self.rows.get(value)?,
        })
    }

    /// What some units sum up to; complaints about those of which nothing was shipped have no rate.
    pub(super) fn of_units(&self, units: &[u32]) -> Sums {
        let sums = units.iter().filter_map(|unit| self.of(*unit));
        sums.fold(Sums::default(), |mut all, one| {
            all.add(one.with_exposure());
            all
        })
    }

    /// Adds to a value; false when it is none.
    fn add(&mut self, value: u32, sums: Sums) -> bool {
        let value = value as usize;
        if let (Some(shipped), Some(complaints), Some(rows)) = (
            self.shipped.get_mut(value),
            self.complaints.get_mut(value),
            self.rows.get_mut(value),
        ) {
            *shipped += sums.shipped;
            *complaints += sums.complaints;
            *rows += sums.rows;
            return true;
        }
        false
    }

    /// Shipped units outside, from those of one value; a rounding error counts as none.
    pub(crate) fn shipped_elsewhere(&self, here: f64) -> f64 {
        elsewhere(self.shipped_total, here)
    }
}

/// The rest of a sum outside one part of it; a rounding error counts as nothing.
pub(crate) fn elsewhere(total: f64, here: f64) -> f64 {
    let rest = total - here;
    if rest <= total * ROUNDING { 0.0 } else { rest }
}

impl Cells {
    /// Sums one topic over every value, leaving out the cells of the values `without`.
    pub(crate) fn tally(&self, topic: usize, without: &[u32]) -> Tally {
        let weights = self.weights.get(topic).map(Vec::as_slice);
        self.sums(topic, without, weights.unwrap_or_default())
    }

    /// The same with every shipped unit counted once, whatever its age.
    pub(crate) fn plain_tally(&self, topic: usize) -> Tally {
        self.sums(topic, &[], &[])
    }

    /// Weighs shipped units by their time at risk, with the rates of the units that are not left out. False
    /// where that changes nothing.
    pub(crate) fn weigh(&mut self, topic: usize, left_out: &[bool]) -> bool {
        if self.ages.is_empty() {
            return false;
        }
        let plain = self.plain_tally(topic);
        let units = self.values.iter().take_while(|value| value.factor == 0);
        let shipped = plain.shipped.get(..units.count()).unwrap_or_default();
        let weights = self.ages.weights(topic as u32, shipped, left_out);
        let same = self.weights.get(topic) == Some(&weights);
        if self.weights.len() <= topic {
            self.weights.resize_with(topic + 1, Vec::new);
        }
        if let Some(known) = self.weights.get_mut(topic) {
            *known = weights;
        }
        !same
    }

    fn sums(&self, topic: usize, without: &[u32], weights: &[f64]) -> Tally {
        let count = self.values.len();
        let mut tally = Tally {
            complaints: vec![0; count],
            shipped: vec![0.0; count],
            rows: vec![0; count],
            ..Tally::default()
        };
        let own = self.of_topic.get(topic).cloned().unwrap_or(0..0);
        let exposed = self.exposed(topic);
        let mut nowhere = Sums::default();
        for range in [self.shared.clone(), own] {
            self.add_rows(
                range,
                without,
                weights,
                (&mut tally, &mut nowhere, &exposed),
            );
        }
        // Values that follow from the first factor get the sums of its values.
        for first in (0..exposed.len() as u32).chain([NONE]) {
            let sums = tally.of(first).map_or(nowhere, Sums::with_exposure);
            for value in self.columns.of_unit(first) {
                tally.add(value, sums);
            }
        }
        for (value, window) in (self.first_window()..).zip(&self.windows) {
            if window.topic == topic {
                let sums = tally.of_units(&window.units);
                tally.add(value, sums);
            }
        }
        tally
    }

    /// By unit: whether anything of it was shipped. Complaints about another have no rate, and count for
    /// nothing but its own row.
    fn exposed(&self, topic: usize) -> Vec<bool> {
        let units = self.values.iter().take_while(|value| value.factor == 0);
        let mut exposed = vec![false; units.count()];
        let own = self.of_topic.get(topic).cloned().unwrap_or(0..0);
        for cell in self.shared.clone().chain(own) {
            let unit = self.columns.value(0, cell) as usize;
            if let (Some(exposed), Some(shipped)) = (exposed.get_mut(unit), self.shipped.get(cell))
            {
                *exposed |= *shipped > 0.0;
            }
        }
        exposed
    }

    /// Makes a window a value, whose number is given back.
    pub(crate) fn add_window(&mut self, factor: usize, window: Window) -> u32 {
        let name = window.name().into();
        self.values.push(FactorValue { factor, name });
        self.windows.push(window);
        (self.values.len() - 1) as u32
    }

    pub(crate) fn forget_windows(&mut self) {
        self.values.truncate(self.first_window() as usize);
        self.windows.clear();
    }

    /// The window that a value is, when it is one.
    pub(crate) fn window(&self, value: u32) -> Option<&Window> {
        let at = value.checked_sub(self.first_window())?;
        self.windows.get(at as usize)
    }

    /// The numbers of a value's units, for a window or a value that follows from the first factor; none for another.
    pub(super) fn units_of(&self, value: u32) -> Option<Vec<u32>> {
        if let Some(window) = self.window(value) {
            return Some(window.units.clone());
        }
        let factor = self.values.get(value as usize)?.factor;
        let firsts = self.values.iter().take_while(|value| value.factor == 0);
        let firsts = firsts.count() as u32;
        self.columns.by_unit(factor).map(|of| {
            let own = |unit: &u32| of(*unit) == value;
            (0..firsts).filter(own).collect()
        })
    }

    /// Complaints and shipped units of each unit within the cells of a value.
    pub(super) fn units_within(&self, topic: usize, value: u32) -> Vec<(u64, f64)> {
        let Some(factor) = self.values.get(value as usize).map(|value| value.factor) else {
            return Vec::new();
        };
        let weights = self.weights.get(topic);
        let mut units = std::collections::BTreeMap::<u32, (u64, f64)>::new();
        let own = self.of_topic.get(topic).cloned().unwrap_or(0..0);
        for cell in self.shared.clone().chain(own) {
            if self.columns.value(factor, cell) != value {
                continue;
            }
            let unit = self.columns.value(0, cell);
            let weight = weights.and_then(|of| of.get(unit as usize));
            let sums = units.entry(unit).or_default();
            sums.0 += u64::from(self.complaints.get(cell).copied().unwrap_or(0));
            sums.1 += self.shipped.get(cell).copied().unwrap_or(0.0) * weight.unwrap_or(&1.0);
        }
        units.into_values().collect()
    }

    fn first_window(&self) -> u32 {
        (self.values.len() - self.windows.len()) as u32
    }

    fn add_rows(
        &self,
        range: Range<usize>,
        without: &[u32],
        weights: &[f64],
        (tally, nowhere, exposed): (&mut Tally, &mut Sums, &[bool]),
    ) {
        let remaining = self.remaining(range.clone(), without);
        let shipped = self.shipped.get(range.clone()).unwrap_or_default();
        let complaints = self.complaints.get(range.clone()).unwrap_or_default();
        let first = range.start;
        let unit = |at: usize| self.columns.value(0, first + at) as usize;
        let weight = |at: usize| weights.get(unit(at)).copied().unwrap_or(1.0);
        let is_exposed = |at: usize| exposed.get(unit(at)).copied().unwrap_or(true);
        let sums = || {
            let cells = remaining.iter().zip(shipped.iter().zip(complaints));
            cells
                .enumerate()
                .map(|(at, (remaining, (&shipped, &complaints)))| {
                    remaining.then(|| Sums {
                        complaints: u64::from(complaints),
                        shipped: if weights.is_empty() {
                            shipped
                        } else {
                            shipped * weight(at)
                        },
                        rows: 1,
                    })
                })
        };
        for (at, sums) in sums().enumerate() {
            let Some(sums) = sums else { continue };
            tally.shipped_total += sums.shipped;
            if is_exposed(at) {
                tally.complaints_total += sums.complaints;
            }
        }
        for (at, column) in self.columns.by_cell().enumerate() {
            let column = column.get(range.clone()).unwrap_or_default();
            for (row, (value, sums)) in column.iter().zip(sums()).enumerate() {
                let Some(mut sums) = sums else { continue };
                if at > 0 && !is_exposed(row) {
                    sums.complaints = 0;
                }
                if !tally.add(*value, sums) && at == 0 {
                    nowhere.add(sums);
                }
            }
        }
    }

    fn remaining(&self, range: Range<usize>, without: &[u32]) -> Vec<bool> {
        let mut gone: Vec<(usize, u32)> = Vec::new();
        let mut units_gone = vec![false; self.values.len()];
        for &value in without {
            if let Some(window) = self.window(value) {
                for unit in &window.units {
                    if let Some(gone) = units_gone.get_mut(*unit as usize) {
                        *gone = true;
                    }
                }
            } else if let Some(known) = self.values.get(value as usize) {
                gone.push((known.factor, value));
            }
        }
        range
            .map(|cell| {
                let is =
                    |(factor, value): &(usize, u32)| self.columns.value(*factor, cell) == *value;
                let unit = self.columns.value(0, cell) as usize;
                !units_gone.get(unit).copied().unwrap_or(false) && !gone.iter().any(is)
            })
            .collect()
    }
}
