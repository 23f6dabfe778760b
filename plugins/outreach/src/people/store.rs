//! The records of the people who are targets, stored compactly until each one's turn.

use std::collections::HashMap;

use tsugi_plugin::Error;

use crate::input::row_store::RowStore;
use crate::input::values::Trimmed;
use crate::offers::promises::{Offer, OfferRow};
use crate::people::consents::{Consent, ConsentRow};
use crate::people::history::{HistoryEntry, HistoryRow};
use crate::people::person::{Person, PersonRow};
use crate::people::records::PersonRecords;

/// Rows by relation and person.
#[derive(Debug, Default)]
pub(crate) struct PeopleStore {
    owners: HashMap<Box<str>, u32>,
    persons: RowStore,
    consents: RowStore,
    history: RowStore,
    offers: RowStore,
}

impl PeopleStore {
    /// An empty store for these people. Rows of others are dropped.
    pub(crate) fn of<'a>(people: impl Iterator<Item = &'a str>) -> PeopleStore {
        let mut store = PeopleStore::default();
        for id in people {
            let number = store.owners.len() as u32;
            store.owners.entry(id.into()).or_insert(number);
        }
        store
    }

    fn owner(&self, id: Option<&Trimmed<'_>>) -> Option<u32> {
        self.owners.get(&**id?).copied()
    }

    pub(crate) fn add_person(&mut self, row: &PersonRow<'_>) -> Result<(), Error> {
        match self.owner(row.customer_id.as_ref()) {
            Some(owner) => self.persons.add(owner, row),
            None => Ok(()),
        }
    }

    pub(crate) fn add_consent(&mut self, row: &ConsentRow<'_>) -> Result<(), Error> {
        match self.owner(row.customer_id.as_ref()) {
            Some(owner) => self.consents.add(owner, row),
            None => Ok(()),
        }
    }

    pub(crate) fn add_send(&mut self, row: &HistoryRow<'_>) -> Result<(), Error> {
        match self.owner(row.customer_id.as_ref()) {
            Some(owner) => self.history.add(owner, row),
            None => Ok(()),
        }
    }

    pub(crate) fn add_offer(&mut self, row: &OfferRow<'_>) -> Result<(), Error> {
        match self.owner(row.customer_id.as_ref()) {
            Some(owner) => self.offers.add(owner, row),
            None => Ok(()),
        }
    }

    /// Ends the input; called before any person is read.
    pub(crate) fn close(&mut self) {
        for store in [
            &mut self.persons,
            &mut self.consents,
            &mut self.history,
            &mut self.offers,
        ] {
            store.close();
        }
    }

    /// The records of one person; empty for a person that the store is not for.
    pub(crate) fn records(&self, id: &str) -> Result<PersonRecords, Error> {
        let mut records = PersonRecords::default();
        let Some(owner) = self.owners.get(id).copied() else {
            return Ok(records);
        };
        for row in self.persons.rows_of::<PersonRow<'_>>(owner) {
            records.add_contact(Person::from(row?));
        }
        for row in self.consents.rows_of::<ConsentRow<'_>>(owner) {
            records.consents.extend(Consent::of(row?));
        }
        for row in self.history.rows_of::<HistoryRow<'_>>(owner) {
            HistoryEntry::of(&row?)
                .into_iter()
                .for_each(|entry| records.add_send(entry));
        }
        for row in self.offers.rows_of::<OfferRow<'_>>(owner) {
            records.offers.push(Offer::from(row?));
        }
        Ok(records)
    }
}
