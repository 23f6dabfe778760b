//! Random descriptions, steps and receipts against the checks of each role.

use std::sync::Arc;

use arrow::array::Array as _;
use arrow::datatypes::Schema;
use fastrand::Rng;

use super::batches::{column, described_fields, fields, honest, spoil};
use super::each;
use crate::boundary::wire::{
    AggregateSignature, Checkpoint, OptionInfo, PortInfo, Receipt, RowError, ScalarSignature, Step,
    StreamInfo, TableSignature,
};
use crate::limits::LISTED_MAX;
use crate::roles::source::ReaderState;
use crate::roles::{aggregate, scalar, sink, source, table};

/// Names and keywords of the contract that a guest may return.
fn word(rng: &mut Rng) -> String {
    const WORDS: [&str; 14] = [
        "a",
        "b",
        "f0",
        "f1",
        "_x",
        "9a",
        "A",
        "",
        "a b",
        "stable",
        "volatile",
        "sometimes",
        "底",
        "immutable",
    ];
    match rng.u8(..40) {
        0 => "x".repeat(rng.usize(..600)),
        1 => "é".repeat(rng.usize(..4_000)),
        _ => (*rng.choice(&WORDS).unwrap_or(&"a")).to_owned(),
    }
}

/// A list of up to five, rarely of more than any plugin may list.
fn some<T>(rng: &mut Rng, mut one: impl FnMut(&mut Rng) -> T) -> Vec<T> {
    let count = match rng.u16(..2_000) {
        0 => LISTED_MAX + rng.usize(..2),
        _ => rng.usize(..5),
    };
    (0..count).map(|_| one(rng)).collect()
}

fn scalars(rng: &mut Rng) -> Vec<ScalarSignature> {
    some(rng, |rng| ScalarSignature {
        name: word(rng),
        params: described_fields(rng, 5),
        returns: described_fields(rng, 3),
        volatility: word(rng),
        doc: word(rng),
        extra: Vec::new(),
    })
}

fn aggregates(rng: &mut Rng) -> Vec<AggregateSignature> {
    some(rng, |rng| AggregateSignature {
        name: word(rng),
        params: described_fields(rng, 5),
        returns: described_fields(rng, 3),
        state: described_fields(rng, 4),
        doc: word(rng),
        extra: Vec::new(),
    })
}

fn tables(rng: &mut Rng) -> Vec<TableSignature> {
    let port = |rng: &mut Rng| PortInfo {
        name: word(rng),
        required: rng.bool(),
        columns: described_fields(rng, 5),
        doc: word(rng),
    };
    let option = |rng: &mut Rng| OptionInfo {
        name: word(rng),
        format: described_fields(rng, 2)
            .pop()
            .map_or_else(|| word(rng), |one| one.format),
        required: rng.bool(),
        doc: word(rng),
    };
    some(rng, |rng| TableSignature {
        name: word(rng),
        ports: some(rng, port),
        options: some(rng, option),
        doc: word(rng),
        extra: Vec::new(),
    })
}

fn streams(rng: &mut Rng) -> Vec<StreamInfo> {
    some(rng, |rng| {
        let mut schema = described_fields(rng, 5);
        if let Some(first) = schema.first_mut().filter(|_| rng.bool()) {
            first.metadata.push(("partition".into(), word(rng)));
        }
        StreamInfo {
            name: word(rng),
            schema,
            primary_key: some(rng, word),
            cursor: some(rng, word),
            doc: word(rng),
            extra: Vec::new(),
        }
    })
}

/// Asserts that no list is too long, and that SQL reads each name without quotes.
fn assert_names<'n>(names: impl ExactSizeIterator<Item = &'n String>) {
    assert!(names.len() <= LISTED_MAX);
    for name in names {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        assert!(
            !name.is_empty() && name.len() <= 256 && name.chars().all(plain),
            "{name}"
        );
    }
}

#[test]
fn random_descriptions_never_panic_and_what_is_accepted_can_be_a_function_or_a_stream() {
    each(4, |rng| match rng.u8(..4) {
        0 => {
            if let Ok(accepted) = scalar::checked(scalars(rng)) {
                assert_names(accepted.iter().map(|one| &one.name));
                assert!(accepted.iter().all(|one| one.returns.is_nullable()));
            }
        }
        1 => {
            if let Ok(accepted) = aggregate::checked(aggregates(rng)) {
                assert_names(accepted.iter().map(|one| &one.name));
                assert!(accepted.iter().all(|one| !one.state.is_empty()));
            }
        }
        2 => {
            if let Ok(accepted) = table::checked(tables(rng)) {
                assert_names(accepted.iter().map(|one| &one.name));
                for one in &accepted {
                    assert_names(one.ports.iter().map(|port| &port.name));
                    assert_names(one.options.iter().map(|option| &option.name));
                }
            }
        }
        _ => {
            if let Ok(accepted) = source::checked(streams(rng)) {
                assert_names(accepted.iter().map(|one| &one.name));
                for one in &accepted {
                    let mut keys = one.primary_key.iter().chain(&one.cursor);
                    assert!(keys.all(|key| one.fields.find(key).is_some()));
                    let by = one.partition.as_ref();
                    assert!(by.is_none_or(|by| one.fields.find(&by.column).is_some()));
                }
            }
        }
    });
}

fn checkpoint(rng: &mut Rng) -> Checkpoint {
    const ROWS: [f64; 7] = [0.0, 3.0, 9.0, -1.0, f64::NAN, f64::INFINITY, f64::MAX];
    let bytes = if rng.u8(..50) == 0 {
        300 << 10
    } else {
        rng.usize(..40)
    };
    Checkpoint {
        partition: word(rng),
        version: rng.u32(..),
        state: vec![rng.u8(..); bytes],
        summary: word(rng),
        rows: *rng.choice(&ROWS).unwrap_or(&0.0),
    }
}

#[test]
fn random_steps_never_panic_and_accepted_checkpoints_go_forward() {
    each(4, |rng| {
        let count = rng.usize(..8);
        let columns: Vec<_> = (0..1 + rng.usize(..2))
            .map(|_| column(rng, count, 1))
            .collect();
        let promised = fields(&columns);
        let mut state = ReaderState::new(Arc::new(Schema::new(promised.clone())));
        let mut last: Option<(String, f64)> = None;
        for _ in 0..3 {
            let rows = rng.bool().then(|| {
                let mut batch = honest(&columns, &promised, count);
                if rng.u8(..4) == 0 {
                    spoil(rng, &mut batch);
                }
                batch
            });
            let step = Step {
                rows,
                checkpoint: rng.bool().then(|| checkpoint(rng)),
                wait_ms: rng.bool().then(|| rng.u32(..)),
                done: rng.bool(),
            };
            // A reader that broke the contract is not called again.
            let Ok(accepted) = state.accept(step) else {
                return;
            };
            for column in accepted.rows.iter().flat_map(|rows| rows.columns()) {
                assert!(column.to_data().validate_full().is_ok());
            }
            if let Some(one) = accepted.checkpoint {
                assert!(one.rows >= 0.0 && one.rows.is_finite() && one.state.len() <= 256 << 10);
                if let Some((partition, rows)) = &last {
                    assert!(*partition != one.partition || one.rows >= *rows);
                }
                last = Some((one.partition, one.rows));
            }
        }
    });
}

#[test]
fn random_receipts_never_panic_and_what_is_accepted_speaks_of_every_row_once() {
    each(1, |rng| {
        let (rows, sequence) = (rng.usize(..9), rng.u32(..3));
        let failed = |rng: &mut Rng| RowError {
            row: if rng.u8(..20) == 0 {
                rng.u32(..)
            } else {
                rng.u32(..9)
            },
            code: word(rng),
            message: word(rng),
        };
        let failed: Vec<RowError> = (0..rng.usize(..4)).map(|_| failed(rng)).collect();
        let honest = rows.saturating_sub(failed.len()) as u32;
        let receipt = Receipt {
            accepted: if rng.bool() { honest } else { rng.u32(..) },
            failed,
            durable_through: rng.bool().then(|| rng.u32(..4)),
            summary: word(rng),
        };
        if let Ok(accepted) = sink::checked(receipt, sequence, rows) {
            let mut of: Vec<usize> = accepted.failed.iter().map(|one| one.row as usize).collect();
            of.sort_unstable();
            of.dedup();
            assert_eq!(of.len(), accepted.failed.len());
            assert_eq!(of.len() + accepted.accepted as usize, rows);
            assert!(of.iter().all(|row| *row < rows));
            assert!(
                accepted
                    .durable_through
                    .is_none_or(|through| through <= sequence)
            );
            assert!(accepted.summary.len() <= 4_100);
        }
    });
}
