//! The rows of `targets`, stored until all have come and then joined to one target per incident and person.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::rc::Rc;

use crate::error::config_error;
use crate::input::cell::Row;
use crate::input::row_store::RowStore;
use crate::targets::target::{Key, Target, TargetRow, join};
use tsugi_plugin::Error;

/// Incident, buyer, order. Incidents are shared, because thousands of people have the same one.
type StoredKey = (Rc<str>, Box<str>, Box<str>);

/// Rows of the relation `targets`. The order in which they come has no effect.
#[derive(Debug, Default)]
pub(crate) struct Targets {
    /// The number of each key, in the order of keys.
    keys: BTreeMap<StoredKey, u32>,
    incidents: BTreeSet<Rc<str>>,
    store: RowStore,
    rows: usize,
}

impl Targets {
    pub(crate) fn add(&mut self, row: &Row<'_>) -> Result<(), Error> {
        self.rows += 1;
        let place = format!("targets, row {}", self.rows);
        let incident = row.text("incident").ok_or_else(|| {
            config_error(
                "missing-incident",
                format!("{place}: incident is blank"),
                "name the incident in the targets query",
            )
        })?;
        TargetRow::read(row, &place)?;
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
        // The key holds these two columns already.
        let wanted = row.pairs().map(|(name, _)| name);
        let wanted = wanted.filter(|name| !["incident", "customer_id"].contains(name));
        self.store.add(owner, row, &wanted.collect::<Vec<_>>());
        Ok(())
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
    pub(crate) fn after(&self, key: Option<&Key>) -> Option<Target> {
        let parts = |key: &Key| -> StoredKey {
            let (customer, order) = (key.customer_id.as_str(), key.order_id.as_str());
            (key.incident.as_str().into(), customer.into(), order.into())
        };
        let from = key.map_or(Bound::Unbounded, |key| Bound::Excluded(parts(key)));
        let ((incident, customer, order), owner) = self
            .keys
            .range::<StoredKey, _>((from, Bound::Unbounded))
            .next()?;
        let key = Key {
            incident: incident.to_string(),
            customer_id: customer.to_string(),
            order_id: order.to_string(),
        };
        let sheet = self.store.rows_of(*owner);
        let rows = sheet
            .rows()
            .filter_map(|row| TargetRow::read(&row, "targets").ok());
        join(key, &rows.collect())
    }
}
