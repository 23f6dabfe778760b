//! What is planted holds over many seeds, and the truth follows from the exports themselves.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot read its subject has failed"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{column, small, table};
use tsugi_sample::business::REGIONS;
use tsugi_sample::incidents::{CRACK_RATE_COLD, CRACK_RATE_GOOD, CRACK_RATE_MILD};
use tsugi_sample::{Exports, Options, Plant, generate};

fn cracks(exports: &Exports) -> BTreeMap<(bool, bool), (f64, f64)> {
    let mut found: BTreeMap<(bool, bool), (f64, f64)> = BTreeMap::new();
    for (line, parts) in exports.world.lines.iter().zip(&exports.world.lots.of_line) {
        for (lot, pairs) in parts {
            found
                .entry((exports.bad_lots.contains(lot), REGIONS[line.region].cold))
                .or_default()
                .1 += f64::from(*pairs);
        }
    }
    for incident in exports.incidents.iter().filter(|i| i.topic == "sole_crack") {
        found
            .entry((
                exports.bad_lots.contains(&incident.lot.unwrap()),
                REGIONS[incident.region].cold,
            ))
            .or_default()
            .0 += 1.0;
    }
    found
}

#[test]
fn planted_rates_hold_over_seeds() {
    let mut sum: BTreeMap<(bool, bool), (f64, f64)> = BTreeMap::new();
    for seed in 0..20 {
        let exports = small(seed, Plant::Strong);
        assert!(
            (3..=5).contains(&exports.bad_lots.len()),
            "seed {seed}: {} bad lots",
            exports.bad_lots.len()
        );
        let of_bad: f64 = cracks(&exports)
            .iter()
            .filter(|(k, _)| k.0)
            .map(|(_, v)| v.0)
            .sum();
        assert!(
            of_bad >= 8.0,
            "seed {seed}: only {of_bad} complaints about bad lots"
        );
        for (key, (complaints, pairs)) in cracks(&exports) {
            let entry = sum.entry(key).or_default();
            *entry = (entry.0 + complaints, entry.1 + pairs);
        }
    }
    let rate = |key| sum[&key].0 / sum[&key].1;
    assert!(
        (rate((true, true)) / CRACK_RATE_COLD - 1.0).abs() < 0.2,
        "{}",
        rate((true, true))
    );
    assert!(
        (rate((true, false)) / CRACK_RATE_MILD - 1.0).abs() < 0.25,
        "{}",
        rate((true, false))
    );
    for cold in [true, false] {
        assert!(
            (rate((false, cold)) / CRACK_RATE_GOOD - 1.0).abs() < 0.3,
            "{}",
            rate((false, cold))
        );
    }
}

#[test]
fn weak_has_exactly_four_complaints_by_four_people_and_none_has_nothing() {
    for seed in 0..20 {
        for scale in [0.2, 1.0] {
            let exports = generate(&Options {
                seed,
                scale,
                plant: Plant::Weak,
                lots: None,
                texts: None,
            })
            .unwrap();
            let of_bad: Vec<_> = exports
                .incidents
                .iter()
                .filter(|i| {
                    i.topic == "sole_crack"
                        && exports.bad_lots.contains(&i.lot.unwrap_or(usize::MAX))
                })
                .collect();
            assert_eq!(of_bad.len(), 4, "seed {seed}");
            assert_eq!(
                of_bad
                    .iter()
                    .map(|i| i.customer)
                    .collect::<BTreeSet<_>>()
                    .len(),
                4
            );
            let sold: u32 = exports
                .bad_lots
                .iter()
                .map(|l| exports.world.lots.lots[*l].sold)
                .sum();
            assert!(
                (100..=280).contains(&sold),
                "seed {seed} at {scale}: {sold} pairs"
            );
        }
        let none = small(seed, Plant::None);
        assert!(none.bad_lots.is_empty());
        assert!(
            ["truth_bad_lots", "truth_suspects", "truth_affected"]
                .iter()
                .all(|t| table(&none, t).rows().is_empty())
        );
    }
}

#[test]
fn affected_lines_follow_from_the_shipments() {
    for seed in [1, 2, 7] {
        let exports = small(seed, Plant::Strong);
        let bad: BTreeSet<&str> = column(table(&exports, "truth_bad_lots"), "finished_lot")
            .into_iter()
            .collect();
        let customers: BTreeMap<(&str, &str), &str> = table(&exports, "sales")
            .rows()
            .iter()
            .map(|r| ((&r[0], &r[1]), &r[3]))
            .collect();
        let mut expected = BTreeMap::new();
        for row in table(&exports, "shipments")
            .rows()
            .iter()
            .filter(|r| bad.contains(&r[3]))
        {
            let certainty = if &row[5] == "exact" {
                "certain"
            } else {
                "possible"
            };
            let line = expected
                .entry((row[1].to_owned(), row[2].to_owned()))
                .or_insert((customers[&(&row[1], &row[2])].to_owned(), "possible"));
            if certainty == "certain" {
                line.1 = "certain";
            }
        }
        let truth: BTreeMap<(String, String), (String, &str)> = table(&exports, "truth_affected")
            .rows()
            .iter()
            .map(|r| {
                (
                    (r[1].to_owned(), r[2].to_owned()),
                    (
                        r[0].to_owned(),
                        if &r[3] == "certain" {
                            "certain"
                        } else {
                            "possible"
                        },
                    ),
                )
            })
            .collect();
        assert_eq!(truth, expected);
        assert!(
            truth.values().any(|v| v.1 == "possible") && truth.values().any(|v| v.1 == "certain")
        );
    }
}

#[test]
fn bad_lots_are_exactly_those_made_from_the_suspect_component_lots() {
    for seed in [1, 2, 7] {
        let exports = small(seed, Plant::Strong);
        let components: BTreeSet<&str> = column(table(&exports, "truth_suspects"), "component_lot")
            .into_iter()
            .collect();
        let orders: BTreeSet<&str> = table(&exports, "consumption")
            .rows()
            .iter()
            .filter(|r| components.contains(&r[1]))
            .map(|r| &r[0])
            .collect();
        let made: BTreeSet<&str> = table(&exports, "finished_lots")
            .rows()
            .iter()
            .filter(|r| orders.contains(&r[1]))
            .map(|r| &r[0])
            .collect();
        assert_eq!(
            made,
            column(table(&exports, "truth_bad_lots"), "finished_lot")
                .into_iter()
                .collect()
        );
        let change = table(&exports, "changes")
            .rows()
            .iter()
            .find(|r| &r[0] == "CH-007")
            .unwrap();
        let received = column(table(&exports, "truth_suspects"), "received_on");
        assert!(
            &change[1] == "material" && received.iter().all(|d| *d > &change[4]),
            "{change:?} {received:?}"
        );
    }
}

#[test]
fn two_offers_of_one_kind_contradict_for_one_affected_person() {
    let exports = small(7, Plant::Strong);
    let mut offers: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for row in table(&exports, "offers").rows() {
        offers
            .entry((&row[1], &row[2]))
            .or_default()
            .insert(&row[3]);
    }
    let conflicts: Vec<&str> = offers
        .iter()
        .filter(|(_, terms)| terms.len() > 1)
        .map(|(key, _)| key.0)
        .collect();
    assert_eq!(conflicts.len(), 1, "{conflicts:?}");
    assert!(
        table(&exports, "truth_affected")
            .rows()
            .iter()
            .any(|r| &r[0] == conflicts[0] && &r[3] == "certain")
    );
}
