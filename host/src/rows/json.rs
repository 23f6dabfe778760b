//! JSON, an object a line. JSON has no NaN and no infinities: they are the texts `NaN`, `Infinity`
//! and `-Infinity`, so that they are not taken for nulls.

use std::sync::Arc;

use arrow::array::{Array, AsArray as _, PrimitiveArray, RecordBatch};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, FieldRef, Float16Type, Float32Type, Float64Type,
};
use arrow::error::ArrowError;
use arrow::json::writer::{
    Encoder, EncoderFactory, EncoderOptions, LineDelimited, NullableEncoder,
};

use tsugi_core::escape;

/// Rows as lines of JSON.
pub(super) struct JsonRows;

impl JsonRows {
    pub(super) fn write(&self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), ArrowError> {
        let mut text = Vec::new();
        let mut writer = arrow::json::WriterBuilder::new()
            .with_explicit_nulls(true)
            .with_encoder_factory(Arc::new(Floats))
            .build::<_, LineDelimited>(&mut text);
        writer.write(batch)?;
        writer.finish()?;
        let text = String::from_utf8(text)
            .map_err(|error| ArrowError::InvalidArgumentError(error.to_string()))?;
        out.extend_from_slice(escape::json(&text).as_bytes());
        Ok(())
    }
}

/// Encodes floats, at any depth of a value.
#[derive(Debug)]
struct Floats;

impl EncoderFactory for Floats {
    fn make_default_encoder<'a>(
        &self,
        _field: &'a FieldRef,
        array: &'a dyn Array,
        _options: &'a EncoderOptions,
    ) -> Result<Option<NullableEncoder<'a>>, ArrowError> {
        let encoder: Box<dyn Encoder + 'a> = match array.data_type() {
            DataType::Float64 => {
                let write: Write<f64> = |value, out| number(value, value, out);
                Box::new(FloatEncoder(array.as_primitive::<Float64Type>(), write))
            }
            DataType::Float32 => {
                let write: Write<f32> = |value, out| number(value.into(), value, out);
                Box::new(FloatEncoder(array.as_primitive::<Float32Type>(), write))
            }
            DataType::Float16 => {
                let write: Write<_> = |value, out| number(f64::from(value), f32::from(value), out);
                Box::new(FloatEncoder(array.as_primitive::<Float16Type>(), write))
            }
            _ => return Ok(None),
        };
        Ok(Some(NullableEncoder::new(encoder, array.nulls().cloned())))
    }
}

type Write<N> = fn(N, &mut Vec<u8>);

/// A column of floats, and how one is written.
struct FloatEncoder<'a, T: ArrowPrimitiveType>(&'a PrimitiveArray<T>, Write<T::Native>);

impl<T: ArrowPrimitiveType> Encoder for FloatEncoder<'_, T> {
    fn encode(&mut self, row: usize, out: &mut Vec<u8>) {
        (self.1)(self.0.value(row), out);
    }
}

/// A float in as many digits as it needs, or the text of one that is no number.
fn number(value: f64, shortest: impl serde::Serialize, out: &mut Vec<u8>) {
    match value {
        value if value.is_nan() => out.extend_from_slice(b"\"NaN\""),
        f64::INFINITY => out.extend_from_slice(b"\"Infinity\""),
        f64::NEG_INFINITY => out.extend_from_slice(b"\"-Infinity\""),
        // Writing a number into memory cannot fail.
        _ => drop(serde_json::to_writer(out, &shortest)),
    }
}
