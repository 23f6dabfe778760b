//! The roles through the same calls that the host makes.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, Read};

use tsugi_plugin::testing::{self, MockHost};
use tsugi_plugin::{
    Aggregate, Batch, BatchBuilder, DataType, Date, Error, Inputs, Pulled, Record, Schema, Stream,
    Streamed, Table, TableCall, TableSignature, Value, column, scalar,
};

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

#[scalar]
fn answer() -> f64 {
    42.0
}

#[derive(Clone, Debug, PartialEq, Record)]
struct Inner {
    letters: i64,
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
    let letters = word.len() as i64;
    Some(Nested {
        word,
        inner: (letters > 1).then_some(Inner { letters }),
        list: vec![0.5; 2],
    })
}

#[scalar]
fn unnest(nested: Nested<'_>) -> String {
    format!(
        "{} {:?} {}",
        nested.word,
        nested.inner.map(|inner| inner.letters),
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
    let inner = |letters| Some(Inner { letters });
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
fn a_null_where_a_record_has_no_option_is_named() {
    let batch = Batch::new([column("word", [Some("a"), None])]).unwrap();
    #[derive(Debug, Record)]
    struct Word<'a> {
        word: &'a str,
    }
    let rows: Vec<_> = batch.records::<Word<'_>>().unwrap().collect();
    assert_eq!(rows[0].as_ref().unwrap().word, "a");
    let error = rows[1].as_ref().unwrap_err();
    assert_eq!(error.message, "column `word` is null in row 1");
}

#[derive(Clone, Default, Record)]
struct Longest {
    text: Option<String>,
}

impl Aggregate for Longest {
    const NAME: &'static str = "longest";
    const PARAMS: &'static [&'static str] = &["text"];
    type Args<'a> = (&'a str,);
    type State = Self;
    type Output = Option<String>;

    fn update(&mut self, (text,): (&str,)) -> Result<(), Error> {
        if self
            .text
            .as_deref()
            .is_none_or(|own| (text.len(), text) > (own.len(), own))
        {
            self.text = Some(text.to_owned());
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<(), Error> {
        other.text.map_or(Ok(()), |text| self.update((&text,)))
    }

    fn state(&self) -> Self {
        self.clone()
    }

    fn result(&self) -> Option<String> {
        self.text.clone()
    }
}

/// Forgets what it merges, which the check must find.
#[derive(Default)]
struct Forgetful(i64);

#[derive(Record)]
struct Count {
    count: i64,
}

impl Aggregate for Forgetful {
    const NAME: &'static str = "forgetful";
    const PARAMS: &'static [&'static str] = &["text"];
    type Args<'a> = (Option<&'a str>,);
    type State = Count;
    type Output = i64;

    fn update(&mut self, _: (Option<&str>,)) -> Result<(), Error> {
        self.0 += 1;
        Ok(())
    }

    fn merge(&mut self, other: Count) -> Result<(), Error> {
        self.0 = other.count;
        Ok(())
    }

    fn state(&self) -> Count {
        Count { count: self.0 }
    }

    fn result(&self) -> i64 {
        self.0
    }
}

#[test]
fn aggregates_answer_each_group_and_merge() {
    let texts = [
        Some("a"),
        Some("ccc"),
        None,
        Some("bb"),
        Some("b"),
        Some("dddd"),
    ];
    let args = Batch::new([column("text", texts)]).unwrap();
    let groups = [0, 2, 0, 0, 3, 3];
    let longest = testing::aggregate_checked::<Longest>(&args, &groups, 5).unwrap();
    let answers: Vec<_> = longest
        .column_at(0)
        .unwrap()
        .utf8()
        .unwrap()
        .iter()
        .collect();
    assert_eq!(answers, [Some("bb"), None, Some("ccc"), Some("dddd"), None]);

    let counted = testing::aggregate::<Forgetful>(&args, &groups, 4).unwrap();
    let counts: Vec<_> = counted.column_at(0).unwrap().i64().unwrap().values.to_vec();
    assert_eq!(counts, [3, 0, 1, 2]);
    let found = testing::aggregate_checked::<Forgetful>(&args, &groups, 4).unwrap_err();
    assert!(
        found
            .detail
            .as_ref()
            .unwrap()
            .contains("merged from 2 parts"),
        "{found}"
    );
    let beyond = testing::aggregate::<Longest>(&args, &groups, 3).unwrap_err();
    assert_eq!(beyond.code, "bad-groups");
}

/// Keeps the rows whose word is on the list of the second port; a third port is optional.
struct Listed {
    column: String,
    words: Vec<String>,
    dropped: i64,
}

impl Streamed for Listed {
    fn signature() -> TableSignature {
        TableSignature::new("listed", "Keeps listed words.")
            .port("rows", Schema::new(), "The rows.")
            .optional_port("extra", Schema::new().utf8("word"), "More words.")
            .port("list", Schema::new().utf8("word"), "The words.")
            .required_option("column", DataType::Utf8, "The column of the word.")
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let column = call.text("column").unwrap_or_default().to_owned();
        Ok(Self {
            column,
            words: Vec::new(),
            dropped: 0,
        })
    }

    fn returns(&self) -> Schema {
        Schema::new().utf8("word").i64("dropped").nullable()
    }

    fn ready(&mut self, sides: &Inputs) -> Result<(), Error> {
        for batch in sides.batches(1).iter().chain(sides.batches(2)) {
            self.words
                .extend(batch.utf8("word")?.iter().flatten().map(str::to_owned));
        }
        Ok(())
    }

    fn next(&mut self, rows: Batch) -> Result<Option<Batch>, Error> {
        let mut out = BatchBuilder::new(&Streamed::returns(self));
        for word in rows.utf8(&self.column)?.iter().flatten() {
            if self.words.iter().any(|listed| listed == word) {
                out.row([Value::Text(word), Value::Null])?;
            } else {
                self.dropped += 1;
            }
        }
        if out.rows() == 0 {
            Ok(None)
        } else {
            out.finish().map(Some)
        }
    }

    fn end(&mut self) -> Result<Option<Batch>, Error> {
        let mut out = BatchBuilder::new(&Streamed::returns(self));
        out.row([Value::Text("dropped"), Value::Int(self.dropped)])?;
        out.finish().map(Some)
    }
}

#[test]
fn a_table_function_takes_its_ports_in_any_cut() {
    let words = |words: &[&'static str]| Batch::new([column("word", words.to_vec())]).unwrap();
    let run = testing::table::<Stream<Listed>>()
        .input("rows", words(&["a", "b", "c", "a", "d"]))
        .input("list", words(&["a"]))
        .option("column", "word");
    let result = run.run().unwrap();
    let kept: Vec<_> = result.utf8("word").unwrap().iter().flatten().collect();
    assert_eq!(kept, ["a", "a", "dropped"]);
    assert_eq!(result.i64("dropped").unwrap().get(2), Some(3));
    let more = run.input("extra", words(&["d"])).run().unwrap();
    assert_eq!(more.i64("dropped").unwrap().get(3), Some(2));

    let without = testing::table::<Stream<Listed>>().input("rows", words(&["a"]));
    assert_eq!(without.run().unwrap_err().code, "missing-port");
    let empty = testing::table::<Stream<Listed>>()
        .input("rows", words(&[]))
        .input("list", words(&[]))
        .option("column", "word");
    assert_eq!(empty.run().unwrap().rows(), 1);
}

/// Asks for a port that is not given.
struct Greedy;

impl Table for Greedy {
    fn signature() -> TableSignature {
        TableSignature::new("greedy", "").optional_port("rows", Schema::new(), "")
    }
    fn open(_: &TableCall) -> Result<Self, Error> {
        Ok(Self)
    }
    fn returns(&self) -> Schema {
        Schema::new()
    }
    fn push(&mut self, _: usize, _: Batch) -> Result<(), Error> {
        Ok(())
    }
    fn close(&mut self, _: usize) -> Result<(), Error> {
        Ok(())
    }
    fn pull(&mut self) -> Result<Pulled, Error> {
        Ok(Pulled::Need(0))
    }
}

#[test]
fn a_port_that_is_not_given_cannot_be_needed() {
    assert_eq!(
        testing::table::<Greedy>().run().unwrap_err().code,
        "bad-port"
    );
}

#[test]
fn files_are_read_whatever_the_chunks() {
    let text = "one\ntwo\n\nlast";
    for chunk_bytes in [1, 3, 1 << 20] {
        let host = MockHost::new()
            .file("exports", "a/b.csv", text)
            .chunk_bytes(chunk_bytes);
        let source = host.source();
        let file = source.open("exports", "a/b.csv", 0).unwrap();
        let lines: Vec<String> = file.lines().map(Result::unwrap).collect();
        assert_eq!(lines, ["one", "two", "", "last"]);
        let mut rest = String::new();
        source
            .open("exports", "a/b.csv", 4)
            .unwrap()
            .read_to_string(&mut rest)
            .unwrap();
        assert_eq!(rest, "two\n\nlast");
        assert_eq!(
            source.read("exports", "a/b.csv", 5).unwrap_err().code,
            "file-too-large"
        );
        assert_eq!(source.entries("exports", "a/").unwrap()[0].size, 13.0);
        assert!(source.entries("exports", "b").unwrap().is_empty());
    }
}

#[test]
fn an_object_is_stored_once() {
    let host = MockHost::new().output("outbox");
    let sink = host.sink();
    sink.put("outbox", "r/1", b"x").unwrap();
    sink.put("outbox", "r/1", b"x").unwrap();
    assert_eq!(
        sink.put("outbox", "r/1", b"y").unwrap_err().code,
        "object-differs"
    );
    assert_eq!(
        sink.put("elsewhere", "r/1", b"x").unwrap_err().code,
        "denied"
    );
    assert_eq!(host.objects("outbox").len(), 1);
}

#[test]
fn an_error_survives_std_io() {
    let error = Error::give_up("gone", "the file is gone").at("a.csv:3");
    assert_eq!(Error::from(std::io::Error::other(error.clone())), error);
    assert_eq!(error.to_string(), "the file is gone [gone] at a.csv:3");
    tsugi_plugin::log::warn("look");
    assert_eq!(testing::log_lines(), ["warn: look"]);
}
