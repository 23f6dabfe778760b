//! What both test files read the exports with.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot read its subject has failed"
)]

use tsugi_sample::table::Table;
use tsugi_sample::{Exports, Options, Plant, generate};

/// A small sample.
pub(crate) fn small(seed: u64, plant: Plant) -> Exports {
    generate(&Options {
        seed,
        scale: 0.2,
        plant,
        lots: None,
        texts: None,
    })
    .unwrap()
}

/// An export or a truth table by name.
pub(crate) fn table<'a>(exports: &'a Exports, name: &str) -> &'a Table {
    exports
        .tables
        .iter()
        .chain(&exports.truth)
        .find(|t| t.name == name)
        .unwrap()
}

/// The values of one column of the good rows.
pub(crate) fn column<'a>(table: &'a Table, name: &str) -> Vec<&'a str> {
    let at = table.header.iter().position(|h| *h == name).unwrap();
    table.rows().iter().map(|r| &r[at]).collect()
}
