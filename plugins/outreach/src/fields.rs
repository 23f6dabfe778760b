//! Which data may stand in a message: every field has a legal basis, every purpose its bases.

use std::collections::BTreeMap;

use crate::open_fields::Openings;
use crate::purpose::Purpose;

/// Why a piece of data may be used at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// The law obliges to tell the buyer.
    LegalObligation,
    /// The contract of sale.
    Contract,
    /// The person agreed.
    Consent,
    /// The brand's own words: nothing personal.
    Brand,
}

impl Basis {
    /// As it stands in `fields_used` and in a template's `fields`.
    pub fn name(self) -> &'static str {
        match self {
            Basis::LegalObligation => "legal-obligation",
            Basis::Contract => "contract",
            Basis::Consent => "consent",
            Basis::Brand => "brand",
        }
    }

    fn parse(text: &str) -> Option<Basis> {
        [
            Basis::LegalObligation,
            Basis::Contract,
            Basis::Consent,
            Basis::Brand,
        ]
        .into_iter()
        .find(|basis| basis.name() == text)
    }

    /// Whether a purpose may use data held on this basis.
    pub fn serves(self, purpose: Purpose) -> bool {
        match purpose {
            Purpose::SafetyRecall => self != Basis::Consent,
            Purpose::ServiceNotice => matches!(self, Basis::Contract | Basis::Brand),
            Purpose::Advertisement => matches!(self, Basis::Consent | Basis::Brand),
        }
    }
}

/// A field that a template declares: `size=contract`, or `size?=contract` when it may be
/// absent (the template then asks `{% if size %}` before it prints it).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declared {
    /// On what basis it is used.
    pub basis: Basis,
    /// The message can do without it.
    pub optional: bool,
}

/// What a template may do with a name it uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// May be used.
    Allowed(Declared),
    /// Known, but not for this purpose or not for any.
    Refused,
    /// Neither known nor declared.
    Unknown,
}

/// Names that belong to the sender.
pub const BRAND_FIELDS: &[&str] = &[
    "contact",
    "language",
    "refusal_link",
    "sender",
    "sender_address",
];

/// Names from the sale that every notice may use without declaring them.
pub const SALE_FIELDS: &[&str] = &[
    "cause",
    "certainty",
    "finished_lot",
    "name",
    "order_id",
    "possible",
    "product",
    "remedy",
];

/// Parts of names that never reach a message: what the brand thinks of a person, what a person
/// wrote to us, what is known of a body's health, and who supplied what.
const NEVER: &[&str] = &[
    "addressable",
    "complaint",
    "component_lot",
    "diagnos",
    "health",
    "injur",
    "material",
    "medical",
    "score",
    "segment",
    "sentiment",
    "severe",
    "supplier",
    "suspect",
    "ticket",
    "transcript",
    "value_class",
];

/// Reads a template's `fields`: names with an optional `?` and `=basis`, by blanks or commas.
/// Without a basis the contract is meant. `Err` is the entry that cannot be read.
pub fn parse(text: &str) -> Result<BTreeMap<String, Declared>, String> {
    let mut found = BTreeMap::new();
    let entries = text.split(|at: char| at == ',' || at.is_whitespace());
    for entry in entries.filter(|entry| !entry.is_empty()) {
        let (name, basis) = entry.split_once('=').unwrap_or((entry, "contract"));
        let basis = Basis::parse(basis).ok_or_else(|| entry.to_string())?;
        let (name, optional) = match name.strip_suffix('?') {
            Some(name) => (name, true),
            None => (name, false),
        };
        if name.is_empty() {
            return Err(entry.to_string());
        }
        found.insert(name.to_string(), Declared { basis, optional });
    }
    Ok(found)
}

/// What a template of a purpose may do with a name.
pub fn standing(
    name: &str,
    purpose: Purpose,
    declared: &BTreeMap<String, Declared>,
    open: &Openings,
) -> Standing {
    if open.contains_key(name) {
        // What a partner may leave out, the text must be able to do without; the brand's own
        // fields stand in for themselves.
        return allowed(Basis::Brand, !BRAND_FIELDS.contains(&name));
    }
    if BRAND_FIELDS.contains(&name) {
        return allowed(Basis::Brand, false);
    }
    if NEVER.iter().any(|part| name.to_lowercase().contains(part)) {
        return Standing::Refused;
    }
    if let Some(field) = declared.get(name) {
        return match field.basis.serves(purpose) {
            true => Standing::Allowed(*field),
            false => Standing::Refused,
        };
    }
    match (SALE_FIELDS.contains(&name), purpose) {
        (false, _) => Standing::Unknown,
        (true, Purpose::SafetyRecall) => allowed(Basis::LegalObligation, false),
        (true, Purpose::ServiceNotice) => allowed(Basis::Contract, false),
        (true, Purpose::Advertisement) if name == "name" => allowed(Basis::Consent, false),
        (true, Purpose::Advertisement) => Standing::Refused,
    }
}

fn allowed(basis: Basis, optional: bool) -> Standing {
    Standing::Allowed(Declared { basis, optional })
}
