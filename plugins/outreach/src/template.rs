//! One approved text: what it declares, whether it is still the text that was approved, and
//! how it becomes a message.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error as _;

use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};

use crate::cell::Row;
use crate::digest;
use crate::fault::Fault;
use crate::fields::{self, Declared, Standing};
use crate::purpose::{self, Purpose, Stated};
use crate::reasons::{Reason, Weight};
use crate::target::Certainty;

/// Longest subject or body of a template, in bytes: a letter, not a book.
const TEXT_MAX_BYTES: usize = 64 * 1024;
/// Steps of the template machine for one message, so that no loop in a template stalls a run.
const FUEL: u64 = 50_000;
/// Depth of nested blocks.
const DEPTH_MAX: usize = 32;
/// What every notice must tell, as blocks of the body.
const NOTICE_PARTS: &[&str] = &["cause", "scope", "remedy", "contact", "reply"];

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
    /// The brand's own values: sender, sender_address, contact, refusal_link.
    pub brand: BTreeMap<&'static str, String>,
    /// Names that the text uses, with the right to use them.
    pub uses: BTreeMap<String, Declared>,
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
            brand,
            uses: BTreeMap::new(),
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
            match fields::standing(&name, self.stated.purpose, declared) {
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

    /// Puts the fields into the text. Every required part must come out with words in it.
    pub fn render(&self, context: &BTreeMap<String, Value>) -> Result<Rendered, Vec<Reason>> {
        if !self.readable {
            return Err(Vec::new());
        }
        let subject = self
            .words("subject", context)
            .map_err(|reason| vec![reason])?;
        let body = self.words("body", context).map_err(|reason| vec![reason])?;
        let mut reasons = self.missing_parts(context, &body);
        if subject.contains('\n') || subject.chars().count() > 200 {
            let what = "the subject is not one line of at most 200 letters";
            reasons.push(Reason::new("bad-subject", Weight::Review, what));
        }
        match reasons.is_empty() {
            true => Ok(Rendered { subject, body }),
            false => Err(reasons),
        }
    }

    fn words(&self, name: &str, context: &BTreeMap<String, Value>) -> Result<String, Reason> {
        let template = self.texts.get_template(name);
        let done = template.and_then(|template| template.render(context));
        done.map(|text| tidy(&text)).map_err(|error| {
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

    fn missing_parts(&self, context: &BTreeMap<String, Value>, body: &str) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let missing = |what: String| Reason::new("missing-part", self.fault_weight(), what);
        for part in &self.parts {
            let block = self.texts.get_template("body").and_then(|template| {
                template
                    .render_captured(context)?
                    .with_state_mut(|state| state.render_block(part))
            });
            if block.map_or(true, |text| text.trim().is_empty()) {
                reasons.push(missing(format!(
                    "{} has no words in its part {part}",
                    self.label()
                )));
            }
        }
        let stated: &[&str] = match self.stated.purpose {
            Purpose::Advertisement => &["sender", "sender_address", "refusal_link"],
            _ => &["contact"],
        };
        for name in stated {
            if !self
                .brand
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
    digest::of(parts.iter().map(String::as_str))
}

fn parts(purpose: Purpose, declared: &str) -> Vec<String> {
    let own = declared.split(|at: char| at == ',' || at.is_whitespace());
    let always: &[&str] = match purpose.is_notice() {
        true => NOTICE_PARTS,
        false => &[],
    };
    let all: BTreeSet<&str> = own
        .filter(|part| !part.is_empty())
        .chain(always.iter().copied())
        .collect();
    all.into_iter().map(str::to_string).collect()
}

fn environment() -> Environment<'static> {
    let mut texts = Environment::empty();
    texts.set_undefined_behavior(UndefinedBehavior::Strict);
    texts.set_auto_escape_callback(|_| AutoEscape::None);
    texts.set_fuel(Some(FUEL));
    texts.set_recursion_limit(DEPTH_MAX);
    texts.set_formatter(|out, _, value| {
        let blank = value.as_str().is_some_and(|text| text.trim().is_empty());
        if blank || value.is_none() || value.is_undefined() {
            return Err(Error::new(
                ErrorKind::UndefinedError,
                "a field that is printed has no value",
            ));
        }
        write!(out, "{value}").map_err(Error::from)
    });
    texts
}

/// What went wrong at the bottom: an error inside an include comes wrapped.
fn tell(error: &Error) -> String {
    let mut error = error;
    while let Some(inner) = error
        .source()
        .and_then(|source| source.downcast_ref::<Error>())
    {
        error = inner;
    }
    let what = error
        .detail()
        .map_or_else(|| error.kind().to_string(), str::to_string);
    match error.line() {
        Some(line) => format!("{what}, line {line}"),
        None => what,
    }
}

fn unix_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .trim()
        .to_string()
}

/// No blanks at the end of lines, never more than one empty line.
fn tidy(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        if !(line.is_empty() && lines.last().is_none_or(|last| last.is_empty())) {
            lines.push(line);
        }
    }
    lines.join("\n").trim().to_string()
}
