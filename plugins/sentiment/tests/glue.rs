//! The functions as the host calls them.
#![allow(clippy::unwrap_used)] // What a test prepares is not outside data.

use tsugi_plugin::{Batch, Stream, Value, column, testing};
use tsugi_sentiment::{
    TopicsTable, sentiment, sentiment_detail, sentiment_found, sentiment_label_found,
};

#[test]
fn scalars_take_nulls_and_find_the_language() {
    let texts = || [Some("最高です"), None, Some("12:30"), Some("nicht gut")];
    let found = testing::scalar::<sentiment_found>()
        .column(texts())
        .call()
        .unwrap();
    let scores = found.values::<f64>();
    assert!(
        scores[0] > Some(0.0)
            && scores[1].is_none()
            && scores[2].is_none()
            && scores[3] < Some(0.0)
    );
    let given = testing::scalar::<sentiment>()
        .column(texts())
        .column([None, Some("ja"), Some("en"), Some("")])
        .call()
        .unwrap();
    assert_eq!(given.values::<f64>(), scores);
    let labels = testing::scalar::<sentiment_label_found>()
        .column(texts())
        .call()
        .unwrap();
    assert_eq!(labels.values::<String>()[2].as_deref(), Some("unknown"));
    let detail = testing::scalar::<sentiment_detail>()
        .column(["good shoes"])
        .literal("en")
        .call()
        .unwrap();
    let Value::Struct(fields) = detail.value(0) else {
        panic!("no struct")
    };
    let score = fields[0].1.number().unwrap();
    assert!(score > 0.3, "{score}");
    assert_eq!(
        fields[1..],
        [
            ("label", Value::Text("positive")),
            ("language", Value::Text("en")),
            ("coverage", Value::Float(1.0)),
            ("words", Value::Text("good")),
        ]
    );
}

fn rules() -> Batch {
    Batch::new([
        column("topic", ["sole_crack", "sole_crack"]),
        column("lang", ["en", "ja"]),
        column("part", [Some("sole"), Some("靴底")]),
        column("defect", ["crack", "割れ"]),
        column("severity", [Some("safety"), None]),
        column("max_gap", ["8", ""]),
    ])
    .unwrap()
}

fn texts() -> Batch {
    Batch::new([
        column("id", [1_i64, 2, 3, 4]),
        column(
            "text",
            [
                Some("the sole cracked"),
                None,
                Some("no cracks in the sole"),
                Some("靴底が割れた"),
            ],
        ),
        column("language", [Some("en"), None, Some("en"), Some("ja")]),
    ])
    .unwrap()
}

#[test]
fn topics_hand_on_the_columns_of_the_texts() {
    let run = || {
        testing::table::<Stream<TopicsTable>>()
            .input("texts", texts())
            .input("rules", rules())
    };
    let found = run().run().unwrap();
    assert_eq!(
        found.i64("id").unwrap().iter().collect::<Vec<_>>(),
        [Some(1), Some(4)]
    );
    assert_eq!(
        found.utf8("defect").unwrap().iter().collect::<Vec<_>>(),
        [Some("cracked"), Some("割れ")]
    );
    assert_eq!(
        found.utf8("severity").unwrap().iter().collect::<Vec<_>>(),
        [Some("safety"), None]
    );
    let all = run().option("keep_negated", true).run().unwrap();
    assert_eq!(
        all.bool("negated").unwrap().iter().collect::<Vec<_>>(),
        [Some(false), Some(true), Some(false)]
    );
}

#[test]
fn wrong_input_is_refused_with_its_place() {
    let gap = Batch::new([
        column("topic", ["a"]),
        column("defect", ["b"]),
        column("max_gap", ["far"]),
    ])
    .unwrap();
    let error = testing::table::<Stream<TopicsTable>>()
        .input("texts", texts())
        .input("rules", gap)
        .run()
        .unwrap_err();
    assert_eq!(error.code, "bad-rule");
    assert!(
        error.message.contains("topic rule 1: max_gap is `far`"),
        "{}",
        error.message
    );
    let taken = Batch::new([column("text", ["a"]), column("topic", ["b"])]).unwrap();
    let error = testing::table::<Stream<TopicsTable>>()
        .input("texts", taken)
        .input("rules", rules())
        .run()
        .unwrap_err();
    assert_eq!(error.code, "column-taken");
}
