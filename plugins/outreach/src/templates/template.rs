//! One template: what it declares, whether it may use it, and whether it is the text that was approved.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::Environment;

use crate::error::config_error;
use crate::input::values::{Trimmed, Truth};
use crate::message::reasons::{Reason, Weight};
use crate::targets::certainty::Certainty;
use crate::targets::purpose::{self, Purpose, StatedPurpose};
use crate::templates::engine::{describe, environment, unix_lines};
use crate::templates::fields::{self, Declared, FieldUse};
use crate::templates::lock::locked_hash;
use crate::templates::open_fields::{self, Openings};
use crate::templates::row::TemplateRow;
use tsugi_plugin::Error;

/// Longest subject or body of a template, in bytes.
const TEXT_MAX_BYTES: usize = 64 * 1024;
/// Blocks that the body of every notice must have.
const NOTICE_PARTS: &[&str] = &["cause", "scope", "remedy", "contact", "reply"];
/// Blocks of a safety recall beside them: Regulation (EU) 2023/988 Art. 36(2)(a) to (g), of which
/// remedy and contact are among [`NOTICE_PARTS`].
const RECALL_PARTS: &[&str] = &["heading", "product", "hazard", "action", "share"];

/// A template, judged before any person is known.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) stated: StatedPurpose,
    /// Lower case.
    pub(crate) language: String,
    /// None for a text to certain and possible buyers.
    pub(crate) certainty: Option<Certainty>,
    /// The only channel of the text, in lower case; None for every channel that has none of its own.
    pub(crate) channel: Option<String>,
    pub(crate) approved: bool,
    pub(crate) written_by: Option<String>,
    /// `sender`, `sender_address`, `contact` and `refusal_link`, where not blank.
    pub(crate) brand: BTreeMap<&'static str, String>,
    /// The permitted names that the text uses.
    pub(crate) uses: BTreeMap<String, Declared>,
    pub(crate) open: Openings,
    /// URLs of the logo and of the other pictures.
    pub(crate) logo: Option<String>,
    pub(crate) images: Vec<String>,
    /// Faults of the text itself, for every message from it.
    pub(crate) faults: Vec<Reason>,
    /// Blocks of the body that must not be blank.
    pub(super) parts: Vec<String>,
    /// `subject` and `body`.
    pub(super) texts: Environment<'static>,
    /// Both texts can be rendered.
    pub(super) readable: bool,
}

impl Template {
    /// Fails where a row cannot be a template at all. Other faults are reasons of its messages.
    pub(crate) fn read(row: &TemplateRow<'_>, number: usize) -> Result<Template, Error> {
        let place = format!("templates, row {number}");
        let need = |name: &str, text: &Option<Trimmed<'_>>| {
            text.as_deref().map(str::to_string).ok_or_else(|| {
                config_error(
                    "template-incomplete",
                    format!("{place}: {name} is blank"),
                    "fill it in",
                )
            })
        };
        let stated = purpose::parse(&need("purpose", &row.purpose)?, &place)?;
        let certainty = match &row.certainty {
            None => None,
            Some(text) => Some(Certainty::parse(text, &place)?),
        };
        let wrong = |code: &'static str, column: &str, entry: String, hint: &str| {
            config_error(code, format!("{place}: {column} has {entry:?}"), hint)
        };
        let text = |text: &Option<Trimmed<'_>>| text.as_deref().map(str::to_string);
        let declared = text(&row.fields).unwrap_or_default();
        let declared = fields::parse(&declared).map_err(|entry| {
            let hint =
                "write name=contract, or another legal basis: legal-obligation, consent, brand";
            wrong("template-fields", "fields", entry, hint)
        })?;
        let open = text(&row.open).unwrap_or_default();
        let open = open_fields::parse(&open).map_err(|entry| {
            let hint = "write name:characters, as in opening_hours:80";
            wrong("template-open", "open", entry, hint)
        })?;
        let brand = [
            ("sender", &row.sender),
            ("sender_address", &row.sender_address),
            ("contact", &row.contact),
            ("refusal_link", &row.refusal_link),
        ];
        let images = row.images.as_deref().unwrap_or_default();
        let mut template = Template {
            id: need("template_id", &row.template_id)?,
            version: need("version", &row.version)?,
            stated,
            language: need("language", &row.language)?.to_lowercase(),
            certainty,
            channel: text(&row.channel).map(|channel| channel.to_lowercase()),
            approved: row.approved == Some(Truth(true)),
            written_by: text(&row.written_by),
            brand: brand
                .into_iter()
                .filter_map(|(name, value)| Some((name, text(value)?)))
                .collect(),
            uses: BTreeMap::new(),
            open,
            logo: text(&row.logo),
            images: images.split_whitespace().map(str::to_string).collect(),
            faults: Vec::new(),
            parts: parts(stated.purpose, row.parts.as_deref().unwrap_or_default()),
            texts: environment(),
            readable: true,
        };
        template.load("subject", row.subject.as_deref());
        template.load("body", row.body.as_deref());
        template.check_names(&declared);
        template.check_approval(row);
        Ok(template)
    }

    /// `id@version`, for reasons.
    pub(crate) fn label(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }

    /// The weight of a fault of this text: an advertisement is suppressed, a notice must reach its
    /// buyer and is reviewed.
    pub(crate) fn fault_weight(&self) -> Weight {
        match self.stated.purpose.is_notice() || self.stated.with_recall {
            true => Weight::Review,
            false => Weight::Suppress,
        }
    }

    /// Whether the text itself distinguishes certain and possible buyers.
    pub(crate) fn speaks_of_certainty(&self) -> bool {
        self.uses.contains_key("possible") || self.uses.contains_key("certainty")
    }

    fn fault(&mut self, code: &'static str, sentence: String) {
        let weight = self.fault_weight();
        self.faults.push(Reason::new(code, weight, sentence));
    }

    fn load(&mut self, name: &'static str, text: Option<&str>) {
        let text = unix_lines(text.unwrap_or_default());
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
                format!("the {name} of {label} cannot be read: {}", describe(&error)),
            );
        }
    }

    fn check_names(&mut self, declared: &BTreeMap<String, Declared>) {
        let mut names = BTreeSet::new();
        for text in ["subject", "body"] {
            if let Ok(template) = self.texts.get_template(text) {
                names.extend(template.undeclared_variables(false));
            }
        }
        for name in names {
            match fields::field_use(&name, self.stated.purpose, declared, &self.open) {
                FieldUse::Allowed(field) => {
                    self.uses.insert(name, field);
                }
                FieldUse::Refused => {
                    let what = format!(
                        "{} uses {name}, which a {} may not",
                        self.label(),
                        self.stated.purpose.name()
                    );
                    self.fault("field-not-permitted", what);
                }
                FieldUse::Unknown => {
                    let what = format!(
                        "{} uses {name}, which it does not declare in its fields",
                        self.label()
                    );
                    self.fault("field-undeclared", what);
                }
            }
        }
    }

    fn check_approval(&mut self, row: &TemplateRow<'_>) {
        let label = self.label();
        if !self.approved {
            let what = format!("{label} is not approved");
            self.faults
                .push(Reason::new("template-unapproved", Weight::Review, what));
        }
        if row.written_by.is_some() && row.written_by == row.approved_by {
            let what = format!("{label} was approved by its author");
            self.faults
                .push(Reason::new("template-unapproved", Weight::Review, what));
        }
        let actual = locked_hash(row);
        match &row.locked_hash {
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
