//! `audience`: who may be advertised to, and who may be profiled for it at all. What is known of people comes in
//! their order, so that one person is held at a time, however many there are.

use std::collections::{BTreeMap, BTreeSet};

use crate::advert;
use crate::cell::{Cell, Sheet};
use crate::fatigue::Fatigue;
use crate::fault::Fault;
use crate::judge;
use crate::ordered::{Ordered, Peek};
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

/// The relations of `audience`: the first two are read whole, the others side by side.
pub const PORTS: &[Port] = &[
    Port {
        name: "rules",
        required: false,
        columns: &["rule", "value"],
        doc: "as for compose",
    },
    Port {
        name: "volume",
        required: false,
        columns: &["template", "sent_at"],
        doc: "all rows of history once more, in any order: how many complained is counted over everybody",
    },
    Port {
        name: "persons",
        required: true,
        columns: &["customer_id", "address", "channel"],
        doc: "as for compose, ORDER BY customer_id",
    },
    Port {
        name: "consents",
        required: true,
        columns: &["customer_id", "purpose", "state", "at"],
        doc: "as for compose, ORDER BY customer_id",
    },
    Port {
        name: "history",
        required: false,
        columns: &["customer_id", "template", "sent_at"],
        doc: "as for compose, ORDER BY customer_id",
    },
];

/// What is known of each person beside the contact.
const BESIDE: [&str; 2] = ["consents", "history"];

/// What `audience` does next.
#[derive(Debug)]
pub enum Next {
    /// It needs rows of a relation.
    Need(&'static str),
    /// It can say something of one more person.
    Row(Vec<Cell>),
    /// It has said all.
    Finished,
}

/// One use of `audience`.
#[derive(Debug)]
pub struct Audience {
    rules: Rules,
    books: Books,
    /// Relations that are read whole and have not ended.
    whole: Vec<&'static str>,
    /// The relations in the order of people.
    ordered: BTreeMap<&'static str, Ordered>,
    /// Whose rows are gathered.
    current: Option<String>,
    /// All rules are known.
    settled: bool,
}

impl Audience {
    /// Reads the options; `given` names the relations that there are.
    pub fn open(options: &[(String, Cell)], given: &[&'static str]) -> Result<Audience, Fault> {
        if given.contains(&"history") != given.contains(&"volume") {
            return Err(Fault::new(
                "missing-relation",
                "audience has only one of history and volume",
                "give the same rows as both: history ORDER BY customer_id, volume in any order",
            ));
        }
        let (whole, ordered): (Vec<_>, Vec<_>) = given
            .iter()
            .copied()
            .partition(|name| ["rules", "volume"].contains(name));
        Ok(Audience {
            rules: Rules::parse(options)?,
            books: Books::default(),
            whole,
            ordered: ordered
                .into_iter()
                .map(|name| (name, Ordered::new(name)))
                .collect(),
            current: None,
            settled: false,
        })
    }

    /// Takes rows of a relation in.
    pub fn push(&mut self, port: &str, sheet: Sheet) -> Result<(), Fault> {
        if let Some(ordered) = self.ordered.get_mut(port) {
            return ordered.push(sheet);
        }
        for row in sheet.rows() {
            match port {
                "volume" => self.books.count(&row),
                _ => self.rules.book.add(&row)?,
            }
        }
        Ok(())
    }

    /// Says that a relation has given all its rows.
    pub fn close(&mut self, port: &str) {
        self.whole.retain(|name| *name != port);
        if let Some(ordered) = self.ordered.get_mut(port) {
            ordered.close();
        }
    }

    /// One row a person, in their order. An objection to advertising ends profiling for it too
    /// (GDPR Art. 21(2) and (3)); being held out of an experiment is no matter of the person.
    pub fn go_on(&mut self) -> Next {
        if let Some(name) = self.whole.first() {
            return Next::Need(name);
        }
        if !std::mem::replace(&mut self.settled, true) {
            self.rules.book.settle(self.rules.rules_on);
        }
        loop {
            let Some(persons) = self.ordered.get_mut("persons") else {
                return Next::Finished;
            };
            let next = match persons.peek() {
                Peek::Need => return Next::Need("persons"),
                Peek::Row(id) => Some(id),
                Peek::End => None,
            };
            if next.is_some() && (self.current.is_none() || next == self.current) {
                persons.take(|row| self.books.person(row));
                self.current = next;
                continue;
            }
            let Some(id) = self.current.clone() else {
                return Next::Finished;
            };
            if let Some(name) = BESIDE.into_iter().find(|name| !self.gathered(name, &id)) {
                return Next::Need(name);
            }
            let row = self.row(&id);
            self.current = None;
            self.books.forget();
            return Next::Row(row);
        }
    }

    /// Reads a relation up to the last row of a person; false when it needs more rows for that.
    fn gathered(&mut self, name: &str, id: &str) -> bool {
        let Some(ordered) = self.ordered.get_mut(name) else {
            return true;
        };
        loop {
            let own = match ordered.peek() {
                Peek::Need => return false,
                Peek::End => return true,
                Peek::Row(other) if other.as_str() > id => return true,
                Peek::Row(other) => other == id,
            };
            let books = &mut self.books;
            ordered.take(|row| match name {
                _ if !own => {}
                "consents" => books.consent(row),
                _ => books.sent(row),
            });
        }
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
