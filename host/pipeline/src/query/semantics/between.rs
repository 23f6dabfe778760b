//! `x BETWEEN low AND high` that evaluates `x` once. The engine's own becomes two comparisons, of
//! which each has its own `x` (apache/datafusion#25457; open).

use datafusion::arrow::array::AsArray as _;
use datafusion::arrow::compute::{and_kleene, not};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue, internal_err};
use datafusion::logical_expr::expr::{Between as Written, ScalarFunction};
use datafusion::logical_expr::{
    ColumnarValue, Expr, Operator, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};
use datafusion::physical_expr_common::datum::apply_cmp;

/// `between(x, low, high)`, each of one type.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Between {
    negated: bool,
    signature: Signature,
}

/// Whether an expression can stand twice in a plan: it costs nothing and is the same each time.
fn is_cheap(expression: &Expr) -> bool {
    match expression {
        Expr::Column(_) | Expr::OuterReferenceColumn(..) | Expr::Literal(..) => true,
        Expr::Cast(cast) => is_cheap(&cast.expr),
        _ => false,
    }
}

/// The call that takes the place of a BETWEEN whose operand must not be evaluated twice.
pub(super) fn once(expression: &Expr) -> Option<Expr> {
    let Expr::Between(Written {
        expr,
        negated,
        low,
        high,
    }) = expression
    else {
        return None;
    };
    if is_cheap(expr) {
        return None;
    }
    let between = Between {
        negated: *negated,
        signature: Signature::user_defined(Volatility::Immutable),
    };
    let arguments = vec![(**expr).clone(), (**low).clone(), (**high).clone()];
    Some(Expr::ScalarFunction(ScalarFunction::new_udf(
        ScalarUDF::new_from_impl(between).into(),
        arguments,
    )))
}

impl ScalarUDFImpl for Between {
    fn name(&self) -> &str {
        match self.negated {
            true => "not_between",
            false => "between",
        }
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        let [x, low, high] = args else {
            return internal_err!("BETWEEN has three operands");
        };
        let not = if self.negated { "NOT " } else { "" };
        let (x, low, high) = (x.schema_name(), low.schema_name(), high.schema_name());
        Ok(format!("{x} {not}BETWEEN {low} AND {high}"))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(types.to_vec())
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [x, low, high] = args.args.as_slice() else {
            return internal_err!("BETWEEN has three operands");
        };
        let is_constant = [x, low, high]
            .iter()
            .all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let rows = if is_constant { 1 } else { args.number_rows };
        let from = apply_cmp(Operator::GtEq, x, low)?.into_array(rows)?;
        let to = apply_cmp(Operator::LtEq, x, high)?.into_array(rows)?;
        let mut inside = and_kleene(from.as_boolean(), to.as_boolean())?;
        if self.negated {
            inside = not(&inside)?;
        }
        if is_constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(
                &inside, 0,
            )?));
        }
        Ok(ColumnarValue::Array(std::sync::Arc::new(inside)))
    }
}
