//! The input of `disproportionality`: reports counted by family, unit and topic.

use crate::input::{InputError, Place, Texts};
use std::collections::HashMap;
use std::rc::Rc;

/// Distinct combinations of family, unit and topic that one call may hold.
pub const COUNTS_MAX: usize = 1 << 20;

/// What a row says about its reports.
#[derive(Clone, Copy, Debug)]
pub enum Said<'a> {
    /// All `n` reports carry this topic; none when they carry no topic.
    Topic(Option<&'a str>),
    /// All `n` reports are hits, or none is; `None` leaves the row out: it is not known.
    Hit(Option<bool>),
    /// So many of the `n` reports are hits.
    Hits(Option<f64>),
}

/// One row of reports.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// Units are compared only within their family; null is a family too.
    pub family: Option<&'a str>,
    /// The lot, seller, part or supplier.
    pub unit: Option<&'a str>,
    /// What the reports say.
    pub said: Said<'a>,
    /// How many reports.
    pub n: Option<f64>,
}

/// Collects reports row by row.
#[derive(Default)]
pub struct ReportReader {
    families: Texts,
    units: Texts,
    topics: Texts,
    by_pair: HashMap<[u32; 3], u64>,
    by_unit: HashMap<[u32; 2], u64>,
    by_topic: HashMap<[u32; 2], u64>,
    by_family: HashMap<u32, u64>,
    rows_seen: u64,
}

/// The counts, with numbers in the order of the texts.
pub struct Reports {
    /// Families in ascending order; the empty text stands for none.
    pub families: Vec<Rc<str>>,
    /// Units in ascending order.
    pub units: Vec<Rc<str>>,
    /// Topics in ascending order; the empty text stands for a hit.
    pub topics: Vec<Rc<str>>,
    /// Hits by family, unit and topic.
    pub by_pair: HashMap<[u32; 3], u64>,
    /// Reports by family and unit, in order.
    pub by_unit: Vec<([u32; 2], u64)>,
    /// Hits by family and topic, in order.
    pub by_topic: Vec<([u32; 2], u64)>,
    /// Reports by family.
    pub by_family: HashMap<u32, u64>,
}

impl ReportReader {
    /// Adds one row of reports.
    ///
    /// # Errors
    /// Names the row when its unit is null, a count is negative, not whole or not finite, when
    /// there are more hits than reports, or when there is too much.
    pub fn push(&mut self, report: Report<'_>) -> Result<(), InputError> {
        self.rows_seen += 1;
        let row = self.rows_seen;
        let Some(unit) = report.unit else {
            return Err(InputError::NullUnit {
                row,
                column: "unit".to_owned(),
            });
        };
        let about = [("unit", Some(unit))];
        let place = Place { row, about: &about };
        let n = place.count("n", report.n)?;
        let (topic, hits) = match report.said {
            Said::Topic(Some(topic)) => (Some(topic), n),
            Said::Topic(None) => (None, 0),
            Said::Hit(None) => return Ok(()),
            Said::Hit(Some(hit)) => (Some(""), if hit { n } else { 0 }),
            Said::Hits(hits) => (Some(""), place.count("hits", hits)?),
        };
        if hits > n {
            return Err(InputError::MoreHitsThanReports {
                row,
                about: place.words(),
                hits,
                n,
            });
        }
        let family = self.families.number(report.family.unwrap_or(""))?;
        let unit = self.units.number(unit)?;
        *self.by_family.entry(family).or_default() += n;
        *self.by_unit.entry([family, unit]).or_default() += n;
        if let Some(topic) = topic {
            let topic = self.topics.number(topic)?;
            *self.by_topic.entry([family, topic]).or_default() += hits;
            *self.by_pair.entry([family, unit, topic]).or_default() += hits;
        }
        if self.by_pair.len() > COUNTS_MAX || self.by_unit.len() > COUNTS_MAX {
            let hint = "Group small units together, or leave out topics that do not matter";
            let what = "combinations of family, unit and topic";
            return Err(InputError::TooMuch {
                what,
                limit: COUNTS_MAX,
                hint,
            });
        }
        Ok(())
    }

    /// The counts in an order that does not depend on the order of arrival.
    pub fn finish(self) -> Reports {
        let (families, family) = self.families.sorted();
        let (units, unit) = self.units.sorted();
        let (topics, topic) = self.topics.sorted();
        let new =
            |numbers: &[u32], old: u32| numbers.get(old as usize).copied().unwrap_or(u32::MAX);
        let two = |counts: HashMap<[u32; 2], u64>, second: &[u32]| {
            let mut counts: Vec<([u32; 2], u64)> = counts
                .into_iter()
                .map(|([f, other], count)| ([new(&family, f), new(second, other)], count))
                .collect();
            counts.sort_unstable();
            counts
        };
        Reports {
            by_unit: two(self.by_unit, &unit),
            by_topic: two(self.by_topic, &topic),
            by_pair: self
                .by_pair
                .into_iter()
                .map(|([f, u, t], count)| ([new(&family, f), new(&unit, u), new(&topic, t)], count))
                .collect(),
            by_family: self
                .by_family
                .into_iter()
                .map(|(f, count)| (new(&family, f), count))
                .collect(),
            families,
            units,
            topics,
        }
    }
}
