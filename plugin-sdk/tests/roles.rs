//! Aggregates, table functions and the mock host through the same calls that the host makes.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, Read};

use tsugi_plugin::testing::{self, MockHost};
use tsugi_plugin::{
    Aggregate, Batch, BatchBuilder, Batches, DataType, Error, Inputs, Pulled, Record, Schema,
    Stream, Streamed, Table, TableCall, TableSignature, Value, column,
};

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

    fn end(&mut self) -> Result<Batches, Error> {
        let mut out = BatchBuilder::new(&Streamed::returns(self));
        out.row([Value::Text("dropped"), Value::Int(self.dropped)])?;
        out.finish().map(Batches::from)
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
    let listed: Vec<_> = result.utf8("word").unwrap().iter().flatten().collect();
    assert_eq!(listed, ["a", "a", "dropped"]);
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

/// Needs a port that the call does not have.
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
