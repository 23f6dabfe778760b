//! `days_between`: the days from one date to another.

use std::sync::Arc;

use datafusion::arrow::array::{AsArray as _, Int32Array};
use datafusion::arrow::compute::try_binary;
use datafusion::arrow::datatypes::{DataType, Date32Type};
use datafusion::arrow::error::ArrowError;
use datafusion::common::{Result, ScalarValue, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};

/// `days_between(from, to)`: `to − from` in days, each a DATE or a TIMESTAMP of which the date
/// counts; NULL when either is.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct DaysBetween {
    signature: Signature,
}

impl Default for DaysBetween {
    fn default() -> Self {
        Self {
            signature: Signature::user_defined(Volatility::Immutable),
        }
    }
}

impl ScalarUDFImpl for DaysBetween {
    fn name(&self) -> &str {
        "days_between"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, args: &[DataType]) -> Result<Vec<DataType>> {
        use DataType as T;
        let is_day = |arg: &T| matches!(arg, T::Date32 | T::Date64 | T::Timestamp(_, _) | T::Null);
        match args {
            [from, to] if is_day(from) && is_day(to) => Ok(vec![T::Date32; 2]),
            _ => plan_err!("days_between takes two arguments of type DATE or TIMESTAMP"),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int32)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_constant = args
            .args
            .iter()
            .all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let columns = ColumnarValue::values_to_arrays(&args.args)?;
        let [from, to] = columns.as_slice() else {
            return plan_err!("days_between takes two arguments");
        };
        let (from, to) = (
            from.as_primitive::<Date32Type>(),
            to.as_primitive::<Date32Type>(),
        );
        let days: Int32Array = try_binary(from, to, |from, to| {
            to.checked_sub(from).ok_or_else(|| {
                let what = "days_between: more days than an INT holds".to_owned();
                ArrowError::ComputeError(what)
            })
        })?;
        if is_constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(
                &days, 0,
            )?));
        }
        Ok(ColumnarValue::Array(Arc::new(days)))
    }
}
