//! What is known of the people asked about, put away until one of them is thought about.

use std::collections::HashMap;

use crate::cell::Row;
use crate::people::Books;
use crate::shelf::Shelf;

/// Columns of `persons` that are read.
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
/// Columns of `consents` that are read.
const CONSENTS: &[&str] = &["customer_id", "purpose", "channel", "state", "at", "proof"];
/// Columns of `history` that are read.
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

/// Rows of people by relation.
#[derive(Debug, Default)]
pub struct Archive {
    people: HashMap<Box<str>, u32>,
    persons: Shelf,
    consents: Shelf,
    history: Shelf,
    offers: Shelf,
}

impl Archive {
    /// An archive of these people and nobody else.
    pub fn of<'a>(people: impl Iterator<Item = &'a str>) -> Archive {
        let mut archive = Archive::default();
        for id in people {
            let number = archive.people.len() as u32;
            archive.people.entry(id.into()).or_insert(number);
        }
        archive
    }

    /// Puts a row of `persons`, `consents`, `history` or `offers` away; one of somebody else is left out.
    pub fn add(&mut self, port: &str, row: &Row<'_>) {
        let Some(number) = row
            .text("customer_id")
            .and_then(|id| self.people.get(id.as_str()))
        else {
            return;
        };
        let (shelf, columns) = match port {
            "persons" => (&mut self.persons, PERSONS),
            "consents" => (&mut self.consents, CONSENTS),
            "history" => (&mut self.history, HISTORY),
            _ => (&mut self.offers, &[][..]),
        };
        shelf.add(*number, row, columns);
    }

    /// Says that all rows are there.
    pub fn settle(&mut self) {
        for shelf in [
            &mut self.persons,
            &mut self.consents,
            &mut self.history,
            &mut self.offers,
        ] {
            shelf.settle();
        }
    }

    /// Opens the books at one person, and closes them at whoever was there before.
    pub fn open(&self, id: &str, books: &mut Books) {
        books.forget();
        let Some(number) = self.people.get(id) else {
            return;
        };
        for row in self.persons.of(*number).rows() {
            books.person(&row);
        }
        for row in self.consents.of(*number).rows() {
            books.consent(&row);
        }
        for row in self.history.of(*number).rows() {
            books.sent(&row);
        }
        for row in self.offers.of(*number).rows() {
            books.offer(&row);
        }
    }
}
