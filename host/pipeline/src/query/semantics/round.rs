//! Casts of numbers with a fraction to integers, which round to the nearest as those of DuckDB and
//! PostgreSQL do: a decimal that lies in the middle away from zero, a double to the even one. The
//! engine's own cut the fraction off.

use std::sync::Arc;

use datafusion::arrow::array::AsArray as _;
use datafusion::arrow::datatypes::{DECIMAL128_MAX_PRECISION, DataType, Float32Type, Float64Type};
use datafusion::common::{ExprSchema, Result, ScalarValue, internal_err};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExprSchemable as _, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature, Volatility, cast,
};

/// `round_half_even(x)` of a double.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Nearest {
    signature: Signature,
}

/// The operand of a cast to an integer, rounded; nothing where it has no fraction.
pub(super) fn rounded(operand: &Expr, schema: &dyn ExprSchema) -> Result<Option<Expr>> {
    if let Expr::ScalarFunction(call) = operand
        && call.func.inner().downcast_ref::<Nearest>().is_some()
    {
        return Ok(None);
    }
    Ok(match operand.get_type(schema)? {
        DataType::Float32 | DataType::Float64 => {
            let nearest = ScalarUDF::new_from_impl(Nearest {
                signature: Signature::user_defined(Volatility::Immutable),
            });
            let call = ScalarFunction::new_udf(nearest.into(), vec![operand.clone()]);
            Some(Expr::ScalarFunction(call))
        }
        DataType::Decimal128(precision, scale) if scale > 0 => {
            // One digit more, since 9.5 becomes 10.
            let whole = precision
                .saturating_sub(scale.unsigned_abs())
                .saturating_add(1);
            Some(cast(operand.clone(), DataType::Decimal128(whole, 0)))
        }
        _ => None,
    })
}

/// `floor` or `ceil` of a decimal as a decimal without digits after the point. The engine's own
/// keeps the type, which has no room for 10 where the argument is 9.5.
pub(super) fn whole(call: &ScalarFunction, schema: &dyn ExprSchema) -> Result<Option<Expr>> {
    let [operand] = call.args.as_slice() else {
        return Ok(None);
    };
    let is_engines = matches!(call.name(), "floor" | "ceil");
    let DataType::Decimal128(precision, scale) = operand.get_type(schema)? else {
        return Ok(None);
    };
    // A plan is analysed twice; an operand is widened once.
    let is_wide = matches!(operand, Expr::Cast(cast)
        if cast.expr.get_type(schema).ok() == Some(DataType::Decimal128(precision.saturating_sub(1), scale)));
    if !is_engines || is_wide || scale <= 0 || precision >= DECIMAL128_MAX_PRECISION {
        return Ok(None);
    }
    let wide = cast(operand.clone(), DataType::Decimal128(precision + 1, scale));
    let call = ScalarFunction::new_udf(Arc::clone(&call.func), vec![wide]);
    let digits = precision + 1 - scale.unsigned_abs();
    let whole = DataType::Decimal128(digits, 0);
    Ok(Some(cast(Expr::ScalarFunction(call), whole)))
}

impl ScalarUDFImpl for Nearest {
    fn name(&self) -> &str {
        "round_half_even"
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        match args {
            [one] => Ok(one.schema_name().to_string()),
            _ => internal_err!("round_half_even takes one argument"),
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(types.to_vec())
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        match types {
            [one] => Ok(one.clone()),
            _ => internal_err!("round_half_even takes one argument"),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [one] = args.args.as_slice() else {
            return internal_err!("round_half_even takes one argument");
        };
        Ok(match one {
            ColumnarValue::Scalar(ScalarValue::Float64(value)) => {
                ColumnarValue::Scalar(ScalarValue::Float64(value.map(f64::round_ties_even)))
            }
            ColumnarValue::Scalar(ScalarValue::Float32(value)) => {
                ColumnarValue::Scalar(ScalarValue::Float32(value.map(f32::round_ties_even)))
            }
            ColumnarValue::Scalar(other) => ColumnarValue::Scalar(other.clone()),
            ColumnarValue::Array(array) => ColumnarValue::Array(match array.data_type() {
                DataType::Float64 => {
                    let values = array.as_primitive::<Float64Type>();
                    Arc::new(values.unary::<_, Float64Type>(f64::round_ties_even))
                }
                DataType::Float32 => {
                    let values = array.as_primitive::<Float32Type>();
                    Arc::new(values.unary::<_, Float32Type>(f32::round_ties_even))
                }
                _ => Arc::clone(array),
            }),
        })
    }
}
