//! `offer_ledger`: what each person was promised, and which promise is to be honoured.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::cell::{Cell, Row};
use crate::clock;
use crate::fault::Fault;
use crate::offers::{Held, Offer, held};
use crate::ports::Port;
use crate::rulebook::Rulebook;
use crate::rules;

/// The columns of `offer_ledger`: name, Arrow format, may be null.
pub const COLUMNS: &[(&str, &str, bool)] = &[
    ("customer_id", "u", false),
    ("kind", "u", false),
    ("offers", "u", false),
    ("partners", "u", true),
    ("standing", "u", false),
    ("honour", "u", true),
];

/// The relations of `offer_ledger`.
pub const PORTS: &[Port] = &[
    Port {
        name: "offers",
        required: true,
        columns: &["customer_id", "kind", "terms"],
        doc: "offers that people hold: also partner, valid_from, valid_to",
    },
    Port {
        name: "rules",
        required: false,
        columns: &["rule", "value"],
        doc: "rows of the kind offer_upgrade",
    },
];

/// One use of `offer_ledger`.
#[derive(Debug)]
pub struct Ledger {
    day: Date,
    book: Rulebook,
    offers: BTreeMap<String, Vec<Offer>>,
}

impl Ledger {
    /// Reads the option `as_of`.
    pub fn open(as_of: Option<String>) -> Result<Ledger, Fault> {
        Ok(Ledger {
            day: clock::day(rules::instant(as_of)?),
            book: Rulebook::default(),
            offers: BTreeMap::new(),
        })
    }

    /// A row of the offers; one without a person is nobody's promise.
    pub fn offer(&mut self, row: &Row<'_>) {
        if let Some(id) = row.text("customer_id") {
            self.offers.entry(id).or_default().push(Offer::read(row));
        }
    }

    /// A row of the rules.
    pub fn rule(&mut self, row: &Row<'_>) -> Result<(), Fault> {
        self.book.add(row)
    }

    /// One row a person and kind of offer, in their order.
    pub fn finish(mut self) -> Vec<Vec<Cell>> {
        self.book.settle(self.day);
        let upgrades: Vec<_> = self.book.upgrades().collect();
        let mut rows = Vec::new();
        for (id, offers) in &self.offers {
            let live: Vec<&Offer> = offers.iter().filter(|offer| offer.live(self.day)).collect();
            let promises = live
                .iter()
                .map(|offer| (offer.kind.as_str(), offer.terms.as_str()));
            rows.extend(
                held(promises, &upgrades)
                    .iter()
                    .map(|held| cells(id, held, &live)),
            );
        }
        rows
    }
}

fn cells(id: &str, held: &Held, live: &[&Offer]) -> Vec<Cell> {
    let same = live.iter().filter(|offer| offer.kind == held.kind);
    let partners: BTreeSet<&str> = same.filter_map(|offer| offer.partner.as_deref()).collect();
    let partners: Vec<&str> = partners.into_iter().collect();
    let terms: Vec<&str> = held.terms.iter().map(String::as_str).collect();
    let standing = match &held.honour {
        None => "conflict",
        Some(_) if held.upgraded() => "upgraded",
        Some(_) => "clear",
    };
    vec![
        Cell::from(id),
        Cell::from(held.kind.as_str()),
        Cell::Text(terms.join(" AND ")),
        match partners.is_empty() {
            true => Cell::Null,
            false => Cell::Text(partners.join(", ")),
        },
        Cell::from(standing),
        held.honour.as_deref().map_or(Cell::Null, Cell::from),
    ]
}
