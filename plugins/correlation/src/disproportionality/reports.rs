//! The input of `disproportionality`: reports counted by family, unit and topic.

use crate::input::{Hashed, InputError, Place, Texts};
use std::rc::Rc;

/// Distinct combinations of family, unit and topic that one call may hold.
pub(crate) const COUNTS_MAX: usize = 1 << 20;

/// Rows one call may hold when reports have names.
pub(crate) const ROWS_MAX: usize = 1 << 22;

/// The number of no topic.
const NONE: u32 = u32::MAX;

/// What a row states about its reports.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Statement<'a> {
    /// All `n` reports carry this topic; none when they carry no topic.
    Topic(Option<&'a str>),
    /// All `n` reports are hits, or none is; `None` leaves the row out: it is not known.
    Hit(Option<bool>),
    /// So many of the `n` reports are hits.
    Hits(Option<f64>),
}

/// One row of reports.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report<'a> {
    /// Units are compared only within their family; null is a family too.
    pub family: Option<&'a str>,
    /// The lot, seller, part or supplier.
    pub unit: Option<&'a str>,
    /// What the reports say.
    pub statement: Statement<'a>,
    pub n: Option<f64>,
    /// The name of the one report, when reports have names: then `n` is not looked at, and a
    /// report counts once for its unit, its topic and both, however many rows it has.
    pub id: Option<&'a str>,
}

/// How reports are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Counting {
    /// Each row counts as `n` reports of its own.
    #[default]
    Rows,
    /// Rows with the same name are one report.
    Named,
}

/// Collects reports row by row.
#[derive(Default)]
pub(crate) struct ReportReader {
    families: Texts,
    units: Texts,
    topics: Texts,
    by_pair: Hashed<[u32; 3], u64>,
    by_unit: Hashed<[u32; 2], u64>,
    by_topic: Hashed<[u32; 2], u64>,
    by_family: Hashed<u32, u64>,
    counting: Counting,
    ids: Texts,
    /// Family, unit, topic and report of each row, when reports are named.
    named: Vec<[u32; 4]>,
    rows_seen: u64,
}

/// The counts, with numbers in the order of the texts.
pub(crate) struct Reports {
    /// Families in ascending order; the empty text is none.
    pub families: Vec<Rc<str>>,
    /// Units in ascending order.
    pub units: Vec<Rc<str>>,
    /// Topics in ascending order; the empty text is a hit.
    pub topics: Vec<Rc<str>>,
    /// Hits by family, unit and topic, in order.
    pub by_pair: Vec<([u32; 3], u64)>,
    /// Reports by family and unit, in order.
    pub by_unit: Vec<([u32; 2], u64)>,
    /// Hits by family and topic, in order.
    pub by_topic: Vec<([u32; 2], u64)>,
    /// Reports by family.
    pub by_family: Hashed<u32, u64>,
}

impl Reports {
    /// The number of a unit.
    pub(crate) fn unit(&self, name: &str) -> Option<u32> {
        let found = self.units.binary_search_by(|unit| unit.as_ref().cmp(name));
        found.ok().map(|at| at as u32)
    }

    /// All reports of a family.
    pub(crate) fn of_family(&self, family: u32) -> u64 {
        self.by_family.get(&family).copied().unwrap_or(0)
    }

    /// Reports of a unit within its family.
    pub(crate) fn of_unit(&self, family: u32, unit: u32) -> u64 {
        count(&self.by_unit, [family, unit])
    }

    /// Hits of a topic within a family.
    pub(crate) fn of_topic(&self, family: u32, topic: u32) -> u64 {
        count(&self.by_topic, [family, topic])
    }
}

fn count<K: Ord + Copy>(counts: &[(K, u64)], key: K) -> u64 {
    let found = counts.binary_search_by_key(&key, |(key, _)| *key);
    found
        .ok()
        .and_then(|at| counts.get(at))
        .map_or(0, |(_, count)| *count)
}

/// The rows of each report side by side: where those of a report begin, and the rows without its
/// number. Sorted by counting, since there are as many reports as numbers.
fn side_by_side(named: Vec<[u32; 4]>, reports: usize) -> (Vec<u32>, Vec<[u32; 3]>) {
    let mut begins = vec![0_u32; reports + 1];
    for row in &named {
        if let Some(count) = begins.get_mut(row[3] as usize + 1) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for begin in &mut begins {
        sum += *begin;
        *begin = sum;
    }
    let mut next = begins.clone();
    let mut rows = vec![[0; 3]; named.len()];
    for [family, unit, topic, report] in named {
        let Some(place) = next.get_mut(report as usize) else {
            continue;
        };
        if let Some(row) = rows.get_mut(*place as usize) {
            *row = [family, unit, topic];
        }
        *place += 1;
    }
    (begins, rows)
}

impl ReportReader {
    /// Counts reports in this way.
    pub(crate) fn new(counting: Counting) -> Self {
        Self {
            counting,
            ..Self::default()
        }
    }

    /// Adds one row of reports.
    ///
    /// # Errors
    /// Names the row when its unit is null, a count is negative, not whole or not finite, when
    /// there are more hits than reports, or when there is too much.
    pub(crate) fn push(&mut self, report: Report<'_>) -> Result<(), InputError> {
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
        let n = match self.counting {
            Counting::Rows => place.count("n", report.n)?,
            Counting::Named => 1,
        };
        let (topic, hits) = match report.statement {
            Statement::Topic(Some(topic)) => (Some(topic), n),
            Statement::Topic(None) => (None, 0),
            Statement::Hit(None) => return Ok(()),
            Statement::Hit(Some(hit)) => (Some(""), if hit { n } else { 0 }),
            Statement::Hits(hits) => (Some(""), place.count("hits", hits)?),
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
        if self.counting == Counting::Named {
            let Some(id) = report.id else {
                return Err(InputError::NullUnit {
                    row,
                    column: "report".to_owned(),
                });
            };
            // A topic that no report has is tested too.
            let topic = topic.map(|topic| self.topics.number(topic)).transpose()?;
            let topic = topic.filter(|_| hits > 0).unwrap_or(NONE);
            return self.name(family, unit, topic, id);
        }
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

    fn name(&mut self, family: u32, unit: u32, topic: u32, id: &str) -> Result<(), InputError> {
        if self.named.len() >= ROWS_MAX {
            return Err(InputError::TooMuch {
                what: "rows of named reports",
                limit: ROWS_MAX,
                hint: "Count them in SQL, with count(DISTINCT …) AS n, or leave out topics that do not matter",
            });
        }
        let id = self.ids.number(id)?;
        self.named.push([family, unit, topic, id]);
        Ok(())
    }

    /// Counts named reports once each: for their family, units, topics and pairs of both.
    fn count_named(&mut self) {
        let reports = self.ids.len();
        self.ids = Texts::default();
        let (begins, mut rows) = side_by_side(std::mem::take(&mut self.named), reports);
        let mut topics: Vec<[u32; 2]> = Vec::new();
        for ends in begins.windows(2) {
            let &[begin, end] = ends else { continue };
            let Some(report) = rows.get_mut(begin as usize..end as usize) else {
                continue;
            };
            report.sort_unstable();
            topics.clear();
            let mut before = None;
            for &[family, unit, topic] in report.iter() {
                if before.is_none_or(|[other, ..]: [u32; 3]| other != family) {
                    *self.by_family.entry(family).or_default() += 1;
                }
                if before.is_none_or(|[other, one, _]| [other, one] != [family, unit]) {
                    *self.by_unit.entry([family, unit]).or_default() += 1;
                }
                if topic != NONE && before != Some([family, unit, topic]) {
                    *self.by_pair.entry([family, unit, topic]).or_default() += 1;
                    topics.push([family, topic]);
                }
                before = Some([family, unit, topic]);
            }
            topics.sort_unstable();
            topics.dedup();
            for topic in &topics {
                *self.by_topic.entry(*topic).or_default() += 1;
            }
        }
        for family in self.by_family.keys() {
            for topic in 0..self.topics.len() as u32 {
                self.by_topic.entry([*family, topic]).or_default();
            }
        }
    }

    /// The counts in an order that does not depend on the order of arrival.
    pub(crate) fn finish(mut self) -> Reports {
        if self.counting == Counting::Named {
            self.count_named();
        }
        let (families, family) = self.families.sorted();
        let (units, unit) = self.units.sorted();
        let (topics, topic) = self.topics.sorted();
        let new =
            |numbers: &[u32], old: u32| numbers.get(old as usize).copied().unwrap_or(u32::MAX);
        let two = |counts: Hashed<[u32; 2], u64>, second: &[u32]| {
            let mut counts: Vec<([u32; 2], u64)> = counts
                .into_iter()
                .map(|([f, other], count)| ([new(&family, f), new(second, other)], count))
                .collect();
            counts.sort_unstable();
            counts
        };
        let mut by_pair: Vec<([u32; 3], u64)> = self
            .by_pair
            .into_iter()
            .map(|([f, u, t], count)| ([new(&family, f), new(&unit, u), new(&topic, t)], count))
            .collect();
        by_pair.sort_unstable();
        Reports {
            by_unit: two(self.by_unit, &unit),
            by_topic: two(self.by_topic, &topic),
            by_pair,
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
