//! `disproportionality` on stored complaints: robot narratives, and orders of a marketplace.

use super::data::{Sheet, agree, folder, numbers, parquet, texts};
use crate::DisproportionalityTable;
use regex::Regex;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use tsugi_plugin::testing::{TableRun, table};
use tsugi_plugin::{Batch, Row, column};

#[derive(Debug, Row)]
pub(super) struct Found {
    pub family: Option<String>,
    pub unit: String,
    pub topic: Option<String>,
    pub a: i64,
    pub b: i64,
    pub c: i64,
    pub d: i64,
    pub expected: f64,
    pub prr: Option<f64>,
    pub prr_low: Option<f64>,
    pub prr_high: Option<f64>,
    pub ror: Option<f64>,
    pub ror_low: Option<f64>,
    pub ror_high: Option<f64>,
    pub unbounded: Option<String>,
    pub ic: f64,
    pub ic025: Option<f64>,
    pub g2: f64,
    pub chi2: f64,
    pub fisher_p: Option<f64>,
    pub q_value: Option<f64>,
    pub pairs_tested: i64,
    pub verdict: String,
}

pub(super) fn call(rows: Batch) -> TableRun<DisproportionalityTable> {
    table::<DisproportionalityTable>().input("reports", rows)
}

pub(super) fn read(run: &TableRun<DisproportionalityTable>) -> Vec<Found> {
    let answer = run.run_cut(1000).unwrap();
    answer
        .read::<Found>()
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

/// Columns of the expected file and what they are here.
pub(super) type Columns = [(&'static str, fn(&Found) -> Option<f64>)];

pub(super) fn compare(
    sheet: &Sheet,
    found: &HashMap<String, &Found>,
    keys: &[String],
    columns: &Columns,
) {
    for (name, read) in columns {
        for (key, want) in keys.iter().zip(sheet.numbers(name)) {
            let row = found[key];
            match read(row) {
                Some(got) => assert!(agree(got, want, 1e-8), "{name}: {row:?} is not {want}"),
                None => assert!(!want.is_finite(), "{name}: {row:?} is not {want}"),
            }
        }
    }
}

const TOPICS: [(&str, &str); 10] = [
    ("crack", r"\bcrack(?:s|ed|ing)?\b"),
    ("arcing", r"\barc(?:s|ed|ing)?\b"),
    (
        "burn",
        r"\bburn(?:s|t|ed|ing)?\b|\bchar(?:red|ring)\b|\bmelt(?:ed|ing)?\b",
    ),
    (
        "cable_broken",
        r"\b(?:broken|broke|frayed|derailed|snapped)\b[^.]{0,60}\bcables?\b|\bcables?\b[^.]{0,60}\b(?:broken|broke|frayed|derailed|snapped)\b",
    ),
    ("tip_cover", r"\btip cover\b"),
    ("insulation", r"\binsulation\b"),
    (
        "fragment_in_patient",
        r"\bfell (?:into|inside|in)\b[^.]{0,30}\bpatient\b",
    ),
    (
        "stuck_jaw",
        r"\b(?:jaws?|grips?)\b[^.]{0,60}\b(?:stuck|would not open|not open|will not open)\b",
    ),
    ("error_code", r"\berror\b[^.]{0,20}\b\d{3,5}\b"),
    ("tube_extension", r"\btube extension\b"),
];

/// The reports of 2013: one row a report and topic, one without a topic where it has none.
fn reports_of_2013(folder: &Path) -> Batch {
    let devices = parquet(folder, "device_events.parquet");
    let parts: HashMap<String, Option<String>> = texts(&devices, "mdr_report_key")
        .into_iter()
        .flatten()
        .zip(texts(&devices, "part"))
        .collect();
    let rows = parquet(folder, "narratives_2013.parquet");
    let rules = TOPICS.map(|(topic, rule)| (topic, Regex::new(rule).unwrap()));
    let (mut reports, mut units, mut topics) = (Vec::new(), Vec::new(), Vec::new());
    let narratives = texts(&rows, "event")
        .into_iter()
        .zip(texts(&rows, "narrative"));
    for (key, (event, narrative)) in texts(&rows, "mdr_key").into_iter().zip(narratives) {
        let key = key.unwrap();
        let text = format!(
            "{} {}",
            event.unwrap_or_default(),
            narrative.unwrap_or_default()
        )
        .to_lowercase();
        let unit = parts
            .get(&key)
            .cloned()
            .flatten()
            .unwrap_or_else(|| "unknown".to_owned());
        let about: Vec<&str> = rules
            .iter()
            .filter(|(_, rule)| rule.is_match(&text))
            .map(|(topic, _)| *topic)
            .collect();
        // A report without any topic is one row all the same.
        for at in 0..about.len().max(1) {
            reports.push(key.clone());
            units.push(unit.clone());
            topics.push(about.get(at).copied());
        }
    }
    Batch::new([
        column("report", reports),
        column("unit", units),
        column("topic", topics),
    ])
    .unwrap()
}

/// Every figure of every pair is that of the reference.
fn compare_with_reference(folder: &Path, found: &[Found]) {
    let expected = Sheet::read(folder, "expected_topic_part.csv");
    assert_eq!(
        (found.len(), expected.len(), found[0].pairs_tested),
        (116, 116, 116)
    );
    let keys: Vec<String> = expected
        .names("topic")
        .iter()
        .zip(expected.names("part"))
        .map(|(topic, part)| format!("{topic} {part}"))
        .collect();
    let by_key: HashMap<String, &Found> = found
        .iter()
        .map(|row| {
            (
                format!("{} {}", row.topic.as_deref().unwrap(), row.unit),
                row,
            )
        })
        .collect();
    compare(
        &expected,
        &by_key,
        &keys,
        &[
            ("a", |row| Some(row.a as f64)),
            ("b", |row| Some(row.b as f64)),
            ("c", |row| Some(row.c as f64)),
            ("d", |row| Some(row.d as f64)),
            ("expected", |row| Some(row.expected)),
            ("prr", |row| row.prr),
            ("prr_lo", |row| row.prr_low),
            ("prr_hi", |row| row.prr_high),
            ("ror", |row| row.ror),
            ("ror_lo", |row| row.ror_low),
            ("ror_hi", |row| row.ror_high),
            ("ic", |row| Some(row.ic)),
            ("ic025", |row| row.ic025),
            ("chi2_yates", |row| Some(row.chi2)),
            ("g2", |row| Some(row.g2)),
            ("fisher_p_greater", |row| row.fisher_p),
            ("bh_q_all_pairs", |row| row.q_value),
        ],
    );
}

/// Where others or the unit have no other report, the ratio has no upper limit, and that is said.
fn unbounded_ratios_are_named(found: &[Found]) {
    for row in found {
        let words = match (row.b, row.c) {
            (_, 0) => Some("PRR and ROR"),
            (0, _) => Some("ROR"),
            _ => None,
        };
        assert_eq!(
            (row.unbounded.as_deref(), row.ror.is_none()),
            (words, words.is_some()),
            "{row:?}"
        );
    }
}

#[test]
fn cracks_lead_to_the_part_that_was_recalled() {
    let Some(folder) = folder("davinci_maude") else {
        return;
    };
    let found = read(
        &call(reports_of_2013(&folder))
            .option("minimum_together", 1_i64)
            .option("unknown", "unknown"),
    );
    compare_with_reference(&folder, &found);
    unbounded_ratios_are_named(&found);
    let of_cracks = |row: &&Found| row.topic.as_deref() == Some("crack");
    let crack = found.iter().find(of_cracks).unwrap();
    assert_eq!(crack.unit, "420179");
    assert_eq!(
        (crack.a, crack.b, crack.c, crack.d, crack.verdict.as_str()),
        (7, 20, 9, 1238, "leading suspect")
    );
    for (got, want) in [
        (crack.prr.unwrap(), 35.9218),
        (crack.prr_low.unwrap(), 14.4423),
        (crack.ror.unwrap(), 48.1444),
        (crack.ic, 3.15999),
        (crack.ic025.unwrap(), 1.89976),
        (crack.g2, 34.2718),
        (crack.fisher_p.unwrap(), 8.42949e-9),
    ] {
        // As printed, to six figures.
        assert!((got / want - 1.0).abs() < 5e-6, "{got} is not {want}");
    }
}

/// Orders of the random samples with their score of 1 or 2, whether delivered late, and sellers.
struct Orders {
    complaints: HashMap<String, bool>,
    late: HashMap<String, bool>,
    sellers: HashSet<(String, String)>,
}

fn orders(folder: &Path) -> Orders {
    let rows = parquet(folder, "order_reviews.parquet");
    let mut latest: HashMap<String, (String, String, f64)> = HashMap::new();
    let keys = texts(&rows, "review_answer_timestamp")
        .into_iter()
        .zip(texts(&rows, "review_id"));
    let scores = texts(&rows, "order_id")
        .into_iter()
        .zip(numbers(&rows, "review_score"));
    for ((answered, id), (order, score)) in keys.zip(scores) {
        let new = (answered.unwrap(), id.unwrap(), score.unwrap());
        let kept = latest.entry(order.unwrap()).or_insert_with(|| new.clone());
        if (&new.0, &new.1) >= (&kept.0, &kept.1) {
            *kept = new;
        }
    }
    let rows = parquet(folder, "orders.parquet");
    let [ids, sources, status, delivered, due] = [
        "order_id",
        "sample_sources",
        "order_status",
        "order_delivered_customer_date",
        "order_estimated_delivery_date",
    ]
    .map(|name| texts(&rows, name));
    let (mut complaints, mut late) = (HashMap::new(), HashMap::new());
    for at in 0..rows.len() {
        let (id, source) = (
            ids[at].clone().unwrap(),
            sources[at].as_deref().unwrap_or_default(),
        );
        let sampled = ["dhipin", "techby", "albu"]
            .iter()
            .any(|part| source.contains(part));
        if let (true, Some(review)) = (sampled, latest.get(&id)) {
            complaints.insert(id.clone(), review.2 <= 2.0);
            if let (Some("delivered"), Some(delivered), Some(due)) =
                (status[at].as_deref(), &delivered[at], &due[at])
            {
                late.insert(id, delivered > due);
            }
        }
    }
    let rows = parquet(folder, "order_items.parquet");
    let pairs = texts(&rows, "order_id")
        .into_iter()
        .flatten()
        .zip(texts(&rows, "seller_id").into_iter().flatten());
    Orders {
        complaints,
        late,
        sellers: pairs.collect(),
    }
}

#[test]
fn sellers_and_late_deliveries_of_olist() {
    let Some(folder) = folder("olist_sample") else {
        return;
    };
    let orders = orders(&folder);
    let of_sellers: Vec<(&str, bool)> = orders
        .sellers
        .iter()
        .filter_map(|(order, seller)| Some((seller.as_str(), *orders.complaints.get(order)?)))
        .collect();
    let complaints = of_sellers.iter().filter(|row| row.1).count();
    assert_eq!((of_sellers.len(), complaints), (20_836, 3_049));
    let rows = Batch::new([
        column("seller", of_sellers.iter().map(|row| row.0)),
        column("hit", of_sellers.iter().map(|row| row.1)),
    ])
    .unwrap();
    let found = read(
        &call(rows)
            .option("unit", "seller")
            .option("minimum", 20_i64),
    );
    let expected = Sheet::read(&folder, "expected_sellers.csv");
    assert_eq!((found.len(), expected.len()), (229, 229));
    let by_key: HashMap<String, &Found> = found.iter().map(|row| (row.unit.clone(), row)).collect();
    compare(
        &expected,
        &by_key,
        &expected.names("seller_id"),
        &[
            ("complaints", |row| Some(row.a as f64)),
            ("prr", |row| row.prr),
            ("ror", |row| row.ror),
            ("g2", |row| Some(row.g2)),
            ("ic025", |row| row.ic025),
            ("fisher_p_greater", |row| row.fisher_p),
            ("bh_q", |row| row.q_value),
        ],
    );
    assert!(found[0].unit.starts_with("2eb70248"));
    assert_eq!(
        found.iter().filter(|row| row.q_value < Some(0.05)).count(),
        6
    );
    let late: Vec<(&str, bool)> = orders
        .late
        .iter()
        .map(|(order, late)| {
            (
                if *late { "late" } else { "in time" },
                orders.complaints[order],
            )
        })
        .collect();
    let rows = Batch::new([
        column("unit", late.iter().map(|row| row.0)),
        column("hit", late.iter().map(|row| row.1)),
    ])
    .unwrap();
    let found = read(&call(rows));
    let row = &found[0];
    assert_eq!(
        (row.unit.as_str(), row.a, row.b, row.c, row.d),
        ("late", 849, 739, 1733, 16_805)
    );
    for (got, want) in [
        (row.prr.unwrap(), 5.719_018_577),
        (row.ror.unwrap(), 11.140_462_111),
        (row.g2, 1_714.791_066),
    ] {
        assert!(agree(got, want, 1e-9), "{got} is not {want}");
    }
}
