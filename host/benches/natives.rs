//! What is measured, natively: inputs of any size, and the kernels over Arrow's own builders.
//!
//! `tests/compare` compiles this file over another version of Arrow: it names nothing else.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, Int64Array, Int64Builder, StringArray, StringBuilder,
    StructArray,
};
use arrow::datatypes::{DataType, Field, Fields, Int64Type};

use crate::kernels;

/// Rows of a call.
pub const SIZES: [usize; 5] = [1, 64, 1_024, 8_192, 65_536];

/// Numbers, one a row.
pub fn numbers(rows: usize) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(
        (0..rows).map(|row| (row * 7919 % 10_007) as i64),
    ))
}

/// Short texts of 6 to 90 bytes, one in eight of them Japanese.
pub fn texts(rows: usize) -> ArrayRef {
    const WORDS: [&str; 8] = [
        "the", "sole", "cracked", "after", "winter", "and", "no-one", "answered",
    ];
    let text = |row: usize| {
        if row % 8 == 3 {
            return "靴底がひび割れて歩けない".to_owned();
        }
        let words = (0..1 + row * 31 % 13).map(|at| WORDS[(row * 5 + at * 3) % WORDS.len()]);
        words.collect::<Vec<_>>().join(" ")
    };
    Arc::new(StringArray::from_iter_values((0..rows).map(text)))
}

/// So many rows.
pub type Input = fn(usize) -> ArrayRef;
/// A kernel over a whole column.
pub type Native = fn(&ArrayRef) -> ArrayRef;

/// Each function with its input and its native form.
pub fn scalars() -> [(&'static str, Input, Native); 5] {
    [
        ("add_one", numbers, |column| {
            Arc::new(
                column
                    .as_primitive::<Int64Type>()
                    .unary::<_, Int64Type>(kernels::add_one),
            )
        }),
        ("weigh", texts, |column| {
            let texts = column.as_string::<i32>();
            Arc::new(
                texts
                    .iter()
                    .map(|text| text.map(kernels::weigh))
                    .collect::<Float64Array>(),
            )
        }),
        ("shout", texts, |column| {
            let texts = column.as_string::<i32>();
            let mut out = StringBuilder::with_capacity(texts.len(), texts.value_data().len());
            texts
                .iter()
                .for_each(|text| out.append_option(text.map(kernels::shout)));
            Arc::new(out.finish())
        }),
        ("shout_written", texts, |column| {
            let texts = column.as_string::<i32>();
            let mut out = StringBuilder::with_capacity(texts.len(), texts.value_data().len());
            let mut raised = String::new();
            for text in texts {
                raised.clear();
                raised.push_str(text.unwrap_or_default());
                kernels::raise(&mut raised);
                out.append_option(text.map(|_| &raised));
            }
            Arc::new(out.finish())
        }),
        ("measure", texts, |column| {
            let texts = column.as_string::<i32>();
            let mut bytes = Int64Builder::with_capacity(texts.len());
            let mut first = StringBuilder::with_capacity(texts.len(), texts.len() * 8);
            for text in texts.iter().flatten() {
                let (length, word) = kernels::measure(text);
                bytes.append_value(length);
                first.append_value(word);
            }
            let fields = Fields::from(vec![
                Field::new("bytes", DataType::Int64, false),
                Field::new("first", DataType::Utf8, false),
            ]);
            let columns: Vec<ArrayRef> = vec![Arc::new(bytes.finish()), Arc::new(first.finish())];
            Arc::new(StructArray::new(fields, columns, None))
        }),
    ]
}

/// The values as text: field names and nullability may differ.
pub fn values(column: &ArrayRef) -> Vec<String> {
    let shown = arrow::util::display::FormatOptions::default();
    let shown = arrow::util::display::ArrayFormatter::try_new(column, &shown).expect("printable");
    (0..column.len())
        .map(|row| shown.value(row).to_string())
        .collect()
}
