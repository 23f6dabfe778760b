//! The files are what their README says: same bytes for a seed, sizes, valid references, and broken rows where listed.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot read its subject has failed"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{column, small, table};
use tsugi_sample::business::{AS_OF, FIRST_DAY};
use tsugi_sample::phrases::{LANGUAGES, Phrases, TOPICS};
use tsugi_sample::table::Table;
use tsugi_sample::{Exports, Options, Plant, generate};

/// All files as they are written, the truth included.
fn bytes(exports: &Exports) -> BTreeMap<String, Vec<u8>> {
    let tables = exports.tables.iter().chain(&exports.truth);
    let files = tables.map(|t| (t.file(), t.encode().unwrap().0));
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
fn rows_that_wait_on_the_disk_are_written_as_they_came() {
    let row = |n: usize| {
        [
            n.to_string(),
            format!("a \"row\" of\nsome, {}", "length".repeat(n % 40)),
        ]
    };
    let mut table = Table::new("crm", "long", &["number", "text"]);
    let mut expected = csv::Writer::from_writer(Vec::new());
    expected.write_record(table.header).unwrap();
    // Some 12 MB, of which 8 stay in memory; read once on the way.
    for n in 0..100_000 {
        table.push(row(n));
        expected.write_record(row(n)).unwrap();
        if n == 80_000 {
            let again = table.records().unwrap().nth(79_999).unwrap().unwrap();
            assert_eq!(again[1], row(79_999)[1]);
        }
    }
    assert_eq!(table.len(), 100_000);
    assert!(table.encode().unwrap().0 == expected.into_inner().unwrap());
    assert_eq!(table.rows().len(), 100_000);
}

#[test]
fn the_number_of_texts_is_an_option() {
    let texts = |wanted| {
        let options = Options {
            scale: 0.5,
            texts: wanted,
            ..Options::default()
        };
        let exports = generate(&options).unwrap();
        let files = ["reviews", "tickets", "posts", "staff_notes"];
        let all: usize = files.iter().map(|name| table(&exports, name).len()).sum();
        (
            all as f64,
            table(&exports, "truth_bad_lots").rows().to_vec(),
        )
    };
    let (usual, bad) = texts(None);
    for wanted in [1_000, 3_000] {
        let (got, same) = texts(Some(wanted));
        let wanted = f64::from(wanted);
        assert!(
            (got - wanted).abs() < 0.15 * wanted,
            "{got} for {wanted}, {usual} by itself"
        );
        assert_eq!(same, bad);
    }
}

#[test]
fn scale_one_is_as_large_as_promised() {
    let exports = generate(&Options::default()).unwrap();
    let rows = |name| table(&exports, name).rows().len();
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
    assert!(table(&exports, "truth_defects").rows().len() >= 10);
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
        t.second_texts,
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
        .rows()
        .iter()
        .filter(|r| &r[5] == "open" && r[9] > *AS_OF.to_string().as_str())
        .count();
    assert!(open >= 3, "{open} open tickets with a date ahead");
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
        ("device_signals", "signal_id"),
        ("assistant_answers", "answer_id"),
        ("replies", "reply_id"),
        ("web_events", "event_id"),
        ("staff_answers", "answer_id"),
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
        ("remedies", "remedy_id"),
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
        .rows()
        .iter()
        .map(|r| (&r[0], (&r[4], r[3].parse().unwrap())))
        .collect();
    let mut taken: BTreeMap<&str, i64> = BTreeMap::new();
    for row in table(&exports, "shipments").rows() {
        assert!(
            *lots[&row[3]].0 < row[7] && row[7] <= *AS_OF.to_string().as_str(),
            "{row:?}"
        );
        if &row[5] == "exact" {
            *taken.entry(&row[3]).or_default() += row[4].parse::<i64>().unwrap();
        }
    }
    for row in table(&exports, "stock").rows() {
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
    for row in table(&exports, "truth_defects").rows() {
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
