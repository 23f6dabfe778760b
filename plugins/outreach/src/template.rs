//! One approved text: what it declares, whether it is still the text that was approved, and
//! how it becomes a message.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind};

use crate::cell::Row;
use crate::digest;
use crate::fault::Fault;
use crate::fields::{self, Declared, Standing};
use crate::open_fields::{self, Openings};
use crate::purpose::{self, Purpose, Stated};
use crate::reasons::{Reason, Weight};
use crate::target::Certainty;
use crate::texts::{environment, tell, tidy, unix_lines};
use crate::words;

/// Longest subject or body of a template, in bytes: a letter, not a book.
const TEXT_MAX_BYTES: usize = 64 * 1024;
/// What every notice must tell, as blocks of the body.
const NOTICE_PARTS: &[&str] = &["cause", "scope", "remedy", "contact", "reply"];
/// What a safety recall must tell beside that: Regulation (EU) 2023/988 Art. 36(2)(a) to (g), of
/// which remedy and contact stand above.
const RECALL_PARTS: &[&str] = &["heading", "product", "hazard", "action", "share"];

/// A message's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// The text.
    pub body: String,
}

/// A template with all that is known of it before any person is.
#[derive(Debug)]
pub struct Template {
    /// Name in the library.
    pub id: String,
    /// Version in the library.
    pub version: String,
    /// What it is for.
    pub stated: Stated,
    /// Language, lower case.
    pub language: String,
    /// For buyers of this certainty only; both when absent.
    pub certainty: Option<Certainty>,
    /// A named person or body approved it.
    pub approved: bool,
    /// Who wrote it.
    pub written_by: Option<String>,
    /// The brand's own values: sender, sender_address, contact, refusal_link.
    pub brand: BTreeMap<&'static str, String>,
    /// Names that the text uses, with the right to use them.
    pub uses: BTreeMap<String, Declared>,
    /// What a partner or region may fill in.
    pub open: Openings,
    /// Address of the logo.
    pub logo: Option<String>,
    /// Addresses of the other pictures.
    pub images: Vec<String>,
    /// What is wrong with the text itself.
    pub faults: Vec<Reason>,
    parts: Vec<String>,
    texts: Environment<'static>,
    readable: bool,
}

impl Template {
    /// Reads one row of the library.
    pub fn read(row: &Row<'_>, number: usize) -> Result<Template, Fault> {
        let place = format!("templates, row {number}");
        let need = |name: &str| {
            row.text(name).ok_or_else(|| {
                Fault::new(
                    "template-incomplete",
                    format!("{place}: {name} is blank"),
                    "fill it in",
                )
            })
        };
        let stated = purpose::parse(&need("purpose")?, &place)?;
        let certainty = match row.text("certainty") {
            None => None,
            Some(text) => Some(Certainty::parse(&text, &place)?),
        };
        let declared = fields::parse(&row.text("fields").unwrap_or_default()).map_err(|entry| {
            Fault::new(
                "template-fields",
                format!("{place}: fields has {entry:?}"),
                "write name=basis with legal-obligation, contract, consent or brand",
            )
        })?;
        let open = open_fields::parse(&row.text("open").unwrap_or_default()).map_err(|entry| {
            Fault::new(
                "template-open",
                format!("{place}: open has {entry:?}"),
                "write name:letters, as in opening_hours:80",
            )
        })?;
        let names = ["sender", "sender_address", "contact", "refusal_link"];
        let brand = names
            .iter()
            .filter_map(|name| Some((*name, row.text(name)?)))
            .collect();
        let mut template = Template {
            id: need("template_id")?,
            version: need("version")?,
            stated,
            language: need("language")?.to_lowercase(),
            certainty,
            approved: row.truth("approved").unwrap_or(false),
            written_by: row.text("written_by"),
            brand,
            uses: BTreeMap::new(),
            open,
            logo: row.text("logo"),
            images: row
                .text("images")
                .map(|all| all.split_whitespace().map(str::to_string).collect())
                .unwrap_or_default(),
            faults: Vec::new(),
            parts: parts(stated.purpose, &row.text("parts").unwrap_or_default()),
            texts: environment(),
            readable: true,
        };
        template.load("subject", row);
        template.load("body", row);
        template.weigh_names(&declared);
        template.weigh_approval(row);
        Ok(template)
    }

    /// `id@version` as it stands in reasons.
    pub fn label(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }

    /// What a fault of this text does to a message: an advertisement can stay unsent, a
    /// notice is owed and goes to a person.
    pub fn fault_weight(&self) -> Weight {
        match self.stated.purpose.is_notice() || self.stated.with_recall {
            true => Weight::Review,
            false => Weight::Suppress,
        }
    }

    /// Whether the text distinguishes certain and possible buyers by itself.
    pub fn speaks_of_certainty(&self) -> bool {
        self.uses.contains_key("possible") || self.uses.contains_key("certainty")
    }

    fn fault(&mut self, code: &'static str, sentence: String) {
        let weight = self.fault_weight();
        self.faults.push(Reason::new(code, weight, sentence));
    }

    fn load(&mut self, name: &'static str, row: &Row<'_>) {
        let text = unix_lines(&row.raw(name));
        if text.trim().is_empty() {
            self.readable = false;
            return self.fault(
                "template-broken",
                format!("the {name} of {} is blank", self.label()),
            );
        }
        if text.len() > TEXT_MAX_BYTES {
            self.readable = false;
            let label = self.label();
            return self.fault(
                "template-broken",
                format!("the {name} of {label} is longer than {TEXT_MAX_BYTES} bytes"),
            );
        }
        if let Err(error) = self.texts.add_template_owned(name, text) {
            self.readable = false;
            let label = self.label();
            self.fault(
                "template-broken",
                format!("the {name} of {label} cannot be read: {}", tell(&error)),
            );
        }
    }

    fn weigh_names(&mut self, declared: &BTreeMap<String, Declared>) {
        let mut names = BTreeSet::new();
        for text in ["subject", "body"] {
            if let Ok(template) = self.texts.get_template(text) {
                names.extend(template.undeclared_variables(false));
            }
        }
        for name in names {
            match fields::standing(&name, self.stated.purpose, declared, &self.open) {
                Standing::Allowed(field) => {
                    self.uses.insert(name, field);
                }
                Standing::Refused => {
                    let what = format!(
                        "{} uses {name}, which a {} may not",
                        self.label(),
                        self.stated.purpose.name()
                    );
                    self.fault("field-not-permitted", what);
                }
                Standing::Unknown => {
                    let what = format!(
                        "{} uses {name}, which it does not declare in its fields",
                        self.label()
                    );
                    self.fault("field-undeclared", what);
                }
            }
        }
    }

    fn weigh_approval(&mut self, row: &Row<'_>) {
        let label = self.label();
        if !self.approved {
            let what = format!("{label} is not approved");
            self.faults
                .push(Reason::new("template-unapproved", Weight::Review, what));
        }
        if self.written_by.is_some() && self.written_by == row.text("approved_by") {
            let what = format!("{label} was approved by the one who wrote it");
            self.faults
                .push(Reason::new("template-unapproved", Weight::Review, what));
        }
        let actual = locked_hash(row);
        match row.text("locked_hash") {
            Some(locked) if locked.eq_ignore_ascii_case(&actual) => {}
            Some(_) => {
                let what =
                    format!("{label} is not the text that was locked, its hash is now {actual}");
                self.fault("template-changed", what);
            }
            None => {
                let what = format!("{label} carries no locked hash, lock it with {actual}");
                self.faults
                    .push(Reason::new("template-unlocked", Weight::Review, what));
            }
        }
    }

    /// Puts the fields into the text. Every required part must come out with words in it, and
    /// what the brand says of itself must be seen.
    pub fn render(
        &self,
        context: &BTreeMap<String, Value>,
        brand: &BTreeMap<&'static str, String>,
        heading: Option<&str>,
    ) -> Result<Rendered, Vec<Reason>> {
        if !self.readable {
            return Err(Vec::new());
        }
        let (subject, _) = self
            .words("subject", context, &[])
            .map_err(|reason| vec![reason])?;
        let (body, parts) = self
            .words("body", context, &self.parts)
            .map_err(|reason| vec![reason])?;
        let mut reasons = self.missing_parts(&parts, brand, &body);
        reasons.extend(heading.and_then(|heading| self.missing_heading(heading, &subject, &parts)));
        if subject.contains('\n') || subject.chars().count() > 200 {
            let what = "the subject is not one line of at most 200 letters";
            reasons.push(Reason::new("bad-subject", Weight::Review, what));
        }
        match reasons.is_empty() {
            true => Ok(Rendered { subject, body }),
            false => Err(reasons),
        }
    }

    /// The words of a text, and those of some of its blocks; a block that is not there has none.
    fn words(
        &self,
        name: &str,
        context: &BTreeMap<String, Value>,
        blocks: &[String],
    ) -> Result<(String, Vec<String>), Reason> {
        let whole = || -> Result<(String, Vec<String>), Error> {
            let template = self.texts.get_template(name)?;
            let mut captured = template.render_captured(context)?;
            let parts = blocks.iter().map(|block| {
                captured
                    .with_state_mut(|state| state.render_block(block))
                    .unwrap_or_default()
            });
            let parts = parts.collect();
            Ok((tidy(&captured.into_output()), parts))
        };
        whole().map_err(|error| {
            let code = match error.kind() {
                ErrorKind::UndefinedError => "missing-field",
                _ => "template-broken",
            };
            Reason::new(
                code,
                Weight::Review,
                format!("the {name} of {}: {}", self.label(), tell(&error)),
            )
        })
    }

    fn missing_parts(
        &self,
        parts: &[String],
        brand: &BTreeMap<&'static str, String>,
        body: &str,
    ) -> Vec<Reason> {
        let missing = |what: String| Reason::new("missing-part", self.fault_weight(), what);
        let blank = self
            .parts
            .iter()
            .zip(parts)
            .filter(|(_, words)| words.trim().is_empty());
        let mut reasons: Vec<Reason> = blank
            .map(|(part, _)| missing(format!("{} has no words in its part {part}", self.label())))
            .collect();
        let stated: &[&str] = match self.stated.purpose {
            Purpose::Advertisement => &["sender", "sender_address", "refusal_link"],
            _ => &["contact"],
        };
        for name in stated {
            if !brand
                .get(name)
                .is_some_and(|value| body.contains(value.as_str()))
            {
                reasons.push(missing(format!(
                    "the body of {} does not show its {name}",
                    self.label()
                )));
            }
        }
        reasons
    }

    /// A recall is headed as one, where it is seen first: in the subject and above the text.
    fn missing_heading(&self, heading: &str, subject: &str, parts: &[String]) -> Option<Reason> {
        let wanted = words::normal(heading);
        let above = self
            .parts
            .iter()
            .zip(parts)
            .find(|(part, _)| *part == "heading");
        let seen = [Some(subject), above.map(|(_, words)| words.as_str())];
        let missing = seen
            .iter()
            .any(|text| text.is_none_or(|text| !words::normal(text).contains(&wanted)));
        missing.then(|| {
            let what = format!(
                "{} does not say {heading:?} in its subject and its part heading",
                self.label()
            );
            Reason::new("missing-part", self.fault_weight(), what)
        })
    }
}

/// The hash that an approval is bound to: everything of the row that reaches people.
pub fn locked_hash(row: &Row<'_>) -> String {
    const PARTS: &[&str] = &[
        "template_id",
        "version",
        "purpose",
        "language",
        "certainty",
        "sender",
        "sender_address",
        "contact",
        "refusal_link",
        "fields",
        "parts",
    ];
    let mut parts: Vec<String> = PARTS
        .iter()
        .map(|name| row.text(name).unwrap_or_default())
        .collect();
    parts.push(unix_lines(&row.raw("subject")));
    parts.push(unix_lines(&row.raw("body")));
    // Named, and left out where blank, so that texts without them keep the hash of their approval.
    let named = ["open", "logo", "images"].iter();
    parts.extend(named.filter_map(|name| Some(format!("{name}={}", row.text(name)?))));
    digest::of(parts.iter().map(String::as_str))
}

fn parts(purpose: Purpose, declared: &str) -> Vec<String> {
    let own = declared.split(|at: char| at == ',' || at.is_whitespace());
    let always: &[&[&str]] = match purpose {
        Purpose::SafetyRecall => &[NOTICE_PARTS, RECALL_PARTS],
        Purpose::ServiceNotice => &[NOTICE_PARTS],
        Purpose::Advertisement => &[],
    };
    let all: BTreeSet<&str> = own
        .filter(|part| !part.is_empty())
        .chain(always.iter().copied().flatten().copied())
        .collect();
    all.into_iter().map(str::to_string).collect()
}
