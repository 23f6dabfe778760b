//! Which fields a template may use: each field has a legal basis, each purpose allows some of them.

use std::collections::BTreeMap;

use crate::targets::purpose::Purpose;
use crate::templates::open_fields::Openings;

/// The legal basis on which a field is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LegalBasis {
    /// The law obliges the seller to inform the buyer.
    LegalObligation,
    Contract,
    Consent,
    /// Words of the brand, nothing personal.
    Brand,
}

impl LegalBasis {
    /// The spelling in `fields_used` and in the column `fields` of a template.
    pub(crate) fn name(self) -> &'static str {
        match self {
            LegalBasis::LegalObligation => "legal-obligation",
            LegalBasis::Contract => "contract",
            LegalBasis::Consent => "consent",
            LegalBasis::Brand => "brand",
        }
    }

    fn parse(text: &str) -> Option<LegalBasis> {
        [
            LegalBasis::LegalObligation,
            LegalBasis::Contract,
            LegalBasis::Consent,
            LegalBasis::Brand,
        ]
        .into_iter()
        .find(|basis| basis.name() == text)
    }

    /// Whether a message of the purpose may use data with this basis.
    pub(crate) fn serves(self, purpose: Purpose) -> bool {
        match purpose {
            Purpose::SafetyRecall => self != LegalBasis::Consent,
            Purpose::ServiceNotice => matches!(self, LegalBasis::Contract | LegalBasis::Brand),
            Purpose::Advertisement => matches!(self, LegalBasis::Consent | LegalBasis::Brand),
        }
    }
}

/// A field that a template declares: `size=contract`, or `size?=contract` when it may be blank (the
/// template then tests `{% if size %}` before it prints it).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Declared {
    pub(crate) basis: LegalBasis,
    pub(crate) optional: bool,
}

/// Whether a template may use a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldUse {
    Allowed(Declared),
    /// Not permitted for this purpose, or for any.
    Refused,
    Unknown,
}

/// Fields of the sender.
pub(crate) const BRAND_FIELDS: &[&str] = &[
    "contact",
    "language",
    "refusal_link",
    "sender",
    "sender_address",
];

/// Fields of the sale that every notice may use without declaring them.
pub(crate) const SALE_FIELDS: &[&str] = &[
    "cause",
    "certainty",
    "finished_lot",
    "name",
    "order_id",
    "possible",
    "product",
    "remedy",
];

/// A field whose name contains one of these never reaches a message: scores of a person, what a person
/// wrote to us, health, suppliers and materials.
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

/// Parses the column `fields` of a template: names with an optional `?` and `=basis`, separated by
/// blanks or commas. The default basis is the contract. `Err` is the entry that cannot be parsed.
pub(crate) fn parse(text: &str) -> Result<BTreeMap<String, Declared>, String> {
    let mut found = BTreeMap::new();
    let entries = text.split(|at: char| at == ',' || at.is_whitespace());
    for entry in entries.filter(|entry| !entry.is_empty()) {
        let (name, basis) = entry.split_once('=').unwrap_or((entry, "contract"));
        let basis = LegalBasis::parse(basis).ok_or_else(|| entry.to_string())?;
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

/// Whether a template of a purpose may use a name.
pub(crate) fn field_use(
    name: &str,
    purpose: Purpose,
    declared: &BTreeMap<String, Declared>,
    open: &Openings,
) -> FieldUse {
    if open.contains_key(name) {
        // A partner may leave an open field blank. The brand fields then have their own values.
        return allowed(LegalBasis::Brand, !BRAND_FIELDS.contains(&name));
    }
    if BRAND_FIELDS.contains(&name) {
        return allowed(LegalBasis::Brand, false);
    }
    if NEVER.iter().any(|part| name.to_lowercase().contains(part)) {
        return FieldUse::Refused;
    }
    if let Some(field) = declared.get(name) {
        return match field.basis.serves(purpose) {
            true => FieldUse::Allowed(*field),
            false => FieldUse::Refused,
        };
    }
    match (SALE_FIELDS.contains(&name), purpose) {
        (false, _) => FieldUse::Unknown,
        (true, Purpose::SafetyRecall) => allowed(LegalBasis::LegalObligation, false),
        (true, Purpose::ServiceNotice) => allowed(LegalBasis::Contract, false),
        (true, Purpose::Advertisement) if name == "name" => allowed(LegalBasis::Consent, false),
        (true, Purpose::Advertisement) => FieldUse::Refused,
    }
}

fn allowed(basis: LegalBasis, optional: bool) -> FieldUse {
    FieldUse::Allowed(Declared { basis, optional })
}
