//! Tables of topics for other trades against labels of others: what an analyst reaches without the data.
#![allow(clippy::unwrap_used)] // What a test prepares is not outside data.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{rows, text};
use tsugi_sentiment::topics::{RuleRow, Rules, Scratch};

/// A trade: its language, source, labels that are no topic, and the least recall and precision.
type Trade = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    [f64; 2],
);

const TRADES: [Trade; 3] = [
    (
        "airline",
        "en",
        "airline_tweets",
        &["Can't Tell"],
        [0.48, 0.58],
    ),
    ("car", "zh", "car_complaints_zh", &["其他"], [0.39, 0.46]),
    (
        "bahn",
        "de",
        "germeval2017_bahn",
        &["Allgemein"],
        [0.44, 0.28],
    ),
];

#[test]
fn tables_of_other_trades() {
    for (trade, lang, source, no_topic, least) in TRADES {
        let Some(read) = rows(&format!("texts/{lang}.parquet")) else {
            return;
        };
        let table = include_str!("trades.tsv")
            .lines()
            .filter(|line| !line.starts_with('#'));
        let table: Vec<Vec<&str>> = table.map(|line| line.split('\t').collect()).collect();
        let table = table.iter().filter(|cells| cells[0] == trade);
        let rules = Rules::new(table.clone().map(|cells| RuleRow {
            topic: cells[1],
            lang: cells[2],
            part: cells[3],
            defect: cells[4],
            exclude: cells[5],
            ..RuleRow::default()
        }));
        let rules = rules.unwrap();
        let known: BTreeSet<&str> = table.map(|cells| cells[1]).collect();
        let mut scratch = Scratch::default();
        // By topic: right, wrong, missed.
        let mut counts: BTreeMap<String, [f64; 3]> = BTreeMap::new();
        for row in read
            .iter()
            .filter(|row| text(row, "source").as_deref() == Some(source))
        {
            let labels = text(row, "topic").unwrap_or_default();
            let labels: BTreeSet<&str> = labels
                .split('|')
                .filter(|label| known.contains(label))
                .collect();
            let all = text(row, "topic").unwrap_or_default();
            if labels.is_empty() && !all.split('|').any(|label| no_topic.contains(&label)) {
                continue;
            }
            let said = text(row, "text").unwrap_or_default();
            let found = rules.find(&said, lang, &mut scratch);
            let found: BTreeSet<&str> = found
                .iter()
                .filter(|f| !f.negated)
                .map(|f| f.topic)
                .collect();
            for topic in found.union(&labels) {
                let at = match (found.contains(topic), labels.contains(topic)) {
                    (true, true) => 0,
                    (true, false) => 1,
                    _ => 2,
                };
                for name in [*topic, "= all"] {
                    counts.entry(name.to_owned()).or_default()[at] += 1.0;
                }
            }
        }
        for (topic, [right, wrong, missed]) in &counts {
            let (recall, precision) = (right / (right + missed), right / (right + wrong));
            let f1 = 2.0 * right / (2.0 * right + wrong + missed);
            println!("{trade} {topic}: recall {recall:.3}, precision {precision:.3}, F1 {f1:.3}");
        }
        let [right, wrong, missed] = counts["= all"];
        let reached = [right / (right + missed), right / (right + wrong)];
        assert!(
            reached
                .iter()
                .zip(least)
                .all(|(reached, least)| *reached >= least),
            "{trade}: {reached:?}"
        );
    }
}
