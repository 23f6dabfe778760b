//! Random batches and schemas against the checks: what is accepted is an array that Arrow's own full
//! validation accepts, too.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BinaryArray, BooleanArray, Decimal128Array, Float64Array};
use arrow::array::{Int64Array, ListArray, MapArray, NullArray, StringArray, StructArray};
use arrow::array::{TimestampMicrosecondArray, make_array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field as ArrowField, FieldRef, Fields};
use fastrand::Rng;

use super::each;
use crate::boundary::decode::decode;
use crate::boundary::encode::Encoded;
use crate::boundary::schema::{from_wire, to_wire};
use crate::boundary::wire::{BatchOut, Field, Node};

fn validity(rng: &mut Rng, rows: usize) -> Option<NullBuffer> {
    rng.bool().then(|| {
        (0..rows)
            .map(|_| rng.u8(..4) > 0)
            .collect::<Vec<bool>>()
            .into()
    })
}

fn texts(rng: &mut Rng, rows: usize) -> Vec<String> {
    let text = |rng: &mut Rng| {
        (0..rng.usize(..5))
            .map(|_| *rng.choice(&['a', 'ß', '底', '🙂']).unwrap_or(&'a'))
            .collect()
    };
    (0..rows).map(|_| text(rng)).collect()
}

/// An honest column of a random type.
pub(super) fn column(rng: &mut Rng, rows: usize, depth: usize) -> ArrayRef {
    let nulls = validity(rng, rows);
    let floats = |rng: &mut Rng| (0..rows).map(|_| rng.f64()).collect::<Vec<_>>();
    let numbers = |rng: &mut Rng| (0..rows).map(|_| rng.i64(..)).collect::<Vec<_>>();
    let kinds = if depth > 2 { 7 } else { 10 };
    match rng.usize(..kinds) {
        0 => Arc::new(Int64Array::new(numbers(rng).into(), nulls)),
        1 => Arc::new(Float64Array::new(floats(rng).into(), nulls)),
        2 => Arc::new(BooleanArray::new(
            (0..rows).map(|_| rng.bool()).collect::<Vec<_>>().into(),
            nulls,
        )),
        3 => masked(&StringArray::from_iter_values(texts(rng, rows)), nulls),
        4 => masked(&BinaryArray::from_iter_values(texts(rng, rows)), nulls),
        5 => Arc::new(
            TimestampMicrosecondArray::new(numbers(rng).into(), nulls).with_timezone("UTC"),
        ),
        6 => {
            let small = (0..rows)
                .map(|_| i128::from(rng.i16(..)))
                .collect::<Vec<_>>();
            let array = Decimal128Array::new(small.into(), nulls).with_precision_and_scale(7, 2);
            array.map_or_else(
                |_| Arc::new(NullArray::new(rows)) as ArrayRef,
                |array| Arc::new(array),
            )
        }
        7 => {
            let offsets = lengths(rng, rows);
            let child = column(rng, total(&offsets), depth + 1);
            let field = Arc::new(ArrowField::new("item", child.data_type().clone(), true));
            Arc::new(ListArray::new(field, offsets, child, nulls))
        }
        8 => {
            let columns: Vec<ArrayRef> = (0..1 + rng.usize(..3))
                .map(|_| column(rng, rows, depth + 1))
                .collect();
            Arc::new(StructArray::new(fields(&columns), columns, nulls))
        }
        _ => {
            let offsets = lengths(rng, rows);
            let keys: ArrayRef =
                Arc::new(StringArray::from_iter_values(texts(rng, total(&offsets))));
            let values = column(rng, total(&offsets), depth + 1);
            let entry = Fields::from(vec![
                ArrowField::new("key", DataType::Utf8, false),
                ArrowField::new("value", values.data_type().clone(), true),
            ]);
            let entries = StructArray::new(entry, vec![keys, values], None);
            let field = Arc::new(ArrowField::new(
                "entries",
                entries.data_type().clone(),
                false,
            ));
            Arc::new(MapArray::new(field, offsets, entries, nulls, false))
        }
    }
}

fn masked(array: &dyn Array, nulls: Option<NullBuffer>) -> ArrayRef {
    let builder = array.to_data().into_builder().nulls(nulls);
    builder
        .build()
        .map_or_else(|_| array.slice(0, array.len()), make_array)
}

fn lengths(rng: &mut Rng, rows: usize) -> OffsetBuffer<i32> {
    OffsetBuffer::from_lengths((0..rows).map(|_| rng.usize(..3)))
}

fn total(offsets: &OffsetBuffer<i32>) -> usize {
    offsets.last().map_or(0, |end| *end as usize)
}

pub(super) fn fields(columns: &[ArrayRef]) -> Fields {
    let field = |(at, column): (usize, &ArrayRef)| {
        ArrowField::new(format!("c{at}"), column.data_type().clone(), true)
    };
    columns.iter().enumerate().map(field).collect()
}

pub(super) fn honest(columns: &[ArrayRef], fields: &Fields, rows: usize) -> BatchOut {
    let encoded = Encoded::new(columns, fields, rows);
    let encoded = encoded.unwrap_or_default();
    let lent = encoded.lend();
    BatchOut {
        rows: lent.rows,
        nodes: lent.nodes.to_vec(),
        buffers: lent.buffers.iter().map(|bytes| bytes.to_vec()).collect(),
    }
}

/// A number that is wrong in a way that numbers go wrong.
fn odd(rng: &mut Rng, near: u32) -> u32 {
    match rng.u8(..6) {
        0 => near.wrapping_add(1),
        1 => near.wrapping_sub(1),
        2 => 0,
        3 => u32::MAX,
        4 => i32::MAX as u32,
        _ => rng.u32(..),
    }
}

pub(super) fn spoil(rng: &mut Rng, batch: &mut BatchOut) {
    let (nodes, buffers) = (batch.nodes.len(), batch.buffers.len());
    match rng.u8(..10) {
        0 => batch.rows = odd(rng, batch.rows),
        1 if nodes > 0 => {
            let node = &mut batch.nodes[rng.usize(..nodes)];
            node.length = odd(rng, node.length);
        }
        2 if nodes > 0 => {
            let node = &mut batch.nodes[rng.usize(..nodes)];
            node.nulls = odd(rng, node.nulls);
        }
        3 if nodes > 0 => drop(batch.nodes.remove(rng.usize(..nodes))),
        4 => batch.nodes.push(Node {
            length: odd(rng, batch.rows),
            nulls: odd(rng, 0),
        }),
        5 if buffers > 0 => drop(batch.buffers.remove(rng.usize(..buffers))),
        6 if buffers > 1 => batch
            .buffers
            .swap(rng.usize(..buffers), rng.usize(..buffers)),
        7 if buffers > 0 => {
            let buffer = &mut batch.buffers[rng.usize(..buffers)];
            let length = buffer.len();
            buffer.resize(rng.usize(..length + 9), rng.u8(..));
        }
        8 if buffers > 0 => {
            // A whole number of an offset buffer, or other bytes.
            let buffer = &mut batch.buffers[rng.usize(..buffers)];
            if buffer.len() >= 4 {
                let at = rng.usize(..buffer.len() / 4) * 4;
                let near = u32::from_le_bytes([
                    buffer[at],
                    buffer[at + 1],
                    buffer[at + 2],
                    buffer[at + 3],
                ]);
                buffer[at..at + 4].copy_from_slice(&odd(rng, near).to_le_bytes());
            }
        }
        _ if buffers > 0 => {
            let buffer = &mut batch.buffers[rng.usize(..buffers)];
            if !buffer.is_empty() {
                let at = rng.usize(..buffer.len());
                buffer[at] ^= 1 << rng.u8(..8);
            }
        }
        _ => {}
    }
}

#[test]
fn spoiled_batches_never_panic_and_what_is_accepted_is_valid() {
    let accepted = std::sync::atomic::AtomicU64::new(0);
    let cases = each(1, |rng| {
        let rows = rng.usize(..12);
        let columns: Vec<ArrayRef> = (0..1 + rng.usize(..2))
            .map(|_| column(rng, rows, 0))
            .collect();
        let promised = fields(&columns);
        let mut batch = honest(&columns, &promised, rows);
        for _ in 0..rng.usize(..4) {
            spoil(rng, &mut batch);
        }
        let due = rng.bool().then_some(rows);
        let promised: Vec<FieldRef> = promised.iter().cloned().collect();
        if let Ok(columns) = decode(batch, &promised, due) {
            accepted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            for column in columns {
                let data = column.to_data();
                assert!(
                    data.validate_full().is_ok(),
                    "accepted, and not valid: {data:?}"
                );
                // Reading every value must be safe as well.
                assert!(arrow::compute::take(&column, &every_row(column.len()), None).is_ok());
            }
        }
    });
    let accepted = accepted.into_inner();
    assert!(
        accepted > cases / 10 && accepted < cases,
        "the changes reach nothing: {accepted} of {cases}"
    );
}

fn every_row(rows: usize) -> arrow::array::UInt64Array {
    (0..rows as u64).rev().collect::<Vec<_>>().into()
}

const FORMATS: [&str; 18] = [
    "l", "u", "z", "b", "g", "+l", "+s", "+m", "tsu:UTC", "tdD", "tin", "d:38,10", "d:39,1", "?",
    "", "+w:3", "vu", "tsx:",
];

/// A schema as a guest may describe it, of fewer than so many fields.
pub(super) fn described_fields(rng: &mut Rng, most: usize) -> Vec<Field> {
    (0..rng.usize(..most))
        .map(|at| Field {
            name: format!("f{at}"),
            format: (*rng.choice(&FORMATS).unwrap_or(&"l")).to_owned(),
            nullable: rng.bool(),
            children: if rng.bool() { rng.u32(..4) } else { 0 },
            metadata: Vec::new(),
        })
        .collect()
}

#[test]
fn random_schemas_never_panic_and_what_is_accepted_crosses_back() {
    each(1, |rng| {
        let fields = described_fields(rng, 24);
        if let Ok(accepted) = from_wire(&fields) {
            let back = to_wire(accepted.iter());
            let same = back.is_ok_and(|back| {
                back.len() == fields.len() && from_wire(&back).is_ok_and(|again| again == accepted)
            });
            assert!(same, "{fields:?}");
        }
    });
}
