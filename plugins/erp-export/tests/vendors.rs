//! Every vendor mapping reads its sample whole, and what is called verified is in exported
//! tables.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tsugi_erp_export::{ErpExport, ErpMappings};
use tsugi_plugin::testing::{MockHost, StreamCase, measured, reads_as};
use tsugi_reading::{Mappings, Status, load};

fn folder(of: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(of)
}

fn check(mapping: &str, cases: &[StreamCase<'_>]) {
    let host = MockHost::new().chunk_bytes(37);
    let samples = folder("samples").join(mapping);
    let host = host.folder("exports", &samples).unwrap();
    let config = format!(r#"{{"mapping": "{mapping}"}}"#);
    reads_as::<ErpExport>(&config, &host, cases).unwrap();
}

#[test]
fn sap() {
    check("sap", SAP);
}

const SAP: &[StreamCase<'static>] = &[
    (
        "vbak",
        2,
        1,
        &["vbeln", "augru", "vdatu", "netwr"],
        r#"{"vbeln":"0060000071","augru":"101","vdatu":null,"netwr":28600.0000}"#,
    ),
    (
        "vbap",
        2,
        1,
        &["posnr", "charg", "kwmeng"],
        r#"{"posnr":"000010","charg":"FL-2601","kwmeng":1.000}"#,
    ),
    (
        "likp",
        1,
        0,
        &["vbeln", "wadat_ist"],
        r#"{"vbeln":"0080000501","wadat_ist":"2026-01-07"}"#,
    ),
    (
        "lips",
        1,
        0,
        &["charg", "lfimg", "vgbel"],
        r#"{"charg":"FL-2601","lfimg":2.000,"vgbel":"0000012345"}"#,
    ),
    (
        "matdoc",
        4,
        3,
        &["bwart", "charg", "menge", "dmbtr", "budat"],
        r#"{"bwart":"262","charg":"CL-77","menge":5.000,"dmbtr":-62.5000,"budat":"2025-12-16"}"#,
    ),
    (
        "mchb",
        1,
        0,
        &["charg", "clabs", "cspem"],
        r#"{"charg":"FL-2601","clabs":118.000,"cspem":80.000}"#,
    ),
    (
        "afko",
        1,
        0,
        &["aufnr", "gltri"],
        r#"{"aufnr":"001000000401","gltri":"2025-12-15"}"#,
    ),
    (
        "afpo",
        1,
        0,
        &["charg", "wemng"],
        r#"{"charg":"FL-2601","wemng":200.000}"#,
    ),
    (
        "ekko",
        1,
        0,
        &["ebeln", "lifnr", "aedat"],
        r#"{"ebeln":"4500000301","lifnr":"0000300007","aedat":"2025-11-10"}"#,
    ),
    (
        "ekpo",
        1,
        0,
        &["matnr", "netpr", "elikz"],
        r#"{"matnr":"SOLE-TPU","netpr":12.5000,"elikz":"X"}"#,
    ),
    (
        "ekbe",
        2,
        0,
        &["vgabe", "bwart", "charg"],
        r#"{"vgabe":"1","bwart":"101","charg":"CL-77"}"#,
    ),
    (
        "qals",
        1,
        0,
        &["prueflos", "lifnr", "losmenge"],
        r#"{"prueflos":"010000000201","lifnr":"0000300007","losmenge":1000.000}"#,
    ),
    (
        "qave",
        1,
        0,
        &["vbewertung", "qkennzahl", "vdatum"],
        r#"{"vbewertung":"A","qkennzahl":100.0,"vdatum":"2025-12-02"}"#,
    ),
    (
        "qmel",
        2,
        1,
        &["qmart", "qmtxt", "qmdat", "rkmng"],
        r#"{"qmart":"Q2","qmtxt":"TPU zu hart bei Kälte","qmdat":null,"rkmng":0.000}"#,
    ),
    (
        "mara",
        2,
        0,
        &["matnr", "ntgew"],
        r#"{"matnr":"NW-240","ntgew":1.300}"#,
    ),
    (
        "lfa1",
        1,
        0,
        &["name1", "stras"],
        r#"{"name1":"Polymer Süd GmbH","stras":"Donaustraße 4"}"#,
    ),
    (
        "kna1",
        1,
        0,
        &["kunnr", "telf1"],
        r#"{"kunnr":"0000100001","telf1":"+41 41 555 01 01"}"#,
    ),
];

#[test]
fn netsuite() {
    check(
        "netsuite",
        &[
            (
                "transactions",
                2,
                0,
                &["number", "type", "date", "created_at"],
                r#"{"number":"SO-1001","type":"SalesOrd","date":"2026-01-05","created_at":"2026-01-05T10:34:00Z"}"#,
            ),
            (
                "transaction_lines",
                2,
                0,
                &["transaction_id", "line", "quantity", "amount"],
                r#"{"transaction_id":"5914","line":"1","quantity":2.000,"amount":1572.0000}"#,
            ),
            (
                "items",
                1,
                0,
                &["item_id", "name"],
                r#"{"item_id":"640","name":"NW-240"}"#,
            ),
            (
                "customers",
                1,
                0,
                &["entity_id", "is_inactive"],
                r#"{"entity_id":"C-1409","is_inactive":false}"#,
            ),
            (
                "vendors",
                1,
                0,
                &["company", "created_at"],
                r#"{"company":"Polymer Süd GmbH","created_at":"2022-06-01T09:24:48Z"}"#,
            ),
        ],
    );
}

#[test]
fn odoo() {
    check(
        "odoo",
        &[
            (
                "sales",
                3,
                1,
                &[
                    "order_id",
                    "ordered_at",
                    "order_total",
                    "product",
                    "quantity",
                ],
                r#"{"order_id":"S00021","ordered_at":"2026-01-05T10:34:43Z","order_total":583.0000,"product":"[LC-010] Lace","quantity":1.000}"#,
            ),
            (
                "purchases",
                2,
                1,
                &["order_id", "supplier", "product", "received"],
                r#"{"order_id":"P00007","supplier":"Polymer Süd GmbH","product":"[GLUE-2] Glue","received":20.000}"#,
            ),
            (
                "moves",
                3,
                2,
                &["reference", "lot", "to_location", "quantity"],
                r#"{"reference":"WH/OUT/00055","lot":"FL-2601","to_location":"Partners/Customers","quantity":2.000}"#,
            ),
            (
                "production_orders",
                1,
                0,
                &["order_id", "lot", "finished_at"],
                r#"{"order_id":"WH/MO/00012","lot":"FL-2601","finished_at":"2025-12-15T15:00:00Z"}"#,
            ),
            (
                "lots",
                2,
                0,
                &["lot", "product"],
                r#"{"lot":"FL-2601","product":"[NW-240] Nordwand"}"#,
            ),
            (
                "products",
                1,
                0,
                &["product_id", "list_price"],
                r#"{"product_id":"NW-240","list_price":286.0000}"#,
            ),
            (
                "partners",
                2,
                1,
                &["name", "country"],
                r#"{"name":"佐藤 花子","country":"Japan"}"#,
            ),
        ],
    );
}

#[test]
fn tryton() {
    check(
        "tryton",
        &[
            (
                "sales",
                3,
                1,
                &[
                    "order_id",
                    "ordered_on",
                    "party",
                    "line",
                    "product",
                    "amount",
                ],
                r#"{"order_id":"S-21","ordered_on":"2026-01-05","party":"Alpenblick Sport AG","line":"2","product":"[LC-010] Lace","amount":11.0000}"#,
            ),
            (
                "purchases",
                1,
                0,
                &["order_id", "unit_price"],
                r#"{"order_id":"P-7","unit_price":12.5000}"#,
            ),
            (
                "moves",
                2,
                1,
                &["moved_on", "lot", "shipment"],
                r#"{"moved_on":"2026-01-07","lot":"FL-2601","shipment":"OUT-55"}"#,
            ),
            (
                "production_orders",
                1,
                0,
                &["order_id", "finished_on"],
                r#"{"order_id":"M-12","finished_on":"2025-12-15"}"#,
            ),
            (
                "products",
                1,
                0,
                &["code", "name"],
                r#"{"code":"NW-240","name":"Nordwand"}"#,
            ),
            (
                "parties",
                2,
                1,
                &["name", "language"],
                r#"{"name":"佐藤 花子","language":"ja"}"#,
            ),
        ],
    );
}

/// Technical names are the same in every tool that reads the tables.
#[test]
fn verified_headings_are_in_exported_tables() {
    let Some(data) = measured("crm_erp_exports") else {
        return;
    };
    let (_, text) = ErpMappings::EMBEDDED
        .iter()
        .find(|(name, _)| *name == "sap")
        .unwrap();
    let mut compared = 0;
    for stream in &load("sap.toml", text).unwrap().streams {
        let table = std::fs::read_to_string(data.join(format!("sap/sap_{}_data.csv", stream.name)));
        assert_eq!(
            table.is_ok(),
            stream.status == Status::Verified,
            "{}",
            stream.name
        );
        let Ok(table) = table else { continue };
        let known: BTreeSet<&str> = table.lines().next().unwrap().split(',').collect();
        for column in &stream.columns {
            assert!(
                known.contains(column.name.as_str()),
                "{}.{}",
                stream.name,
                column.name
            );
            compared += 1;
        }
    }
    assert!(compared > 100, "{compared}");
}
