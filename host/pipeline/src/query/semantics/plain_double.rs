//! One NaN and one zero. Processors give `0/0` another NaN than a text does, and `-0.0` is another
//! zero: equal in a comparison, and not in a group, a join, a list or a sort.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, ArrowPrimitiveType, AsArray as _, PrimitiveArray};
use datafusion::arrow::datatypes::{DataType, Float32Type, Float64Type};
use datafusion::common::{ExprSchema, Result};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, ExprSchemable as _, Operator, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Volatility,
};
use tsugi_functions::is_plugin_call;

use super::one_column::one_column;

pub(super) const NAME: &str = "plain_double";

/// The call around an expression that may compute another NaN or zero; nothing for others. A plan
/// is analysed twice: of two such calls around another one is enough.
pub(super) fn of(expression: &Expr, schema: &dyn ExprSchema) -> Result<Option<Expr>> {
    let computes = match expression {
        Expr::ScalarFunction(call) if call.name() == NAME => {
            let inner = call.args.first();
            let is_twice = |inner: &&Expr| matches!(inner, Expr::ScalarFunction(inner) if inner.name() == NAME);
            return Ok(inner.filter(is_twice).cloned());
        }
        Expr::ScalarFunction(_) => !is_plugin_call(expression),
        Expr::BinaryExpr(BinaryExpr { op, .. }) => matches!(
            op,
            Operator::Plus
                | Operator::Minus
                | Operator::Multiply
                | Operator::Divide
                | Operator::Modulo
        ),
        Expr::Negative(_) => true,
        _ => false,
    };
    if !computes || !expression.get_type(schema)?.is_floating() {
        return Ok(None);
    }
    let function = ScalarUDF::new_from_impl(PlainDouble {
        signature: Signature::user_defined(Volatility::Immutable),
    });
    let arguments = vec![expression.clone()];
    let call = ScalarFunction::new_udf(function.into(), arguments);
    Ok(Some(Expr::ScalarFunction(call)))
}

/// `plain_double(x)`.
#[derive(Debug, PartialEq, Eq, Hash)]
struct PlainDouble {
    signature: Signature,
}

/// Adding zero makes one zero of both.
fn wide(value: f64) -> f64 {
    match value.is_nan() {
        true => f64::from_bits(0x7ff8_0000_0000_0000),
        false => value + 0.0,
    }
}

fn narrow(value: f32) -> f32 {
    match value.is_nan() {
        true => f32::from_bits(0x7fc0_0000),
        false => value + 0.0,
    }
}

fn mapped<T: ArrowPrimitiveType>(array: &ArrayRef, plain: fn(T::Native) -> T::Native) -> ArrayRef {
    let plain: PrimitiveArray<T> = array.as_primitive::<T>().unary(plain);
    Arc::new(plain)
}

impl ScalarUDFImpl for PlainDouble {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(types.to_vec())
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(types.first().cloned().unwrap_or(DataType::Float64))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        one_column(&args, |values| {
            Ok(match values.data_type() {
                DataType::Float64 => mapped::<Float64Type>(values, wide),
                DataType::Float32 => mapped::<Float32Type>(values, narrow),
                _ => Arc::clone(values),
            })
        })
    }
}
