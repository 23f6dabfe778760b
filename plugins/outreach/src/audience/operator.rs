//! The state of one call of `audience`. The records of people come sorted by customer_id, so that one
//! person is in memory at a time.

use std::collections::{BTreeMap, BTreeSet};

use tsugi_plugin::Error;

use crate::audience::sorted::{Peek, SortedRelation};
use crate::checks::fatigue::Fatigue;
use crate::checks::{CheckInput, advertising, contact};
use crate::error::config_error;
use crate::input::cell::{Cell, Sheet};
use crate::input::ports::Port;
use crate::message::reasons::{Reason, Weight};
use crate::people::records::PersonRecords;
use crate::people::totals::SendTotals;
use crate::rules::settings::Settings;
use crate::targets::certainty::Certainty;
use crate::targets::purpose::{Purpose, StatedPurpose};
use crate::targets::target::{Key, Target};

/// Name, Arrow format, nullable.
pub(crate) const COLUMNS: &[(&str, &str, bool)] = &[
    ("customer_id", "u", false),
    ("may_advertise", "b", false),
    ("may_profile", "b", false),
    ("fatigue", "u", false),
    ("reasons", "u", false),
];

/// The first two are read whole, the others side by side.
pub(crate) const PORTS: &[Port] = &[
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
        doc: "all rows of history once more, in any order: complaints are counted over all people",
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

/// The sorted relations beside `persons`.
const BESIDE: [&str; 2] = ["consents", "history"];

#[derive(Debug)]
pub(crate) enum AudienceStep {
    /// Rows of this relation are needed.
    Need(&'static str),
    /// The row of one more person.
    Row(Vec<Cell>),
    Finished,
}

#[derive(Debug)]
pub(crate) struct Audience {
    settings: Settings,
    totals: SendTotals,
    /// Relations to be read whole that have not ended.
    whole: Vec<&'static str>,
    sorted: BTreeMap<&'static str, SortedRelation>,
    /// The person whose rows are being read, and the rows read so far.
    current: Option<String>,
    records: PersonRecords,
    /// All rules are known.
    rules_closed: bool,
}

impl Audience {
    /// `relations` names the relations of the call.
    pub(crate) fn open(
        options: &[(String, Cell)],
        relations: &[&'static str],
    ) -> Result<Audience, Error> {
        if relations.contains(&"history") != relations.contains(&"volume") {
            return Err(config_error(
                "missing-relation",
                "audience has only one of history and volume",
                "pass the same rows as both: history ORDER BY customer_id, volume in any order",
            ));
        }
        let (whole, sorted): (Vec<_>, Vec<_>) = relations
            .iter()
            .copied()
            .partition(|name| ["rules", "volume"].contains(name));
        Ok(Audience {
            settings: Settings::parse(options)?,
            totals: SendTotals::default(),
            whole,
            sorted: sorted
                .into_iter()
                .map(|name| (name, SortedRelation::new(name)))
                .collect(),
            current: None,
            records: PersonRecords::default(),
            rules_closed: false,
        })
    }

    pub(crate) fn push(&mut self, port: &str, sheet: Sheet) -> Result<(), Error> {
        if let Some(sorted) = self.sorted.get_mut(port) {
            return sorted.push(sheet);
        }
        for row in sheet.rows() {
            match port {
                "volume" => self.totals.add(&row),
                _ => self.settings.rulebook.add(&row)?,
            }
        }
        Ok(())
    }

    /// Ends a relation.
    pub(crate) fn close(&mut self, port: &str) {
        self.whole.retain(|name| *name != port);
        if let Some(sorted) = self.sorted.get_mut(port) {
            sorted.close();
        }
    }

    /// The row of the next person, or the relation that must be read first.
    pub(crate) fn next(&mut self) -> AudienceStep {
        if let Some(name) = self.whole.first() {
            return AudienceStep::Need(name);
        }
        if !std::mem::replace(&mut self.rules_closed, true) {
            self.settings.rulebook.close(self.settings.rules_on);
        }
        loop {
            let Some(persons) = self.sorted.get_mut("persons") else {
                return AudienceStep::Finished;
            };
            let next = match persons.peek() {
                Peek::Need => return AudienceStep::Need("persons"),
                Peek::Row(id) => Some(id),
                Peek::End => None,
            };
            if next.is_some() && (self.current.is_none() || next == self.current) {
                persons.take(|row| self.records.add_contact(row));
                self.current = next;
                continue;
            }
            let Some(id) = self.current.clone() else {
                return AudienceStep::Finished;
            };
            if let Some(name) = BESIDE.into_iter().find(|name| !self.read_up_to(name, &id)) {
                return AudienceStep::Need(name);
            }
            self.current = None;
            let records = std::mem::take(&mut self.records);
            return AudienceStep::Row(self.row(&id, &records));
        }
    }

    /// Reads a relation up to the last row of a person; false when more rows are needed for that.
    fn read_up_to(&mut self, name: &str, id: &str) -> bool {
        let Some(sorted) = self.sorted.get_mut(name) else {
            return true;
        };
        loop {
            let own = match sorted.peek() {
                Peek::Need => return false,
                Peek::End => return true,
                Peek::Row(other) if other.as_str() > id => return true,
                Peek::Row(other) => other == id,
            };
            let records = &mut self.records;
            sorted.take(|row| match name {
                _ if !own => {}
                "consents" => records.add_consent(row),
                _ => records.add_send(row),
            });
        }
    }

    /// An objection to advertising ends profiling for it too (GDPR Art. 21(2) and (3)). A holdout
    /// concerns one experiment, not the person.
    fn row(&self, id: &str, records: &PersonRecords) -> Vec<Cell> {
        let target = advertisement_to(id);
        let (person, mut reasons) = contact::find(&target, records);
        let mut fatigue = Fatigue::Unsent;
        if let Some(person) = person {
            let input = CheckInput {
                target: &target,
                person,
                records,
                totals: &self.totals,
                settings: &self.settings,
            };
            fatigue = Fatigue::of(&input);
            let advertising = advertising::reasons(&input, fatigue).into_iter();
            reasons.extend(advertising.filter(|reason| reason.code != "holdout"));
            reasons.extend(contact::staff_hold(&input));
        }
        let stops = |reason: &Reason| matches!(reason.weight, Weight::Suppress | Weight::Hold);
        let may_advertise = !reasons.iter().any(stops);
        let reasons: BTreeSet<String> = reasons.iter().map(Reason::to_string).collect();
        let reasons: Vec<String> = reasons.into_iter().collect();
        vec![
            Cell::from(id),
            Cell::Bool(may_advertise),
            Cell::Bool(!records.refuses_advertisements()),
            Cell::from(fatigue.name()),
            Cell::Text(reasons.join("; ")),
        ]
    }
}

/// An advertisement to a person without an incident.
fn advertisement_to(id: &str) -> Target {
    Target {
        key: Key {
            incident: String::new(),
            customer_id: id.to_string(),
            order_id: String::new(),
        },
        stated: StatedPurpose {
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
