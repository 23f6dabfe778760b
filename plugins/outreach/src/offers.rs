//! Offers that a person holds: which are live, which contradict, and which one is to be honoured.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::cell::Row;
use crate::clock;
use crate::kinds::Upgrade;

/// An offer that a person holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Offers of one kind exclude each other.
    pub kind: String,
    /// What is promised.
    pub terms: String,
    /// Who made it.
    pub partner: Option<String>,
    /// First day; open when absent.
    pub from: Option<Date>,
    /// Last day; open when absent.
    pub to: Option<Date>,
}

impl Offer {
    /// Reads a row of `offers`.
    pub fn read(row: &Row<'_>) -> Offer {
        let date = |name: &str| row.text(name).and_then(|text| clock::parse_date(&text));
        Offer {
            kind: row.text("kind").unwrap_or_default(),
            terms: row.text("terms").unwrap_or_default(),
            partner: row.text("partner"),
            from: date("valid_from"),
            to: date("valid_to"),
        }
    }

    /// Whether the offer holds on a day. A date that cannot be read does not end an offer.
    pub fn live(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// The live offers of one kind that one person holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The kind.
    pub kind: String,
    /// Every promise, once each.
    pub terms: BTreeSet<String>,
    /// What is to be honoured: the only promise, or the one that the others were upgraded to.
    /// Absent where two promises stand against each other.
    pub honour: Option<String>,
}

impl Held {
    /// An upgrade settled what would else contradict.
    pub fn upgraded(&self) -> bool {
        self.terms.len() > 1 && self.honour.is_some()
    }
}

/// The promises of one person by kind. Upgrades may follow one another.
pub fn held<'a>(
    promises: impl Iterator<Item = (&'a str, &'a str)>,
    upgrades: &[&Upgrade],
) -> Vec<Held> {
    let mut kinds: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (kind, terms) in promises {
        kinds.entry(kind).or_default().insert(terms);
    }
    let one = |(kind, terms): (&str, BTreeSet<&str>)| {
        let ends: BTreeSet<&str> = terms
            .iter()
            .map(|terms| last(kind, terms, upgrades))
            .collect();
        Held {
            kind: kind.to_string(),
            terms: terms.iter().map(|terms| (*terms).to_string()).collect(),
            // An upgrade speaks only where the better offer was made to this person.
            honour: match (ends.first(), ends.len()) {
                (Some(end), 1) if terms.contains(end) => Some((*end).to_string()),
                _ if terms.len() == 1 => terms.first().map(|only| (*only).to_string()),
                _ => None,
            },
        }
    };
    kinds.into_iter().map(one).collect()
}

fn last<'a>(kind: &str, terms: &'a str, upgrades: &[&'a Upgrade]) -> &'a str {
    let mut at = terms;
    // No more steps than there are upgrades, so that a circle of them ends.
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
