//! The sample says what its README claims: same bytes for a seed, planted rates, traps, and a truth that can be recomputed.

use std::collections::{BTreeMap, BTreeSet};

use tsugi_sample::business::{AS_OF, FIRST_DAY, REGIONS};
use tsugi_sample::incidents::{CRACK_RATE_COLD, CRACK_RATE_GOOD, CRACK_RATE_MILD};
use tsugi_sample::phrases::{LANGUAGES, Phrases, TOPICS};
use tsugi_sample::table::Table;
use tsugi_sample::{Exports, Options, Plant, generate};

fn small(seed: u64, plant: Plant) -> Exports {
    generate(&Options {
        seed,
        scale: 0.2,
        plant,
    })
    .unwrap()
}

fn table<'a>(exports: &'a Exports, name: &str) -> &'a Table {
    exports
        .tables
        .iter()
        .chain(&exports.truth)
        .find(|t| t.name == name)
        .unwrap()
}

/// The values of one column of the good rows.
fn column<'a>(table: &'a Table, name: &str) -> Vec<&'a str> {
    let at = table.header.iter().position(|h| *h == name).unwrap();
    table.rows.iter().map(|r| &r[at]).collect()
}

fn bytes(exports: &Exports) -> BTreeMap<String, Vec<u8>> {
    let files = exports
        .tables
        .iter()
        .chain(&exports.truth)
        .map(|t| (t.file(), t.encode().unwrap().0));
    files
        .chain([("README.md".to_owned(), exports.readme.clone().into_bytes())])
        .collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_does_not() {
    let (one, again, other) = (
        small(3, Plant::Strong),
        small(3, Plant::Strong),
        small(4, Plant::Strong),
    );
    assert_eq!(bytes(&one), bytes(&again));
    assert_ne!(
        bytes(&one)["crm/tickets.csv"],
        bytes(&other)["crm/tickets.csv"]
    );
}

#[test]
fn the_committed_exports_are_what_the_program_makes() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../pipelines/great-disconnect/exports");
    let exports = generate(&Options::default()).unwrap();
    let mut expected = bytes(&exports);
    expected.retain(|file, _| !file.starts_with("truth_"));
    let mut found = BTreeSet::new();
    for part in ["", "crm", "erp"] {
        for entry in std::fs::read_dir(folder.join(part)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                found.insert(
                    path.strip_prefix(&folder)
                        .unwrap()
                        .to_string_lossy()
                        .replace('\\', "/"),
                );
            }
        }
    }
    assert_eq!(found, expected.keys().cloned().collect());
    for (file, bytes) in expected {
        assert!(
            std::fs::read(folder.join(&file)).unwrap() == bytes,
            "{file} differs: run the command in exports/README.md"
        );
    }
}

#[test]
fn scale_one_is_as_large_as_promised() {
    let exports = generate(&Options::default()).unwrap();
    let rows = |name| table(&exports, name).rows.len();
    assert!(rows("sales") >= 20_000, "{}", rows("sales"));
    assert!(rows("reviews") + rows("tickets") + rows("posts") + rows("staff_notes") >= 3_000);
    assert_eq!(rows("customers"), 6_000);
    assert!(
        (120..=140).contains(&rows("finished_lots")),
        "{}",
        rows("finished_lots")
    );
    assert!(
        (5..=7).contains(&exports.bad_lots.len()),
        "{}",
        exports.bad_lots.len()
    );
    let size: usize = exports
        .tables
        .iter()
        .map(|t| t.encode().unwrap().0.len())
        .sum();
    assert!(size < 8_000_000, "{size} bytes");
    assert!(table(&exports, "truth_defects").rows.len() >= 10);
    let stock: BTreeSet<&str> = column(table(&exports, "stock"), "finished_lot")
        .into_iter()
        .collect();
    for lot in &exports.bad_lots {
        assert!(
            stock.contains(exports.world.lots.lots[*lot].id.as_str()),
            "a bad lot has nothing left to hold"
        );
    }
}

/// Complaints about cracks and pairs, by (bad lot, cold region).
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
                .all(|t| table(&none, t).rows.is_empty())
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
            .rows
            .iter()
            .map(|r| ((&r[0], &r[1]), &r[3]))
            .collect();
        let mut expected = BTreeMap::new();
        for row in table(&exports, "shipments")
            .rows
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
            .rows
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
            .rows
            .iter()
            .filter(|r| components.contains(&r[1]))
            .map(|r| &r[0])
            .collect();
        let made: BTreeSet<&str> = table(&exports, "finished_lots")
            .rows
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
            .rows
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
fn every_topic_has_forty_paraphrases_in_every_language() {
    let phrases = Phrases::load().unwrap();
    for language in LANGUAGES {
        for topic in TOPICS {
            let pool = &phrases.voice(language).pools[topic];
            let different: BTreeSet<&String> = pool.iter().collect();
            assert!(
                different.len() >= 40 && different.len() == pool.len(),
                "{language} {topic}: {}",
                different.len()
            );
        }
    }
}

#[test]
fn no_slot_stays_open_and_every_trap_is_set() {
    let exports = generate(&Options::default()).unwrap();
    for name in ["reviews", "tickets", "posts", "staff_notes"] {
        for text in column(table(&exports, name), "text") {
            assert!(
                !text.trim().is_empty() && !text.contains(['{', '}']),
                "{text}"
            );
        }
    }
    let t = &exports.traps;
    let counts = [
        t.wrong_type,
        t.no_order,
        t.lot_in_text,
        t.full_width,
        t.second_letters,
        t.duplicates,
        t.lookalikes,
        t.early_notes,
    ];
    assert!(counts.iter().all(|n| *n > 0), "{t:?}");
    let truth = table(&exports, "truth_texts");
    let topics: BTreeSet<&str> = column(truth, "topics")
        .iter()
        .flat_map(|t| t.split('|'))
        .collect();
    assert!(TOPICS.iter().all(|t| topics.contains(t)), "{topics:?}");
    let tickets = table(&exports, "tickets");
    let open = tickets
        .rows
        .iter()
        .filter(|r| &r[5] == "open" && r[9] > *AS_OF.to_string().as_str())
        .count();
    assert!(open >= 3, "{open} open tickets with a date ahead");
}

#[test]
fn two_offers_of_one_kind_contradict_for_one_affected_person() {
    let exports = small(7, Plant::Strong);
    let mut offers: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for row in &table(&exports, "offers").rows {
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
            .rows
            .iter()
            .any(|r| &r[0] == conflicts[0] && &r[3] == "certain")
    );
}

#[test]
fn ids_are_unique_and_references_are_valid() {
    let exports = generate(&Options::default()).unwrap();
    let keys = [
        ("customers", "customer_id"),
        ("consents", "consent_id"),
        ("sends", "send_id"),
        ("offers", "offer_id"),
        ("reviews", "review_id"),
        ("tickets", "ticket_id"),
        ("posts", "post_id"),
        ("staff_notes", "note_id"),
        ("claims", "claim_id"),
        ("products", "product_id"),
        ("materials", "material_id"),
        ("suppliers", "supplier_id"),
        ("receipts", "receipt_id"),
        ("receipts", "component_lot"),
        ("inspections", "inspection_id"),
        ("production_orders", "production_order_id"),
        ("finished_lots", "finished_lot"),
        ("shipments", "shipment_id"),
        ("returns", "return_id"),
        ("warranty_claims", "claim_id"),
        ("changes", "change_id"),
        ("customers", "email"),
    ];
    for (name, key) in keys {
        let values = column(table(&exports, name), key);
        let different: BTreeSet<&str> = values.iter().copied().collect();
        assert_eq!(different.len(), values.len(), "{name}.{key}");
        assert!(values.iter().all(|v| !v.is_empty()));
    }
    let targets = [
        ("customer_id", "customers"),
        ("product_id", "products"),
        ("material_id", "materials"),
        ("supplier_id", "suppliers"),
        ("receipt_id", "receipts"),
        ("component_lot", "receipts"),
        ("production_order_id", "production_orders"),
        ("finished_lot", "finished_lots"),
        ("order_id", "sales"),
    ];
    for from in exports.tables.iter().chain(&exports.truth) {
        for (key, name) in targets.iter().filter(|(key, _)| from.header.contains(key)) {
            let known: BTreeSet<&str> = column(table(&exports, name), key).into_iter().collect();
            for value in column(from, key) {
                assert!(
                    value.is_empty() || known.contains(value),
                    "{}.{key} names {value:?}",
                    from.name
                );
            }
        }
    }
}

#[test]
fn a_lot_is_made_before_it_ships_and_is_never_sold_twice() {
    let exports = generate(&Options::default()).unwrap();
    let lots: BTreeMap<&str, (&str, i64)> = table(&exports, "finished_lots")
        .rows
        .iter()
        .map(|r| (&r[0], (&r[4], r[3].parse().unwrap())))
        .collect();
    let mut taken: BTreeMap<&str, i64> = BTreeMap::new();
    for row in &table(&exports, "shipments").rows {
        assert!(
            *lots[&row[3]].0 < row[7] && row[7] <= *AS_OF.to_string().as_str(),
            "{row:?}"
        );
        if &row[5] == "exact" {
            *taken.entry(&row[3]).or_default() += row[4].parse::<i64>().unwrap();
        }
    }
    for row in &table(&exports, "stock").rows {
        *taken.entry(&row[1]).or_default() += row[2].parse::<i64>().unwrap();
    }
    for (lot, pairs) in taken {
        assert!(pairs <= lots[lot].1, "{lot}: {pairs} of {}", lots[lot].1);
    }
    let days = column(table(&exports, "sales"), "ordered_on");
    assert!(
        days.iter()
            .all(|d| *d >= FIRST_DAY.to_string().as_str() && *d <= AS_OF.to_string().as_str())
    );
}

#[test]
fn broken_rows_stand_at_the_lines_that_are_listed() {
    let exports = generate(&Options::default()).unwrap();
    let files = bytes(&exports);
    for row in &table(&exports, "truth_defects").rows {
        let text = String::from_utf8(files[&row[0]].clone()).unwrap();
        let line = text
            .lines()
            .nth(row[1].parse::<usize>().unwrap() - 1)
            .unwrap();
        let width = text.lines().next().unwrap().split(',').count();
        match &row[2] {
            "blank_line" => assert_eq!(line, ""),
            "too_few_fields" => assert!(line.split(',').count() < width, "{line}"),
            "too_many_fields" => assert!(line.split(',').count() > width, "{line}"),
            _ => assert!(
                ["99990", "-9990", "-990"]
                    .iter()
                    .any(|mark| line.contains(mark))
                    || line.contains("L2513-999"),
                "{line}"
            ),
        }
        assert!(
            exports
                .readme
                .contains(&format!("| {} | {} |", &row[0], &row[1]))
        );
    }
}
