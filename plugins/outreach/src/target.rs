//! Who is to be told what: rows of `targets`, joined to one per person and incident.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::rc::Rc;

use crate::cell::Row;
use crate::fault::Fault;
use crate::purpose::{self, Stated};
use crate::reasons::{Reason, Weight};
use crate::shelf::Shelf;

/// Whether a person surely has the affected product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// The delivered lot is known.
    Certain,
    /// One of several lots was delivered.
    Possible,
}

impl Certainty {
    /// As it stands in columns.
    pub fn name(self) -> &'static str {
        match self {
            Certainty::Certain => "certain",
            Certainty::Possible => "possible",
        }
    }

    /// Reads `certain` or `possible`.
    pub fn parse(text: &str, place: &str) -> Result<Certainty, Fault> {
        match text.trim().to_lowercase().as_str() {
            "certain" => Ok(Certainty::Certain),
            "possible" => Ok(Certainty::Possible),
            _ => Err(Fault::new(
                "unknown-certainty",
                format!("{place}: the certainty {text:?} is not known"),
                "say certain or possible",
            )),
        }
    }
}

/// What makes two rows one message. A unit without a known buyer is a row of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The incident.
    pub incident: String,
    /// The buyer; blank when nobody is known.
    pub customer_id: String,
    /// The order, only where the buyer is not known.
    pub order_id: String,
}

/// One row as it came.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    stated: Stated,
    certainty: Certainty,
    template_id: Option<String>,
    values: BTreeMap<String, String>,
}

impl Line {
    /// Reads a row, whose place is told where it cannot be read.
    fn read(row: &Row<'_>, place: &str) -> Result<Line, Fault> {
        let own = [
            "incident",
            "customer_id",
            "certainty",
            "purpose",
            "template_id",
        ];
        let values = row.pairs().filter(|(name, _)| !own.contains(name));
        let purpose = row.text("purpose").unwrap_or_default();
        Ok(Line {
            stated: purpose::parse(&purpose, place)?,
            certainty: match row.text("certainty") {
                Some(text) => Certainty::parse(&text, place)?,
                None => Certainty::Possible,
            },
            template_id: row.text("template_id"),
            values: values
                .filter_map(|(name, cell)| Some((name.to_string(), cell.text()?)))
                .collect(),
        })
    }
}

/// Incident, buyer and order as they are held.
type Parts = (Rc<str>, Box<str>, Box<str>);

/// Rows collected until all have come; the order in which they come has no effect.
#[derive(Debug, Default)]
pub struct Targets {
    /// The number of each key, in the order of keys.
    keys: BTreeMap<Parts, u32>,
    incidents: BTreeSet<Rc<str>>,
    lines: Shelf,
    rows: usize,
}

/// One message to think about.
#[derive(Debug, Clone)]
pub struct Target {
    /// Incident and person.
    pub key: Key,
    /// The purpose whose rules bind.
    pub stated: Stated,
    /// Advertisements for the same incident were left out of this notice.
    pub separated: bool,
    /// Certain when at least one unit is.
    pub certainty: Certainty,
    /// Orders that are only possibly affected beside one that surely is.
    pub also_possible: Vec<String>,
    /// A template named by the rows; several make the choice a person's.
    pub template_ids: BTreeSet<String>,
    /// Every column as text, distinct values joined by `, `.
    pub values: BTreeMap<String, String>,
}

impl Target {
    /// What the remedy is worth: the most that any row says, in the money of the pipeline.
    pub fn remedy_value(&self) -> Result<Option<f64>, Reason> {
        let Some(written) = self.values.get("remedy_value") else {
            return Ok(None);
        };
        let amounts = written.split(", ").map(|amount| {
            let amount = amount.parse::<f64>().ok();
            amount.filter(|amount| amount.is_finite() && *amount >= 0.0)
        });
        let most = amounts
            .reduce(|most, next| Some(most?.max(next?)))
            .flatten();
        most.map(Some).ok_or_else(|| {
            let what = format!("remedy_value is {written:?}, which is no amount");
            Reason::new("remedy-unreadable", Weight::Review, what)
        })
    }
}

impl Targets {
    /// Takes one row in.
    pub fn add(&mut self, row: &Row<'_>) -> Result<(), Fault> {
        self.rows += 1;
        let place = format!("targets, row {}", self.rows);
        let incident = row.text("incident").ok_or_else(|| {
            Fault::new(
                "missing-incident",
                format!("{place}: incident is blank"),
                "name the incident in the targets query",
            )
        })?;
        Line::read(row, &place)?;
        let customer_id = row.text("customer_id").unwrap_or_default();
        let order_id = match customer_id.is_empty() {
            true => row.text("order_id").unwrap_or_default(),
            false => String::new(),
        };
        let incident = match self.incidents.get(incident.as_str()) {
            Some(known) => Rc::clone(known),
            None => {
                let new: Rc<str> = incident.into();
                self.incidents.insert(Rc::clone(&new));
                new
            }
        };
        let number = self.keys.len() as u32;
        let key = (incident, customer_id.into(), order_id.into());
        let owner = *self.keys.entry(key).or_insert(number);
        // What the key says is not put away once more.
        let wanted = row.pairs().map(|(name, _)| name);
        let wanted = wanted.filter(|name| !["incident", "customer_id"].contains(name));
        self.lines.add(owner, row, &wanted.collect::<Vec<_>>());
        Ok(())
    }

    /// Says that all rows are there.
    pub fn settle(&mut self) {
        self.lines.settle();
    }

    /// The people who are asked about; a blank where the buyer is not known.
    pub fn customers(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(|key| &*key.1)
    }

    /// The first target of all, or the first one after a key: by incident, then person.
    pub fn after(&self, key: Option<&Key>) -> Option<Target> {
        let parts = |key: &Key| -> Parts {
            let (customer, order) = (key.customer_id.as_str(), key.order_id.as_str());
            (key.incident.as_str().into(), customer.into(), order.into())
        };
        let from = key.map_or(Bound::Unbounded, |key| Bound::Excluded(parts(key)));
        let ((incident, customer, order), owner) = self
            .keys
            .range::<Parts, _>((from, Bound::Unbounded))
            .next()?;
        let key = Key {
            incident: incident.to_string(),
            customer_id: customer.to_string(),
            order_id: order.to_string(),
        };
        let sheet = self.lines.of(*owner);
        let lines = sheet
            .rows()
            .filter_map(|row| Line::read(&row, "targets").ok());
        let lines: BTreeSet<Line> = lines.collect();
        join(key, &lines)
    }
}

/// Notices and advertisements of one incident never become one message: the most urgent
/// purpose is told, the others are left out and named. Only certain units are spoken of as
/// certain.
fn join(key: Key, lines: &BTreeSet<Line>) -> Option<Target> {
    let first = lines.first()?;
    let kept: Vec<&Line> = lines
        .iter()
        .filter(|line| line.stated.purpose == first.stated.purpose)
        .collect();
    let certainty = kept.iter().map(|line| line.certainty).min()?;
    let (told, rest): (Vec<&Line>, Vec<&Line>) =
        kept.iter().partition(|line| line.certainty == certainty);
    let order = |line: &Line| line.values.get("order_id").cloned().unwrap_or_default();
    let named: BTreeSet<String> = told.iter().map(|line| order(line)).collect();
    let also: BTreeSet<String> = rest
        .iter()
        .map(|line| order(line))
        .filter(|id| !named.contains(id))
        .collect();
    let mut sets: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, value) in told.iter().flat_map(|line| &line.values) {
        sets.entry(name).or_default().insert(value);
    }
    let joined = sets.into_iter().map(|(name, values)| {
        let values: Vec<&str> = values.into_iter().collect();
        (name.to_string(), values.join(", "))
    });
    Some(Target {
        stated: Stated {
            mixed: kept.iter().any(|line| line.stated.mixed),
            with_recall: kept.iter().any(|line| line.stated.with_recall),
            ..first.stated
        },
        separated: kept.len() < lines.len(),
        certainty,
        also_possible: also.into_iter().collect(),
        template_ids: kept
            .iter()
            .filter_map(|line| line.template_id.clone())
            .collect(),
        values: joined.collect(),
        key,
    })
}
