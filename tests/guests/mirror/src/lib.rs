//! Gives back what it is given, in every role. It looks at counts and bytes and at no value, so
//! that what it returns is what crossed.

mod types;

use std::cell::{Cell, RefCell};

use tsugi_plugin::bindings::aggregate::exports::tsugi::plugin::aggregate;
use tsugi_plugin::bindings::imports::tsugi::plugin::types::{Batch, Error, Field, Recovery, Scope};
use tsugi_plugin::bindings::scalar::exports::tsugi::plugin::scalar;
use tsugi_plugin::bindings::sink::exports::tsugi::plugin::{sink, sink_terms};
use tsugi_plugin::bindings::source::exports::tsugi::plugin::source;
use tsugi_plugin::bindings::table::exports::tsugi::plugin::table;

/// Every role.
pub struct Mirror;

// The manifest alone: the roles are exported below.
tsugi_plugin::export! { manifest: "plugin.toml" }

#[cfg(target_arch = "wasm32")]
const _: () = {
    use tsugi_plugin::bindings::{aggregate, scalar, sink, source, table};
    scalar::export!(Mirror with_types_in scalar);
    aggregate::export!(Mirror with_types_in aggregate);
    table::export!(Mirror with_types_in table);
    source::export!(Mirror with_types_in source);
    sink::export!(Mirror with_types_in sink);
};

/// What was given last.
#[derive(Default)]
pub struct Held {
    schema: Vec<Field>,
    rows: RefCell<Option<Batch>>,
    ended: Cell<bool>,
}

fn nothing() -> Batch {
    Batch {
        rows: 0,
        nodes: Vec::new(),
        buffers: Vec::new(),
    }
}

impl Held {
    fn take(&self) -> Batch {
        self.rows.take().unwrap_or_else(nothing)
    }
}

impl scalar::Guest for Mirror {
    type Evaluator = Held;

    fn signatures() -> Vec<scalar::Signature> {
        let of = |(name, column): (&str, types::Column)| scalar::Signature {
            name: name.into(),
            params: column.fields.clone(),
            returns: column.fields,
            volatility: "immutable".into(),
            doc: String::new(),
            extra: Vec::new(),
        };
        let same = types::columns().into_iter().map(|column| ("same", column));
        same.chain([("nanos", types::nanos())]).map(of).collect()
    }
}

impl scalar::GuestEvaluator for Held {
    fn open(_: scalar::Binding) -> Result<scalar::Evaluator, Error> {
        Ok(scalar::Evaluator::new(Self::default()))
    }

    fn evaluate(&self, column: Batch) -> Result<scalar::Evaluated, Error> {
        let failed = Vec::new();
        Ok(scalar::Evaluated { column, failed })
    }
}

/// For groups of one row each, in the order of the rows.
impl aggregate::Guest for Mirror {
    type Groups = Held;

    fn signatures() -> Vec<aggregate::Signature> {
        let of = |(name, column): (&str, types::Column)| aggregate::Signature {
            name: name.into(),
            params: column.fields.clone(),
            returns: column.fields.clone(),
            state: column.fields,
            doc: String::new(),
            extra: Vec::new(),
        };
        let kept = types::columns().into_iter().map(|column| ("kept", column));
        let all = kept.chain([("kept_nanos", types::nanos())]);
        all.map(of).collect()
    }
}

impl aggregate::GuestGroups for Held {
    fn open(_: String, _: Vec<Field>) -> Result<aggregate::Groups, Error> {
        Ok(aggregate::Groups::new(Self::default()))
    }

    fn update(&self, args: Batch, _: Vec<u8>, _: u32) -> Result<(), Error> {
        self.rows.replace(Some(args));
        Ok(())
    }

    fn merge(&self, state: Batch, _: Vec<u8>, _: u32) -> Result<(), Error> {
        self.rows.replace(Some(state));
        Ok(())
    }

    fn state(&self, _: Option<u32>) -> Result<Batch, Error> {
        Ok(self.take())
    }

    fn evaluate(&self, _: Option<u32>) -> Result<Batch, Error> {
        Ok(self.take())
    }
}

impl table::Guest for Mirror {
    type Operator = Held;

    fn signatures() -> Vec<table::Signature> {
        let rows = table::PortInfo {
            name: "rows".into(),
            required: true,
            columns: Vec::new(),
            doc: String::new(),
        };
        vec![table::Signature {
            name: "mirrored".into(),
            ports: vec![rows],
            options: Vec::new(),
            doc: String::new(),
            extra: Vec::new(),
        }]
    }
}

impl table::GuestOperator for Held {
    fn open(call: table::Binding) -> Result<table::Operator, Error> {
        let schema = call
            .inputs
            .into_iter()
            .flat_map(|port| port.schema)
            .collect();
        Ok(table::Operator::new(Self {
            schema,
            ..Self::default()
        }))
    }

    fn returns(&self) -> Vec<Field> {
        self.schema.clone()
    }

    fn push(&self, _: u32, rows: Batch) -> Result<(), Error> {
        self.rows.replace(Some(rows));
        Ok(())
    }

    fn close(&self, _: u32) -> Result<(), Error> {
        self.ended.set(true);
        Ok(())
    }

    fn pull(&self) -> Result<table::Pulled, Error> {
        Ok(match self.rows.take() {
            Some(rows) => table::Pulled::Batch(rows),
            None if self.ended.get() => table::Pulled::Finished,
            None => table::Pulled::Need(0),
        })
    }
}

impl source::Guest for Mirror {
    type Reader = Held;

    fn discover(_: String) -> Result<Vec<source::StreamInfo>, Error> {
        Ok(vec![source::StreamInfo {
            name: "types".into(),
            schema: types::schema(),
            primary_key: Vec::new(),
            cursor: Vec::new(),
            doc: String::new(),
            extra: Vec::new(),
        }])
    }
}

impl source::GuestReader for Held {
    fn open(_: String, _: source::ReadRequest) -> Result<source::Reader, Error> {
        Ok(source::Reader::new(Self::default()))
    }

    fn returns(&self) -> Vec<Field> {
        types::schema()
    }

    fn next(&self) -> Result<source::Step, Error> {
        Ok(source::Step {
            rows: Some(types::batch()),
            checkpoint: None,
            wait_ms: None,
            done: true,
        })
    }
}

impl sink::Guest for Mirror {
    type Writer = Held;
}

impl sink_terms::Guest for Mirror {
    fn describe(_: String) -> Result<sink_terms::Terms, Error> {
        Ok(sink_terms::Terms {
            repeat: "same".into(),
            batch_rows: 0,
            extra: Vec::new(),
        })
    }
}

fn receipt(accepted: u32) -> sink::Receipt {
    sink::Receipt {
        accepted,
        failed: Vec::new(),
        durable_through: None,
        summary: String::new(),
    }
}

/// Takes only the very bytes that the source gives.
impl sink::GuestWriter for Held {
    fn open(_: String, request: sink::WriteRequest) -> Result<sink::Writer, Error> {
        Ok(sink::Writer::new(Self {
            schema: request.schema,
            ..Self::default()
        }))
    }

    fn write(&self, _: u32, rows: Batch) -> Result<sink::Receipt, Error> {
        if self.schema == types::schema() && rows == types::batch() {
            return Ok(receipt(rows.rows));
        }
        Err(Error {
            recovery: Recovery::GiveUp,
            scope: Scope::Batch,
            code: "changed".into(),
            message: format!("these are not the rows of the source: {rows:?}"),
            detail: None,
            retry_after_ms: None,
            at: None,
            extra: Vec::new(),
        })
    }

    fn commit(&self) -> Result<sink::Receipt, Error> {
        Ok(receipt(0))
    }

    fn abort(&self) -> Result<(), Error> {
        Ok(())
    }
}
