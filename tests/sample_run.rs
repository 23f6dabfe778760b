//! The sample pipeline from its exports to its published tables: the planted truth is found, and
//! no one else is accused.

mod again;
mod audit;
mod behaviour;
mod causes;
mod closed;
mod duckdb;
mod picture;
mod promises;
mod reached;
mod schemas;
mod seeds;
mod trust;
mod truth;
mod unverified;
mod views;
mod ways;

use std::sync::{Arc, Mutex, Weak};

use serde_json::{Map, Value};
use tsugi_sample::{Exports, Options};

use crate::sample_copy::{Project, objects, truth};

/// The committed sample, run once, with the truth behind it.
pub struct Published {
    pub project: Project,
    exports: Exports,
    events: Vec<Map<String, Value>>,
}

/// Run by whichever test comes first, removed after the last that holds it.
pub fn published() -> Arc<Published> {
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

/// The planted period as a suspect: the supplier and material of the truth, from the first receipt that
/// was used to the last.
fn planted(exports: &Exports) -> Option<String> {
    let columns = ["supplier_id", "material_id", "received_on", "used"];
    let receipts: Vec<String> = truth(exports, "truth_suspects", &columns)
        .into_iter()
        .filter_map(|line| line.strip_suffix("|true").map(str::to_owned))
        .collect();
    let (first, last) = (receipts.first()?, receipts.last()?);
    let day = |line: &str| line.rsplit_once('|').unwrap().1.to_owned();
    let series = first.rsplit_once('|').unwrap().0.replace('|', " ");
    Some(format!("{series} {} to {}", day(first), day(last)))
}
