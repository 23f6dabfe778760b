//! Topics learned from sorted texts: planted ones, the table as SQL sees it, and labels of others.
#![allow(clippy::unwrap_used)] // What a test prepares is not outside data.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{rows, text};
use tsugi_plugin::{Batch, Collect, Stream, column, testing};
use tsugi_sentiment::{TopicsTable, TrainTopicsTable};

type Sorted<'a> = (String, &'a str, Option<&'a str>);

const SQUEAKS: [&str; 4] = [
    "The left shoe squeaks at every step",
    "squeaking noise from the heel on tiles",
    "A squeaky pair, colleagues hear me come",
    "It squeaked from the first day",
];
const OTHERS: [&str; 5] = [
    "Lovely colour and a good fit",
    "The parcel came two weeks late",
    "The laces are too short for me",
    "I want my money back please",
    "Very comfortable on long walks",
];

fn batch(texts: &[Sorted<'_>], lang: &str) -> Batch {
    Batch::new([
        column("id", texts.iter().map(|(id, ..)| id.as_str())),
        column("text", texts.iter().map(|(_, text, _)| *text)),
        column("topic", texts.iter().map(|(.., topic)| *topic)),
        column("lang", texts.iter().map(|_| lang)),
    ])
    .unwrap()
}

fn train(texts: &[Sorted<'_>], lang: &str) -> Result<Batch, tsugi_plugin::Error> {
    testing::table::<Collect<TrainTopicsTable>>()
        .input("texts", batch(texts, lang))
        .run_cut(100)
}

/// 20 texts that squeak and 40 that do not.
fn sorted() -> Vec<Sorted<'static>> {
    let squeaks = (0..20).map(|at| (format!("s{at:02}"), SQUEAKS[at % 4], Some("squeak")));
    let others = (0..40).map(|at| (format!("o{at:02}"), OTHERS[at % 5], None));
    squeaks.chain(others).collect()
}

fn cells(batch: &Batch, name: &str) -> Vec<Option<String>> {
    let values = batch.utf8(name).unwrap();
    values
        .iter()
        .map(|value| value.map(str::to_owned))
        .collect()
}

#[test]
fn a_planted_topic_is_learned_and_said_with_its_word() {
    let mut texts = sorted();
    let model = train(&texts, "en").unwrap();
    let new = [
        "my shoes squeak like a duck",
        "a good fit, lovely",
        "no squeaking at all, lovely",
        "",
    ];
    let new = Batch::new([
        column("n", 0..new.len() as i64),
        column("text", new),
        column("lang", new.map(|_| "en")),
    ])
    .unwrap();
    let rule = Batch::new([
        column("topic", ["squeak", "fit"]),
        column("severity", ["defect", "praise"]),
        column("defect", ["squeaking", "good fit"]),
    ])
    .unwrap();
    let found = testing::table::<Stream<TopicsTable>>()
        .input("texts", new.clone())
        .input("model", model.clone())
        .input("rules", rule)
        .run()
        .unwrap();
    // The rule says of the third text that it is denied; the words alone would say otherwise.
    assert_eq!(
        found.i64("n").unwrap().iter().collect::<Vec<_>>(),
        [Some(0), Some(1)]
    );
    assert_eq!(cells(&found, "defect")[0].as_deref(), Some("squeak"));
    assert_eq!(cells(&found, "severity")[0].as_deref(), Some("defect"));
    assert_eq!(
        cells(&found, "snippet")[0].as_deref(),
        Some("my shoes squeak like a duck")
    );
    let sure = found.f64("probability").unwrap();
    assert!(sure.get(0) > Some(0.5) && sure.get(1).is_none());
    // By the model alone, and whatever the order of the rows.
    texts.reverse();
    let again = train(&texts, "en").unwrap();
    for name in ["section", "name", "topic"] {
        assert_eq!(cells(&again, name), cells(&model, name));
    }
    let alone = testing::table::<Stream<TopicsTable>>()
        .input("texts", new)
        .input("model", again)
        .run()
        .unwrap();
    assert_eq!(
        alone.i64("n").unwrap().iter().collect::<Vec<_>>(),
        [Some(0), Some(2)]
    );
}

#[test]
fn what_cannot_be_learned_is_said() {
    let error = train(&sorted()[..15], "en").unwrap_err();
    assert_eq!(error.code, "too-few-texts");
    assert!(
        error.message.contains("`squeak` has 15"),
        "{}",
        error.message
    );
    let none: Vec<Sorted<'_>> = sorted().into_iter().filter(|row| row.2.is_none()).collect();
    let error = train(&none, "en").unwrap_err();
    assert!(
        error.message.contains("no text has a topic"),
        "{}",
        error.message
    );
    // A topic of three texts is left out and named.
    let mut texts = sorted();
    texts.extend((0..3).map(|at| (format!("x{at}"), "The zip is stuck", Some("zip"))));
    let model = train(&texts, "en").unwrap();
    let named = (0..model.rows())
        .filter(|row| model.utf8("name").unwrap().get(*row) == Some("too_few_texts"));
    let named: Vec<_> = named
        .map(|row| cells(&model, "topic")[row].clone())
        .collect();
    assert_eq!(named, [Some("zip".to_owned())]);
    let bad = Batch::new([
        column("section", ["topic"]),
        column("name", ["threshold"]),
        column("topic", ["a"]),
        column("value", [0.5]),
    ])
    .unwrap();
    let texts = || Batch::new([column("text", ["a"])]).unwrap();
    let error = testing::table::<Stream<TopicsTable>>()
        .input("texts", texts())
        .input("model", bad)
        .run()
        .unwrap_err();
    assert_eq!(error.code, "bad-model");
    assert!(error.message.contains("has no bias"), "{}", error.message);
    let error = testing::table::<Stream<TopicsTable>>()
        .input("texts", texts())
        .run()
        .unwrap_err();
    assert_eq!(error.code, "no-rules");
}

#[test]
fn bad_input_is_answered() {
    let long = "x".repeat(1_000_000);
    let odd = [
        "",
        "😀",
        "12",
        long.as_str(),
        "\u{202e}\u{fffd}",
        "<b>&amp;</b>",
        "靴 foo ﺏ",
    ];
    let mut texts = sorted();
    texts.extend(
        (0..)
            .zip(odd)
            .map(|(at, text): (usize, _)| (format!("z{at}"), text, Some("squeak"))),
    );
    let model = train(&texts, "").unwrap();
    let new = Batch::new([column("text", odd)]).unwrap();
    let found = testing::table::<Stream<TopicsTable>>()
        .input("texts", new)
        .input("model", model)
        .run();
    assert!(found.is_ok());
}

/// A set of labels: its language and source, and the macro-F1 of a balanced logistic regression over n-grams of characters.
type Set = (&'static str, &'static str, &'static str, f64);
const SETS: [Set; 3] = [
    ("airline", "en", "airline_tweets", 0.506),
    ("car", "zh", "car_complaints_zh", 0.373),
    ("bahn", "de", "germeval2017_bahn", 0.377),
];

#[test]
fn labels_of_others_are_learned_better_than_by_logistic_regression() {
    for (trade, lang, source, regression) in SETS {
        let Some(read) = rows(&format!("texts/{lang}.parquet")) else {
            return;
        };
        let known: BTreeSet<&str> = include_str!("trades.tsv")
            .lines()
            .filter(|line| line.starts_with(trade))
            .filter_map(|line| line.split('\t').nth(1))
            .chain(["Can't Tell"])
            .collect();
        let read: Vec<(String, BTreeSet<String>)> = read
            .iter()
            .filter(|row| text(row, "source").as_deref() == Some(source))
            .filter_map(|row| Some((text(row, "text")?, text(row, "topic")?)))
            .map(|(text, topics)| {
                // Of the railway all labels are learned, of cars the components.
                let own = topics
                    .split('|')
                    .filter(|t| trade == "bahn" || known.contains(t));
                (text, own.map(str::to_owned).collect())
            })
            .collect();
        let mut texts: Vec<Sorted<'_>> = Vec::new();
        for (at, (text, topics)) in read.iter().enumerate() {
            let id = format!("{at:06}");
            texts.extend(
                topics
                    .iter()
                    .map(|topic| (id.clone(), text.as_str(), Some(topic.as_str()))),
            );
            if topics.is_empty() {
                texts.push((id, text, None));
            }
        }
        // What a wanted precision costs in recall is printed on request: it takes as long again.
        let wanted: Option<f64> = std::env::var("TSUGI_PRECISION")
            .ok()
            .and_then(|share| share.parse().ok());
        for precision in [None, wanted]
            .iter()
            .take(1 + usize::from(wanted.is_some()))
        {
            let mut call =
                testing::table::<Collect<TrainTopicsTable>>().input("texts", batch(&texts, lang));
            if let Some(precision) = *precision {
                call = call.option("precision", precision);
            }
            let model = call.run().unwrap();
            let values = model.f64("value").unwrap();
            let held_out: BTreeMap<(Option<String>, String), f64> = (0..model.rows())
                .filter(|row| model.utf8("section").unwrap().get(*row) == Some("held_out"))
                .map(|row| {
                    let topic = model.utf8("topic").unwrap().get(row).map(str::to_owned);
                    let name = model.utf8("name").unwrap().get(row).unwrap().to_owned();
                    ((topic, name), values.get(row).unwrap())
                })
                .collect();
            let all = |name: &str| held_out[&(None, name.to_owned())];
            println!(
                "{trade}, precision {precision:?}: macro-F1 {:.3}, micro-F1 {:.3}, precision {:.3}, recall {:.3}, {} rows",
                all("macro_f1"),
                all("micro_f1"),
                all("precision"),
                all("recall"),
                model.rows()
            );
            match precision {
                None => assert!(all("macro_f1") > regression, "{trade}"),
                Some(least) => assert!(all("precision") > *least - 0.05, "{trade}"),
            }
        }
    }
}
