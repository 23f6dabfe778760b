//! The roles that read and write: source and sink.
use std::cell::Cell;

use tsugi_plugin::bindings::imports::tsugi::plugin::types::{Batch, Error, Field, RowError};
use tsugi_plugin::bindings::imports::tsugi::plugin::{http, inputs, outputs, report};
use tsugi_plugin::bindings::sink::exports::tsugi::plugin::{sink, sink_terms};
use tsugi_plugin::bindings::source::exports::tsugi::plugin::source;

use crate::forge::{self, field, numbers};
use crate::{Evil, attack, failing, signs};

const STREAMS: [&str; 15] = [
    "honest",
    "refuses",
    "state_huge",
    "rows_nan",
    "rows_negative",
    "rows_endless",
    "rows_back",
    "waits",
    "rejects_huge",
    "rejects_millions",
    "reads_ungranted",
    "reads_above",
    "reads_nan",
    "handles",
    "asks_without_end",
];

/// A reading of one stream.
pub struct Reading {
    stream: String,
    steps: Cell<u32>,
}

impl Drop for Reading {
    fn drop(&mut self) {
        attack::here("drop");
    }
}

fn promise(stream: &str) -> Vec<Field> {
    forge::find(stream).map_or_else(|| vec![field("x", "l", true, 0)], |one| (one.promise)())
}

impl source::Guest for Evil {
    type Reader = Reading;

    fn discover(_: String) -> Result<Vec<source::StreamInfo>, Error> {
        attack::here("discover");
        if attack::is("error_huge") {
            return Err(failing());
        }
        let key = if attack::is("key_missing") {
            vec!["no-one".repeat(1_000)]
        } else {
            Vec::new()
        };
        let of = |name: String| source::StreamInfo {
            schema: signs::schema(promise(&name)),
            primary_key: key.clone(),
            cursor: Vec::new(),
            doc: String::new(),
            extra: Vec::new(),
            name,
        };
        Ok(signs::names(&STREAMS).into_iter().map(of).collect())
    }
}

fn checkpoint(state: Vec<u8>, rows: f64) -> Option<source::Checkpoint> {
    Some(source::Checkpoint {
        partition: String::new(),
        version: 1,
        state,
        summary: String::new(),
        rows,
    })
}

/// A request to the granted address itself.
pub fn request(method: &str) -> http::Request {
    http::Request {
        method: method.into(),
        url: String::new(),
        headers: Vec::new(),
        body: Vec::new(),
        extra: Vec::new(),
    }
}

fn reject(text: &str) -> report::Reject {
    report::Reject {
        stream: text.into(),
        file: text.into(),
        line: u32::MAX,
        column: Some(text.into()),
        code: text.into(),
        reason: text.into(),
        raw: text.into(),
    }
}

impl source::GuestReader for Reading {
    fn open(_: String, request: source::ReadRequest) -> Result<source::Reader, Error> {
        attack::here("open");
        if request.stream == "refuses" {
            return Err(failing());
        }
        Ok(source::Reader::new(Self {
            stream: request.stream,
            steps: Cell::new(0),
        }))
    }

    fn returns(&self) -> Vec<Field> {
        attack::here("returns");
        if attack::is("other_columns") {
            return vec![field("y", "u", true, 0)];
        }
        promise(&self.stream)
    }

    fn next(&self) -> Result<source::Step, Error> {
        attack::here("call");
        let step = self.steps.replace(self.steps.get() + 1);
        let rows = forge::find(&self.stream).map_or_else(numbers, |one| (one.batch)());
        let mut next = source::Step {
            rows: Some(rows),
            checkpoint: None,
            wait_ms: None,
            done: step >= 2,
        };
        match self.stream.as_str() {
            "state_huge" => next.checkpoint = checkpoint(vec![1; 300 << 10], 3.0),
            "rows_nan" => next.checkpoint = checkpoint(Vec::new(), f64::NAN),
            "rows_negative" => next.checkpoint = checkpoint(Vec::new(), -1.0),
            "rows_endless" => next.checkpoint = checkpoint(Vec::new(), f64::INFINITY),
            "rows_back" => next.checkpoint = checkpoint(Vec::new(), 9.0 - f64::from(step)),
            "rejects_huge" => report::rejects(&[reject(&"x".repeat(4 << 20))]),
            "rejects_millions" => (0..9).for_each(|_| report::rejects(&vec![reject(""); 20_000])),
            "reads_ungranted" => drop(inputs::entries("secrets", "")?),
            "reads_above" => drop(inputs::Reader::open("exports", "../../../etc/passwd", 0.0)?),
            "reads_nan" => drop(inputs::Reader::open("exports", "a.csv", f64::NAN)?),
            "handles" => {
                let open = || inputs::Reader::open("exports", "a.csv", 0.0);
                let held: Vec<_> = (0..100_000).map(|_| open()).collect::<Result<_, _>>()?;
                std::hint::black_box(&held);
            }
            "asks_without_end" => loop {
                let _ = http::send("channel", &request("GET"));
            },
            _ => {}
        }
        Ok(next)
    }
}

/// A writing of one delivery; its target names the lie.
pub struct Writing {
    target: String,
}

impl Drop for Writing {
    fn drop(&mut self) {
        attack::here("drop");
    }
}

impl sink::Guest for Evil {
    type Writer = Writing;
}

impl sink_terms::Guest for Evil {
    fn describe(_: String) -> Result<sink_terms::Terms, Error> {
        attack::here("describe");
        Ok(sink_terms::Terms {
            repeat: "same".into(),
            batch_rows: 0,
            extra: Vec::new(),
        })
    }
}

fn receipt(accepted: u32, failed: &[u32], durable_through: Option<u32>) -> sink::Receipt {
    let of = |row: &u32| RowError {
        row: *row,
        code: "no".into(),
        message: "no".into(),
    };
    sink::Receipt {
        accepted,
        failed: failed.iter().map(of).collect(),
        durable_through,
        summary: String::new(),
    }
}

impl sink::GuestWriter for Writing {
    fn open(_: String, request: sink::WriteRequest) -> Result<sink::Writer, Error> {
        attack::here("open");
        if request.target == "refuses" || attack::is("error_huge") {
            return Err(failing());
        }
        Ok(sink::Writer::new(Self {
            target: request.target,
        }))
    }

    fn write(&self, sequence: u32, _: Batch) -> Result<sink::Receipt, Error> {
        attack::here("call");
        let put = |output: &str, name: &str| outputs::put(output, name, b"x");
        Ok(match self.target.as_str() {
            "accepts_more" => receipt(4, &[], None),
            "accepts_fewer" => receipt(2, &[], None),
            "accepts_huge" => receipt(u32::MAX, &[], None),
            "fails_beyond" => receipt(2, &[3], None),
            "fails_twice" => receipt(1, &[1, 1], None),
            "fails_and_accepts" => receipt(3, &[1], None),
            "durable_before_sent" => receipt(3, &[], Some(sequence + 1)),
            "durable_huge" => receipt(3, &[], Some(u32::MAX)),
            "puts_ungranted" => put("elsewhere", "a.jsonl").map(|()| receipt(3, &[], None))?,
            "puts_above" => put("outbox", "../../a.jsonl").map(|()| receipt(3, &[], None))?,
            "puts_root" => put("outbox", "/tmp/a.jsonl").map(|()| receipt(3, &[], None))?,
            "puts_zero" => put("outbox", "a\0.jsonl").map(|()| receipt(3, &[], None))?,
            "puts_nothing" => put("outbox", "").map(|()| receipt(3, &[], None))?,
            "puts_long" => put("outbox", &"a".repeat(5_000)).map(|()| receipt(3, &[], None))?,
            _ => receipt(3, &[], Some(sequence)),
        })
    }

    fn commit(&self) -> Result<sink::Receipt, Error> {
        attack::here("commit");
        Ok(receipt(0, &[], None))
    }

    fn abort(&self) -> Result<(), Error> {
        attack::here("abort");
        Ok(())
    }
}
