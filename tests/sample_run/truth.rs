//! What the run found against what the generator planted.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{planted, published};
use crate::sample_copy::truth;

/// Recall of topics that the rules must reach on texts they were not written from.
const RECALL_MIN: f64 = 0.85;

#[test]
fn the_planted_period_leads_and_no_good_lot_is_accused() {
    let published = published();
    let project = &published.project;
    let period = planted(&published.exports).unwrap();
    let first = &project.rows("SELECT * FROM ceo.suspects ORDER BY rank LIMIT 1")[0];
    assert_eq!(first["suspect_kind"], "supplier_period");
    assert_eq!(first["suspect"], period.as_str());
    assert_eq!(first["topic"], "sole_crack");
    assert_eq!(first["verdict"], "leading suspect");
    let low = first["rate_ratio_low"].as_f64().unwrap();
    assert!(
        low > 1.0,
        "its whole interval lies above the rest: {first:?}"
    );
    for column in "shipped rate rate_ratio rate_ratio_high p_value q_value".split(' ') {
        assert!(first[column].is_number(), "{column}: {first:?}");
    }

    let bad = truth(&published.exports, "truth_bad_lots", &["finished_lot"]);
    let accused = project.lines(
        "SELECT suspect FROM coo.attribution WHERE suspect_kind = 'finished_lot' \
         AND verdict NOT IN ('no evidence', 'explained by another', 'explained by its part')",
    );
    assert!(
        !accused.is_empty() && accused.is_subset(&bad),
        "{accused:?} are accused, bad are {bad:?}"
    );
    let held = project.lines("SELECT DISTINCT finished_lot FROM coo.containment");
    assert_eq!(
        held, bad,
        "the lots to hold are the bad ones, the quiet among them too"
    );

    // The change that opened the period, and the carrier that fell behind, which has nothing to do
    // with the soles.
    let leading = project.lines(
        "SELECT topic, suspect_kind, suspect FROM ceo.suspects \
         WHERE verdict = 'leading suspect' AND suspect_kind <> 'finished_lot'",
    );
    let mut expected: BTreeSet<String> =
        truth(&published.exports, "truth_suspects", &["change_id"])
            .into_iter()
            .map(|change| format!("sole_crack|material_change|{change}"))
            .collect();
    expected.insert("late_delivery|carrier_month|Fernwindbote 2025-12".to_owned());
    expected.insert(format!("sole_crack|supplier_period|{period}"));
    assert_eq!(leading, expected);
    let cleared = project.lines(
        "SELECT suspect, explained_by FROM ceo.suspects WHERE verdict = 'explained by its part'",
    );
    assert!(
        cleared
            .iter()
            .any(|line| line.starts_with("SUP-03|") && line.ends_with(&period)),
        "the supplier with good and bad periods is released in favour of the bad one: {cleared:?}"
    );
}

#[test]
fn the_stock_to_hold_is_counted_to_the_pair() {
    let published = published();
    let lots = truth(
        &published.exports,
        "truth_bad_lots",
        &["finished_lot", "product_id", "quantity", "sold"],
    );
    let found = published
        .project
        .lines("SELECT finished_lot, product_id, made, sold FROM coo.containment");
    assert_eq!(found, lots);
    let stock = &published
        .project
        .rows("SELECT sum(in_stock) AS s, sum(made) - sum(sold) AS left FROM coo.containment")[0];
    assert_eq!(stock["s"], stock["left"], "{stock:?}");
    let done = published.events.last().unwrap();
    let sentences = done["headlines"].to_string();
    assert!(
        sentences.contains(&format!("hold the {} pairs", stock["s"])),
        "{sentences}"
    );
}

#[test]
fn everyone_who_bought_a_bad_pair_is_affected_and_no_one_else() {
    let published = published();
    let columns = ["customer_id", "order_id", "order_line", "certainty"];
    let expected = truth(&published.exports, "truth_affected", &columns);
    let found = published
        .project
        .rows("SELECT customer_id, order_id, order_line, certainty FROM outreach.affected");
    let rows = found.len();
    let found = published
        .project
        .lines("SELECT customer_id, order_id, order_line, certainty FROM outreach.affected");
    let missing: Vec<_> = expected.difference(&found).collect();
    let extra: Vec<_> = found.difference(&expected).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "missing {missing:?}\nextra {extra:?}"
    );
    assert_eq!(rows, expected.len(), "no line is there twice");
    let possible = expected
        .iter()
        .filter(|line| line.ends_with("|possible"))
        .count();
    println!(
        "affected: {} lines, {possible} of them possible",
        expected.len()
    );
    assert!(possible > 0, "the sample has lines from mixed bins");
}

#[test]
fn topics_are_found_in_words_the_rules_were_not_written_from() {
    let published = published();
    let texts = published
        .project
        .rows("SELECT interaction_id, language FROM staging.interactions");
    let languages: BTreeMap<String, String> = texts
        .iter()
        .map(|row| (text(&row["interaction_id"]), text(&row["language"])))
        .collect();
    let found = published
        .project
        .lines("SELECT interaction_id, topic FROM staging.topics");
    // A copy on a second platform is read once: what counts are the texts that were kept.
    let mut planted = BTreeSet::new();
    for line in truth(&published.exports, "truth_texts", &["record_id", "topics"]) {
        let (record, topics) = line.split_once('|').unwrap();
        if languages.contains_key(record) {
            planted.extend(
                topics
                    .split('|')
                    .filter(|t| !t.is_empty())
                    .map(|topic| format!("{record}|{topic}")),
            );
        }
    }
    let mut counts: BTreeMap<(&str, String), [usize; 3]> = BTreeMap::new();
    for line in planted.union(&found) {
        let (record, topic) = line.split_once('|').unwrap();
        let (is_planted, is_found) = (planted.contains(line), found.contains(line));
        for key in [
            ("topic", topic.to_owned()),
            ("language", languages[record].clone()),
            ("all", String::new()),
        ] {
            let [all, seen, right] = counts.entry(key).or_default();
            *all += usize::from(is_planted);
            *seen += usize::from(is_found);
            *right += usize::from(is_planted && is_found);
        }
    }
    for ((kind, name), [all, seen, right]) in &counts {
        println!(
            "{kind} {name}: recall {:.3} of {all}, precision {:.3} of {seen}",
            share(*right, *all),
            share(*right, *seen)
        );
    }
    let [all, seen, right] = counts[&("all", String::new())];
    assert!(all > 500, "only {all} complaints");
    assert!(share(right, all) >= RECALL_MIN, "recall {right} of {all}");
    assert!(
        share(right, seen) >= RECALL_MIN,
        "precision {right} of {seen}"
    );
}

#[expect(clippy::cast_precision_loss, reason = "the counts are small")]
fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[test]
fn every_broken_row_is_kept_with_its_file_and_line() {
    let published = published();
    let project = &published.project;
    let mut found = BTreeSet::new();
    for source in ["crm", "erp"] {
        let kept = format!("SELECT '{source}/' || file AS file, line FROM quarantine.{source}");
        found.extend(project.lines(&kept));
        let blank = project.rows(&format!(
            "SELECT count(*) AS n FROM quarantine.{source} WHERE coalesce(reason, '') = '' OR coalesce(raw, '') = ''"
        ));
        assert_eq!(
            blank[0]["n"], 0,
            "each says why, and keeps the row as it was"
        );
    }
    // Rows that can be read and name what does not exist are found by SQL.
    found.extend(
        project.lines("SELECT 'erp/' || file AS file, line FROM staging.broken_references"),
    );
    let mut expected = truth(
        &published.exports,
        "truth_defects",
        &["file", "line", "kind"],
    );
    // A blank line holds no row.
    expected.retain(|line| !line.ends_with("|blank_line"));
    let expected: BTreeSet<String> = expected
        .iter()
        .map(|line| line.rsplit_once('|').unwrap().0.to_owned())
        .collect();
    assert_eq!(found, expected);

    let reported: i64 = published
        .events
        .iter()
        .filter_map(|event| event.get("quarantined")?.as_i64())
        .sum();
    let kept = project.rows(
        "SELECT (SELECT count(*) FROM quarantine.crm) + (SELECT count(*) FROM quarantine.erp) AS n",
    );
    assert_eq!(kept[0]["n"], reported, "the run says how many");
}
