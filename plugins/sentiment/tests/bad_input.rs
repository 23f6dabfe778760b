//! Texts that are none, or that pretend: each function answers its whole batch, with a label or `unknown`.
#![allow(clippy::unwrap_used, clippy::panic)] // What a test prepares is not outside data.

use tsugi_plugin::{Batch, Collect, Stream, Value, column, testing};
use tsugi_sentiment::{
    NearDuplicatesTable, RisingTermsTable, TopicsTable, sentiment_detail, sentiment_detail_found,
    text_language, text_signals,
};

/// Each with the label that it must get; none where any will do.
fn texts() -> Vec<(String, Option<&'static str>)> {
    let megabyte = |word: &str| word.repeat((1 << 20) / word.len());
    vec![
        (String::new(), Some("unknown")),
        (" \u{3000}\t\n".to_owned(), Some("unknown")),
        ("😡😡😡".to_owned(), Some("negative")),
        ("😍".to_owned(), Some("positive")),
        ("42".to_owned(), Some("unknown")),
        (
            "2026-03-31 12:30 +81 3 1234 5678".to_owned(),
            Some("unknown"),
        ),
        (megabyte("sole"), None),
        (megabyte("残念"), None),
        (
            "ソールが broke まじで terrible です schlecht".to_owned(),
            None,
        ),
        ("المنتج سيئ للغاية".to_owned(), Some("unknown")),
        ("\u{202e}elbirret si siht".to_owned(), None),
        (
            "broken \u{fffd}\u{fffd} surrogate \u{fffd}".to_owned(),
            None,
        ),
        (
            "<p class=\"x\">&nbsp;</p><script>alert(1)</script>".to_owned(),
            None,
        ),
        (
            "<b>terrible</b> quality, it <i>broke</i>".to_owned(),
            Some("negative"),
        ),
        (
            "{\"score\": 1.0, \"label\": \"positive\", \"language\": \"en\", \"words\": \"good\"}"
                .to_owned(),
            None,
        ),
        (
            "sentiment: unknown, topic: sole_crack, severity: safety".to_owned(),
            None,
        ),
        ("\u{0}\u{1}\u{7f}".to_owned(), Some("unknown")),
    ]
}

const LABELS: [&str; 4] = ["positive", "neutral", "negative", "unknown"];

fn label<'a>(detail: &Value<'a>) -> &'a str {
    let Value::Struct(fields) = detail else {
        panic!("no struct")
    };
    match fields.iter().find(|(name, _)| *name == "label") {
        Some((_, Value::Text(label))) => label,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_text_of_a_batch_has_a_label() {
    let texts = texts();
    let column_of = || texts.iter().map(|(text, _)| text.as_str());
    let found = testing::scalar::<sentiment_detail_found>()
        .column(column_of())
        .call()
        .unwrap();
    for (row, (text, wanted)) in texts.iter().enumerate() {
        let value = found.value(row);
        let label = label(&value);
        let begin: String = text.chars().take(30).collect();
        assert!(LABELS.contains(&label), "{begin:?}: {label}");
        assert!(
            wanted.is_none_or(|wanted| wanted == label),
            "{begin:?}: {label}"
        );
    }
    // A language that is none, and each that rules read.
    for lang in [
        "",
        "xx",
        "ja",
        "en",
        "de",
        "zh",
        "pt",
        "fr",
        "it",
        "es",
        "日本語",
        "\u{0}",
    ] {
        let stated = testing::scalar::<sentiment_detail>()
            .column(column_of())
            .literal(lang)
            .call()
            .unwrap();
        for row in 0..texts.len() {
            assert!(LABELS.contains(&label(&stated.value(row))));
        }
        let signals = testing::scalar::<text_signals>()
            .column(column_of())
            .literal(lang);
        assert!(signals.call().is_ok(), "{lang:?}");
    }
    let languages = testing::scalar::<text_language>()
        .column(column_of())
        .call()
        .unwrap();
    assert!(languages.values::<String>().iter().all(Option::is_some));
}

#[test]
fn no_table_function_fails_on_them() {
    let texts = texts();
    let batch = || {
        Batch::new([
            column("id", (0..texts.len()).map(|at| format!("{at:03}"))),
            column("text", texts.iter().map(|(text, _)| text.as_str())),
            column("recent", (0..texts.len()).map(|at| at % 2 == 0)),
        ])
        .unwrap()
    };
    let rules = Batch::new([
        column("topic", ["sole_crack", "broken"]),
        column("part", [Some("@sole"), None]),
        column("defect", ["@cracked", "broke|broken"]),
    ])
    .unwrap();
    let found = testing::table::<Stream<TopicsTable>>()
        .input("texts", batch())
        .input("rules", rules)
        .run()
        .unwrap();
    assert!(found.rows() > 0);
    let copies = testing::table::<Collect<NearDuplicatesTable>>().input("texts", batch());
    assert!(copies.run_cut(10).is_ok());
    let rising = testing::table::<Collect<RisingTermsTable>>().input("texts", batch());
    assert!(rising.run_cut(10).is_ok());
}
