//! The input of `attribute`: reads cells of shipped units and complaints.

use super::ages::AgeReader;
use super::cells::{Cells, FactorValue};
use super::columns::{Columns, NONE, arranged};
use super::factors::{FactorReader, Factors, NestingReader, UnitFactors};
use super::series::SeriesReader;
use crate::input::{InputError, Place, Texts};
use std::rc::Rc;

/// Bytes of cells one call may hold: four millions of them where all factors but one follow from the first
/// (product and parts follow from the lot, its region does not).
pub(crate) const CELL_BYTES_MAX: usize = 96_000_000;

/// Bytes of a cell beside its factors: the topic, the units, the complaints.
const CELL_BYTES: usize = 16;

/// Collects cells row by row.
pub(crate) struct CellReader {
    factors: Factors,
    topics: Texts,
    /// By factor.
    values: Vec<Texts>,
    topic: Vec<u32>,
    shipped: Vec<f64>,
    complaints: Vec<u32>,
    columns: Columns,
    /// How many factors were known of units before the first cell.
    of_units: usize,
    series: SeriesReader,
    ages: AgeReader,
    rows_seen: u64,
    shipped_for_all: bool,
    shipped_for_one: bool,
    fractional: bool,
}

impl CellReader {
    /// A reader of cells with these columns: the unit first. `units` holds what is known of units, and
    /// `nesting` which factor is made from which.
    ///
    /// # Errors
    /// [`InputError::BadFactors`] when the factors cannot be used, [`InputError::TooMuch`] when there
    /// are too many.
    pub(crate) fn new(
        columns: &[String],
        mut units: FactorReader,
        nesting: Option<&NestingReader>,
        (series, ages): (SeriesReader, AgeReader),
    ) -> Result<Self, InputError> {
        series.name_factors(&mut units)?;
        let UnitFactors {
            units,
            names: known,
            values: known_values,
            of_unit,
        } = units.finish(nesting);
        let of_units = known.len();
        let mut names: Vec<String> = columns.iter().take(1).cloned().collect();
        names.extend(known);
        names.extend(columns.iter().skip(1).cloned());
        let factors = Factors::new(names, nesting)?;
        let mut values = vec![units];
        values.extend(known_values);
        values.resize_with(factors.len(), Texts::default);
        Ok(Self {
            factors,
            topics: Texts::default(),
            values,
            topic: Vec::new(),
            shipped: Vec::new(),
            complaints: Vec::new(),
            columns: Columns::new(of_unit, columns.len().saturating_sub(1)),
            of_units,
            series,
            ages,
            rows_seen: 0,
            shipped_for_all: false,
            shipped_for_one: false,
            fractional: false,
        })
    }

    /// Adds one row; `values` in the order of the columns, the unit first, `None` where a factor does
    /// not apply.
    ///
    /// # Errors
    /// Names the row when a number is negative, not finite or not whole, when complaints have no
    /// topic, when shipped units come in both forms, or when there is too much.
    pub(crate) fn push(
        &mut self,
        topic: Option<&str>,
        shipped: Option<f64>,
        complaints: Option<f64>,
        values: &[Option<&str>],
    ) -> Result<(), InputError> {
        self.rows_seen += 1;
        let factors = std::mem::take(&mut self.factors);
        let names = factors.names().enumerate();
        let names = names.filter(|(at, _)| !(1..=self.of_units).contains(at));
        let mut about = vec![("topic", topic)];
        about.extend(names.map(|(_, name)| name).zip(values.iter().copied()));
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
        let complaints = self.room(complaints)?;
        let mut numbers = Vec::with_capacity(values.len());
        let texts = self.values.iter_mut().enumerate();
        let texts = texts.filter(|(at, _)| !(1..=self.of_units).contains(at));
        for ((_, texts), value) in texts.zip(values) {
            numbers.push(value.map_or(Ok(NONE), |value| texts.number(value))?);
        }
        let (first, others) = numbers.split_first().unwrap_or((&NONE, &[]));
        self.columns.push(*first, others);
        self.fractional |= shipped.fract() != 0.0;
        self.topic.push(topic);
        self.shipped.push(shipped);
        self.complaints.push(complaints);
        Ok(())
    }

    /// Whether one more cell may be held; its complaints as they are held.
    fn room(&self, complaints: u64) -> Result<u32, InputError> {
        let hint = "Sum the cells in SQL first: GROUP BY topic and the factors";
        let too_much = |what, limit| InputError::TooMuch { what, limit, hint };
        let limit = CELL_BYTES_MAX / (CELL_BYTES + size_of::<u32>() * self.columns.width());
        if self.topic.len() >= limit {
            return Err(too_much("cells", limit));
        }
        u32::try_from(complaints).map_err(|_| too_much("complaints in a cell", u32::MAX as usize))
    }

    /// All cells in their own order. Columns are put into it one by one: millions of cells fill half of what a
    /// plugin may hold.
    pub(crate) fn finish(self) -> Cells {
        let (topics, renumbered) = self.topics.sorted();
        let mut topic = self.topic;
        for number in &mut topic {
            // Null first: rows that hold for every topic.
            *number = renumbered.get(*number as usize).map_or(0, |new| new + 1);
        }
        let (mut values, mut new) = (Vec::new(), Vec::new());
        for (factor, texts) in self.values.into_iter().enumerate() {
            let first = values.len() as u32;
            let (names, renumbered) = texts.sorted();
            values.extend(names.into_iter().map(|name| FactorValue { factor, name }));
            new.push(renumbered.into_iter().map(|at| first + at).collect());
        }
        let mut columns = self.columns;
        columns.renumber(&new);
        // Weighed by their time at risk, shipped units are fractions.
        let fractional = self.fractional || !self.ages.is_empty();
        let order = ordered(&topic, &columns, &self.shipped, fractional);
        columns.arrange(&order);
        let topic = arranged(&order, topic);
        let end_of = |number: u32| topic.partition_point(|&at| at <= number);
        let of_topic = (1..=topics.len() as u32)
            .map(|at| end_of(at - 1)..end_of(at))
            .collect();
        let units = values
            .iter()
            .take_while(|value: &&FactorValue| value.factor == 0);
        let units: Vec<Rc<str>> = units.map(|value| Rc::clone(&value.name)).collect();
        let unit = |name: &str| units.binary_search_by(|known| (**known).cmp(name)).ok();
        let series = self.series.finish(
            |name| unit(name).map(|at| at as u32),
            |name| self.factors.find(name),
        );
        let number = |at: usize| at as u32;
        let topic = |name: &str| topics.binary_search_by(|known| (**known).cmp(name)).ok();
        let ages = self.ages.finish(
            |name| topic(name).map(number),
            |name| unit(name).map(number),
        );
        Cells {
            series,
            ages,
            weights: Vec::new(),
            windows: Vec::new(),
            shared: 0..end_of(0),
            of_topic,
            shipped: arranged(&order, self.shipped),
            complaints: arranged(&order, self.complaints),
            factors: self.factors,
            topics,
            values,
            columns,
        }
    }
}

/// Row numbers by topic. Sums of fractions depend on their order, so with fractions the order is
/// settled; rows that are the same in all this add up to the same in any.
fn ordered(topic: &[u32], columns: &Columns, shipped: &[f64], fractional: bool) -> Vec<u32> {
    let mut order: Vec<u32> = (0..topic.len() as u32).collect();
    order.sort_unstable_by(|&left, &right| {
        let (left, right) = (left as usize, right as usize);
        let by_topic = topic.get(left).cmp(&topic.get(right));
        if !fractional {
            return by_topic;
        }
        by_topic
            .then_with(|| columns.compare(left, right))
            .then_with(|| {
                shipped
                    .get(left)
                    .partial_cmp(&shipped.get(right))
                    .unwrap_or(std::cmp::Ordering::Equal)
            })
    });
    order
}
