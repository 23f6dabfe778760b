//! `compose`: relations in, one row a person and incident out.

use std::collections::{BTreeMap, BTreeSet};

use crate::cell::{Cell, Sheet};
use crate::clock::Zones;
use crate::draft::{Desk, Draft};
use crate::fault::Fault;
use crate::library::Library;
use crate::message::Message;
use crate::people::Books;
use crate::reasons::{Reason, Weight};
use crate::rules::Rules;
use crate::target::Targets;

/// A relation that `compose` reads.
#[derive(Debug, Clone, Copy)]
pub struct Port {
    /// Name of the argument.
    pub name: &'static str,
    /// It must be given.
    pub required: bool,
    /// Columns that must be there.
    pub columns: &'static [&'static str],
    /// For people.
    pub doc: &'static str,
}

/// The relations, in the order in which they are read.
pub const PORTS: &[Port] = &[
    Port {
        name: "targets",
        required: true,
        columns: &["incident", "customer_id", "purpose"],
        doc: "who is to be told what: also certainty, order_id, product, finished_lot, remedy, template_id and what templates declare",
    },
    Port {
        name: "templates",
        required: true,
        columns: &[
            "template_id",
            "version",
            "purpose",
            "language",
            "subject",
            "body",
        ],
        doc: "the approved library: also certainty, approved, locked_hash, sender, sender_address, contact, refusal_link, fields, parts",
    },
    Port {
        name: "persons",
        required: true,
        columns: &["customer_id", "address", "channel"],
        doc: "the contact on the order: also name, language, time_zone, country, owner, addressable, value_class, open_severe_incident",
    },
    Port {
        name: "consents",
        required: false,
        columns: &["customer_id", "purpose", "state", "at"],
        doc: "consents and refusals of advertisements: also channel, proof",
    },
    Port {
        name: "history",
        required: false,
        columns: &["customer_id", "template", "sent_at"],
        doc: "what was sent: also purpose, outcome, incident, template_version",
    },
    Port {
        name: "offers",
        required: false,
        columns: &["customer_id", "kind", "terms"],
        doc: "offers that people hold: also valid_from, valid_to",
    },
    Port {
        name: "forbidden",
        required: false,
        columns: &["word"],
        doc: "words that no message may say, supplier names above all",
    },
];

/// The name of a port by its place in [`PORTS`]; blank beyond the last.
pub fn port_name(place: usize) -> &'static str {
    PORTS.get(place).map_or("", |port| port.name)
}

/// Checks that a relation has the columns its port needs; types are free, since every value
/// is read as text.
pub fn check_columns<'a>(port: &Port, columns: impl Iterator<Item = &'a str>) -> Result<(), Fault> {
    let given: BTreeSet<&str> = columns.collect();
    let missing: Vec<&str> = port
        .columns
        .iter()
        .copied()
        .filter(|name| !given.contains(name))
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Fault::new(
            "missing-column",
            format!(
                "compose: the relation {} has no column {}",
                port.name,
                missing.join(", ")
            ),
            format!("select it there; {} holds {}", port.name, port.doc),
        )),
    }
}

/// One use of `compose`, from its options to its messages.
#[derive(Debug)]
pub struct Compose {
    rules: Rules,
    targets: Targets,
    library: Library,
    books: Books,
    /// The people asked about, once all targets are in: others need not be remembered.
    asked: Option<BTreeSet<String>>,
}

impl Compose {
    /// Reads the options.
    pub fn open(options: &[(String, Cell)]) -> Result<Compose, Fault> {
        Ok(Compose {
            rules: Rules::parse(options)?,
            targets: Targets::default(),
            library: Library::default(),
            books: Books::default(),
            asked: None,
        })
    }

    /// Takes rows of a port in. Order and cutting of the rows have no effect.
    pub fn push(&mut self, port: &str, sheet: &Sheet) -> Result<(), Fault> {
        if port == "templates" {
            return self.library.add(sheet);
        }
        for row in sheet.rows() {
            let keep = match (&self.asked, row.text("customer_id")) {
                (Some(asked), Some(id)) => asked.contains(&id),
                _ => true,
            };
            match port {
                "targets" => self.targets.add(&row)?,
                "history" => self.books.sent(&row, keep),
                "persons" if keep => self.books.person(&row),
                "consents" if keep => self.books.consent(&row),
                "offers" if keep => self.books.offer(&row),
                "forbidden" => self.books.forbid(&row),
                "persons" | "consents" | "offers" => {}
                _ => {
                    let names: Vec<&str> = PORTS.iter().map(|port| port.name).collect();
                    let hint = format!("the relations are {}", names.join(", "));
                    return Err(Fault::new(
                        "unknown-port",
                        format!("compose has no relation {port}"),
                        hint,
                    ));
                }
            }
        }
        Ok(())
    }

    /// Says that a port has given all its rows.
    pub fn close(&mut self, port: &str) {
        if port == "targets" {
            self.asked = Some(self.targets.customers());
        }
    }

    /// The messages, by incident, then person.
    pub fn finish(self) -> Vec<Message> {
        let mut desk = Desk {
            rules: &self.rules,
            books: &self.books,
            library: &self.library,
            zones: Zones::default(),
            planned: BTreeMap::new(),
        };
        let targets = self.targets.join();
        let drafts = targets.into_iter().map(|target| desk.draft(&target));
        let mut drafts: Vec<Draft> = drafts.collect();
        count(&mut drafts, &self.rules);
        let settled = drafts.into_iter().map(|draft| settle(draft, &self.rules));
        settled.collect()
    }
}

/// What depends on how many get the same: large sends, and words that claim to be for one.
/// People count whose message is not suppressed.
fn count(drafts: &mut [Draft], rules: &Rules) {
    let mut of_text: BTreeMap<(String, usize), u64> = BTreeMap::new();
    let mut of_incident: BTreeMap<String, u64> = BTreeMap::new();
    for draft in drafts
        .iter()
        .filter(|draft| draft.message.weight() != Weight::Suppress)
    {
        let incident = &draft.message.incident;
        *of_incident.entry(incident.clone()).or_default() += 1;
        if let Some(text) = draft.text {
            *of_text.entry((incident.clone(), text)).or_default() += 1;
        }
    }
    for draft in drafts {
        let message = &mut draft.message;
        let key = draft.text.map(|text| (message.incident.clone(), text));
        message.recipients = key.and_then(|key| of_text.get(&key)).copied().unwrap_or(0);
        let all = of_incident.get(&message.incident).copied().unwrap_or(0);
        if message.weight() == Weight::Suppress {
            continue;
        }
        if all > rules.review_over {
            let what = format!(
                "{all} people of this incident are written to, more than {}",
                rules.review_over
            );
            message
                .reasons
                .push(Reason::new("large-send", Weight::Review, what));
        }
        if let Some(phrase) = draft
            .exclusive
            .filter(|_| message.recipients > rules.same_body_max)
        {
            let what = format!(
                "{phrase:?} is untrue when {} people get the same text",
                message.recipients
            );
            message
                .reasons
                .push(Reason::new("exclusive-wording", Weight::Review, what));
        }
    }
}

/// A recall that waits calls a person; a message without words never leaves; a message that
/// waits for knowledge or is suppressed has no time. Heaviest reasons first.
fn settle(draft: Draft, rules: &Rules) -> Message {
    let mut message = draft.message;
    let waits = matches!(message.weight(), Weight::Hold | Weight::Review);
    if draft.urgent && waits {
        let what = format!(
            "a safety recall waits for a person, decide before {}",
            rules.recall_deadline
        );
        message
            .reasons
            .push(Reason::new("alert", Weight::Note, what));
    }
    if matches!(message.weight(), Weight::Hold | Weight::Suppress) {
        message.earliest_at = None;
    }
    message.reasons.sort_by(|one, two| {
        (two.weight, one.code, &one.sentence).cmp(&(one.weight, two.code, &two.sentence))
    });
    message.reasons.dedup();
    message
}
