//! An interval times a whole number: `qty * INTERVAL '1 day'`, which the engine has not; and beside a
//! date, where the engine drops its hours.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray as _, PrimitiveArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Int64Type, IntervalMonthDayNano, IntervalMonthDayNanoType, IntervalUnit, TimeUnit,
};
use datafusion::common::{DFSchema, Result, ScalarValue, internal_err, plan_err};
use datafusion::logical_expr::expr::{Cast, ScalarFunction};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, ExprSchemable as _, Operator, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Volatility, cast as cast_to,
};
use datafusion::sql::sqlparser::ast::BinaryOperator;

use super::error::ComputeError;

const INTERVAL: DataType = DataType::Interval(IntervalUnit::MonthDayNano);
const MOMENT: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

/// Plans such a product.
#[derive(Debug)]
pub(super) struct Multiples;

impl ExprPlanner for Multiples {
    fn plan_binary_op(
        &self,
        operation: RawBinaryExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawBinaryExpr>> {
        if operation.op != BinaryOperator::Multiply {
            return Ok(PlannerResult::Original(operation));
        }
        let of = |one: &Expr| one.get_type(schema).ok();
        let is_interval = |found: &Option<DataType>| matches!(found, Some(DataType::Interval(_)));
        let (left, right) = (of(&operation.left), of(&operation.right));
        let (interval, number, kind) = match (is_interval(&left), is_interval(&right)) {
            (true, false) => (operation.left, operation.right, right),
            (false, true) => (operation.right, operation.left, left),
            _ => return Ok(PlannerResult::Original(operation)),
        };
        if !kind.is_some_and(|kind| kind.is_integer() || kind.is_null()) {
            return plan_err!(
                "an interval is multiplied by a whole number: write CAST(… AS BIGINT), or a \
                 smaller interval such as INTERVAL '1 hour'"
            );
        }
        let times = ScalarUDF::new_from_impl(Times {
            signature: Signature::user_defined(Volatility::Immutable),
        });
        let call = ScalarFunction::new_udf(times.into(), vec![interval, number]);
        Ok(PlannerResult::Planned(Expr::ScalarFunction(call)))
    }
}

/// A date and an interval that may have hours, as a timestamp and that interval: in DuckDB and
/// PostgreSQL it always is one. Whole days that are written stay a date.
pub(super) fn of_moment(expression: &Expr, schema: &DFSchema) -> Option<Expr> {
    let Expr::BinaryExpr(BinaryExpr { left, op, right }) = expression else {
        return None;
    };
    if !matches!(op, Operator::Plus | Operator::Minus) {
        return None;
    }
    let of = |one: &Expr| one.get_type(schema).ok();
    let is_whole_days = |one: &Expr| match one {
        // `date + 1`, as the engine has coerced it.
        Expr::Cast(Cast { expr, .. }) => of(expr) == Some(DataType::Duration(TimeUnit::Second)),
        other => is_whole_days(other),
    };
    let moment = |date: &Expr| cast_to(date.clone(), MOMENT);
    let (left, right) = match (of(left)?, of(right)?) {
        (DataType::Date32, DataType::Interval(_)) if !is_whole_days(right) => {
            (moment(left), (**right).clone())
        }
        (DataType::Interval(_), DataType::Date32) if !is_whole_days(left) => {
            ((**left).clone(), moment(right))
        }
        _ => return None,
    };
    Some(Expr::BinaryExpr(BinaryExpr::new(
        Box::new(left),
        *op,
        Box::new(right),
    )))
}

fn is_whole_days(interval: &Expr) -> bool {
    match interval {
        Expr::Literal(ScalarValue::IntervalMonthDayNano(interval), _) => {
            interval.is_none_or(|interval| interval.nanoseconds == 0)
        }
        Expr::Literal(ScalarValue::IntervalYearMonth(_), _) => true,
        _ => false,
    }
}

/// `interval_times(interval, n)`.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Times {
    signature: Signature,
}

fn multiple(interval: IntervalMonthDayNano, number: i64) -> Result<IntervalMonthDayNano> {
    let small = |part: i32| i32::try_from(i64::from(part).checked_mul(number)?).ok();
    let parts = (|| {
        Some(IntervalMonthDayNano {
            months: small(interval.months)?,
            days: small(interval.days)?,
            nanoseconds: interval.nanoseconds.checked_mul(number)?,
        })
    })();
    parts.ok_or_else(|| {
        ComputeError::Overflow {
            expression: "INTERVAL * n".to_owned(),
            data_type: "INTERVAL".to_owned(),
            values: format!("n = {number}"),
        }
        .into()
    })
}

impl ScalarUDFImpl for Times {
    fn name(&self) -> &str {
        "interval_times"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, _: &[DataType]) -> Result<Vec<DataType>> {
        Ok(vec![INTERVAL, DataType::Int64])
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(INTERVAL)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [interval, number] = args.args.as_slice() else {
            return internal_err!("interval_times takes two arguments");
        };
        let both = [interval, number];
        let is_constant = both
            .iter()
            .all(|one| matches!(one, ColumnarValue::Scalar(_)));
        let rows = if is_constant { 1 } else { args.number_rows };
        let intervals = cast(&interval.to_array(rows)?, &INTERVAL)?;
        let numbers = cast(&number.to_array(rows)?, &DataType::Int64)?;
        let intervals = intervals.as_primitive::<IntervalMonthDayNanoType>().iter();
        let products = intervals
            .zip(numbers.as_primitive::<Int64Type>())
            .map(|pair| match pair {
                (Some(interval), Some(number)) => multiple(interval, number).map(Some),
                _ => Ok(None),
            });
        let products = products.collect::<Result<PrimitiveArray<IntervalMonthDayNanoType>>>()?;
        let products: ArrayRef = Arc::new(products);
        if is_constant {
            let product = ScalarValue::try_from_array(&products, 0)?;
            return Ok(ColumnarValue::Scalar(product));
        }
        Ok(ColumnarValue::Array(products))
    }
}
