//! `compose`: relations in, one row a person and incident out.

use std::collections::{BTreeMap, BTreeSet};

use crate::archive::Archive;
use crate::cell::{Cell, Sheet};
use crate::draft::{Desk, Draft, Pad};
use crate::fault::Fault;
use crate::library::Library;
use crate::looks::Assets;
use crate::message::Message;
use crate::open_fields::OpenFields;
use crate::people::Books;
use crate::ports::PORTS;
use crate::reasons::{PASSED_OVER, Reason, Weight};
use crate::rules::Rules;
use crate::target::{Key, Targets};
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
    /// The people asked about, once all targets are in, with what is known of them.
    archive: Archive,
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
            archive: Archive::default(),
        })
    }

    /// Takes rows of a port in. Order and cutting of the rows have no effect.
    pub fn push(&mut self, port: &str, sheet: &Sheet) -> Result<(), Fault> {
        if port == "templates" {
            return self.library.add(sheet);
        }
        for row in sheet.rows() {
            match port {
                "targets" => self.targets.add(&row)?,
                "history" => {
                    self.books.count(&row);
                    self.archive.add(port, &row);
                }
                "persons" | "consents" | "offers" => self.archive.add(port, &row),
                "forbidden" => self.books.forbid(&row),
                "rules" => self.rules.book.add(&row)?,
                "open_fields" => self.open_fields.add(&row)?,
                "assets" => self.assets.add(&row),
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
            self.targets.settle();
            self.archive = Archive::of(self.targets.customers());
        }
    }

    /// The messages, by incident, then person.
    pub fn finish(mut self) -> Messages {
        self.rules.book.settle(self.rules.rules_on);
        self.archive.settle();
        let words = Words::collect(&self.rules.book, &self.books.forbidden);
        Messages {
            targets: self.targets,
            archive: self.archive,
            desk: Desk {
                rules: self.rules,
                books: self.books,
                library: self.library,
                open_fields: self.open_fields,
                assets: self.assets,
                words,
            },
            pad: Pad::default(),
            counts: Counts::default(),
            counted: false,
            last: None,
        }
    }
}

/// The messages one by one. Each is drafted twice, once to be counted and once to be given out, so that no more
/// than one is held, however many there are, and the rows of its person are put away small until then.
pub struct Messages {
    desk: Desk,
    targets: Targets,
    archive: Archive,
    pad: Pad,
    counts: Counts,
    counted: bool,
    last: Option<Key>,
}

/// Messages that are counted between two signs of life.
const COUNTED_AT_ONCE: usize = 512;

impl Messages {
    fn draft(&mut self) -> Option<Draft> {
        let target = self.targets.after(self.last.as_ref())?;
        let person = &target.key.customer_id;
        self.archive.open(person, &mut self.desk.books);
        let draft = self.desk.draft(&target, &mut self.pad);
        self.last = Some(target.key);
        Some(draft)
    }
}

impl Iterator for Messages {
    /// Nothing for now while it is still counting.
    type Item = Option<Message>;

    fn next(&mut self) -> Option<Self::Item> {
        if !self.counted {
            for _ in 0..COUNTED_AT_ONCE {
                match self.draft() {
                    Some(draft) => self.counts.add(&draft),
                    None => {
                        (self.counted, self.last, self.pad) = (true, None, Pad::default());
                        break;
                    }
                }
            }
            return Some(None);
        }
        let mut draft = self.draft()?;
        self.counts.tell(&mut draft, &self.desk.rules);
        Some(Some(settle(draft)))
    }
}

/// What depends on the other messages of an incident.
#[derive(Debug, Default)]
struct Counts {
    /// People whose message is not suppressed, by incident.
    of_incident: BTreeMap<String, u64>,
    /// The same by incident and place of the text in the library.
    of_text: BTreeMap<String, BTreeMap<usize, u64>>,
    /// Remedies offered to people, by incident and purpose: to important ones and to others.
    remedies: BTreeMap<(String, &'static str), [BTreeSet<Option<String>>; 2]>,
}

impl Counts {
    fn add(&mut self, draft: &Draft) {
        let message = &draft.message;
        let incident = || message.incident.clone();
        if message.weight() != Weight::Suppress {
            *self.of_incident.entry(incident()).or_default() += 1;
            if let Some(text) = draft.text {
                let texts = self.of_text.entry(incident()).or_default();
                *texts.entry(text).or_default() += 1;
            }
        }
        if message.customer_id.is_some() {
            let (important, remedy) = &draft.worth;
            let offered = self.remedies.entry((incident(), message.purpose));
            let [others, to_important] = offered.or_default();
            let side = if *important { to_important } else { others };
            if !side.contains(remedy) {
                side.insert(remedy.clone());
            }
        }
    }

    /// Large sends, words that claim to be for one, and remedies that are not alike.
    fn tell(&self, draft: &mut Draft, rules: &Rules) {
        let message = &mut draft.message;
        let texts = self.of_text.get(&message.incident);
        let same = draft.text.and_then(|text| texts?.get(&text));
        message.recipients = same.copied().unwrap_or(0);
        if message.weight() == Weight::Suppress {
            return;
        }
        let mut reasons = Vec::new();
        let mut review = |code, what: String| reasons.push(Reason::new(code, Weight::Review, what));
        let all = self.of_incident.get(&message.incident).copied();
        let all = all.unwrap_or(0);
        if all > rules.review_over {
            let most = rules.review_over;
            let what = format!("{all} people of this incident are written to, more than {most}");
            review("large-send", what);
        }
        if let Some(phrase) = &draft.exclusive
            && message.recipients > rules.same_body_max
        {
            let many = message.recipients;
            let what = format!("{phrase:?} is untrue when {many} people get the same text");
            review("exclusive-wording", what);
        }
        // A remedy is owed to everybody alike: where important people of an incident are offered one that
        // others are not, or the other way round, a person looks at all of them.
        let key = (message.incident.clone(), message.purpose);
        let differs = |[others, important]: &[BTreeSet<Option<String>>; 2]| {
            !others.is_empty() && !important.is_empty() && others != important
        };
        if self.remedies.get(&key).is_some_and(differs) {
            let what =
                "important customers of this incident are offered another remedy than the rest";
            review("remedy-unequal", what.to_string());
        }
        message.reasons.extend(reasons);
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
