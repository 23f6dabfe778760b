//! The table function `offer_ledger`: what each person was promised, and which promise to honour.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use tsugi_plugin::{
    Batches, Collected, DataType, Error, Inputs, Record, Schema, TableCall, TableSignature,
    schema_of,
};

use crate::offers::promises::{Offer, OfferGroup, OfferRow, group_by_kind};
use crate::rules::clock;
use crate::rules::rulebook::{RuleRow, Rulebook};
use crate::rules::settings::{AS_OF, parse_as_of};

const OFFERS: usize = 0;
const RULES: usize = 1;

/// One row for each person and kind of offer.
#[derive(Record)]
struct LedgerRow {
    customer_id: String,
    kind: String,
    offers: String,
    partners: Option<String>,
    state: String,
    honour: Option<String>,
}

pub struct OfferLedgerOperator {
    day: Date,
}

impl Collected for OfferLedgerOperator {
    fn signature() -> TableSignature {
        let doc = "What each person was promised by kind of offer, and which promise to honour.";
        TableSignature::new("offer_ledger", doc)
            .rows::<OfferRow<'_>>(
                "offers",
                "offers that people hold: also partner, valid_from, valid_to",
            )
            .optional_rows::<RuleRow<'_>>("rules", "rows of the type offer_upgrade")
            .required_option("as_of", DataType::Utf8, AS_OF)
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let day = clock::day(parse_as_of(call)?);
        Ok(OfferLedgerOperator { day })
    }

    fn returns(&self) -> Schema {
        schema_of::<LedgerRow>()
    }

    fn compute(&mut self, inputs: &Inputs) -> Result<Batches, Error> {
        let mut rulebook = Rulebook::default();
        for row in inputs.read::<RuleRow<'_>>(RULES)? {
            rulebook.add(row?)?;
        }
        rulebook.close(self.day);
        let mut by_person: BTreeMap<String, Vec<Offer>> = BTreeMap::new();
        for row in inputs.read::<OfferRow<'_>>(OFFERS)? {
            let row = row?;
            // An offer without a person is a promise to no one.
            let Some(id) = row.customer_id.as_deref().map(str::to_string) else {
                continue;
            };
            by_person.entry(id).or_default().push(Offer::from(row));
        }
        let upgrades: Vec<_> = rulebook.upgrades().collect();
        let mut rows = Vec::new();
        for (id, offers) in &by_person {
            let live: Vec<&Offer> = offers
                .iter()
                .filter(|offer| offer.is_live(self.day))
                .collect();
            let promises = live
                .iter()
                .map(|offer| (offer.kind.as_str(), offer.terms.as_str()));
            let groups = group_by_kind(promises, &upgrades).into_iter();
            rows.extend(groups.map(|group| ledger_row(id, group, &live)));
        }
        Ok(Batches::rows(rows))
    }
}

fn ledger_row(id: &str, group: OfferGroup, live: &[&Offer]) -> LedgerRow {
    let same_kind = live.iter().filter(|offer| offer.kind == group.kind);
    let partners = same_kind.filter_map(|offer| offer.partner.as_deref());
    let partners: BTreeSet<&str> = partners.collect();
    let partners: Vec<&str> = partners.into_iter().collect();
    let terms: Vec<&str> = group.terms.iter().map(String::as_str).collect();
    let state = match &group.honour {
        None => "conflict",
        Some(_) if group.upgraded() => "upgraded",
        Some(_) => "clear",
    };
    LedgerRow {
        customer_id: id.to_string(),
        offers: terms.join(" AND "),
        partners: (!partners.is_empty()).then(|| partners.join(", ")),
        state: state.to_string(),
        honour: group.honour,
        kind: group.kind,
    }
}
