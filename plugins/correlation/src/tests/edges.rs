//! Input at the edge of sense: no exposure, returns counted as negative, one unit only, all
//! complaints in one cell. Each is refused with its row or answered with null, never with NaN.

use crate::{
    AttributeTable, DisproportionalityTable, EventRate, MantelHaenszel, Proportion, RateRatio,
};
use tsugi_plugin::testing::{TableRun, aggregate, table};
use tsugi_plugin::{Aggregate, Batch, Value, column};

/// Every number of every row, by column; panics on what is not finite.
pub(super) fn numbers(answer: &Batch) -> Vec<Vec<(String, f64)>> {
    fn take(name: &str, value: Value<'_>, out: &mut Vec<(String, f64)>) {
        match value {
            Value::Struct(fields) => {
                for (name, value) in fields {
                    take(name, value, out);
                }
            }
            Value::Text(text) => {
                let lower = text.to_lowercase();
                assert!(!lower.contains("nan") && !lower.contains("inf "), "{text}");
            }
            other => {
                if let Some(number) = other.number() {
                    assert!(number.is_finite(), "{name} is {number}");
                    out.push((name.to_owned(), number));
                }
            }
        }
    }
    (0..answer.rows())
        .map(|row| {
            let mut out = Vec::new();
            for column in answer.columns() {
                take(column.name(), column.value(row), &mut out);
            }
            out
        })
        .collect()
}

fn number(row: &[(String, f64)], name: &str) -> Option<f64> {
    row.iter()
        .find(|field| field.0 == name)
        .map(|field| field.1)
}

fn one<A: Aggregate>(columns: &[(&str, f64)]) -> Vec<(String, f64)> {
    let rows = Batch::new(columns.iter().map(|(name, value)| column(name, [*value]))).unwrap();
    numbers(&aggregate::<A>(&rows, &[0], 1).unwrap()).remove(0)
}

#[test]
fn without_exposure_there_is_no_rate() {
    let rate = one::<EventRate>(&[("events", 3.0), ("exposure", 0.0)]);
    assert_eq!(
        (
            number(&rate, "events"),
            number(&rate, "rate"),
            number(&rate, "low")
        ),
        (Some(3.0), None, None)
    );
    let share = one::<Proportion>(&[("hits", 0.0), ("n", 0.0)]);
    assert_eq!(
        (
            number(&share, "n"),
            number(&share, "share"),
            number(&share, "high")
        ),
        (Some(0.0), None, None)
    );
    let none = Batch::new([
        column("events", [3.0, 2.0]),
        column("exposure", [0.0, 10.0]),
        column("in_group", [true, false]),
    ])
    .unwrap();
    assert!(numbers(&aggregate::<RateRatio>(&none, &[0, 0], 1).unwrap())[0].is_empty());
    let strata = one::<MantelHaenszel>(&[
        ("events", 3.0),
        ("exposure", 0.0),
        ("rest_events", 1.0),
        ("rest_exposure", 5.0),
    ]);
    assert!(strata.is_empty());
    let cells = |shipped: [f64; 2]| {
        Batch::new([
            column("topic", ["crack", "crack"]),
            column("lot", ["a", "b"]),
            column("shipped", shipped),
            column("complaints", [9.0, 1.0]),
        ])
        .unwrap()
    };
    let run = |shipped| {
        table::<AttributeTable>()
            .input("cells", cells(shipped))
            .run()
            .unwrap()
    };
    for row in numbers(&run([0.0, 0.0])) {
        assert_eq!(
            (number(&row, "p_value"), number(&row, "rate")),
            (None, None)
        );
    }
    // Complaints about a lot that was never shipped make no rate; the other one has nothing to be
    // compared with.
    for row in numbers(&run([0.0, 50.0])) {
        assert_eq!(number(&row, "p_value"), None, "{row:?}");
    }
}

#[test]
fn returns_are_not_counted_as_negative() {
    let refused = |error: tsugi_plugin::Error| {
        assert_eq!(error.code, "bad-number", "{error}");
        assert!(error.message.contains("-2"), "{error}");
    };
    let two = |first: &str, second: &str| {
        Batch::new([column(first, [1.0]), column(second, [-2.0])]).unwrap()
    };
    refused(aggregate::<EventRate>(&two("events", "exposure"), &[0], 1).unwrap_err());
    refused(aggregate::<Proportion>(&two("hits", "n"), &[0], 1).unwrap_err());
    let three = Batch::new([
        column("events", [1.0]),
        column("exposure", [-2.0]),
        column("in_group", [true]),
    ])
    .unwrap();
    refused(aggregate::<RateRatio>(&three, &[0], 1).unwrap_err());
    let four = Batch::new([
        column("events", [1.0]),
        column("exposure", [5.0]),
        column("rest_events", [-2.0]),
        column("rest_exposure", [5.0]),
    ])
    .unwrap();
    refused(aggregate::<MantelHaenszel>(&four, &[0], 1).unwrap_err());
    let cells = Batch::new([
        column("topic", ["x"]),
        column("lot", ["a"]),
        column("shipped", [-2.0]),
        column("complaints", [0.0]),
    ])
    .unwrap();
    refused(
        table::<AttributeTable>()
            .input("cells", cells)
            .run_cut(9)
            .unwrap_err(),
    );
    let reports = Batch::new([
        column("unit", ["a"]),
        column("topic", ["x"]),
        column("n", [-2.0]),
    ])
    .unwrap();
    refused(
        table::<DisproportionalityTable>()
            .input("reports", reports)
            .run_cut(9)
            .unwrap_err(),
    );
}

fn reports(rows: &[(&str, Option<&str>, i64)]) -> TableRun<DisproportionalityTable> {
    let rows = Batch::new([
        column("unit", rows.iter().map(|row| row.0)),
        column("topic", rows.iter().map(|row| row.1)),
        column("n", rows.iter().map(|row| row.2)),
    ])
    .unwrap();
    table::<DisproportionalityTable>().input("reports", rows)
}

#[test]
fn one_unit_alone_is_compared_with_nothing() {
    let answer = reports(&[("only", Some("crack"), 40), ("only", None, 10)])
        .run()
        .unwrap();
    let rows = numbers(&answer);
    assert_eq!(rows.len(), 1);
    for name in ["prr", "ror", "fisher_p", "q_value", "ebgm", "prior_share"] {
        assert_eq!(number(&rows[0], name), None, "{name}");
    }
    assert_eq!(number(&rows[0], "pairs_tested"), Some(0.0));
    assert_eq!(
        answer.column("verdict").unwrap().text(0).as_deref(),
        Some("no evidence")
    );
    let cells = Batch::new([
        column("topic", ["x"]),
        column("lot", ["a"]),
        column("shipped", [90.0]),
        column("complaints", [40.0]),
    ])
    .unwrap();
    let answer = table::<AttributeTable>()
        .input("cells", cells)
        .run()
        .unwrap();
    let rows = numbers(&answer);
    assert_eq!(
        (number(&rows[0], "p_value"), number(&rows[0], "rate_ratio")),
        (None, None)
    );
    assert_eq!(
        answer.column("verdict").unwrap().text(0).as_deref(),
        Some("no evidence")
    );
}

#[test]
fn all_complaints_in_one_cell_have_no_upper_limit_and_that_is_said() {
    let answer = reports(&[
        ("bad", Some("crack"), 20),
        ("good", None, 500),
        ("fair", None, 480),
    ])
    .run()
    .unwrap();
    let rows = numbers(&answer);
    let first = &rows[0];
    assert_eq!(
        answer.column("unit").unwrap().text(0).as_deref(),
        Some("bad")
    );
    assert_eq!(
        answer.column("unbounded").unwrap().text(0).as_deref(),
        Some("PRR and ROR")
    );
    assert_eq!((number(first, "prr"), number(first, "ror")), (None, None));
    assert!(number(first, "fisher_p").unwrap() < 1e-30 && number(first, "ic025") > Some(1.0));
    assert_eq!(
        answer.column("verdict").unwrap().text(0).as_deref(),
        Some("leading suspect")
    );
    // The others have none: their ratio is 0, which is bounded.
    for (at, row) in rows.iter().enumerate().skip(1) {
        let unbounded = answer.column("unbounded").unwrap();
        assert_eq!((number(row, "prr"), unbounded.text(at)), (Some(0.0), None));
    }
    // Where every report has the topic, no unit is conspicuous.
    let all = reports(&[("a", Some("crack"), 20), ("b", Some("crack"), 30)])
        .run()
        .unwrap();
    for row in numbers(&all) {
        assert_eq!(
            (number(&row, "fisher_p"), number(&row, "g2")),
            (Some(1.0), Some(0.0))
        );
    }
    let cells = Batch::new([
        column("topic", ["x", "x"]),
        column("lot", ["a", "b"]),
        column("shipped", [100.0, 900.0]),
        column("complaints", [30.0, 0.0]),
    ])
    .unwrap();
    let answer = table::<AttributeTable>()
        .input("cells", cells)
        .run()
        .unwrap();
    let first = &numbers(&answer)[0];
    assert_eq!(
        (
            number(first, "rate_ratio"),
            number(first, "rate_ratio_high")
        ),
        (None, None)
    );
    assert!(number(first, "rate_ratio_low") > Some(1.0));
}

#[test]
fn whatever_the_counts_no_number_is_infinite_or_none() {
    for seed in 0..60 {
        let mut dice = fastrand::Rng::with_seed(seed);
        let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
        let rows: Vec<(&str, Option<&str>, i64)> = (0..dice.usize(1..200))
            .map(|_| {
                let topic = names.get(dice.usize(0..12)).copied();
                let n = [0, 1, 1, 2, 7, 100_000_000][dice.usize(0..6)];
                (names[dice.usize(0..9)], topic, n)
            })
            .collect();
        for prior in ["fit", "fit all", "0.2,0.1,2,4,0.33"] {
            numbers(&reports(&rows).option("prior", prior).run_cut(64).unwrap());
        }
        let cells = Batch::new([
            column("topic", rows.iter().map(|row| row.1.map(|_| "x"))),
            column("lot", rows.iter().map(|row| row.0)),
            column(
                "shipped",
                rows.iter()
                    .map(|row| if row.1.is_none() { row.2 as f64 } else { 0.0 }),
            ),
            column(
                "complaints",
                rows.iter()
                    .map(|row| if row.1.is_some() { row.2 as f64 } else { 0.0 }),
            ),
        ])
        .unwrap();
        numbers(
            &table::<AttributeTable>()
                .input("cells", cells)
                .run_cut(64)
                .unwrap(),
        );
    }
}

#[test]
fn priors_and_names_that_make_no_sense_are_refused() {
    let wrong = |prior: &str| {
        reports(&[("a", None, 1)])
            .option("prior", prior)
            .returns()
            .unwrap_err()
    };
    for prior in ["guess", "1,2,3", "1,2,3,4,5", "0,1,1,1,0.5", "a,b,c,d,e"] {
        let error = wrong(prior);
        assert_eq!(
            (error.code.as_str(), error.at.as_deref()),
            ("bad-option", Some("/prior")),
            "{prior}"
        );
    }
    let named = |rows: Batch| {
        table::<DisproportionalityTable>()
            .input("reports", rows)
            .run_cut(9)
            .unwrap_err()
    };
    let rows = [
        column("report", [None::<&str>]),
        column("unit", ["a"]),
        column("topic", ["x"]),
    ];
    assert_eq!(named(Batch::new(rows).unwrap()).code, "null-unit");
    let rows = [
        column("report", ["1"]),
        column("unit", ["a"]),
        column("topic", ["x"]),
        column("n", [1.0]),
    ];
    assert_eq!(named(Batch::new(rows).unwrap()).code, "two-forms");
}

#[test]
fn a_named_report_counts_once_for_its_unit_its_topic_and_both() {
    let rows = Batch::new([
        column("report", ["1", "1", "1", "2", "2", "3", "4", "4"]),
        column("unit", ["a", "a", "b", "a", "a", "b", "?", "?"]),
        column(
            "topic",
            [
                Some("x"),
                Some("y"),
                Some("x"),
                Some("x"),
                Some("x"),
                None,
                Some("x"),
                None,
            ],
        ),
    ])
    .unwrap();
    let run = table::<DisproportionalityTable>()
        .input("reports", rows)
        .option("unknown", "?");
    let answer = run.run().unwrap();
    let found: Vec<(String, String, [i64; 4])> = (0..answer.rows())
        .map(|row| {
            let text = |name: &str| answer.column(name).unwrap().text(row).unwrap().into_owned();
            let count = |name: &str| answer.column(name).unwrap().number(row).unwrap() as i64;
            (text("unit"), text("topic"), ["a", "b", "c", "d"].map(count))
        })
        .collect();
    // Reports 1 to 4; unit a in 1 and 2, unit b in 1 and 3; topic x in 1, 2 and 4, topic y in 1.
    for wanted in [
        ("a", "x", [2, 0, 1, 1]),
        ("a", "y", [1, 1, 0, 2]),
        ("b", "x", [1, 1, 2, 0]),
        // Report 1 has unit b, too, but not in the row of topic y.
        ("b", "y", [0, 2, 1, 1]),
    ] {
        let wanted = (wanted.0.to_owned(), wanted.1.to_owned(), wanted.2);
        assert!(found.contains(&wanted), "{wanted:?} is not in {found:?}");
    }
    assert_eq!(found.len(), 4);
}
