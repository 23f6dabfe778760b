//! The cause is searched, not read off the records of change: without them, and with wrong dates in
//! them, the same lots are found.

use super::{planted, published};
use crate::sample_copy::Project;

const HELD: &str = "SELECT finished_lot, sold, exposure_eur FROM coo.containment";
const WRITABLE: &str = "SELECT count(*) AS n FROM outreach.messages WHERE incident LIKE 'sole_crack%' AND decision <> 'suppress'";

/// A supplier that kept silent; then records three weeks early and six weeks late.
#[test]
fn the_same_lots_are_held_whatever_the_records_of_change_say() {
    let published = published();
    let period = planted(&published.exports).unwrap();
    let recorded = published.project.read("exports/erp/changes.csv");
    let silent: String = recorded
        .lines()
        .filter(|line| !line.starts_with("CH-007") && !line.starts_with("CH-009"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_eq!(silent.lines().count() + 2, recorded.lines().count());
    let shifted = recorded
        .replace("MAT-01,2025-08-05", "MAT-01,2025-07-15")
        .replace("MAT-01,2025-09-23", "MAT-01,2025-11-04");
    assert_ne!(shifted, recorded);
    for changes in [silent, shifted] {
        let project = Project::committed("records");
        project.write("exports/erp/changes.csv", &changes);
        let sentences = project.tsugi("run", &["--lang", "en"]).ended(0).stdout;
        let first =
            &project.rows("SELECT suspect, verdict FROM ceo.suspects ORDER BY rank LIMIT 1")[0];
        assert_eq!(first["suspect"], period.as_str());
        assert_eq!(first["verdict"], "leading suspect");
        assert_eq!(project.lines(HELD), published.project.lines(HELD));
        assert_eq!(project.lines(WRITABLE), published.project.lines(WRITABLE));
        // No innocent change is named, nor one whose date does not fit.
        assert!(
            sentences.contains("with no change on record that explains it"),
            "{sentences}"
        );
        let accused = project
            .rows("SELECT change_id FROM coo.changes WHERE verdict NOT IN ('no evidence', 'explained by another')");
        assert!(accused.is_empty(), "{accused:?}");
    }
}

/// As recorded, the change is named with how long after it the period begins; the sentence has the dates
/// of the lots that it counts.
#[test]
fn a_recorded_change_explains_the_period_that_begins_with_it() {
    let published = published();
    let window = &published.project.rows(
        "SELECT change_id, days_after_change, CAST(first_on AS VARCHAR) AS first_on, CAST(last_on AS VARCHAR) AS last_on \
         FROM coo.windows WHERE topic = 'sole_crack' AND verdict = 'leading suspect'",
    )[0];
    assert_eq!(window["change_id"], "CH-007");
    assert_eq!(window["days_after_change"], 3);
    let lots = &published.project.rows(
        "SELECT sum(o.shipped) AS units, CAST(min(s.step) AS VARCHAR) AS first_on, max(s.step) AS last_on \
         FROM coo.containment AS c JOIN staging.lot_series AS s ON s.finished_lot = c.finished_lot AND s.factor = 'outsole_period' \
         JOIN (SELECT finished_lot, sum(shipped) AS shipped FROM staging.order_lines GROUP BY finished_lot) AS o ON o.finished_lot = c.finished_lot \
         WHERE c.topic = 'sole_crack'",
    )[0];
    assert_eq!(
        (&window["first_on"], &window["last_on"]),
        (&lots["first_on"], &lots["last_on"])
    );
    let headline = published.events.last().unwrap()["headlines"].to_string();
    let units = tsugi_core::count::grouped(lots["units"].as_u64().unwrap());
    assert!(
        headline.contains(&format!("in {units} pairs of known lot")),
        "{headline}"
    );
}
