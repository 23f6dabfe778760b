//! Intervals beside each other by their lengths, in which a month has 30 days and a day 24 hours,
//! as PostgreSQL and DuckDB have it. The engine's own compares months, then days, then the time, so
//! that 25 hours are less than a day. What groups by an interval or picks one is refused: the
//! engine would tell 24 hours from a day.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray as _};
use datafusion::arrow::datatypes::{
    DECIMAL128_MAX_PRECISION, DataType, Decimal128Type, IntervalMonthDayNano,
    IntervalMonthDayNanoType, IntervalUnit,
};
use datafusion::common::tree_node::Transformed;
use datafusion::common::{DFSchema, Result, ScalarValue, internal_err};
use datafusion::logical_expr::expr::{
    AggregateFunction, Between, InList, InSubquery, ScalarFunction, SetComparison, WindowFunction,
};
use datafusion::logical_expr::utils::grouping_set_to_exprlist;
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Distinct, Expr, ExprSchemable as _, LogicalPlan, ScalarFunctionArgs,
    ScalarUDF, ScalarUDFImpl, Signature, Volatility, WindowFrameUnits,
};

use super::mixing::{is_distance, refused};
use crate::query::operators::compares_values;

const DAYS_A_MONTH: i128 = 30;
const NANOSECONDS_A_DAY: i128 = 86_400_000_000_000;

/// Aggregates and functions that compare their arguments.
const COMPARING: [&str; 12] = [
    "arg_max",
    "arg_min",
    "approx_distinct",
    "greatest",
    "least",
    "max",
    "max_by",
    "median",
    "min",
    "min_by",
    "mode",
    "nullif",
];

/// `interval_length(i)`: nanoseconds.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Length {
    signature: Signature,
}

fn is_interval(expression: &Expr, schema: &DFSchema) -> bool {
    matches!(expression.get_type(schema), Ok(DataType::Interval(_)))
}

fn take_length(expression: &mut Expr) {
    let length = ScalarUDF::new_from_impl(Length {
        signature: Signature::user_defined(Volatility::Immutable),
    });
    let interval = std::mem::take(expression);
    let call = ScalarFunction::new_udf(length.into(), vec![interval]);
    *expression = Expr::ScalarFunction(call);
}

/// The same expression over lengths, where it compares intervals or orders by them; nothing for
/// other expressions.
pub(super) fn by_length(expression: &Expr, schema: &DFSchema) -> Option<Expr> {
    let may_compare = match expression {
        Expr::BinaryExpr(operation) => compares_values(operation.op),
        Expr::Between(_) | Expr::InList(_) | Expr::Case(_) => true,
        Expr::WindowFunction(_) | Expr::AggregateFunction(_) => true,
        _ => false,
    };
    if !may_compare {
        return None;
    }
    let mut changed = expression.clone();
    let is_changed = match &mut changed {
        Expr::BinaryExpr(BinaryExpr { left, right, .. }) => together(vec![left, right], schema),
        Expr::Between(Between {
            expr, low, high, ..
        }) => together(vec![expr, low, high], schema),
        Expr::InList(InList { expr, list, .. }) => {
            let operands = std::iter::once(&mut **expr).chain(list);
            together(operands.collect(), schema)
        }
        Expr::Case(case) => match case.expr.as_deref_mut() {
            None => false,
            Some(operand) => {
                let whens = case.when_then_expr.iter_mut().map(|(when, _)| &mut **when);
                together(std::iter::once(operand).chain(whens).collect(), schema)
            }
        },
        Expr::WindowFunction(call) => {
            let params = &mut call.params;
            let parts = params.partition_by.iter_mut();
            let keys = parts.chain(params.order_by.iter_mut().map(|key| &mut key.expr));
            each(keys, schema)
        }
        Expr::AggregateFunction(AggregateFunction { params, .. }) => {
            each(params.order_by.iter_mut().map(|key| &mut key.expr), schema)
        }
        _ => return None,
    };
    is_changed.then_some(changed)
}

/// Whether operands became lengths: all of them, where one is an interval.
fn together(operands: Vec<&mut Expr>, schema: &DFSchema) -> bool {
    let is_any = operands.iter().any(|one| is_interval(one, schema));
    if is_any {
        operands.into_iter().for_each(take_length);
    }
    is_any
}

/// Whether any of some keys became a length.
fn each<'e>(keys: impl Iterator<Item = &'e mut Expr>, schema: &DFSchema) -> bool {
    let mut is_any = false;
    for key in keys {
        if is_interval(key, schema) {
            take_length(key);
            is_any = true;
        }
    }
    is_any
}

/// A step that sorts by the lengths of intervals.
pub(super) fn sorted(step: LogicalPlan) -> Transformed<LogicalPlan> {
    let LogicalPlan::Sort(mut sort) = step else {
        return Transformed::no(step);
    };
    let keys = sort.expr.iter_mut().map(|key| &mut key.expr);
    match each(keys, sort.input.schema()) {
        true => Transformed::yes(LogicalPlan::Sort(sort)),
        false => Transformed::no(LogicalPlan::Sort(sort)),
    }
}

fn refuse_one<T>(what: &str, hint: &str) -> Result<T> {
    let message = format!("{what} an interval, of which 24 hours and 1 day are two spellings");
    Err(refused(message, hint, None))
}

const SECONDS: &str = "write extract(epoch FROM x), its length in seconds, in its place";

/// Refuses an expression that picks one of several intervals.
pub(super) fn refuse(expression: &Expr, schema: &DFSchema) -> Result<()> {
    let any = |all: &[Expr]| all.iter().any(|one| is_interval(one, schema));
    match expression {
        Expr::ScalarFunction(ScalarFunction { func, args })
            if COMPARING.contains(&func.name()) && any(args) =>
        {
            refuse_one(&format!("`{}` compares", func.name()), SECONDS)
        }
        Expr::AggregateFunction(AggregateFunction { func, params })
            if (params.distinct || COMPARING.contains(&func.name())) && any(&params.args) =>
        {
            refuse_one(&format!("`{}` compares", func.name()), SECONDS)
        }
        Expr::WindowFunction(call) => refuse_window(call, &any),
        Expr::InSubquery(InSubquery { expr, .. })
        | Expr::SetComparison(SetComparison { expr, .. })
            if is_interval(expr, schema) =>
        {
            refuse_one("a query is searched for", SECONDS)
        }
        _ => Ok(()),
    }
}

fn refuse_window(call: &WindowFunction, any: &dyn Fn(&[Expr]) -> bool) -> Result<()> {
    let (name, params) = (call.fun.name(), &call.params);
    if (params.distinct || COMPARING.contains(&name)) && any(&params.args) {
        return refuse_one(&format!("`{name}` compares"), SECONDS);
    }
    let frame = &params.window_frame;
    let has_distance = frame.units == WindowFrameUnits::Range
        && [&frame.start_bound, &frame.end_bound]
            .into_iter()
            .any(is_distance);
    let keys: Vec<Expr> = params.order_by.iter().map(|key| key.expr.clone()).collect();
    match has_distance && any(&keys) {
        true => refuse_one("RANGE measures a distance from", SECONDS),
        false => Ok(()),
    }
}

/// Refuses a step that groups by intervals or joins on them by name.
pub(super) fn refuse_step(step: &LogicalPlan) -> Result<()> {
    let is_one = |data_type: &DataType| matches!(data_type, DataType::Interval(_));
    match step {
        LogicalPlan::Distinct(Distinct::All(input)) => {
            match input
                .schema()
                .fields()
                .iter()
                .find(|one| is_one(one.data_type()))
            {
                None => Ok(()),
                Some(found) => {
                    refuse_one(&format!("DISTINCT compares `{}`,", found.name()), SECONDS)
                }
            }
        }
        LogicalPlan::Distinct(Distinct::On(on)) => {
            match on
                .on_expr
                .iter()
                .any(|one| is_interval(one, on.input.schema()))
            {
                true => refuse_one("DISTINCT ON compares", SECONDS),
                false => Ok(()),
            }
        }
        LogicalPlan::Aggregate(aggregate) => {
            let groups = grouping_set_to_exprlist(&aggregate.group_expr)?;
            let schema = aggregate.input.schema();
            match groups.iter().any(|one| is_interval(one, schema)) {
                true => refuse_one("GROUP BY compares", SECONDS),
                false => Ok(()),
            }
        }
        LogicalPlan::Join(join) => {
            let is_any = join.on.iter().any(|(left, right)| {
                is_interval(left, join.left.schema()) || is_interval(right, join.right.schema())
            });
            match is_any {
                true => refuse_one("a join, EXCEPT or INTERSECT compares", SECONDS),
                false => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

fn nanoseconds(interval: IntervalMonthDayNano) -> i128 {
    let days = i128::from(interval.months) * DAYS_A_MONTH + i128::from(interval.days);
    days * NANOSECONDS_A_DAY + i128::from(interval.nanoseconds)
}

const RESULT: DataType = DataType::Decimal128(DECIMAL128_MAX_PRECISION, 0);

impl ScalarUDFImpl for Length {
    fn name(&self) -> &str {
        "interval_length"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Texts and differences of timestamps beside an interval are read as intervals.
    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(vec![
            DataType::Interval(IntervalUnit::MonthDayNano);
            types.len()
        ])
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(RESULT)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [one] = args.args.as_slice() else {
            return internal_err!("interval_length takes one argument");
        };
        let is_constant = matches!(one, ColumnarValue::Scalar(_));
        let rows = if is_constant { 1 } else { args.number_rows };
        let array = one.to_array(rows)?;
        let Some(intervals) = array.as_primitive_opt::<IntervalMonthDayNanoType>() else {
            return internal_err!("the argument is no interval");
        };
        let lengths = intervals.unary::<_, Decimal128Type>(nanoseconds);
        let lengths: ArrayRef = Arc::new(lengths.with_data_type(RESULT));
        if is_constant {
            let length = ScalarValue::try_from_array(&lengths, 0)?;
            return Ok(ColumnarValue::Scalar(length));
        }
        Ok(ColumnarValue::Array(lengths))
    }
}
