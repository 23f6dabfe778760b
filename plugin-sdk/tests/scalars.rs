//! Scalar functions through the same calls that the host makes.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;

use tsugi_plugin::testing;
use tsugi_plugin::{Batch, Date, Record, Row, TextWriter, Value, column, scalar};

/// Adds.
///
/// With two lines of documentation.
#[scalar(name = "plus", volatility = "stable")]
fn add(left: i64, right: Option<i64>, r#type: &str) -> Result<i64, String> {
    match right {
        Some(right) => left
            .checked_add(right)
            .ok_or_else(|| format!("{type} overflows", type = r#type)),
        None => Ok(-1),
    }
}

#[scalar]
fn first_word(text: &str) -> Option<&str> {
    text.split_whitespace().next()
}

#[scalar]
fn longer<'a>(left: &'a str, right: &'a str) -> &'a str {
    if right.len() > left.len() {
        right
    } else {
        left
    }
}

#[scalar]
fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

#[scalar]
fn days_between(from: Date, to: Date) -> i32 {
    to.0 - from.0
}

#[scalar]
fn is_long(bytes: &[u8], limit: u32) -> bool {
    bytes.len() > limit as usize
}

/// Counts up to a number; none below 1, a failure above 9.
#[scalar]
fn counted(number: i64, between: &str, to: &mut TextWriter) -> Result<Option<()>, String> {
    for n in 1..=number {
        if n > 9 {
            return Err(format!("{number} is more than can be counted"));
        }
        if n > 1 {
            to.push_str(between);
        }
        write!(to, "{n}").map_err(|error| error.to_string())?;
    }
    Ok((number > 0).then_some(()))
}

#[scalar]
fn capitals(text: &str, to: &mut TextWriter<'_>) {
    to.push_str(text);
    to.written().make_ascii_uppercase();
    to.push('…');
}

#[scalar]
fn answer() -> f64 {
    42.0
}

#[derive(Clone, Debug, PartialEq, Record)]
struct Inner {
    length: i64,
}

#[derive(Clone, Debug, PartialEq, Record)]
struct Nested<'a> {
    word: &'a str,
    inner: Option<Inner>,
    list: Vec<f64>,
}

#[scalar]
fn nest(text: &str) -> Option<Nested<'_>> {
    let word = text.split_whitespace().next()?;
    let length = word.len() as i64;
    Some(Nested {
        word,
        inner: (length > 1).then_some(Inner { length }),
        list: vec![0.5; 2],
    })
}

#[scalar]
fn unnest(nested: Nested<'_>) -> String {
    format!(
        "{} {:?} {}",
        nested.word,
        nested.inner.map(|inner| inner.length),
        nested.list.len()
    )
}

#[test]
fn a_signature_says_what_the_function_says() {
    let signature = <add as scalar::Scalar>::signature();
    assert_eq!(
        (signature.name.as_str(), signature.volatility.as_str()),
        ("plus", "stable")
    );
    assert_eq!(signature.doc, "Adds.\n\nWith two lines of documentation.");
    let params: Vec<_> = signature
        .params
        .iter()
        .map(|field| (field.name.as_str(), field.format.as_str()))
        .collect();
    assert_eq!(params, [("left", "l"), ("right", "l"), ("type", "u")]);
    assert_eq!(signature.returns[0].format, "l");
    let nested = <nest as scalar::Scalar>::signature().returns;
    let formats: Vec<_> = nested.iter().map(|field| field.format.as_str()).collect();
    assert_eq!(formats, ["+s", "u", "+s", "l", "+l", "g"]);
}

#[test]
fn nulls_failures_and_literals_do_as_they_should() {
    let lefts = [Some(1_i64), None, Some(i64::MAX), Some(4)];
    let rights = [Some(1_i64), Some(1), Some(1), None];
    let by_column = testing::scalar::<add>()
        .column(lefts)
        .column(rights)
        .column(["x"; 4])
        .call();
    let by_literal = testing::scalar::<add>()
        .column(lefts)
        .column(rights)
        .literal("x")
        .call();
    for answers in [by_column.unwrap(), by_literal.unwrap()] {
        assert_eq!(answers.values::<i64>(), [Some(2), None, None, Some(-1)]);
        assert_eq!(answers.failed.len(), 1);
        assert_eq!(
            (answers.failed[0].row, answers.failed[0].message.as_str()),
            (2, "x overflows")
        );
    }
    let null = testing::scalar::<add>()
        .column(lefts)
        .literal(None::<i64>)
        .literal("x")
        .call();
    assert_eq!(
        null.unwrap().values::<i64>(),
        [Some(-1), None, Some(-1), Some(-1)]
    );
    let other = testing::scalar::<add>()
        .column([1.5])
        .column(rights)
        .literal("x")
        .call();
    assert_eq!(other.unwrap_err().code, "no-such-function");
}

#[test]
fn all_types_are_read_and_written() {
    // Long enough that the dense loop takes whole blocks and a rest.
    let texts: Vec<String> = (0..100).map(|n| format!("w{n} x")).collect();
    let firsts = testing::scalar::<first_word>()
        .column(texts.clone())
        .call()
        .unwrap();
    assert_eq!(firsts.values::<String>()[99].as_deref(), Some("w99"));
    let long = testing::scalar::<longer>()
        .column(["ab", "a"])
        .column(["b", "bcd"])
        .call()
        .unwrap();
    assert_eq!(
        long.values::<String>(),
        [Some("ab".to_owned()), Some("bcd".to_owned())]
    );
    let lists = testing::scalar::<words>()
        .column(["a b", "", "c"])
        .call()
        .unwrap();
    assert_eq!(
        lists.values::<Vec<String>>()[0].as_ref().unwrap(),
        &["a", "b"]
    );
    assert_eq!(lists.values::<Vec<String>>()[1].as_ref().unwrap().len(), 0);
    let from: Vec<Date> = (0..100).map(Date).collect();
    let days = testing::scalar::<days_between>()
        .column(from)
        .literal(Date(100))
        .call()
        .unwrap();
    assert_eq!(
        days.values::<i32>(),
        (1..=100).rev().map(Some).collect::<Vec<_>>()
    );
    let long = testing::scalar::<is_long>()
        .column([vec![1_u8; 3], vec![], vec![2; 4]])
        .column([2_u32, 0, 4])
        .call()
        .unwrap();
    assert_eq!(
        long.values::<bool>(),
        [Some(true), Some(false), Some(false)]
    );
    assert_eq!(
        testing::scalar::<answer>().call().unwrap().values::<f64>(),
        [Some(42.0)]
    );
}

#[test]
fn records_nest_both_ways() {
    let nested = testing::scalar::<nest>()
        .column(["ab c", " ", "d"])
        .call()
        .unwrap();
    assert_eq!(nested.value(1), Value::Null);
    let inner = |length| Some(Inner { length });
    let expected = [
        Some(Nested {
            word: "ab",
            inner: inner(2),
            list: vec![0.5, 0.5],
        }),
        None,
        Some(Nested {
            word: "d",
            inner: None,
            list: vec![0.5, 0.5],
        }),
    ];
    assert_eq!(nested.values::<Nested<'_>>(), expected);
    let back = testing::scalar::<unnest>().column(expected).call().unwrap();
    let texts = back.values::<String>();
    assert_eq!(
        texts,
        [
            Some("ab Some(2) 2".to_owned()),
            None,
            Some("d None 2".to_owned())
        ]
    );
}

#[test]
fn a_null_where_a_row_has_no_option_is_named() {
    let batch = Batch::new([column("word", [Some("a"), None])]).unwrap();
    #[derive(Debug, Row)]
    struct Word<'a> {
        word: &'a str,
    }
    let rows: Vec<_> = batch.read::<Word<'_>>().unwrap().collect();
    assert_eq!(rows[0].as_ref().unwrap().word, "a");
    let error = rows[1].as_ref().unwrap_err();
    assert_eq!(error.message, "column `word` is null in row 2 of a batch");
}

#[test]
fn a_written_text_is_the_column() {
    let numbers = [Some(3_i64), Some(0), None, Some(12), Some(1)];
    let counted = testing::scalar::<counted>()
        .column(numbers)
        .literal(", ")
        .call()
        .unwrap();
    let expected =
        [Some("1, 2, 3"), None, None, None, Some("1")].map(|text| text.map(str::to_owned));
    assert_eq!(counted.values::<String>(), expected);
    let failed: Vec<_> = counted
        .failed
        .iter()
        .map(|one| (one.row, one.message.as_str()))
        .collect();
    assert_eq!(failed, [(3, "12 is more than can be counted")]);

    let long = "long ".repeat(90);
    let texts = ["", "läuft", &long].repeat(500);
    let capitals = testing::scalar::<capitals>()
        .column(texts.clone())
        .call()
        .unwrap();
    let expected: Vec<_> = texts
        .iter()
        .map(|text| Some(text.to_ascii_uppercase() + "…"))
        .collect();
    assert_eq!(capitals.values::<String>(), expected);
    assert!(capitals.failed.is_empty());
}
