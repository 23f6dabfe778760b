//! The sample pipeline from its exports to its published tables: the planted truth is found, and
//! no one else is accused.

mod again;
mod audit;
mod duckdb;
mod schemas;
mod seeds;
mod trust;
mod truth;
mod views;
mod ways;

use std::sync::{Arc, Mutex, Weak};

use serde_json::{Map, Value};
use tsugi_sample::{Exports, Options};

use crate::sample_copy::{Project, objects};

/// The committed sample, run once, with the truth behind it.
struct Published {
    project: Project,
    exports: Exports,
    events: Vec<Map<String, Value>>,
}

/// Run by whichever test comes first, removed after the last that holds it.
fn published() -> Arc<Published> {
    static SHARED: Mutex<Weak<Published>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap();
    if let Some(published) = shared.upgrade() {
        return published;
    }
    let project = Project::committed("sample");
    let exports = tsugi_sample::generate(&Options::default()).unwrap();
    assert_eq!(
        project.read("exports/README.md"),
        exports.readme,
        "the committed exports are those of the default options, so that their truth is known"
    );
    let events = objects(&project.tsugi("run", &["--json"]).ended(0).stdout);
    let published = Arc::new(Published {
        project,
        exports,
        events,
    });
    *shared = Arc::downgrade(&published);
    published
}

/// The planted period as a suspect: the supplier and material of the truth, from the day on which
/// the change named there took effect.
fn planted(exports: &Exports) -> Option<String> {
    let table = |name: &str| {
        let mut tables = exports.tables.iter().chain(&exports.truth);
        tables.find(|table| table.name == name).unwrap()
    };
    let cell = |name: &str, row: &csv::StringRecord, column: &str| {
        let at = table(name)
            .header
            .iter()
            .position(|h| *h == column)
            .unwrap();
        row[at].to_owned()
    };
    let suspect = table("truth_suspects").rows().first()?;
    let of = |column: &str| cell("truth_suspects", suspect, column);
    let mut changes = table("changes").rows().iter();
    let change = changes.find(|row| cell("changes", row, "change_id") == of("change_id"));
    let since = cell(
        "changes",
        change.expect("the change is in the exports"),
        "effective_on",
    );
    Some(format!(
        "{} {} from {since}",
        of("supplier_id"),
        of("material_id")
    ))
}
