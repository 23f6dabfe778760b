//! Batches across the boundary: what is right comes back the same, what is wrong is refused
//! with the column named, and nothing that crosses can make a view panic.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use tsugi_plugin::bindings::imports::tsugi::plugin::types::{Batch as Wire, Node};
use tsugi_plugin::{
    Batch, BatchBuilder, DataType, Date, Decimal, Field, Recovery, Schema, Timestamp, Value, column,
};

fn every_type() -> Schema {
    Schema::new()
        .bool("bool")
        .nullable()
        .i8("i8")
        .nullable()
        .i16("i16")
        .nullable()
        .i32("i32")
        .nullable()
        .i64("i64")
        .nullable()
        .u8("u8")
        .nullable()
        .u16("u16")
        .nullable()
        .u32("u32")
        .nullable()
        .u64("u64")
        .nullable()
        .f32("f32")
        .nullable()
        .f64("f64")
        .nullable()
        .utf8("utf8")
        .nullable()
        .binary("binary")
        .nullable()
        .date("date")
        .nullable()
        .timestamp("timestamp")
        .nullable()
        .decimal("decimal", 19, 4)
        .nullable()
        .list("list", DataType::Utf8)
        .nullable()
        .structure(
            "struct",
            Schema::new().f64("value").utf8("label").nullable(),
        )
        .nullable()
        .with(other("tts", 4))
        .with(other("tDn", 8))
        .with(other("tsm:Asia/Tokyo", 8))
        .with(other("tiD", 8))
        .with(other("tin", 16))
}

/// A column of a type that has no Rust type of its own.
fn other(format: &str, width: usize) -> Field {
    let data_type = DataType::Other {
        format: format.into(),
        width,
    };
    Field::new(format, data_type).nullable()
}

fn full_row<'a>() -> Vec<Value<'a>> {
    vec![
        Value::Bool(true),
        Value::Int(-8),
        Value::Int(-16),
        Value::Int(-32),
        Value::Int(i64::MIN),
        Value::UInt(8),
        Value::UInt(16),
        Value::UInt(32),
        Value::UInt(u64::MAX),
        Value::Float(0.5),
        Value::Float(-0.25),
        Value::Text("靴底が割れた"),
        Value::Bytes(&[0, 255]),
        Value::Date(Date(20_543)),
        Value::Timestamp(Timestamp(-1)),
        Value::Decimal(Decimal {
            unscaled: -123_456_789,
            scale: 4,
        }),
        Value::List(vec![Value::Text("a"), Value::Null, Value::Text("é")]),
        Value::Struct(vec![("value", Value::Float(2.0)), ("label", Value::Null)]),
        Value::Int(86_399),
        Value::Int(-1),
        Value::Int(i64::MAX),
        Value::Bytes(&[1, 0, 0, 0, 2, 0, 0, 0]),
        Value::Bytes(&[1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]),
    ]
}

/// Rows with a null pattern that differs from column to column.
fn sample(rows: usize, null_every: usize) -> Batch {
    let schema = every_type();
    let mut out = BatchBuilder::new(&schema);
    for row in 0..rows {
        let values = full_row().into_iter().enumerate().map(|(at, value)| {
            if null_every > 0 && (row + at) % null_every == 0 {
                Value::Null
            } else {
                value
            }
        });
        out.row(values).unwrap();
    }
    out.finish().unwrap()
}

#[test]
fn every_type_survives_the_crossing() {
    let many = if cfg!(miri) { 40 } else { 1000 };
    for (rows, null_every) in [(0, 0), (1, 0), (1, 1), (7, 3), (8, 2), (9, 1), (many, 5)] {
        let batch = sample(rows, null_every);
        let schema = Schema::from_wire(&batch.schema().to_wire()).unwrap();
        let back = Batch::from_wire(schema.into(), batch.clone().into_wire()).unwrap();
        assert_eq!(back, batch, "{rows} rows, null every {null_every}");
        for (at, column) in back.columns().enumerate() {
            for row in 0..rows {
                let null = null_every > 0 && (row + at) % null_every == 0;
                let expected = if null {
                    Value::Null
                } else {
                    full_row()[at].clone()
                };
                assert_eq!(column.value(row), expected, "{} row {row}", column.name());
            }
            assert_eq!(column.value(rows), Value::Null, "beyond the end");
        }
    }
}

#[test]
fn the_layout_is_arrows_own() {
    let batch = Batch::new([
        column("text", [Some("ab"), None, Some("c")]),
        column("score", [1.5, 2.5, 3.5]),
    ])
    .unwrap();
    let wire = batch.into_wire();
    assert_eq!(wire.rows, 3);
    assert_eq!(
        wire.nodes,
        [
            Node {
                length: 3,
                nulls: 1
            },
            Node {
                length: 3,
                nulls: 0
            }
        ]
    );
    let offsets: Vec<u8> = [0_i32, 2, 2, 3]
        .iter()
        .flat_map(|n| n.to_le_bytes())
        .collect();
    let scores: Vec<u8> = [1.5_f64, 2.5, 3.5]
        .iter()
        .flat_map(|n| n.to_le_bytes())
        .collect();
    assert_eq!(
        wire.buffers,
        [vec![0b101], offsets, b"abc".to_vec(), vec![], scores]
    );
}

fn refused(schema: Schema, wire: Wire, message: &str) {
    let error = Batch::from_wire(Arc::new(schema), wire).unwrap_err();
    assert_eq!(error.recovery, Recovery::Defect);
    assert_eq!(error.code, "bad-batch");
    assert!(
        error.message.contains(message),
        "{error} does not contain {message}"
    );
}

#[test]
fn broken_batches_are_refused() {
    let node = |length, nulls| Node { length, nulls };
    let offsets = |n: &[i32]| n.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>();
    let text = |nodes: Vec<Node>, buffers: Vec<Vec<u8>>| Wire {
        rows: 2,
        nodes,
        buffers,
    };
    let utf8 = || Schema::new().utf8("t").nullable();
    let good = offsets(&[0, 1, 2]);
    for (wire, message) in [
        (text(vec![], vec![]), "`t`: its node is missing"),
        (text(vec![node(2, 0)], vec![vec![]]), "a buffer is missing"),
        (
            text(vec![node(3, 0)], vec![vec![], good.clone(), b"ab".to_vec()]),
            "3 values where 2",
        ),
        (
            text(vec![node(2, 1)], vec![vec![], good.clone(), b"ab".to_vec()]),
            "validity",
        ),
        (
            text(
                vec![node(2, 1)],
                vec![vec![3], good.clone(), b"ab".to_vec()],
            ),
            "validity",
        ),
        (
            text(
                vec![node(2, 0)],
                vec![vec![], offsets(&[0, 1]), b"ab".to_vec()],
            ),
            "offsets",
        ),
        (
            text(
                vec![node(2, 0)],
                vec![vec![], offsets(&[0, 2, 1]), b"ab".to_vec()],
            ),
            "rise",
        ),
        (
            text(
                vec![node(2, 0)],
                vec![vec![], offsets(&[-1, 1, 2]), b"ab".to_vec()],
            ),
            "rise",
        ),
        (
            text(
                vec![node(2, 0)],
                vec![vec![], offsets(&[0, 1, 3]), b"ab".to_vec()],
            ),
            "beyond",
        ),
        (
            text(
                vec![node(2, 0)],
                vec![vec![], good.clone(), vec![0xff, 0xfe]],
            ),
            "UTF-8",
        ),
        (
            text(vec![node(2, 0)], vec![vec![], good.clone(), "é".into()]),
            "inside a character",
        ),
    ] {
        refused(utf8(), wire, message);
    }
}

#[test]
fn broken_numbers_and_structs_are_refused() {
    let node = |length, nulls| Node { length, nulls };
    let one = |buffers| Wire {
        rows: 1,
        nodes: vec![node(1, 0)],
        buffers,
    };
    refused(
        Schema::new().f64("x"),
        one(vec![vec![], vec![0; 7]]),
        "7 bytes for 1 values",
    );
    refused(
        Schema::new().decimal("x", 9, 2),
        one(vec![vec![], vec![0; 15]]),
        "15 bytes",
    );
    refused(
        Schema::new().bool("x"),
        one(vec![vec![], vec![]]),
        "0 bytes for 1 bits",
    );
    refused(
        Schema::new().i8("x"),
        one(vec![vec![], vec![1], vec![]]),
        "more than its schema",
    );
    let nulls = Wire {
        rows: 1,
        nodes: vec![node(1, 1)],
        buffers: vec![vec![0], vec![1]],
    };
    refused(Schema::new().i8("x"), nulls, "1 nulls where none may be");
    let nested = Wire {
        rows: 1,
        nodes: vec![node(1, 0), node(2, 0)],
        buffers: vec![vec![], vec![], vec![1, 2]],
    };
    refused(
        Schema::new().structure("s", Schema::new().i8("inner")),
        nested,
        "`inner`: 2 values",
    );
}

/// A fixed linear congruential generator (Knuth, MMIX): the same mutations in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }
}

#[test]
fn no_mutation_of_a_batch_makes_a_view_panic() {
    let batch = sample(13, 4);
    let good = batch.clone().into_wire();
    let mut dice = Dice(7);
    let (mut accepted, mut refused) = (0, 0);
    // Miri is some thousand times as slow.
    let cases = if cfg!(miri) { 200 } else { 20_000 };
    for _ in 0..cases {
        let mut wire = good.clone();
        for _ in 0..=dice.below(2) {
            match dice.below(4) {
                0 => wire.rows = dice.below(20) as u32,
                1 => {
                    let at = dice.below(wire.nodes.len());
                    wire.nodes[at].length = dice.below(40) as u32;
                }
                2 => {
                    let at = dice.below(wire.buffers.len());
                    let cut = dice.below(wire.buffers[at].len() + 1);
                    wire.buffers[at].truncate(cut);
                }
                _ => {
                    let at = dice.below(wire.buffers.len());
                    let len = wire.buffers[at].len();
                    if len > 0 {
                        wire.buffers[at][dice.below(len)] ^= 1 << dice.below(8);
                    }
                }
            }
        }
        match Batch::from_wire(batch.schema().clone(), wire) {
            Err(_) => refused += 1,
            Ok(batch) => {
                accepted += 1;
                (0..=batch.rows()).for_each(|row| drop(batch.json(row)));
            }
        }
    }
    assert!(
        accepted > cases / 20 && refused > cases / 20,
        "{accepted} accepted, {refused} refused"
    );
}

#[test]
fn builders_refuse_what_a_column_cannot_hold() {
    let push = |field: Field, value: Value<'_>| {
        let schema = Schema::new().with(field);
        BatchBuilder::new(&schema)
            .row([value])
            .map_err(|error| error.code.clone())
    };
    let field = |data_type| Field::new("x", data_type);
    let wrong = Err("wrong-type".to_owned());
    assert_eq!(push(field(DataType::I8), Value::Int(128)), wrong);
    assert_eq!(push(field(DataType::U64), Value::Int(-1)), wrong);
    assert_eq!(push(field(DataType::Utf8), Value::Int(1)), wrong);
    assert_eq!(push(field(DataType::Date), Value::Int(1)), wrong);
    assert_eq!(push(other("tin", 16), Value::Bytes(&[0; 8])), wrong);
    let decimal = DataType::Decimal {
        precision: 9,
        scale: 2,
    };
    assert_eq!(
        push(
            field(decimal),
            Value::Decimal(Decimal {
                unscaled: 1,
                scale: 3
            })
        ),
        wrong
    );
    assert_eq!(
        push(field(DataType::I64), Value::Null),
        Err("null-value".to_owned())
    );
    assert_eq!(push(field(DataType::I64), Value::UInt(7)), Ok(()));
}

#[test]
fn errors_name_what_is_there() {
    let batch = sample(1, 0);
    let missing = batch.utf8("txet").unwrap_err();
    assert_eq!(
        (missing.code.as_str(), missing.recovery),
        ("missing-column", Recovery::FixConfig)
    );
    assert!(missing.detail.as_ref().unwrap().contains("utf8"));
    let wrong = batch.f64("utf8").unwrap_err();
    assert_eq!(wrong.code, "wrong-type");
    assert_eq!(wrong.message, "column `utf8` is VARCHAR, expected f64");
    assert!(Batch::new([column("a", [1]), column("b", [1, 2])]).is_err());
}
