//! `audience`: who may be advertised to, and who may be profiled for it at all.

use std::collections::{BTreeMap, BTreeSet};

use crate::advert;
use crate::cell::{Cell, Row};
use crate::fatigue::Fatigue;
use crate::fault::Fault;
use crate::judge;
use crate::people::Books;
use crate::ports::Port;
use crate::purpose::{Purpose, Stated};
use crate::reasons::{Reason, Weight};
use crate::rules::Rules;
use crate::target::{Certainty, Key, Target};

/// The columns of `audience`: name, Arrow format, may be null.
pub const COLUMNS: &[(&str, &str, bool)] = &[
    ("customer_id", "u", false),
    ("may_advertise", "b", false),
    ("may_profile", "b", false),
    ("fatigue", "u", false),
    ("reasons", "u", false),
];

/// The relations of `audience`.
pub const PORTS: &[Port] = &[
    Port {
        name: "persons",
        required: true,
        columns: &["customer_id", "address", "channel"],
        doc: "as for compose",
    },
    Port {
        name: "consents",
        required: true,
        columns: &["customer_id", "purpose", "state", "at"],
        doc: "as for compose",
    },
    Port {
        name: "history",
        required: false,
        columns: &["customer_id", "template", "sent_at"],
        doc: "as for compose",
    },
    Port {
        name: "rules",
        required: false,
        columns: &["rule", "value"],
        doc: "as for compose",
    },
];

/// One use of `audience`.
#[derive(Debug)]
pub struct Audience {
    rules: Rules,
    books: Books,
}

impl Audience {
    /// Reads the options.
    pub fn open(options: &[(String, Cell)]) -> Result<Audience, Fault> {
        Ok(Audience {
            rules: Rules::parse(options)?,
            books: Books::default(),
        })
    }

    /// Takes a row in.
    pub fn push(&mut self, port: &str, row: &Row<'_>) -> Result<(), Fault> {
        match port {
            "persons" => self.books.person(row),
            "consents" => self.books.consent(row),
            "history" => self.books.sent(row, true),
            _ => self.rules.book.add(row)?,
        }
        Ok(())
    }

    /// One row a person, in their order. An objection to advertising ends profiling for it too
    /// (GDPR Art. 21(2) and (3)); being held out of an experiment is no matter of the person.
    pub fn finish(mut self) -> Vec<Vec<Cell>> {
        self.rules.book.settle(self.rules.rules_on);
        let people = self.books.persons.keys();
        people.map(|id| self.row(id)).collect()
    }

    fn row(&self, id: &str) -> Vec<Cell> {
        let (rules, books) = (&self.rules, &self.books);
        let target = target(id);
        let (person, mut reasons) = judge::addressee(&target, books);
        let sends = books.sends.get(id).map_or(&[][..], Vec::as_slice);
        let mut fatigue = Fatigue::Unsent;
        if let Some(person) = person {
            let place = person.place(Purpose::Advertisement);
            fatigue = Fatigue::of(sends, rules.as_of, &rules.book, &place);
            let own = advert::judge(&target, person, books, rules, fatigue);
            reasons.extend(own.into_iter().filter(|reason| reason.code != "holdout"));
            reasons.extend(judge::staff(&target, person, rules));
        }
        let stops = |reason: &Reason| matches!(reason.weight, Weight::Suppress | Weight::Hold);
        let free = !reasons.iter().any(stops);
        let objected = advert::standing_refusal(id, books).is_some();
        let said: BTreeSet<String> = reasons.iter().map(Reason::to_string).collect();
        let said: Vec<String> = said.into_iter().collect();
        vec![
            Cell::from(id),
            Cell::Bool(free),
            Cell::Bool(!objected),
            Cell::from(fatigue.name()),
            Cell::Text(said.join("; ")),
        ]
    }
}

/// An advertisement to a person, about nothing yet.
fn target(id: &str) -> Target {
    Target {
        key: Key {
            incident: String::new(),
            customer_id: id.to_string(),
            order_id: String::new(),
        },
        stated: Stated {
            purpose: Purpose::Advertisement,
            mixed: false,
            with_recall: false,
        },
        separated: false,
        certainty: Certainty::Certain,
        also_possible: Vec::new(),
        template_ids: BTreeSet::new(),
        values: BTreeMap::new(),
    }
}
