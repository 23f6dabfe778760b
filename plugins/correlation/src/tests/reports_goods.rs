//! `disproportionality` on stored goods: lots of bone cement, and received goods of a bicycle maker.

use super::data::{Sheet, agree, folder, numbers, parquet, texts};
use super::reports_found::{Found, call, compare, read};
use regex::Regex;
use std::collections::{BTreeMap, HashMap};
use tsugi_plugin::{Batch, column};

#[test]
fn the_first_lot_of_bone_cement_needs_a_person() {
    let Some(folder) = folder("maude_bone_cement") else {
        return;
    };
    let rows = parquet(&folder, "bone_cement_2017.parquet");
    let brand = Regex::new("COBALT|REFOBACIN|PALACOS|SIMPLEX|SMARTSET|VERTECEM|OPTIPAC|BIOMET BONE CEMENT|ANTIBIOTIC|CONFIDENCE|KYPH").unwrap();
    let family = texts(&rows, "brand_name").into_iter().map(|name| {
        let name = name.unwrap_or_default().to_uppercase();
        brand
            .find(&name)
            .map_or("OTHER", |found| found.as_str())
            .to_owned()
    });
    let kept: Vec<(String, String, bool)> = texts(&rows, "lot_number")
        .into_iter()
        .zip(family)
        .zip(texts(&rows, "event_type"))
        .filter_map(|((lot, family), event)| {
            Some((lot?, family, event.as_deref() == Some("Malfunction")))
        })
        .collect();
    let rows = Batch::new([
        column("lot", kept.iter().map(|row| row.0.clone())),
        column("family", kept.iter().map(|row| row.1.clone())),
        column("hit", kept.iter().map(|row| row.2)),
    ])
    .unwrap();
    let found = read(&call(rows).option("unit", "lot").option("minimum", 3_i64));
    let expected = Sheet::read(&folder, "expected_lot_attribution.csv");
    assert_eq!((found.len(), expected.len()), (30, 30));
    let key = |family: &str, lot: &str| format!("{family} {lot}");
    let by_key: HashMap<String, &Found> = found
        .iter()
        .map(|row| (key(row.family.as_deref().unwrap(), &row.unit), row))
        .collect();
    let keys: Vec<String> = expected
        .names("family")
        .iter()
        .zip(expected.names("lot"))
        .map(|(family, lot)| key(family, &lot))
        .collect();
    compare(
        &expected,
        &by_key,
        &keys,
        &[
            ("n11", |row| Some(row.a as f64)),
            ("expected", |row| Some(row.expected)),
            ("prr", |row| row.prr),
            ("ic025", |row| row.ic025),
            ("fisher_p_greater", |row| row.fisher_p),
            ("bh_q", |row| row.q_value),
        ],
    );
    let first = &found[0];
    assert_eq!(
        (first.unit.as_str(), first.a, first.verdict.as_str()),
        ("507830", 6, "suspect, needs a person")
    );
    assert!(agree(first.q_value.unwrap(), 0.067, 1e-3));
}

#[test]
fn received_goods_of_adventure_works() {
    let Some(folder) = folder("adventureworks_purchasing") else {
        return;
    };
    let header = parquet(&folder, "PurchaseOrderHeader.parquet");
    let vendors: BTreeMap<String, String> = texts(&header, "PurchaseOrderID")
        .into_iter()
        .flatten()
        .zip(texts(&header, "VendorID").into_iter().flatten())
        .collect();
    let lines = parquet(&folder, "PurchaseOrderDetail.parquet");
    let rejected: Vec<bool> = numbers(&lines, "RejectedQty")
        .into_iter()
        .map(|amount| amount > Some(0.0))
        .collect();
    assert_eq!(
        (
            rejected.len(),
            rejected.iter().filter(|flag| **flag).count()
        ),
        (8_845, 563)
    );
    let of_order = texts(&lines, "PurchaseOrderID")
        .into_iter()
        .map(|order| vendors[&order.unwrap()].clone());
    let products = texts(&lines, "ProductID").into_iter().flatten();
    for (units, file, id, first, q) in [
        (
            of_order.collect::<Vec<_>>(),
            "expected_vendor_rejections.csv",
            "VendorID",
            ("1578", 17, 120),
            0.0408,
        ),
        (
            products.collect(),
            "expected_product_rejections.csv",
            "ProductID",
            ("492", 14, 63),
            0.0083,
        ),
    ] {
        let rows = Batch::new([column("unit", units), column("hit", rejected.clone())]).unwrap();
        let found = read(&call(rows));
        let expected = Sheet::read(&folder, file);
        assert_eq!(found.len(), expected.len());
        let by_key: HashMap<String, &Found> =
            found.iter().map(|row| (row.unit.clone(), row)).collect();
        compare(
            &expected,
            &by_key,
            &expected.names(id),
            &[
                ("lines", |row| Some((row.a + row.b) as f64)),
                ("lines_rejected", |row| Some(row.a as f64)),
                ("expected", |row| Some(row.expected)),
                ("prr", |row| row.prr),
                ("fisher_p_greater", |row| row.fisher_p),
                ("bh_q", |row| row.q_value),
            ],
        );
        let row = &found[0];
        assert_eq!((row.unit.as_str(), row.a, row.a + row.b), first);
        assert!((row.q_value.unwrap() - q).abs() < 5e-5, "{row:?}");
    }
}
