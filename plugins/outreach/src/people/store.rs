//! The records of the people who are targets, stored compactly until each one's turn.

use std::collections::HashMap;

use crate::input::cell::Row;
use crate::input::row_store::RowStore;
use crate::people::records::PersonRecords;

/// The columns of each relation that are read.
const PERSONS: &[&str] = &[
    "customer_id",
    "name",
    "address",
    "language",
    "time_zone",
    "country",
    "channel",
    "owner",
    "addressable",
    "value_class",
    "open_severe_incident",
    "angry",
    "preferred_channel",
    "pause_from",
    "pause_to",
    "cap",
    "held_by",
    "held_until",
    "address_from",
];
const CONSENTS: &[&str] = &["customer_id", "purpose", "channel", "state", "at", "proof"];
const HISTORY: &[&str] = &[
    "customer_id",
    "outcome",
    "sent_at",
    "template_id",
    "template",
    "template_version",
    "purpose",
    "channel",
    "incident",
];

/// Rows by relation and person.
#[derive(Debug, Default)]
pub(crate) struct PeopleStore {
    people: HashMap<Box<str>, u32>,
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
            let number = store.people.len() as u32;
            store.people.entry(id.into()).or_insert(number);
        }
        store
    }

    /// Adds a row of `persons`, `consents`, `history` or `offers`.
    pub(crate) fn add(&mut self, port: &str, row: &Row<'_>) {
        let Some(number) = row
            .text("customer_id")
            .and_then(|id| self.people.get(id.as_str()))
        else {
            return;
        };
        let (store, columns) = match port {
            "persons" => (&mut self.persons, PERSONS),
            "consents" => (&mut self.consents, CONSENTS),
            "history" => (&mut self.history, HISTORY),
            _ => (&mut self.offers, &[][..]),
        };
        store.add(*number, row, columns);
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
    pub(crate) fn records(&self, id: &str) -> PersonRecords {
        let mut records = PersonRecords::default();
        let Some(owner) = self.people.get(id).copied() else {
            return records;
        };
        for row in self.persons.rows_of(owner).rows() {
            records.add_contact(&row);
        }
        for row in self.consents.rows_of(owner).rows() {
            records.add_consent(&row);
        }
        for row in self.history.rows_of(owner).rows() {
            records.add_send(&row);
        }
        for row in self.offers.rows_of(owner).rows() {
            records.add_offer(&row);
        }
        records
    }
}
