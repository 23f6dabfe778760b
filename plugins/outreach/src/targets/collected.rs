//! The rows of `targets`, stored until all have come and then joined to one target per incident and person.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::rc::Rc;

use tsugi_plugin::{Error, Rest, Row};

use crate::error::config_error;
use crate::input::row_store::{Packer, RowStore, Stored, Unpacker};
use crate::input::values::Trimmed;
use crate::targets::certainty::Certainty;
use crate::targets::purpose;
use crate::targets::target::{Key, Target, TargetRow, join};

/// One row of the relation `targets`.
#[derive(Debug, Row)]
pub(crate) struct TargetColumns<'a> {
    incident: Option<Trimmed<'a>>,
    customer_id: Option<Trimmed<'a>>,
    purpose: Option<Trimmed<'a>>,
    #[row(optional)]
    certainty: Option<Trimmed<'a>>,
    #[row(optional)]
    template_id: Option<Trimmed<'a>>,
    #[row(rest)]
    rest: Rest<'a>,
}

/// A row without its key, with the rest in the order of the columns.
struct StoredTarget<'a> {
    purpose: Option<Trimmed<'a>>,
    certainty: Option<Trimmed<'a>>,
    template_id: Option<Trimmed<'a>>,
    rest: Vec<Option<Trimmed<'a>>>,
}

impl<'a> Stored<'a> for StoredTarget<'a> {
    fn pack(&self, packer: &mut Packer<'_>) {
        packer.text(self.purpose.as_deref());
        packer.text(self.certainty.as_deref());
        packer.text(self.template_id.as_deref());
        packer.count(self.rest.len() as u32);
        for value in &self.rest {
            packer.text(value.as_deref());
        }
    }

    fn unpack(unpacker: &mut Unpacker<'a>) -> Result<Self, Error> {
        Ok(StoredTarget {
            purpose: unpacker.text()?,
            certainty: unpacker.text()?,
            template_id: unpacker.text()?,
            rest: (0..unpacker.count()?)
                .map(|_| unpacker.text())
                .collect::<Result<_, Error>>()?,
        })
    }
}

/// Incident, buyer, order. Incidents are shared, because thousands of people have the same one.
type StoredKey = (Rc<str>, Box<str>, Box<str>);

/// Rows of the relation `targets`. The order in which they come has no effect.
#[derive(Debug, Default)]
pub(crate) struct Targets {
    /// The number of each key, in the order of keys.
    keys: BTreeMap<StoredKey, u32>,
    incidents: BTreeSet<Rc<str>>,
    store: RowStore,
    /// Names of the columns of [`StoredTarget::rest`].
    columns: Vec<String>,
    rows: usize,
}

impl Targets {
    pub(crate) fn add(&mut self, row: TargetColumns<'_>) -> Result<(), Error> {
        self.rows += 1;
        let place = format!("targets, row {}", self.rows);
        let incident = row.incident.ok_or_else(|| {
            config_error(
                "missing-incident",
                format!("{place}: incident is blank"),
                "name the incident in the targets query",
            )
        })?;
        parse(row.purpose.as_deref(), row.certainty.as_deref(), &place)?;
        if self.columns.is_empty() {
            self.columns = row.rest.iter().map(|(name, _)| name.to_string()).collect();
        }
        let customer_id: Box<str> = row.customer_id.as_deref().unwrap_or_default().into();
        let order_id: Box<str> = match customer_id.is_empty() {
            true => {
                let order_id = row.rest.value("order_id");
                let order_id = order_id.text().and_then(Trimmed::new);
                order_id.as_deref().unwrap_or_default().into()
            }
            false => "".into(),
        };
        let incident = match self.incidents.get(&*incident) {
            Some(known) => Rc::clone(known),
            None => {
                let new: Rc<str> = (*incident).into();
                self.incidents.insert(Rc::clone(&new));
                new
            }
        };
        let number = self.keys.len() as u32;
        let key = (incident, customer_id, order_id);
        let owner = *self.keys.entry(key).or_insert(number);
        let rest = row.rest.iter();
        let stored = StoredTarget {
            purpose: row.purpose,
            certainty: row.certainty,
            template_id: row.template_id,
            rest: rest
                .map(|(_, value)| value.text().and_then(Trimmed::new))
                .collect(),
        };
        self.store.add(owner, &stored)
    }

    /// Ends the input; called before any target is read.
    pub(crate) fn close(&mut self) {
        self.store.close();
    }

    /// The buyer of every target; blank where not known.
    pub(crate) fn customers(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(|key| &*key.1)
    }

    /// The first target after a key, or of all, in the order of incident, then person.
    pub(crate) fn after(&self, key: Option<&Key>) -> Result<Option<Target>, Error> {
        let stored = |key: &Key| -> StoredKey {
            let (customer, order) = (key.customer_id.as_str(), key.order_id.as_str());
            (key.incident.as_str().into(), customer.into(), order.into())
        };
        let from = key.map_or(Bound::Unbounded, |key| Bound::Excluded(stored(key)));
        let mut following = self.keys.range::<StoredKey, _>((from, Bound::Unbounded));
        let Some(((incident, customer, order), owner)) = following.next() else {
            return Ok(None);
        };
        let key = Key {
            incident: incident.to_string(),
            customer_id: customer.to_string(),
            order_id: order.to_string(),
        };
        let rows = self.store.rows_of::<StoredTarget<'_>>(*owner);
        let rows = rows
            .map(|row| self.target_row(row?))
            .collect::<Result<BTreeSet<_>, Error>>()?;
        let target = join(key, &rows);
        target
            .map(Some)
            .ok_or_else(|| Error::defect("no-rows", "a target has no rows"))
    }

    fn target_row<'s>(&'s self, row: StoredTarget<'s>) -> Result<TargetRow<'s>, Error> {
        let (purpose, certainty) = (row.purpose.as_deref(), row.certainty.as_deref());
        let (stated, certainty) = parse(purpose, certainty, "targets")?;
        let values = self.columns.iter().zip(row.rest);
        Ok(TargetRow {
            stated,
            certainty,
            template_id: row.template_id,
            values: values
                .filter_map(|(name, value)| Some((name.as_str(), value?)))
                .collect(),
        })
    }
}

/// Purpose and certainty of a row; `place` names it in errors.
fn parse(
    purpose: Option<&str>,
    certainty: Option<&str>,
    place: &str,
) -> Result<(purpose::StatedPurpose, Certainty), Error> {
    let stated = purpose::parse(purpose.unwrap_or_default(), place)?;
    let certainty = match certainty {
        Some(text) => Certainty::parse(text, place)?,
        None => Certainty::Possible,
    };
    Ok((stated, certainty))
}
