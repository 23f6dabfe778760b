//! The roles that SQL calls: scalar, aggregate and table.
use std::cell::Cell;

use tsugi_plugin::bindings::aggregate::exports::tsugi::plugin::aggregate;
use tsugi_plugin::bindings::imports::tsugi::plugin::types::{Batch, Error, Field, RowError};
use tsugi_plugin::bindings::imports::tsugi::plugin::{http, inputs, mail, outputs};
use tsugi_plugin::bindings::scalar::exports::tsugi::plugin::scalar;
use tsugi_plugin::bindings::table::exports::tsugi::plugin::table;

use crate::flows::request;
use crate::forge::{self, counts, field, numbers};
use crate::{Evil, attack, failing, signs};

/// What a function of this name returns.
fn promise(name: &str) -> Vec<Field> {
    forge::find(name).map_or_else(|| vec![field("x", "l", true, 0)], |one| (one.promise)())
}

/// What it gives.
fn gift(name: &str) -> Batch {
    forge::find(name).map_or_else(numbers, |one| (one.batch)())
}

fn n() -> Vec<Field> {
    vec![field("n", "l", true, 0)]
}

/// One use of a function.
pub struct Used {
    name: String,
    pulls: Cell<u32>,
}

impl Used {
    fn open(name: String) -> Result<Self, Error> {
        attack::here("open");
        if name == "refuses" || attack::is("error_huge") {
            return Err(failing());
        }
        Ok(Self {
            name,
            pulls: Cell::new(0),
        })
    }
}

fn message() -> mail::Message {
    mail::Message {
        from: "care@mail.example".into(),
        to: "somebody@mail.example".into(),
        subject: "s".into(),
        text: "t".into(),
        headers: Vec::new(),
        message_id: "a@mail.example".into(),
        extra: Vec::new(),
    }
}

impl Drop for Used {
    fn drop(&mut self) {
        attack::here("drop");
    }
}

/// Rows that are said to have failed.
fn failed(name: &str) -> Vec<RowError> {
    let of = |row| RowError {
        row,
        code: "no".into(),
        message: "no".into(),
    };
    match name {
        "failed_without_null" => vec![of(0)],
        "failed_beyond" => vec![of(3)],
        "failed_huge" => vec![of(u32::MAX)],
        "failed_millions" => (0..2_000_000).map(|_| of(1)).collect(),
        _ => Vec::new(),
    }
}

const SCALARS: [&str; 7] = [
    "honest",
    "refuses",
    "failed_without_null",
    "failed_beyond",
    "failed_huge",
    "failed_millions",
    "counts",
];

impl scalar::Guest for Evil {
    type Evaluator = Used;

    fn signatures() -> Vec<scalar::Signature> {
        attack::here("signatures");
        let volatility = if attack::is("volatility") {
            "sometimes"
        } else {
            "immutable"
        };
        let of = |name: String| scalar::Signature {
            params: n(),
            returns: signs::schema(promise(&name)),
            volatility: volatility.into(),
            doc: String::new(),
            extra: Vec::new(),
            name,
        };
        signs::names(&SCALARS).into_iter().map(of).collect()
    }
}

impl scalar::GuestEvaluator for Used {
    fn open(call: scalar::Binding) -> Result<scalar::Evaluator, Error> {
        Self::open(call.name).map(scalar::Evaluator::new)
    }

    fn evaluate(&self, _: Batch) -> Result<scalar::Evaluated, Error> {
        attack::here("call");
        Ok(scalar::Evaluated {
            column: match self.name.as_str() {
                "counts" => counts(),
                name => gift(name),
            },
            failed: failed(&self.name),
        })
    }
}

impl aggregate::Guest for Evil {
    type Groups = Used;

    fn signatures() -> Vec<aggregate::Signature> {
        attack::here("aggregates");
        let of = |name: String| aggregate::Signature {
            params: n(),
            returns: signs::schema(promise(&name)),
            state: if attack::is("state_none") {
                Vec::new()
            } else {
                promise(&name)
            },
            doc: String::new(),
            extra: Vec::new(),
            name,
        };
        signs::names(&["honest", "refuses"])
            .into_iter()
            .map(of)
            .collect()
    }
}

impl aggregate::GuestGroups for Used {
    fn open(name: String, _: Vec<Field>) -> Result<aggregate::Groups, Error> {
        Self::open(name).map(aggregate::Groups::new)
    }

    fn update(&self, _: Batch, _: Vec<u8>, _: u32) -> Result<(), Error> {
        attack::here("update");
        Ok(())
    }

    fn merge(&self, _: Batch, _: Vec<u8>, _: u32) -> Result<(), Error> {
        attack::here("merge");
        Ok(())
    }

    fn state(&self, _: Option<u32>) -> Result<Batch, Error> {
        attack::here("state");
        Ok(gift(&self.name))
    }

    fn evaluate(&self, _: Option<u32>) -> Result<Batch, Error> {
        attack::here("call");
        Ok(gift(&self.name))
    }
}

const TABLES: [&str; 9] = [
    "honest",
    "refuses",
    "needs_beyond",
    "returns_later",
    "empty_forever",
    "sends_http",
    "sends_mail",
    "reads_files",
    "puts_files",
];

impl table::Guest for Evil {
    type Operator = Used;

    fn signatures() -> Vec<table::Signature> {
        attack::here("tables");
        let port = |name: &str| table::PortInfo {
            name: name.into(),
            required: true,
            columns: signs::schema(n()),
            doc: String::new(),
        };
        let option = |name: &str, format: &str| table::OptionInfo {
            name: name.into(),
            format: format.into(),
            required: false,
            doc: String::new(),
        };
        let ports = match attack::name().as_str() {
            "ports_twice" => vec![port("rows"), port("rows")],
            "ports_thousands" => (0..1_001).map(|n| port(&format!("p{n}"))).collect(),
            "port_named_badly" => vec![port("my rows")],
            _ => vec![port("rows")],
        };
        let options = match attack::name().as_str() {
            "option_of_list" => vec![option("a", "+l")],
            "option_of_nothing" => vec![option("a", &"q".repeat(10_000))],
            "options_twice" => vec![option("a", "l"), option("a", "u")],
            _ => Vec::new(),
        };
        let of = |name: String| table::Signature {
            ports: ports.clone(),
            options: options.clone(),
            doc: String::new(),
            extra: Vec::new(),
            name,
        };
        signs::names(&TABLES).into_iter().map(of).collect()
    }
}

impl table::GuestOperator for Used {
    fn open(call: table::Binding) -> Result<table::Operator, Error> {
        Self::open(call.name).map(table::Operator::new)
    }

    fn returns(&self) -> Vec<Field> {
        attack::here("returns");
        signs::schema(promise(&self.name))
    }

    fn push(&self, _: u32, _: Batch) -> Result<(), Error> {
        attack::here("push");
        Ok(())
    }

    fn close(&self, _: u32) -> Result<(), Error> {
        attack::here("close");
        Ok(())
    }

    fn pull(&self) -> Result<table::Pulled, Error> {
        attack::here("call");
        self.pulls.set(self.pulls.get() + 1);
        Ok(match self.name.as_str() {
            "needs_beyond" => table::Pulled::Need(1),
            "needs_huge" => table::Pulled::Need(u32::MAX),
            "sends_http" => {
                http::send("channel", &request("POST")).map(|_| table::Pulled::Finished)?
            }
            "sends_mail" => mail::send("server", &message()).map(|_| table::Pulled::Finished)?,
            "reads_files" => inputs::entries("exports", "").map(|_| table::Pulled::Finished)?,
            "puts_files" => {
                outputs::put("outbox", "a.jsonl", b"x").map(|()| table::Pulled::Finished)?
            }
            _ => table::Pulled::Batch(gift(&self.name)),
        })
    }
}
