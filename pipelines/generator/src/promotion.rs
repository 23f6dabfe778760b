//! What the brand promises: live offers to single people, and claims in its marketing.

use chrono::NaiveDate;

use crate::Options;
use crate::business::{AS_OF, PRODUCTS, day, plus};
use crate::dice::{Dice, Stream};
use crate::people::Customer;
use crate::table::Table;

/// Kind, terms, partner, campaign.
const KINDS: [(&str, &str, &str, &str); 5] = [
    (
        "free_shipping",
        "free shipping on the next order",
        "",
        "members-week",
    ),
    (
        "birthday",
        "10 % off in the month of the birthday",
        "",
        "birthday",
    ),
    (
        "care_set",
        "shoe care set with the next pair",
        "",
        "spring-news",
    ),
    (
        "insole_fitting",
        "free insole fitting in a store",
        "",
        "fitting-days",
    ),
    (
        "gym_membership",
        "50 % off for 1 month",
        "Turnhalle Nebelhorn",
        "gym-winter",
    ),
];

/// First day, position of the customer, kind, terms, last day, partner, campaign.
type Offer = (
    NaiveDate,
    usize,
    &'static str,
    &'static str,
    NaiveDate,
    &'static str,
    &'static str,
);

/// Two memberships of one person, whose terms contradict each other.
fn contradicting(position: usize) -> [Offer; 2] {
    let offer = |ago: i64, terms, to: i64, campaign| {
        let (from, to) = (plus(AS_OF, -ago), plus(AS_OF, to));
        let partner = "Turnhalle Nebelhorn";
        (
            from,
            position,
            "gym_membership",
            terms,
            to,
            partner,
            campaign,
        )
    };
    [
        offer(40, "50 % off for 1 month", 50, "gym-winter"),
        offer(12, "50 % off for the first 3 months", 78, "gym-spring"),
    ]
}

/// crm/offers.csv, with the one person who holds two offers of a kind that contradict each other.
pub fn offers(options: &Options, customers: &[Customer], conflicted: Option<usize>) -> Table {
    let mut table = Table::new(
        "crm",
        "offers",
        &[
            "offer_id",
            "customer_id",
            "kind",
            "terms",
            "valid_from",
            "valid_to",
            "partner",
            "campaign",
        ],
    );
    let mut dice = Dice::new(options.seed, Stream::Promotion);
    let mut rows: Vec<Offer> = Vec::new();
    for (position, _) in customers.iter().enumerate() {
        if Some(position) != conflicted && dice.chance(0.02) {
            let (kind, terms, partner, campaign) = *dice.pick(&KINDS);
            let from = plus(AS_OF, -dice.between(5, 80));
            rows.push((
                from,
                position,
                kind,
                terms,
                plus(from, 90),
                partner,
                campaign,
            ));
        }
    }
    if let Some(position) = conflicted {
        rows.extend(contradicting(position));
    }
    rows.sort();
    for (from, position, kind, terms, to, partner, campaign) in rows {
        let id = format!("OF-{:04}", table.len() + 1);
        table.push([
            id.as_str(),
            &customers[position].id,
            kind,
            terms,
            &from.to_string(),
            &to.to_string(),
            partner,
            campaign,
        ]);
    }
    table
}

/// Claim, product, country, language, text, first and last day, money in euros.
type Claim = (
    &'static str,
    usize,
    &'static str,
    &'static str,
    &'static str,
    NaiveDate,
    NaiveDate,
    u32,
);

#[rustfmt::skip]
const CLAIMS: [Claim; 14] = [
    ("durable", 0, "JP", "ja", "何年でも歩ける、丈夫な一足。", day(2025, 9, 1), day(2026, 2, 28), 84_000),
    ("durable", 0, "DE", "de", "Unverwüstlich: der Schuh für viele Winter.", day(2025, 9, 15), day(2026, 2, 28), 61_000),
    ("durable", 1, "CH", "de", "Gebaut für tausend Kilometer.", day(2025, 10, 1), day(2026, 1, 31), 38_500),
    ("durable", 2, "JP", "ja", "雪国育ち。底から丈夫。", day(2025, 10, 1), day(2026, 2, 28), 72_000),
    ("durable", 2, "CH", "en", "Durable from the sole up.", day(2025, 10, 1), day(2026, 2, 28), 22_000),
    ("durable", 5, "DE", "de", "Hält Jahre, nicht Wochen.", day(2025, 5, 1), day(2025, 8, 31), 27_000),
    ("waterproof", 2, "DE", "de", "Trocken durch den Matsch.", day(2025, 11, 1), day(2026, 1, 31), 45_000),
    ("warm", 2, "JP", "ja", "氷点下でもあたたかい。", day(2025, 11, 1), day(2026, 1, 31), 39_000),
    ("light", 4, "JP", "ja", "風のように軽い。", day(2025, 4, 1), day(2025, 9, 30), 52_000),
    ("light", 4, "DE", "de", "So leicht, dass man sie vergisst.", day(2025, 4, 1), day(2025, 9, 30), 33_000),
    ("comfortable", 3, "DE", "en", "All day, every day.", day(2025, 4, 15), day(2025, 10, 15), 48_000),
    ("fast_delivery", 3, "DE", "de", "Heute bestellt, übermorgen da.", day(2025, 11, 15), day(2025, 12, 24), 19_000),
    ("fast_delivery", 3, "JP", "ja", "二日でお届け。", day(2025, 11, 15), day(2025, 12, 24), 17_500),
    ("sustainable", 9, "CH", "de", "Zur Hälfte aus Resten gewebt.", day(2025, 6, 1), day(2026, 3, 31), 24_000),
];

/// What the advertisements promise, each once.
pub(crate) fn promises() -> Vec<&'static str> {
    let mut found: Vec<&str> = CLAIMS.iter().map(|claim| claim.0).collect();
    found.dedup();
    found
}

/// crm/claims.csv: what the advertisements said, where, when and for how much money (in euros).
pub fn claims() -> Table {
    let header = &[
        "claim_id",
        "claim",
        "product_id",
        "country",
        "language",
        "text",
        "valid_from",
        "valid_to",
        "spend",
    ];
    let mut table = Table::new("crm", "claims", header);
    for (i, (claim, product, country, language, text, from, to, spend)) in
        CLAIMS.into_iter().enumerate()
    {
        let (id, spend) = (format!("CL-{:02}", i + 1), format!("{spend}.00"));
        let (from, to) = (from.to_string(), to.to_string());
        table.push([
            &id,
            claim,
            PRODUCTS[product].id,
            country,
            language,
            text,
            &from,
            &to,
            &spend,
        ]);
    }
    table
}
