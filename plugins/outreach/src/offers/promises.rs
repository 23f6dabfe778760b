//! Offers of one person: which are live, which contradict each other, and which one to honour.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use tsugi_plugin::Row;

use crate::input::row_store::stored;
use crate::input::values::{Trimmed, owned};
use crate::rules::clock;
use crate::rules::rule_types::Upgrade;

/// One row of the relation `offers`.
#[derive(Debug, Row)]
pub(crate) struct OfferRow<'a> {
    pub(crate) customer_id: Option<Trimmed<'a>>,
    kind: Option<Trimmed<'a>>,
    terms: Option<Trimmed<'a>>,
    #[row(optional)]
    partner: Option<Trimmed<'a>>,
    #[row(optional)]
    valid_from: Option<Trimmed<'a>>,
    #[row(optional)]
    valid_to: Option<Trimmed<'a>>,
}
stored!(OfferRow {
    customer_id,
    kind,
    terms,
    partner,
    valid_from,
    valid_to
});

/// An offer that a person holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    /// Offers of the same kind exclude each other.
    pub(crate) kind: String,
    pub(crate) terms: String,
    pub(crate) partner: Option<String>,
    /// First and last day; None where open.
    pub(crate) from: Option<Date>,
    pub(crate) to: Option<Date>,
}

impl From<OfferRow<'_>> for Offer {
    /// A date that cannot be parsed does not end an offer.
    fn from(row: OfferRow<'_>) -> Offer {
        let date = |text: Option<Trimmed<'_>>| clock::parse_date(&text?);
        Offer {
            kind: owned(row.kind).unwrap_or_default(),
            terms: owned(row.terms).unwrap_or_default(),
            partner: owned(row.partner),
            from: date(row.valid_from),
            to: date(row.valid_to),
        }
    }
}

impl Offer {
    pub(crate) fn is_live(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// The live offers of one kind that one person holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OfferGroup {
    pub(crate) kind: String,
    pub(crate) terms: BTreeSet<String>,
    /// The terms to honour: the only ones, or the ones that replaced all others. None where terms
    /// contradict each other.
    pub(crate) honour: Option<String>,
}

impl OfferGroup {
    /// Upgrades resolved what would otherwise contradict.
    pub(crate) fn upgraded(&self) -> bool {
        self.terms.len() > 1 && self.honour.is_some()
    }
}

/// Groups pairs of kind and terms by kind. Upgrades may follow one another.
pub(crate) fn group_by_kind<'a>(
    promises: impl Iterator<Item = (&'a str, &'a str)>,
    upgrades: &[&Upgrade],
) -> Vec<OfferGroup> {
    let mut kinds: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (kind, terms) in promises {
        kinds.entry(kind).or_default().insert(terms);
    }
    let one = |(kind, terms): (&str, BTreeSet<&str>)| {
        let ends: BTreeSet<&str> = terms
            .iter()
            .map(|terms| final_terms(kind, terms, upgrades))
            .collect();
        OfferGroup {
            kind: kind.to_string(),
            terms: terms.iter().map(|terms| (*terms).to_string()).collect(),
            // An upgrade counts only where the better offer was made to this person.
            honour: match (ends.first(), ends.len()) {
                (Some(end), 1) if terms.contains(end) => Some((*end).to_string()),
                _ if terms.len() == 1 => terms.first().map(|only| (*only).to_string()),
                _ => None,
            },
        }
    };
    kinds.into_iter().map(one).collect()
}

fn final_terms<'a>(kind: &str, terms: &'a str, upgrades: &[&'a Upgrade]) -> &'a str {
    let mut at = terms;
    // As many steps as there are upgrades at most, so that circular upgrades end.
    for _ in 0..upgrades.len() {
        let next = upgrades
            .iter()
            .find(|step| step.kind == kind && step.from == at);
        match next {
            Some(step) => at = &step.to,
            None => break,
        }
    }
    at
}
