//! Table functions that break their word while they are planned, fed or pulled.
use std::hint::black_box;

use tsugi_plugin::bindings::imports::tsugi::plugin::inputs;
use tsugi_plugin::{
    Batch, DataType, Error, Pulled, Schema, Table, TableCall, TableSignature, column,
};

fn one_port(name: &str) -> TableSignature {
    TableSignature::new(name, "").port("rows", Schema::new().i64("n").nullable(), "")
}

/// Promises a column without nulls and gives one.
pub struct Nulls {
    given: bool,
}

impl Table for Nulls {
    fn signature() -> TableSignature {
        one_port("nulls")
    }

    fn open(_: &TableCall) -> Result<Self, Error> {
        Ok(Self { given: false })
    }

    fn returns(&self) -> Schema {
        Schema::new().i64("n")
    }

    fn push(&mut self, _: usize, _: Batch) -> Result<(), Error> {
        Ok(())
    }

    fn close(&mut self, _: usize) -> Result<(), Error> {
        Ok(())
    }

    fn pull(&mut self) -> Result<Pulled, Error> {
        if std::mem::replace(&mut self.given, true) {
            return Ok(Pulled::Finished);
        }
        Batch::new([column("n", [Some(1_i64), None])]).map(Pulled::Batch)
    }
}

/// Reaches for files that are not granted, where granted ones could be reached.
pub struct Peeks;

impl Table for Peeks {
    fn signature() -> TableSignature {
        one_port("peeks")
    }

    fn open(_: &TableCall) -> Result<Self, Error> {
        Ok(Self)
    }

    fn returns(&self) -> Schema {
        Schema::new().i64("n")
    }

    fn push(&mut self, _: usize, _: Batch) -> Result<(), Error> {
        Ok(())
    }

    fn close(&mut self, _: usize) -> Result<(), Error> {
        Ok(())
    }

    fn pull(&mut self) -> Result<Pulled, Error> {
        let found = inputs::entries("secrets", "")?;
        Batch::new([column("n", [found.len() as i64])]).map(Pulled::Batch)
    }
}

/// Does not get on, at the place that `at` names.
pub struct Stalls {
    at: String,
}

impl Table for Stalls {
    fn signature() -> TableSignature {
        one_port("stalls").required_option("at", DataType::Utf8, "")
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let at = call.text("at").unwrap_or_default().to_owned();
        while at == "open" {
            black_box(&at);
        }
        Ok(Self { at })
    }

    fn returns(&self) -> Schema {
        Schema::new().i64("n")
    }

    fn push(&mut self, _: usize, _: Batch) -> Result<(), Error> {
        while self.at == "push" {
            black_box(&self.at);
        }
        Ok(())
    }

    fn close(&mut self, _: usize) -> Result<(), Error> {
        Ok(())
    }

    fn pull(&mut self) -> Result<Pulled, Error> {
        while self.at == "pull" {
            black_box(&self.at);
        }
        if self.at == "empty" {
            return Batch::new([column("n", [0_i64; 0])]).map(Pulled::Batch);
        }
        // For "push" this is where the rows come from; for "need" it never has enough.
        Ok(Pulled::Need(0))
    }
}
