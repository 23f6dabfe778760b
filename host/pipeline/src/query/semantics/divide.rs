//! Quotients of decimals, rounded half away from zero where the engine's own cuts digits off.

use std::sync::Arc;

use datafusion::arrow::array::{Array as _, ArrayRef, AsArray as _, Decimal128Array};
use datafusion::arrow::datatypes::{
    DECIMAL128_MAX_PRECISION, DataType, Decimal128Type, DecimalType as _, i256,
};
use datafusion::common::{ExprSchema, Result, ScalarValue, internal_err};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, ExprSchemable as _, Operator, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Volatility,
};

use super::arithmetic::shown;
use super::error::ComputeError;

/// A quotient has four digits more than the dividend, and at least so many.
const DIGITS_MIN: i16 = 6;
/// The least where one side is an integer, which says nothing of how exact the author wants to be.
const DIGITS_BY_INTEGER_MIN: i16 = 12;

/// `a / b` of two decimals.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Divide {
    result: (u8, i8),
    signature: Signature,
    shown: String,
}

/// Precision and scale of a decimal, and of the decimal that holds every number of an integer
/// type; whether it is an integer.
fn digits(data_type: &DataType) -> Option<((u8, i8), bool)> {
    Some(match data_type {
        DataType::Decimal32(p, s) | DataType::Decimal64(p, s) | DataType::Decimal128(p, s) => {
            ((*p, *s), false)
        }
        DataType::Int8 | DataType::UInt8 => ((3, 0), true),
        DataType::Int16 | DataType::UInt16 => ((5, 0), true),
        DataType::Int32 | DataType::UInt32 => ((10, 0), true),
        DataType::Int64 | DataType::UInt64 => ((20, 0), true),
        _ => return None,
    })
}

/// The type of a quotient: as many digits before the point as there can be, as many after it as
/// are left of 38, but never fewer than [`DIGITS_MIN`].
fn quotient_type(dividend: &DataType, divisor: &DataType) -> Option<(u8, i8)> {
    let ((p1, s1), a_is_integer) = digits(dividend)?;
    let ((_, s2), b_is_integer) = digits(divisor)?;
    if a_is_integer && b_is_integer {
        return None;
    }
    let (p1, s1, s2) = (i16::from(p1), i16::from(s1), i16::from(s2));
    let most = i16::from(DECIMAL128_MAX_PRECISION);
    let before_point = p1 - s1 + s2;
    let least = match a_is_integer || b_is_integer {
        true => DIGITS_BY_INTEGER_MIN,
        false => DIGITS_MIN,
    };
    let scale = (s1 + 4).max(least);
    let scale = scale.min((most - before_point).max(DIGITS_MIN));
    let precision = (before_point + scale).clamp(scale.max(1), most);
    Some((u8::try_from(precision).ok()?, i8::try_from(scale).ok()?))
}

/// The call that takes the place of a division of decimals; nothing for other expressions.
pub(super) fn divided(expression: &Expr, schema: &dyn ExprSchema) -> Result<Option<Expr>> {
    let Expr::BinaryExpr(BinaryExpr {
        left,
        op: Operator::Divide,
        right,
    }) = expression
    else {
        return Ok(None);
    };
    let (dividend, divisor) = (left.get_type(schema)?, right.get_type(schema)?);
    let Some(result) = quotient_type(&dividend, &divisor) else {
        return Ok(None);
    };
    let divide = Divide {
        result,
        signature: Signature::user_defined(Volatility::Immutable),
        shown: shown(expression),
    };
    let arguments = vec![(**left).clone(), (**right).clone()];
    Ok(Some(Expr::ScalarFunction(ScalarFunction::new_udf(
        ScalarUDF::new_from_impl(divide).into(),
        arguments,
    ))))
}

impl Divide {
    /// One quotient; nothing where it does not fit.
    fn quotient(&self, a: i128, b: i128, up: Scaling) -> Option<i128> {
        let narrow = || {
            let (a, b) = (a.checked_mul(up.dividend)?, b.checked_mul(up.divisor)?);
            let (quotient, rest) = (a.checked_div(b)?, a.checked_rem(b)?);
            let rounds = rest.unsigned_abs() >= b.unsigned_abs() - rest.unsigned_abs();
            let away = if (a < 0) == (b < 0) { 1 } else { -1 };
            quotient.checked_add(if rounds { away } else { 0 })
        };
        let wide = || {
            let a = i256::from_i128(a).checked_mul(i256::from_i128(up.dividend))?;
            let b = i256::from_i128(b).checked_mul(i256::from_i128(up.divisor))?;
            let (quotient, rest) = (a.checked_div(b)?, a.checked_rem(b)?);
            let (rest, least) = (rest.wrapping_abs(), b.wrapping_abs());
            let rounds = rest >= least.wrapping_sub(rest);
            let is_positive = (a < i256::ZERO) == (b < i256::ZERO);
            let away = if is_positive {
                i256::ONE
            } else {
                i256::MINUS_ONE
            };
            let quotient = quotient.checked_add(if rounds { away } else { i256::ZERO })?;
            quotient.to_i128()
        };
        let (precision, scale) = self.result;
        narrow().or_else(wide).filter(|&found| {
            Decimal128Type::validate_decimal_precision(found, precision, scale).is_ok()
        })
    }

    fn array(&self, a: &Decimal128Array, b: &Decimal128Array) -> Result<Decimal128Array> {
        let up = Scaling::new(a.scale(), b.scale(), self.result.1)?;
        let mut quotients = Decimal128Array::builder(a.len());
        for row in 0..a.len() {
            if a.is_null(row) || b.is_null(row) {
                quotients.append_null();
                continue;
            }
            let (dividend, divisor) = (a.value(row), b.value(row));
            let values = || format!("{} / {}", a.value_as_string(row), b.value_as_string(row));
            let expression = || self.shown.clone();
            if divisor == 0 {
                let (expression, values) = (expression(), values());
                return Err(ComputeError::DivisionByZero { expression, values }.into());
            }
            let quotient = self.quotient(dividend, divisor, up);
            quotients.append_value(quotient.ok_or_else(|| ComputeError::Overflow {
                expression: expression(),
                data_type: format!("DECIMAL({}, {})", self.result.0, self.result.1),
                values: values(),
            })?);
        }
        let (precision, scale) = self.result;
        Ok(quotients
            .finish()
            .with_precision_and_scale(precision, scale)?)
    }
}

/// What both sides are multiplied by before they are divided.
#[derive(Debug, Clone, Copy)]
struct Scaling {
    dividend: i128,
    divisor: i128,
}

impl Scaling {
    fn new(dividend: i8, divisor: i8, result: i8) -> Result<Self> {
        let up = i16::from(result) - i16::from(dividend) + i16::from(divisor);
        let power = u32::try_from(up.abs())
            .ok()
            .and_then(|up| 10_i128.checked_pow(up));
        let Some(power) = power else {
            return internal_err!("a quotient of {up} digits more");
        };
        Ok(match up >= 0 {
            true => Self {
                dividend: power,
                divisor: 1,
            },
            false => Self {
                dividend: 1,
                divisor: power,
            },
        })
    }
}

impl ScalarUDFImpl for Divide {
    fn name(&self) -> &str {
        "divide_decimal"
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        match args {
            [a, b] => Ok(format!("{} / {}", a.schema_name(), b.schema_name())),
            _ => internal_err!("a division has two operands"),
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let decimal = |data_type: &DataType| match digits(data_type) {
            Some(((precision, scale), _)) => Ok(DataType::Decimal128(precision, scale)),
            None => internal_err!("{data_type} is no decimal"),
        };
        types.iter().map(decimal).collect()
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        let (precision, scale) = self.result;
        Ok(DataType::Decimal128(precision, scale))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [a, b] = args.args.as_slice() else {
            return internal_err!("a division has two operands");
        };
        let is_constant = [a, b]
            .iter()
            .all(|one| matches!(one, ColumnarValue::Scalar(_)));
        let rows = if is_constant { 1 } else { args.number_rows };
        let (a, b) = (a.to_array(rows)?, b.to_array(rows)?);
        let (Some(a), Some(b)) = (a.as_primitive_opt(), b.as_primitive_opt()) else {
            return internal_err!("the operands are no decimals");
        };
        let quotients: ArrayRef = Arc::new(self.array(a, b)?);
        if is_constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(
                &quotients, 0,
            )?));
        }
        Ok(ColumnarValue::Array(quotients))
    }
}
