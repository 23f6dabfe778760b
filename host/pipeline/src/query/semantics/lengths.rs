//! `repeat`, `replace`, `lpad` and `rpad`, whose texts are measured before they are made: the engine
//! asks for no memory, and ends the query with a part of itself where they do not fit a column.

use std::sync::Arc;

use datafusion::arrow::array::{Array as _, Int64Array, StringArray, cast::AsArray as _};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, FieldRef, Int64Type};
use datafusion::common::{Result, exec_err};
use datafusion::execution::{FunctionRegistry as _, SessionState};
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Documentation, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature,
};

/// The texts of one batch have at most so many bytes; offsets in a column are 32 bits.
const BATCH_MAX_BYTES: usize = 1 << 30;
/// The bytes of a character.
const CHARACTER_MAX_BYTES: usize = 4;

const MEASURED: [&str; 4] = ["repeat", "replace", "lpad", "rpad"];

/// Puts these in the place of the engine's own.
pub(super) fn register(state: &mut SessionState, memory_max_bytes: usize) -> Result<()> {
    for name in MEASURED {
        let measured = Measured {
            inner: state.udf(name)?,
            max_bytes: BATCH_MAX_BYTES.min(memory_max_bytes),
        };
        state.register_udf(Arc::new(ScalarUDF::new_from_impl(measured)))?;
    }
    Ok(())
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Measured {
    inner: Arc<ScalarUDF>,
    max_bytes: usize,
}

/// An argument: one for all rows, or one a row.
enum Values<T> {
    All(T),
    Each(T),
}

impl<T> Values<T> {
    fn at(&self, row: usize) -> (&T, usize) {
        match self {
            Self::All(values) => (values, 0),
            Self::Each(values) => (values, row),
        }
    }
}

impl Values<StringArray> {
    fn text(&self, row: usize) -> Option<&str> {
        let (values, row) = self.at(row);
        values.is_valid(row).then(|| values.value(row))
    }
}

impl Values<Int64Array> {
    fn number(&self, row: usize) -> usize {
        let (values, row) = self.at(row);
        let number = values.is_valid(row).then(|| values.value(row));
        number
            .and_then(|number| usize::try_from(number).ok())
            .unwrap_or(0)
    }
}

fn texts(value: &ColumnarValue) -> Result<Values<StringArray>> {
    let of = |array| {
        Ok::<_, datafusion::common::DataFusionError>(
            cast(&array, &DataType::Utf8)?.as_string::<i32>().clone(),
        )
    };
    match value {
        ColumnarValue::Scalar(value) => of(value.to_array()?).map(Values::All),
        ColumnarValue::Array(array) => of(Arc::clone(array)).map(Values::Each),
    }
}

fn numbers(value: &ColumnarValue) -> Result<Values<Int64Array>> {
    let of = |array| {
        Ok::<_, datafusion::common::DataFusionError>(
            cast(&array, &DataType::Int64)?
                .as_primitive::<Int64Type>()
                .clone(),
        )
    };
    match value {
        ColumnarValue::Scalar(value) => of(value.to_array()?).map(Values::All),
        ColumnarValue::Array(array) => of(Arc::clone(array)).map(Values::Each),
    }
}

impl Measured {
    /// At most so many bytes have the texts of these rows.
    fn bytes(&self, args: &[ColumnarValue], rows: usize) -> Result<usize> {
        let mut bytes = 0_usize;
        match (self.inner.name(), args) {
            ("repeat", [text, times]) => {
                let (text, times) = (texts(text)?, numbers(times)?);
                for row in 0..rows {
                    let length = text.text(row).map_or(0, str::len);
                    bytes = bytes.saturating_add(length.saturating_mul(times.number(row)));
                }
            }
            ("replace", [text, from, to]) => {
                let (text, from, to) = (texts(text)?, texts(from)?, texts(to)?);
                for row in 0..rows {
                    let (Some(text), Some(from), Some(to)) =
                        (text.text(row), from.text(row), to.text(row))
                    else {
                        continue;
                    };
                    let found = match from.is_empty() || to.len() <= from.len() {
                        true => 0,
                        false => text.matches(from).count(),
                    };
                    let longer = found.saturating_mul(to.len());
                    bytes = bytes.saturating_add(text.len()).saturating_add(longer);
                }
            }
            ("lpad" | "rpad", [_, length, ..]) => {
                let length = numbers(length)?;
                for row in 0..rows {
                    let longest = length.number(row).saturating_mul(CHARACTER_MAX_BYTES);
                    bytes = bytes.saturating_add(longest);
                }
            }
            _ => {}
        }
        Ok(bytes)
    }
}

impl ScalarUDFImpl for Measured {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.coerce_types(types)
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        self.inner.return_field_from_args(args)
    }

    fn simplify(&self, args: Vec<Expr>, context: &SimplifyContext) -> Result<ExprSimplifyResult> {
        self.inner.simplify(args, context)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.inner.documentation()
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_constant = args
            .args
            .iter()
            .all(|one| matches!(one, ColumnarValue::Scalar(_)));
        let rows = if is_constant { 1 } else { args.number_rows };
        let bytes = self.bytes(&args.args, rows)?;
        if bytes > self.max_bytes {
            return exec_err!("overflow: {} makes texts of {bytes} bytes", self.name());
        }
        self.inner.invoke_with_args(args)
    }
}
