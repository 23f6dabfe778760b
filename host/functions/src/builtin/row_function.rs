//! What the functions of one row have in common: typed arguments, a usage line for errors.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::error::FunctionError;
use datafusion::arrow::array::{Array, ArrayRef, AsArray as _, StringArray};
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};

/// A moment of the calendar, without a zone.
pub(super) const MOMENT: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

/// What an argument may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Argument {
    Text,
    /// A DATE or TIMESTAMP; arrives as [`MOMENT`].
    Moment,
    /// A text, or a whole number; arrives as text.
    Path,
    Integer,
    /// Any number; arrives as a double.
    Number,
}

/// What a row comes to, or what is wrong with it.
pub(super) type Computed<T> = Result<T, String>;

/// A function that computes each row by itself.
pub(super) struct RowFunction {
    pub(super) name: &'static str,
    pub(super) aliases: Vec<String>,
    /// How it is called, for errors: `last_day(DATE)`.
    pub(super) usage: &'static str,
    pub(super) arguments: &'static [Argument],
    /// How many of the arguments may be left out.
    pub(super) optional: usize,
    pub(super) returns: DataType,
    pub(super) compute: fn(&[ArrayRef]) -> Computed<ArrayRef>,
    signature: Signature,
}

impl RowFunction {
    /// A function all of whose arguments must be there.
    pub(super) fn new(
        name: &'static str,
        usage: &'static str,
        arguments: &'static [Argument],
        returns: DataType,
        compute: fn(&[ArrayRef]) -> Computed<ArrayRef>,
    ) -> Self {
        Self {
            name,
            aliases: Vec::new(),
            usage,
            arguments,
            optional: 0,
            returns,
            compute,
            signature: Signature::user_defined(Volatility::Immutable),
        }
    }

    /// The same, whose last arguments may be left out.
    pub(super) fn optional(mut self, count: usize) -> Self {
        self.optional = count;
        self
    }

    /// The types that the arguments arrive as; none when they do not fit.
    fn coerced(&self, found: &[DataType]) -> Option<Vec<DataType>> {
        let most = self.arguments.len();
        let is_enough = found.len() <= most && found.len() + self.optional >= most;
        let pairs = self.arguments.iter().zip(found);
        let types = pairs.map(|(&due, found)| coerced(due, found));
        is_enough.then(|| types.collect())?
    }

    /// The same, by more names.
    pub(super) fn also(mut self, names: &[&str]) -> Self {
        self.aliases = names.iter().map(|&name| name.to_owned()).collect();
        self
    }
}

impl std::fmt::Debug for RowFunction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("RowFunction").field(&self.name).finish()
    }
}

impl PartialEq for RowFunction {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for RowFunction {}

impl Hash for RowFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

/// The type an argument arrives as; none when it does not fit.
fn coerced(argument: Argument, found: &DataType) -> Option<DataType> {
    use DataType as T;
    let is_text = matches!(found, T::Utf8 | T::LargeUtf8 | T::Utf8View | T::Null);
    match argument {
        Argument::Text => is_text.then_some(T::Utf8),
        Argument::Path => (is_text || found.is_integer()).then_some(T::Utf8),
        Argument::Integer => (found.is_integer() || found.is_null()).then_some(T::Int64),
        Argument::Number => (found.is_numeric() || found.is_null()).then_some(T::Float64),
        Argument::Moment => {
            let is_moment = matches!(found, T::Date32 | T::Date64 | T::Timestamp(_, _) | T::Null);
            is_moment.then_some(MOMENT)
        }
    }
}

/// A type as SQL writes it.
fn written(found: &DataType) -> String {
    use DataType as T;
    match found {
        T::Utf8 | T::LargeUtf8 | T::Utf8View => "VARCHAR".into(),
        T::Int64 => "BIGINT".into(),
        T::Int32 => "INT".into(),
        T::Float64 => "DOUBLE".into(),
        T::Date32 => "DATE".into(),
        T::Timestamp(_, _) => "TIMESTAMP".into(),
        T::Boolean => "BOOLEAN".into(),
        T::Decimal128(digits, places) => format!("DECIMAL({digits}, {places})"),
        other => other.to_string(),
    }
}

impl ScalarUDFImpl for RowFunction {
    fn name(&self) -> &str {
        self.name
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, found: &[DataType]) -> Result<Vec<DataType>> {
        // DataFusion keeps only the text of an error from here; that of `return_type` arrives whole.
        Ok(self.coerced(found).unwrap_or_else(|| found.to_vec()))
    }

    fn return_type(&self, found: &[DataType]) -> Result<DataType> {
        if self.coerced(found).is_some() {
            return Ok(self.returns.clone());
        }
        let types: Vec<String> = found.iter().map(written).collect();
        Err(FunctionError::Call {
            function: self.name.to_owned(),
            types: types.join(", "),
            takes: self.usage.to_owned(),
        }
        .into())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_constant = args
            .args
            .iter()
            .all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let columns = ColumnarValue::values_to_arrays(&args.args)?;
        let computed = (self.compute)(&columns).map_err(|what| FunctionError::Row {
            function: self.name.to_owned(),
            what,
            takes: self.usage.to_owned(),
        })?;
        match is_constant {
            true => Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(
                &computed, 0,
            )?)),
            false => Ok(ColumnarValue::Array(computed)),
        }
    }
}

/// An argument that coercion has made text.
fn text(columns: &[ArrayRef], at: usize) -> Computed<&StringArray> {
    let column = columns
        .get(at)
        .and_then(|column| column.as_string_opt::<i32>());
    column.ok_or_else(|| format!("argument {} is no text", at + 1))
}

/// The text of a row of an argument that may have been left out.
pub(super) fn text_at(columns: &[ArrayRef], at: usize, row: usize) -> Computed<Option<&str>> {
    let column = text(columns, at)?;
    Ok(column.is_valid(row).then(|| column.value(row)))
}

/// A text computed from each text of the first argument.
pub(super) fn each_text(columns: &[ArrayRef], one: impl Fn(&str) -> String) -> Computed<ArrayRef> {
    let texts = text(columns, 0)?.iter();
    let computed: StringArray = texts.map(|text| text.map(&one)).collect();
    Ok(Arc::new(computed))
}
