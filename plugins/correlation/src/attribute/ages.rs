//! Time at risk: units that have been out for longer had more time to fail. What each unit lets expect is
//! added up from the rates at each age (indirect standardisation).

use crate::input::{InputError, Place, Texts};

/// Rows that one call may hold.
const ROWS_MAX: usize = 1 << 22;
/// An age has the mean rate until it has seen about so many complaints of its own.
const PRIOR: f64 = 2.0;

/// Takes rows of unit, topic, age, at_risk and complaints.
#[derive(Default)]
pub(crate) struct AgeReader {
    units: Texts,
    topics: Texts,
    ages: Texts,
    at_risk: Vec<(u32, u32, f64)>,
    complaints: Vec<Complaints>,
    rows_seen: u64,
}

#[derive(Clone, Copy)]
struct Complaints {
    topic: u32,
    unit: u32,
    age: u32,
    count: u64,
}

/// Units at risk and complaints by age, with the numbers of the cells.
#[derive(Default)]
pub(crate) struct Ages {
    at_risk: Vec<(u32, u32, f64)>,
    /// In the order of their topics.
    complaints: Vec<Complaints>,
    count: usize,
}

impl AgeReader {
    /// Adds a row; a null age is not known, and left out.
    ///
    /// # Errors
    /// Names the row when a unit is null, a number makes no sense, complaints have no topic or units at
    /// risk have one; and fails when there is too much.
    pub(crate) fn push(
        &mut self,
        (column, unit): (&str, Option<&str>),
        (topic, age): (Option<&str>, Option<&str>),
        at_risk: Option<f64>,
        complaints: Option<f64>,
    ) -> Result<(), InputError> {
        self.rows_seen += 1;
        let row = self.rows_seen;
        let about = [(column, unit), ("topic", topic), ("age", age)];
        let place = Place { row, about: &about };
        let at_risk = place.amount("at_risk", Some(at_risk.unwrap_or(0.0)))?;
        let complaints = place.count("complaints", Some(complaints.unwrap_or(0.0)))?;
        let unit = unit.ok_or_else(|| InputError::NullUnit {
            row,
            column: column.to_owned(),
        })?;
        if topic.is_none() && complaints > 0 {
            let about = place.words();
            return Err(InputError::ComplaintsWithoutTopic {
                row,
                about,
                complaints,
            });
        }
        if topic.is_some() && at_risk > 0.0 {
            return Err(InputError::MixedExposure {
                row,
                about: place.words(),
            });
        }
        let Some(age) = age else { return Ok(()) };
        if self.at_risk.len() + self.complaints.len() >= ROWS_MAX {
            let hint = "Take longer steps of age, or sum the rows in SQL first";
            return Err(InputError::TooMuch {
                what: "rows of ages",
                limit: ROWS_MAX,
                hint,
            });
        }
        let (unit, age) = (self.units.number(unit)?, self.ages.number(age)?);
        if at_risk > 0.0 {
            self.at_risk.push((unit, age, at_risk));
        }
        if let (Some(topic), true) = (topic, complaints > 0) {
            self.complaints.push(Complaints {
                topic: self.topics.number(topic)?,
                unit,
                age,
                count: complaints,
            });
        }
        Ok(())
    }

    /// Whether no unit at risk was read.
    pub(crate) fn is_empty(&self) -> bool {
        self.at_risk.is_empty()
    }

    /// The ages with the numbers that cells give to topics and units; what is not among them is left out.
    pub(crate) fn finish(
        self,
        topic: impl Fn(&str) -> Option<u32>,
        unit: impl Fn(&str) -> Option<u32>,
    ) -> Ages {
        let count = self.ages.len();
        let (ages, order) = self.ages.sorted();
        debug_assert_eq!(ages.len(), count, "each age is numbered once");
        let numbers = |texts: Texts, number: &dyn Fn(&str) -> Option<u32>| -> Vec<Option<u32>> {
            let texts = texts.into_texts();
            texts.iter().map(|text| number(text)).collect()
        };
        let (units, topics) = (numbers(self.units, &unit), numbers(self.topics, &topic));
        let of = |known: &[Option<u32>], at: u32| known.get(at as usize).copied().flatten();
        let age_of = |at: u32| order.get(at as usize).copied();
        let mut at_risk: Vec<(u32, u32, f64)> = self
            .at_risk
            .into_iter()
            .filter_map(|(unit, age, units_out)| Some((of(&units, unit)?, age_of(age)?, units_out)))
            .collect();
        // Sums of fractions depend on their order.
        at_risk.sort_unstable_by(|left, right| {
            let by_place = (left.0, left.1).cmp(&(right.0, right.1));
            by_place.then(left.2.total_cmp(&right.2))
        });
        let mut complaints: Vec<Complaints> = self
            .complaints
            .into_iter()
            .filter_map(|one| {
                Some(Complaints {
                    topic: of(&topics, one.topic)?,
                    unit: of(&units, one.unit)?,
                    age: age_of(one.age)?,
                    count: one.count,
                })
            })
            .collect();
        complaints.sort_unstable_by_key(|one| one.topic);
        Ages {
            at_risk,
            complaints,
            count,
        }
    }
}

impl Ages {
    /// Whether nothing is known of ages.
    pub(crate) fn is_empty(&self) -> bool {
        self.at_risk.is_empty()
    }

    /// What a shipped unit of each first value counts for with a topic: more where it was out for longer, 1 in
    /// the mean. Rates are those of the units that are not left out. Empty where nothing can be said.
    pub(crate) fn weights(&self, topic: u32, shipped: &[f64], left_out: &[bool]) -> Vec<f64> {
        let counts = |unit: u32| !left_out.get(unit as usize).copied().unwrap_or(false);
        let from = self.complaints.partition_point(|one| one.topic < topic);
        let own = self.complaints.iter().skip(from);
        let own = own.take_while(|one| one.topic == topic);
        let mut seen = vec![(0.0, 0.0); self.count];
        for one in own.filter(|one| counts(one.unit)) {
            if let Some(age) = seen.get_mut(one.age as usize) {
                age.0 += one.count as f64;
            }
        }
        for (unit, age, at_risk) in &self.at_risk {
            if counts(*unit)
                && let Some(age) = seen.get_mut(*age as usize)
            {
                age.1 += at_risk;
            }
        }
        let (complaints, at_risk) = seen.iter().fold((0.0, 0.0), |sum: (f64, f64), age| {
            (sum.0 + age.0, sum.1 + age.1)
        });
        if complaints <= 0.0 || at_risk <= 0.0 {
            return Vec::new();
        }
        let prior = PRIOR * at_risk / complaints;
        let rate = |(complaints, at_risk): &(f64, f64)| (complaints + PRIOR) / (at_risk + prior);
        let rates: Vec<f64> = seen.iter().map(rate).collect();
        let mut expected = vec![0.0; shipped.len()];
        for (unit, age, at_risk) in &self.at_risk {
            let rate = rates.get(*age as usize).copied().unwrap_or(0.0);
            if let Some(expected) = expected.get_mut(*unit as usize) {
                *expected += at_risk * rate;
            }
        }
        scaled(&expected, shipped)
    }
}

/// Expected counts as weights of shipped units whose mean is 1. A unit of which no age is known counts as
/// the mean does.
fn scaled(expected: &[f64], shipped: &[f64]) -> Vec<f64> {
    let known = || {
        let pairs = expected.iter().zip(shipped);
        pairs.filter(|(expected, shipped)| **expected > 0.0 && **shipped > 0.0)
    };
    let expected_sum: f64 = known().map(|(expected, _)| expected).sum();
    let shipped_sum: f64 = known().map(|(_, shipped)| shipped).sum();
    if expected_sum <= 0.0 {
        return Vec::new();
    }
    let scale = shipped_sum / expected_sum;
    let pairs = expected.iter().zip(shipped);
    let weight = |(expected, shipped): (&f64, &f64)| {
        let known = *expected > 0.0 && *shipped > 0.0;
        if known {
            expected / shipped * scale
        } else {
            1.0
        }
    };
    pairs.map(weight).collect()
}
