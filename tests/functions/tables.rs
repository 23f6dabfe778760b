//! Table functions: relations and named options, what is missing or unknown, streaming.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{Int64Array, RecordBatch, StringArray};
use datafusion::arrow;

use super::bench::Bench;

fn bench() -> Bench {
    let bench = Bench::of(&["tests/guests/minimal", "plugins/sentiment"]);
    let words = StringArray::from(vec![Some("ant"), None, Some("cow")]);
    let columns: [(&str, arrow::array::ArrayRef); 2] = [
        ("word", Arc::new(words)),
        ("n", Arc::new(Int64Array::from(vec![1, 2, 3]))),
    ];
    bench.put(
        "main.t",
        vec![vec![RecordBatch::try_from_iter(columns).unwrap()]],
    );
    bench
}

#[test]
fn relations_and_named_options_go_in_and_rows_come_out() {
    let bench = bench();
    let cases: [(&str, &[&str]); 7] = [
        (
            "SELECT number, word FROM numbered((SELECT word FROM t ORDER BY n), from => 100)",
            &["100|ant", "101|", "102|cow"],
        ),
        (
            "SELECT number, word FROM numbered((SELECT word FROM t ORDER BY n DESC))",
            &["1|cow", "2|", "3|ant"],
        ),
        (
            "SELECT max(number) FROM numbered((SELECT word, n FROM t))",
            &["3"],
        ),
        (
            "SELECT numbered.number + x.number FROM numbered((SELECT 'a' AS word)) \
             JOIN numbered(words => (SELECT 'b' AS word), from => 2 * 5) AS x ON x.word <> numbered.word",
            &["11"],
        ),
        (
            "SELECT number FROM numbered((SELECT word FROM numbered((SELECT word FROM t)) WHERE word > 'b'))",
            &["1"],
        ),
        (
            "SELECT count(*) FROM numbered((SELECT word FROM t WHERE n > 9))",
            &["0"],
        ),
        (
            "SELECT count(*) FROM numbered((SELECT word FROM t))",
            &["3"],
        ),
    ];
    for (sql, expected) in cases {
        assert_eq!(bench.lines(sql), expected, "{sql}");
    }
}

/// `numbered` counts its rows as they come.
#[test]
fn a_relation_that_ends_in_order_by_arrives_in_that_order() {
    let bench = bench();
    let part = |numbers: &[i64]| {
        let words: Vec<String> = numbers.iter().map(|n| format!("{n:03}")).collect();
        let column: arrow::array::ArrayRef = Arc::new(StringArray::from(words));
        vec![RecordBatch::try_from_iter([("word", column)]).unwrap()]
    };
    let scattered = |from: i64| (0..100).map(|n| (n * 37 + from) % 400).collect::<Vec<_>>();
    bench.put(
        "main.parts",
        (0..4).map(|at| part(&scattered(at * 100))).collect(),
    );
    for (order, rule) in [
        ("word", "word"),
        ("word DESC", "word DESC"),
        ("word LIMIT 50", "word"),
    ] {
        let sql = format!(
            "SELECT count(*) FILTER (WHERE number <> place) FROM (SELECT number, row_number() OVER (ORDER BY {rule}) AS place \
             FROM numbered((SELECT word FROM parts ORDER BY {order})))"
        );
        assert_eq!(bench.lines(&sql), ["0"], "{order}");
    }
}

#[test]
fn ports_may_stand_in_any_order() {
    let bench = bench();
    let texts = "SELECT 'the sole cracked' AS text, 'en' AS lang, 7 AS id";
    let rules = "SELECT 'sole_crack' AS topic, 'high' AS severity, 'en' AS lang, 'sole' AS part, \
                 'crack' AS defect, '' AS exclude, CAST(NULL AS BIGINT) AS max_gap";
    let ways = [
        format!("({texts}), rules => ({rules})"),
        format!("rules => ({rules}), texts => ({texts})"),
        format!("rules => ({rules}), ({texts})"),
        format!("({texts}), ({rules})"),
    ];
    for way in ways {
        let sql = format!("SELECT id, topic, negated FROM topics({way})");
        assert_eq!(bench.lines(&sql), ["7|sole_crack|false"], "{sql}");
    }
}

#[test]
fn a_call_that_cannot_be_made_is_refused_while_it_is_planned() {
    let bench = bench();
    let words = "(SELECT word FROM t)";
    let cases = [
        (
            "from => 1".to_owned(),
            "`numbered`: the relation `words` is missing",
        ),
        (
            format!("{words}, {words}"),
            "`numbered`: there are more relations than it takes",
        ),
        (
            format!("{words}, words => {words}"),
            "`numbered`: the relation `words` is given twice",
        ),
        (
            format!("rows => {words}"),
            "`numbered`: there is no relation `rows`",
        ),
        (
            format!("{words}, start => 1"),
            "`numbered`: there is no argument `start`",
        ),
        (
            format!("{words}, from => 1, from => 2"),
            "`numbered`: the argument `from` is given twice",
        ),
        (
            format!("{words}, from => 'x'"),
            "`numbered`: `from` is x, which is not Int64",
        ),
        (
            format!("{words}, 5"),
            "`numbered`: `5` has no name: write `name => 5`, or `(SELECT …)` for a relation",
        ),
        (
            "(SELECT n FROM t)".to_owned(),
            "`numbered`: the relation `words` has no column `word` (it has n)",
        ),
        (
            "(SELECT n AS word FROM t)".to_owned(),
            "`numbered`: the column `word` of `words` is Int64, not Utf8",
        ),
    ];
    for (args, message) in cases {
        let sql = format!("SELECT * FROM numbered({args})");
        let refused = bench.plan(&sql).unwrap_err();
        assert_eq!(
            (refused.code, refused.message.as_str()),
            ("query::argument", message),
            "{sql}"
        );
        assert!(
            refused
                .hint
                .contains("numbered((SELECT …), [from => Int64])"),
            "{}",
            refused.hint
        );
    }
    let sql = "SELECT * FROM suggest_topics(limit => 3)";
    let refused = bench.plan(sql).unwrap_err();
    assert_eq!(
        refused.message,
        "`suggest_topics`: the relation `texts` is missing"
    );
}

#[test]
fn a_limit_above_it_ends_it_early() {
    let bench = bench();
    let started = Instant::now();
    let sql = "SELECT number FROM numbered((SELECT CAST(value AS VARCHAR) AS word \
               FROM generate_series(1, 100000000000))) LIMIT 3";
    assert_eq!(bench.lines(sql), ["1", "2", "3"]);
    // Without an early end this would be a day's work.
    assert!(
        started.elapsed() < Duration::from_secs(60),
        "{:?}",
        started.elapsed()
    );
}
