//! The way from a suspect to each complaint and to each buyer, and what advertisements did.

use std::collections::BTreeSet;

use super::{planted, published};
use crate::sample_copy::{Project, truth};

#[test]
fn every_way_runs_from_the_suspect_to_a_complaint_or_a_buyer() {
    let published = published();
    let project = &published.project;
    let incident = format!("sole_crack: {}", planted(&published.exports).unwrap());

    // All who bought a pair of a bad lot, and no one else; a complaint that names no order ends at its lot.
    let reached = project.lines(&format!(
        "SELECT DISTINCT destination FROM ceo.trace WHERE incident = '{incident}' AND NOT starts_with(destination, 'lot ')"
    ));
    let bought: BTreeSet<String> = truth(
        &published.exports,
        "truth_affected",
        &["order_id", "order_line"],
    )
    .iter()
    .map(|line| line.replace('|', " / "))
    .collect();
    assert_eq!(reached, bought);

    // A way for each order line and lot that was complained about, and complaints are counted once.
    let evidence = format!(
        "ceo.evidence WHERE incident = '{incident}' AND verdict = 'leading suspect' AND suspect_kind = 'supplier_period'"
    );
    let complaints = project.rows(&format!(
        "SELECT count(DISTINCT interaction_id) AS n FROM {evidence}"
    ))[0]["n"]
        .as_i64()
        .unwrap();
    let counted = project.rows(&format!(
        "SELECT sum(complaints) AS n FROM (SELECT DISTINCT destination, complaints FROM ceo.trace WHERE incident = '{incident}')"
    ))[0]["n"]
        .as_i64()
        .unwrap();
    assert!(
        complaints > 20 && counted == complaints,
        "{complaints} complaints, {counted} counted"
    );
    let unproven = project.rows(&format!(
        "SELECT e.interaction_id FROM (SELECT *, coalesce(order_id || ' / ' || order_line, 'lot ' || finished_lot) AS destination FROM {evidence}) AS e \
         LEFT ANTI JOIN (SELECT DISTINCT destination FROM ceo.trace WHERE incident = '{incident}' AND complaints > 0) AS t ON t.destination = e.destination"
    ));
    assert!(unproven.is_empty(), "{unproven:?}");

    // Each way is whole, in its order, and every step can be read in a file.
    let broken = project.rows(
        "SELECT path FROM ceo.trace GROUP BY path \
         HAVING count(*) <> max(steps) OR string_agg(what, ' > ' ORDER BY step) NOT IN \
         ('received > issued > made', 'received > issued > made > shipped', 'received > issued > made > perhaps shipped') \
         OR count(read_in) <> count(*)",
    );
    assert!(broken.is_empty(), "{broken:?}");
}

/// A lot that was used a month before its receipt, as the files have it: no buyer is left out for that, and the
/// doubt is published.
#[test]
fn a_lot_used_before_its_receipt_is_followed_and_doubted() {
    let published = published();
    let affected = "SELECT order_id, order_line FROM outreach.affected";
    let lot = "C2508-141";
    let project = Project::committed("late-receipt");
    project.edit(
        "exports/erp/receipts.csv",
        &format!("{lot},120,6.22,2025-08-08"),
        &format!("{lot},120,6.22,2025-09-20"),
    );
    project.tsugi("run", &[]).ended(0);
    assert_eq!(project.lines(affected), published.project.lines(affected));
    let doubts = project.rows("SELECT lot, doubt, file FROM coo.movements WHERE doubt IS NOT NULL");
    let of_lot = doubts.iter().filter(|row| row["lot"] == lot);
    for row in of_lot.clone() {
        let doubt = row["doubt"].as_str().unwrap();
        assert!(doubt.contains(lot) && row["file"].is_string(), "{row:?}");
    }
    assert!(of_lot.count() > 0, "{doubts:?}");
    let none = published
        .project
        .rows("SELECT lot, doubt, file FROM coo.movements WHERE doubt IS NOT NULL");
    assert!(none.is_empty(), "{none:?}");
    let first = &project.rows("SELECT suspect FROM ceo.suspects ORDER BY rank LIMIT 1")[0];
    // The period begins later, as the date has it, and has the same lots.
    assert_eq!(first["suspect"], "SUP-03 MAT-01 2025-08-29 to 2025-09-21");
}

#[test]
fn effects_are_claimed_only_where_a_holdout_was_kept() {
    let published = published();
    let project = &published.project;
    // The invented brand wrote to everybody; the people held out by the rule are among them.
    let known = project.rows(
        "SELECT * FROM cmo.outreach_effect WHERE lift_eur IS NOT NULL OR finding NOT LIKE 'not known%'",
    );
    assert!(known.is_empty(), "{known:?}");
    let claimed = project.rows(
        "SELECT * FROM cmo.outreach_effect WHERE kind = 'all' AND horizon = 'short' AND claimed_eur > 0 AND harm_share > 0",
    );
    assert_eq!(
        claimed.len(),
        3,
        "naive claims and harm stand there all the same"
    );

    // The same year with the holdouts kept, and the days that count over.
    let spared = project.lines(
        "SELECT send_id FROM crm.sends WHERE purpose = 'advertisement' \
         AND (held_out(customer_id, template, 0.1) OR CAST(sent_at AS DATE) > DATE '2026-02-28')",
    );
    let kept = Project::committed("kept-holdout");
    let sends: Vec<String> = kept
        .read("exports/crm/sends.csv")
        .lines()
        .filter(|line| {
            let id = line.split(',').next().unwrap_or_default();
            !spared.contains(id)
        })
        .map(str::to_owned)
        .collect();
    kept.write("exports/crm/sends.csv", &(sends.join("\n") + "\n"));
    kept.tsugi("run", &[]).ended(0);
    let found = kept.rows(
        "SELECT meant, held_out, held_but_written, lift_eur, lift_low, lift_high, brought_eur, claimed_eur, finding \
         FROM cmo.outreach_effect WHERE kind = 'all' AND horizon = 'short'",
    );
    assert_eq!(found.len(), 3);
    for row in &found {
        let number = |column: &str| row[column].as_f64().unwrap();
        assert_eq!(number("held_but_written"), 0.0);
        let share = number("held_out") / (number("held_out") + number("meant"));
        assert!((0.08..0.12).contains(&share), "{row:?}");
        assert!(
            number("lift_low") < number("lift_eur") && number("lift_eur") < number("lift_high")
        );
        let brought = number("lift_eur") * number("meant");
        assert!(
            (number("brought_eur") - brought).abs() < 1e-6 * brought.abs(),
            "{row:?}"
        );
        // No customer bought because of a message here, and that is what is found; attribution claims money.
        assert_eq!(row["finding"], "no effect that chance would not bring");
        assert!(number("claimed_eur") > 5_000.0, "{row:?}");
    }
    // Three years: a model of who stays would have to be held against years that are still to come.
    let long = kept.rows(
        "SELECT l.finding, l.complained, s.complained AS short FROM cmo.outreach_effect AS l JOIN cmo.outreach_effect AS s \
         ON s.campaign = l.campaign AND s.kind = l.kind AND s.unit = l.unit AND s.horizon = 'short' WHERE l.horizon = 'three years'",
    );
    let all = kept.rows("SELECT count(*) AS n FROM cmo.outreach_effect WHERE horizon = 'short'");
    assert_eq!(Some(long.len() as u64), all[0]["n"].as_u64());
    for row in &long {
        let finding = row["finding"].as_str().unwrap();
        assert!(finding.starts_with("not known"), "{row:?}");
        assert_eq!(row["complained"], row["short"], "the harm is beside it");
    }
    let why = kept.lines("SELECT finding FROM cmo.retention WHERE kind = 'all'");
    let why = why.first().unwrap();
    assert!(why.contains("to test with, and 4 are needed"), "{why}");
    assert!(
        long.iter().any(|row| row["finding"].as_str() == Some(why)),
        "it is the reason"
    );
}
