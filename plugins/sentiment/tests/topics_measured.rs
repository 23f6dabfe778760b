//! Topics against labels: Olist's comments by its patterns, and the sample's rules on texts labelled by hand.
#![allow(clippy::unwrap_used)] // What a test prepares is not outside data.

mod common;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use common::{rows, shared, text};
use tsugi_plugin::{Batch, Stream, column, testing};
use tsugi_sentiment::TopicsTable;

/// The patterns of the published topics as rules: a `=` counts what is denied too, `*` opens words on both sides.
const OLIST: [(&str, &str); 7] = [
    (
        "not_received",
        "=*não recebi*|=*nao recebi*|=*não chegou*|=*nao chegou*|=*não foi entregue*|=*nao foi entregue*|=*ainda não*|=*ainda nao*",
    ),
    ("late", "=*atras*|=*demor*"),
    (
        "broken",
        "=*quebrad*|=*rachad*|=*trincad*|=*danificad*|=*amassad*|=*com defeito*|=*defeituos*",
    ),
    (
        "wrong_item",
        "=*errad*|=*diferente do*|=*veio outr*|=*trocad*",
    ),
    (
        "incomplete",
        "=*falta*|=*faltou*|=*faltando*|=*só recebi*|=*so recebi*|=*incomplet*",
    ),
    (
        "fake_quality",
        "=*falsific*|=*péssima qualidade*|=*pessima qualidade*|=*baixa qualidade*|=*má qualidade*|=*ma qualidade*",
    ),
    ("refund", "=*estorno*|=*reembols*|=*devolu*"),
];

/// The comment and the stars of each order of the random samples: its review that was answered last.
fn comments() -> Option<Vec<(String, bool)>> {
    let mut random = BTreeSet::new();
    for order in rows("olist_sample/orders.parquet")? {
        let samples = text(&order, "sample_sources").unwrap();
        if ["dhipin", "techby", "albu"]
            .iter()
            .any(|name| samples.contains(name))
        {
            random.insert(text(&order, "order_id").unwrap());
        }
    }
    type Review = (String, String, u32, Option<String>);
    let mut last: BTreeMap<String, Review> = BTreeMap::new();
    for review in rows("olist_sample/order_reviews.parquet")? {
        let order = text(&review, "order_id").unwrap();
        if !random.contains(&order) {
            continue;
        }
        let found = (
            text(&review, "review_answer_timestamp").unwrap(),
            text(&review, "review_id").unwrap(),
            text(&review, "review_score").unwrap().parse().unwrap(),
            text(&review, "review_comment_message"),
        );
        let known = last.entry(order).or_insert_with(|| found.clone());
        if (&found.0, &found.1) >= (&known.0, &known.1) {
            *known = found;
        }
    }
    let comment = |(.., stars, comment): Review| Some((comment?, stars <= 2));
    Some(last.into_values().filter_map(comment).collect())
}

#[test]
fn olist_topics_equal_the_published_ones() {
    let (Some(comments), Some(expected)) = (comments(), shared("olist_sample/expected_topics.csv"))
    else {
        return;
    };
    let texts = Batch::new([
        column("id", (0..).zip(&comments).map(|(at, _): (i64, _)| at)),
        column("text", comments.iter().map(|(text, _)| text.as_str())),
    ])
    .unwrap();
    let rules = Batch::new([
        column("topic", OLIST.iter().map(|(topic, _)| *topic)),
        column("defect", OLIST.iter().map(|(_, defect)| *defect)),
    ])
    .unwrap();
    let found = testing::table::<Stream<TopicsTable>>()
        .input("texts", texts)
        .input("rules", rules)
        .run_cut(8192)
        .unwrap();
    let mut by_topic: HashMap<&str, (u64, u64)> = HashMap::new();
    let (ids, topics) = (found.i64("id").unwrap(), found.utf8("topic").unwrap());
    for row in 0..found.rows() {
        let complaint = comments[ids.get(row).unwrap() as usize].1;
        let counts = by_topic.entry(topics.get(row).unwrap()).or_default();
        counts.0 += 1;
        counts.1 += u64::from(complaint);
    }
    let complaints = comments.iter().filter(|(_, complaint)| *complaint).count() as f64;
    let expected = std::fs::read_to_string(expected).unwrap();
    assert_eq!(expected.lines().count(), OLIST.len() + 1);
    for line in expected.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |at: usize| -> f64 { cells[at].parse().unwrap() };
        let (hits, bad) = by_topic[cells[0]];
        println!(
            "{}: {hits} comments, {bad} complaints; published {line}",
            cells[0]
        );
        assert_eq!((hits as f64, bad as f64), (number(1), number(2)), "{line}");
        let with = bad as f64 / hits as f64;
        let without = (complaints - bad as f64) / (comments.len() as f64 - hits as f64);
        assert!(
            (with - number(3)).abs() < 1e-9 && (without - number(4)).abs() < 1e-9,
            "{line}"
        );
    }
}

/// Rules from a file of commas and quotes, as the host gives them: all cells texts.
fn sample_rules() -> Batch {
    let file = include_str!("../../../pipelines/great-disconnect/seeds/topic_rules.csv");
    assert!(!file.contains('"'), "this test reads no quoted cells");
    let cell = |at: usize| {
        file.lines()
            .skip(1)
            .map(move |line| line.split(',').nth(at).unwrap())
    };
    let head: Vec<&str> = file.lines().next().unwrap().split(',').collect();
    Batch::new(
        head.iter()
            .enumerate()
            .map(|(at, name)| column(name, cell(at))),
    )
    .unwrap()
}

#[test]
fn the_samples_rules_on_texts_labelled_by_hand() {
    measure(include_str!("labelled.tsv"), [0.85, 0.85]);
}

#[test]
fn the_samples_rules_on_hard_texts() {
    measure(include_str!("hard.tsv"), [0.93, 0.85]);
}

/// Prints precision and recall of the sample's rules on labelled lines; all lines together must reach `least`.
fn measure(file: &str, least: [f64; 2]) {
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    let labelled: Vec<Vec<&str>> = lines.map(|line| line.split('\t').collect()).collect();
    assert!(labelled.iter().all(|cells| cells.len() == 3));
    let texts = Batch::new([
        column("id", (0..).zip(&labelled).map(|(at, _): (i64, _)| at)),
        column("text", labelled.iter().map(|cells| cells[2])),
        column("lang", labelled.iter().map(|cells| cells[0])),
    ])
    .unwrap();
    let found = testing::table::<Stream<TopicsTable>>()
        .input("texts", texts)
        .input("rules", sample_rules())
        .run()
        .unwrap();
    let mut said: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); labelled.len()];
    let (ids, topics) = (found.i64("id").unwrap(), found.utf8("topic").unwrap());
    for row in 0..found.rows() {
        said[ids.get(row).unwrap() as usize].insert(topics.get(row).unwrap());
    }
    // By language: said and right, said and wrong, missed.
    let mut counts: BTreeMap<&str, [u32; 3]> = BTreeMap::new();
    for (cells, said) in labelled.iter().zip(&said) {
        let truth: BTreeSet<&str> = cells[1].split(',').filter(|topic| *topic != "-").collect();
        let outcome = [
            said.intersection(&truth).count(),
            said.difference(&truth).count(),
            truth.difference(said).count(),
        ];
        if outcome[1] + outcome[2] > 0 {
            println!("{}: {truth:?} labelled, {said:?} found", cells[2]);
        }
        for name in [cells[0], "all"] {
            let counts = counts.entry(name).or_default();
            counts
                .iter_mut()
                .zip(outcome)
                .for_each(|(count, more)| *count += more as u32);
        }
    }
    for (name, [right, wrong, missed]) in &counts {
        let precision = f64::from(*right) / f64::from(right + wrong);
        let recall = f64::from(*right) / f64::from(right + missed);
        println!(
            "{name}: precision {precision:.3}, recall {recall:.3} ({right} right, {wrong} wrong, {missed} missed)"
        );
        let [least_precision, least_recall] = least;
        let is_enough = precision >= least_precision && recall >= least_recall;
        assert!(
            *name != "all" || is_enough,
            "precision {precision:.3}, recall {recall:.3}"
        );
    }
}
