//! Scalar functions wherever an expression may stand: nulls, constants, failing rows, overloads.

use std::sync::Arc;

use arrow::array::{Int64Array, RecordBatch, StringArray};
use datafusion::arrow;
use tsugi_sandbox::{Granted, PluginLimits, Sandbox};

use super::bench::{Bench, component, file, project};
use crate::support::{run, scratch};

const MINIMAL: &str = "tests/guests/minimal";

/// `main.t`: words with numbers, one of each null, and the largest number.
fn bench() -> Bench {
    let bench = Bench::of(&[MINIMAL]);
    let words = StringArray::from(vec![
        Some("ant bee"),
        Some("bat"),
        None,
        Some("axe"),
        Some("größe"),
    ]);
    let numbers = Int64Array::from(vec![Some(1), Some(2), Some(3), None, Some(i64::MAX)]);
    let columns: [(&str, arrow::array::ArrayRef); 2] =
        [("word", Arc::new(words)), ("n", Arc::new(numbers))];
    bench.put(
        "main.t",
        vec![vec![RecordBatch::try_from_iter(columns).unwrap()]],
    );
    bench
}

#[test]
fn a_function_stands_wherever_an_expression_may() {
    let bench = bench();
    let cases: [(&str, &[&str]); 8] = [
        (
            "SELECT shout(word), add_one(n), measure(word)['characters'], measure(word)['first'] FROM t \
             ORDER BY word NULLS LAST",
            &[
                "ANT BEE|2|7|ant",
                "AXE||3|axe",
                "BAT|3|3|bat",
                "GRÖSSE||5|größe",
                "|4||",
            ],
        ),
        (
            "SELECT word FROM t WHERE shorten(word, 1) = 'a' ORDER BY word",
            &["ant bee", "axe"],
        ),
        (
            "SELECT l.word, r.n FROM t l JOIN t r ON shorten(l.word, 1) = shorten(r.word, r.n) ORDER BY 1",
            &["ant bee|1", "axe|1"],
        ),
        (
            "SELECT shout('ü'), add_one(41), shout(NULL), shorten('a word of many signs')",
            &["Ü|42||a word of "],
        ),
        (
            "SELECT shorten('abcdef', n) FROM t WHERE n < 3 ORDER BY n",
            &["a", "ab"],
        ),
        (
            "SELECT shout(shorten(word, 2)) AS s, count(*) FROM t GROUP BY s HAVING shout(s) = 'BA'",
            &["BA|1"],
        ),
        (
            "SELECT word FROM t WHERE word IS NOT NULL ORDER BY measure(word)['characters'], shout(word) LIMIT 2",
            &["axe", "bat"],
        ),
        (
            "SELECT sum(add_one(n)) OVER (ORDER BY n) FROM t WHERE n < 4 ORDER BY n",
            &["2", "5", "9"],
        ),
    ];
    for (sql, expected) in cases {
        assert_eq!(bench.lines(sql), expected, "{sql}");
    }
}

#[test]
fn rows_beyond_one_crossing_come_back_in_their_places() {
    let bench = bench();
    let words: StringArray = (0..60_000).map(|i| Some(format!("{i:>300}"))).collect();
    let columns: [(&str, arrow::array::ArrayRef); 1] = [("word", Arc::new(words))];
    bench.put(
        "main.many",
        vec![vec![RecordBatch::try_from_iter(columns).unwrap()]],
    );
    let sql = "SELECT count(*), sum(CAST(shout(word) AS BIGINT)), \
               count(CASE WHEN shout(word) = upper(word) THEN 1 END) FROM many";
    assert_eq!(bench.lines(sql), ["60000|1799970000|60000"]);
}

#[test]
fn a_failing_row_is_null_and_counted() {
    let bench = bench();
    assert_eq!(
        bench.lines("SELECT count(*), count(n), count(add_one(n)) FROM t"),
        ["5|4|3"]
    );
    let failures = bench.session.take_failures();
    let [(plugin, function, failed)] = failures.as_slice() else {
        panic!("{failures:?}");
    };
    assert_eq!((plugin.as_str(), function.as_str()), ("minimal", "add_one"));
    assert_eq!(failed.rows, 1);
    assert_eq!(
        failed.samples,
        ["9223372036854775807 is the largest number there is"]
    );

    let pipeline = format!("[plugins.minimal]\nfile = {:?}\n", component(MINIMAL));
    let sql = "SELECT add_one(n) AS more FROM (VALUES (1), (9223372036854775807)) AS v (n)";
    let folder = project("failing-row", &pipeline, &[("models/a/one.sql", sql)]);
    let folder = folder.to_str().unwrap();
    let outcome = run(&["run", folder]).ended(0);
    let line =
        "1 row became null in minimal.add_one: 9223372036854775807 is the largest number there is";
    assert!(outcome.stderr.contains(line), "{}", outcome.stderr);
    let rows = run(&[
        "query",
        folder,
        "SELECT more FROM a.one ORDER BY more",
        "--format",
        "csv",
    ])
    .ended(0);
    assert_eq!(rows.stdout, "more\n2\n\"\"\n");
}

#[test]
fn a_call_no_overload_takes_names_those_there_are() {
    let bench = bench();
    let cases = [
        (
            "SELECT shout(n) FROM t",
            "`shout` does not take (Int64)",
            "shout(text Utf8)",
        ),
        (
            "SELECT shout() FROM t",
            "`shout` does not take ()",
            "shout(text Utf8)",
        ),
        (
            "SELECT shorten(word, 'x') FROM t",
            "`shorten` does not take (Utf8, Utf8)",
            "shorten(text Utf8, characters Int64) or shorten(text Utf8)",
        ),
        (
            "SELECT add_one(1.5)",
            "`add_one` does not take (Decimal128(2, 1))",
            "add_one(n Int64)",
        ),
    ];
    for (sql, message, takes) in cases {
        let refused = bench.plan(sql).unwrap_err();
        assert_eq!(
            (refused.code, refused.message.as_str()),
            ("query::call", message),
            "{sql}"
        );
        assert!(refused.hint.contains(takes), "{sql}: {}", refused.hint);
    }

    let pipeline = format!("[plugins.minimal]\nfile = {:?}\n", component(MINIMAL));
    let folder = project(
        "no-overload",
        &pipeline,
        &[("models/a/one.sql", "SELECT shout(1) AS s")],
    );
    let outcome = run(&["check", folder.to_str().unwrap()]).ended(2);
    for words in [
        "`shout` does not take (Int64)",
        "models/a/one.sql",
        "shout(text Utf8)",
    ] {
        assert!(
            outcome.stderr.contains(words),
            "{words}: {}",
            outcome.stderr
        );
    }
}

#[test]
fn threads_that_load_one_component_at_once_all_get_it() {
    let cache = scratch("loaded-at-once");
    let sandbox = Sandbox::new(cache).expect("an engine");
    let file = file(
        "tests/guests/minimal",
        PluginLimits::default(),
        Granted::default(),
    );
    std::thread::scope(|scope| {
        let load = || {
            sandbox
                .load(file.clone())
                .expect("a plugin")
                .metadata()
                .expect("signatures")
        };
        let all: Vec<_> = (0..8).map(|_| scope.spawn(load)).collect();
        for one in all {
            assert!(!one.join().expect("a thread").scalars.is_empty());
        }
    });
}
