//! `offer_ledger`: what each person was promised, and which promise to honour.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::input::cell::{Cell, Row};
use crate::input::ports::Port;
use crate::offers::promises::{Offer, OfferGroup, group_by_kind};
use crate::rules::clock;
use crate::rules::rulebook::Rulebook;
use crate::rules::settings;
use tsugi_plugin::Error;

/// Name, Arrow format, nullable.
pub(crate) const COLUMNS: &[(&str, &str, bool)] = &[
    ("customer_id", "u", false),
    ("kind", "u", false),
    ("offers", "u", false),
    ("partners", "u", true),
    ("standing", "u", false),
    ("honour", "u", true),
];

pub(crate) const PORTS: &[Port] = &[
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
        doc: "rows of the type offer_upgrade",
    },
];

#[derive(Debug)]
pub struct OfferLedger {
    day: Date,
    rulebook: Rulebook,
    offers: BTreeMap<String, Vec<Offer>>,
}

impl OfferLedger {
    pub(crate) fn open(as_of: Option<String>) -> Result<OfferLedger, Error> {
        Ok(OfferLedger {
            day: clock::day(settings::parse_as_of(as_of)?),
            rulebook: Rulebook::default(),
            offers: BTreeMap::new(),
        })
    }

    /// Adds a row of `offers`; rows without a customer_id are dropped.
    pub(crate) fn add_offer(&mut self, row: &Row<'_>) {
        if let Some(id) = row.text("customer_id") {
            self.offers.entry(id).or_default().push(Offer::read(row));
        }
    }

    pub(crate) fn add_rule(&mut self, row: &Row<'_>) -> Result<(), Error> {
        self.rulebook.add(row)
    }

    /// One row for each person and kind of offer, sorted by both.
    pub(crate) fn finish(mut self) -> Vec<Vec<Cell>> {
        self.rulebook.close(self.day);
        let upgrades: Vec<_> = self.rulebook.upgrades().collect();
        let mut rows = Vec::new();
        for (id, offers) in &self.offers {
            let live: Vec<&Offer> = offers
                .iter()
                .filter(|offer| offer.is_live(self.day))
                .collect();
            let promises = live
                .iter()
                .map(|offer| (offer.kind.as_str(), offer.terms.as_str()));
            rows.extend(
                group_by_kind(promises, &upgrades)
                    .iter()
                    .map(|group| cells(id, group, &live)),
            );
        }
        rows
    }
}

fn cells(id: &str, group: &OfferGroup, live: &[&Offer]) -> Vec<Cell> {
    let same = live.iter().filter(|offer| offer.kind == group.kind);
    let partners: BTreeSet<&str> = same.filter_map(|offer| offer.partner.as_deref()).collect();
    let partners: Vec<&str> = partners.into_iter().collect();
    let terms: Vec<&str> = group.terms.iter().map(String::as_str).collect();
    let state = match &group.honour {
        None => "conflict",
        Some(_) if group.upgraded() => "upgraded",
        Some(_) => "clear",
    };
    vec![
        Cell::from(id),
        Cell::from(group.kind.as_str()),
        Cell::Text(terms.join(" AND ")),
        match partners.is_empty() {
            true => Cell::Null,
            false => Cell::Text(partners.join(", ")),
        },
        Cell::from(state),
        group.honour.as_deref().map_or(Cell::Null, Cell::from),
    ]
}
