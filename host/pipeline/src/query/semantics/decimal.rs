//! Sums, differences and products of decimals that fail where they need more than 38 digits. The
//! engine's own fail at the end of 128 bits only, and pass numbers of 39 digits on.

use std::hash::{Hash, Hasher};

use datafusion::arrow::array::{Array as _, ArrayRef, AsArray as _, Datum};
use datafusion::arrow::compute::kernels::numeric::{add, mul, sub};
use datafusion::arrow::datatypes::{DECIMAL128_MAX_PRECISION, DataType, Decimal128Type};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::array_value_to_string;
use datafusion::common::{ExprSchema, Result, ScalarValue, internal_err};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, ExprSchemable as _, Operator, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Volatility,
};
use datafusion::physical_expr_common::datum::apply;

use super::error::ComputeError;

/// The least number of 39 digits.
const END: u128 = 10_u128.pow(38);

/// `a + b`, `a - b` or `a * b` of decimals, whose result has room for 38 digits.
#[derive(Debug)]
pub(super) struct Fitting {
    pub(super) operator: Operator,
    scale: i8,
    /// The expression for errors; two calls that differ in it alone are the same.
    pub(super) shown: String,
    signature: Signature,
}

impl PartialEq for Fitting {
    fn eq(&self, other: &Self) -> bool {
        self.operator == other.operator && self.scale == other.scale
    }
}

impl Eq for Fitting {}

impl Hash for Fitting {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.operator.hash(state);
        self.scale.hash(state);
    }
}

/// Precision and scale of an expression of a decimal.
fn digits(expression: &Expr, schema: &dyn ExprSchema) -> Result<Option<(i16, i16)>> {
    if let Expr::ScalarFunction(call) = expression
        && let Some(fitting) = call.func.inner().downcast_ref::<Fitting>()
    {
        return Ok(Some((
            i16::from(DECIMAL128_MAX_PRECISION),
            fitting.scale.into(),
        )));
    }
    Ok(match expression.get_type(schema)? {
        DataType::Decimal128(precision, scale) => Some((precision.into(), scale.into())),
        _ => None,
    })
}

/// The call that takes the place of an operation on decimals whose result may not fit; nothing for
/// other expressions. `shown` writes an expression for errors.
pub(super) fn fitting(
    expression: &Expr,
    schema: &dyn ExprSchema,
    shown: fn(&Expr) -> String,
) -> Result<Option<Expr>> {
    let Expr::BinaryExpr(BinaryExpr { left, op, right }) = expression else {
        return Ok(None);
    };
    if !matches!(op, Operator::Plus | Operator::Minus | Operator::Multiply) {
        return Ok(None);
    }
    let (Some((p1, s1)), Some((p2, s2))) = (digits(left, schema)?, digits(right, schema)?) else {
        return Ok(None);
    };
    let (precision, scale) = match op {
        Operator::Multiply => (p1 + p2 + 1, s1 + s2),
        _ => (s1.max(s2) + (p1 - s1).max(p2 - s2) + 1, s1.max(s2)),
    };
    // What has room for 38 digits may need more.
    let Ok(scale) = i8::try_from(scale) else {
        return Ok(None);
    };
    if precision <= i16::from(DECIMAL128_MAX_PRECISION) {
        return Ok(None);
    }
    let fitting = Fitting {
        operator: *op,
        scale,
        shown: shown(expression),
        signature: Signature::user_defined(Volatility::Immutable),
    };
    let arguments = vec![(**left).clone(), (**right).clone()];
    Ok(Some(Expr::ScalarFunction(ScalarFunction::new_udf(
        ScalarUDF::new_from_impl(fitting).into(),
        arguments,
    ))))
}

fn fits(value: i128) -> bool {
    value.unsigned_abs() < END
}

/// Whether every value has at most 38 digits.
fn all_fit(values: &ArrayRef) -> bool {
    let Some(values) = values.as_primitive_opt::<Decimal128Type>() else {
        return false;
    };
    // What lies under a null is no value; the first look passes over all of them.
    values.values().iter().all(|&value| fits(value)) || values.iter().flatten().all(fits)
}

impl Fitting {
    fn compute(&self, a: &dyn Datum, b: &dyn Datum) -> std::result::Result<ArrayRef, ArrowError> {
        match self.operator {
            Operator::Plus => add(a, b),
            Operator::Minus => sub(a, b),
            _ => mul(a, b),
        }
    }

    fn result(&self) -> DataType {
        DataType::Decimal128(DECIMAL128_MAX_PRECISION, self.scale)
    }

    /// The error of the first row that does not fit.
    fn overflow(&self, a: &ArrayRef, b: &ArrayRef) -> Result<ComputeError> {
        let mut values = String::new();
        for row in 0..a.len().min(b.len()) {
            let (one, other) = (a.slice(row, 1), b.slice(row, 1));
            let is_right = self
                .compute(&one.as_ref(), &other.as_ref())
                .is_ok_and(|found| all_fit(&found));
            if !is_right {
                let shown = |array: &ArrayRef| array_value_to_string(array, 0);
                values = format!("{} {} {}", shown(&one)?, self.operator, shown(&other)?);
                break;
            }
        }
        Ok(ComputeError::Overflow {
            expression: self.shown.clone(),
            data_type: format!("DECIMAL({DECIMAL128_MAX_PRECISION}, {})", self.scale),
            values,
        })
    }
}

impl ScalarUDFImpl for Fitting {
    fn name(&self) -> &str {
        match self.operator {
            Operator::Plus => "add_decimal",
            Operator::Minus => "subtract_decimal",
            _ => "multiply_decimal",
        }
    }

    /// The name that the engine gives the operation itself, which the plan above refers to.
    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        match args {
            [a, b] => Ok(format!(
                "{} {} {}",
                a.schema_name(),
                self.operator,
                b.schema_name()
            )),
            _ => internal_err!("arithmetic of decimals has two operands"),
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(types.to_vec())
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.result())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [a, b] = args.args.as_slice() else {
            return internal_err!("arithmetic of decimals has two operands");
        };
        let computed = apply(a, b, |a, b| self.compute(a, b));
        let is_right = match &computed {
            Err(_) => false,
            Ok(ColumnarValue::Array(values)) => all_fit(values),
            Ok(ColumnarValue::Scalar(ScalarValue::Decimal128(value, ..))) => value.is_none_or(fits),
            Ok(ColumnarValue::Scalar(_)) => false,
        };
        if is_right {
            return computed;
        }
        let rows = args.number_rows.max(1);
        Err(self
            .overflow(&a.to_array(rows)?, &b.to_array(rows)?)?
            .into())
    }
}
