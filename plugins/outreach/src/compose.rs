//! `compose`: relations in, one row a person and incident out.

use std::collections::{BTreeMap, BTreeSet};

use crate::cell::{Cell, Sheet};
use crate::clock::Zones;
use crate::draft::{Desk, Draft};
use crate::fault::Fault;
use crate::library::Library;
use crate::looks::Assets;
use crate::message::Message;
use crate::open_fields::OpenFields;
use crate::people::Books;
use crate::ports::PORTS;
use crate::reasons::{PASSED_OVER, Reason, Weight};
use crate::rules::Rules;
use crate::target::Targets;
use crate::words::Words;

/// One use of `compose`, from its options to its messages.
#[derive(Debug)]
pub struct Compose {
    rules: Rules,
    targets: Targets,
    library: Library,
    books: Books,
    open_fields: OpenFields,
    assets: Assets,
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
            open_fields: OpenFields::default(),
            assets: Assets::default(),
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
                "rules" => self.rules.book.add(&row)?,
                "open_fields" => self.open_fields.add(&row)?,
                "assets" => self.assets.add(&row),
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
    pub fn finish(mut self) -> Vec<Message> {
        self.rules.book.settle(self.rules.rules_on);
        let words = Words::collect(&self.rules.book, &self.books.forbidden);
        let mut desk = Desk {
            rules: &self.rules,
            books: &self.books,
            library: &self.library,
            open_fields: &self.open_fields,
            assets: &self.assets,
            words: &words,
            zones: Zones::default(),
            planned: BTreeMap::new(),
        };
        let targets = self.targets.join();
        let drafts = targets.into_iter().map(|target| desk.draft(&target));
        let mut drafts: Vec<Draft> = drafts.collect();
        count(&mut drafts, &self.rules);
        compare_remedies(&mut drafts);
        drafts.into_iter().map(settle).collect()
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
            .as_ref()
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

/// A remedy is owed to everybody alike: where important people of an incident are offered one
/// that others are not, or the other way round, a person looks at all of them.
fn compare_remedies(drafts: &mut [Draft]) {
    type Offered = BTreeMap<bool, BTreeSet<Option<String>>>;
    let mut of_incident: BTreeMap<(String, &'static str), Offered> = BTreeMap::new();
    let key = |message: &Message| (message.incident.clone(), message.purpose);
    for draft in drafts
        .iter()
        .filter(|draft| draft.message.customer_id.is_some())
    {
        let (important, remedy) = draft.worth.clone();
        let offered = of_incident.entry(key(&draft.message)).or_default();
        offered.entry(important).or_default().insert(remedy);
    }
    let differs = |offered: &Offered| matches!((offered.get(&true), offered.get(&false)), (Some(one), Some(two)) if one != two);
    for draft in drafts {
        let message = &mut draft.message;
        if message.weight() != Weight::Suppress
            && of_incident.get(&key(message)).is_some_and(differs)
        {
            let what =
                "important customers of this incident are offered another remedy than the rest";
            message
                .reasons
                .push(Reason::new("remedy-unequal", Weight::Review, what));
        }
    }
}

/// A recall that waits, or that a rule made for advertisements touches, calls a person; what
/// waits for knowledge or is suppressed has no time. Heaviest reasons first.
fn settle(draft: Draft) -> Message {
    let mut message = draft.message;
    let waits = matches!(message.weight(), Weight::Hold | Weight::Review);
    if let Some(deadline) = draft
        .urgent
        .filter(|_| message.weight() != Weight::Suppress)
    {
        let passed: BTreeSet<&str> = message
            .reasons
            .iter()
            .map(|reason| reason.code)
            .filter(|code| PASSED_OVER.contains(code))
            .collect();
        let passed: Vec<&str> = passed.into_iter().collect();
        let what = match (waits, passed.is_empty()) {
            (true, _) => Some(format!(
                "a safety recall waits for a person, decide before {deadline}"
            )),
            (false, false) => Some(format!(
                "a safety recall must be on its way by {deadline}, whatever {} would ask for",
                passed.join(", ")
            )),
            (false, true) => None,
        };
        let alert = what.map(|what| Reason::new("alert", Weight::Note, what));
        message.reasons.extend(alert);
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
