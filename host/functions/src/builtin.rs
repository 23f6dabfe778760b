//! SQL functions of our own: `days_between` and `exact_sum`.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray as _, BooleanArray, Int32Array};
use datafusion::arrow::compute::{cast, try_binary};
use datafusion::arrow::datatypes::{DataType, Date32Type, Field, FieldRef};
use datafusion::arrow::error::ArrowError;
use datafusion::common::{Result, ScalarValue, plan_err};
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, ColumnarValue, EmitTo, GroupsAccumulator,
    ReversedUDAF, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::prelude::SessionContext;

/// Registers every function of this file.
pub(crate) fn register(context: &SessionContext) {
    context.register_udf(ScalarUDF::new_from_impl(DaysBetween::default()));
    context.register_udaf(AggregateUDF::new_from_impl(ExactSum::default()));
}

/// `days_between(from, to)`: `to − from` in days, each a DATE or a TIMESTAMP of which the date
/// counts; NULL when either is.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct DaysBetween {
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

/// `exact_sum(x)`: the sum as DOUBLE, whatever the order of the rows: every number is first
/// rounded to six decimals, and one that does not fit DECIMAL(20, 6) is an error. NULL without
/// rows. DataFusion's own sum of decimals does the work.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct ExactSum {
    signature: Signature,
}

impl Default for ExactSum {
    fn default() -> Self {
        Self {
            signature: Signature::user_defined(Volatility::Immutable),
        }
    }
}

const ADDEND: DataType = DataType::Decimal128(20, 6);
/// Holds the sum of 10¹⁰ of the largest numbers, and 10¹⁸ before its integer overflows.
const TOTAL: DataType = DataType::Decimal128(30, 6);

/// The arguments of the sum of decimals.
fn of_total(args: AccumulatorArgs) -> AccumulatorArgs {
    AccumulatorArgs {
        return_field: total(args.name),
        ..args
    }
}

fn total(name: &str) -> FieldRef {
    Arc::new(Field::new(name, TOTAL, true))
}

impl AggregateUDFImpl for ExactSum {
    fn name(&self) -> &str {
        "exact_sum"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, args: &[DataType]) -> Result<Vec<DataType>> {
        match args {
            [one] if one.is_numeric() || one.is_null() => Ok(vec![ADDEND]),
            _ => plan_err!("exact_sum takes one number"),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        sum_udaf().state_fields(StateFieldsArgs {
            return_field: total(args.name),
            ..args
        })
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let sum = sum_udaf().accumulator(of_total(args))?;
        Ok(Box::new(AsDouble(sum)))
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let sum = sum_udaf().create_sliding_accumulator(of_total(args))?;
        Ok(Box::new(AsDouble(sum)))
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        sum_udaf().groups_accumulator_supported(of_total(args))
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        let sum = sum_udaf().create_groups_accumulator(of_total(args))?;
        Ok(Box::new(AsDouble(sum)))
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::Identical
    }
}

/// An accumulator of decimals whose result is cast to DOUBLE.
#[derive(Debug)]
struct AsDouble<A>(A);

impl Accumulator for AsDouble<Box<dyn Accumulator>> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.0.update_batch(values)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.0.evaluate()?.cast_to(&DataType::Float64)
    }

    fn size(&self) -> usize {
        self.0.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.0.state()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.0.merge_batch(states)
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.0.retract_batch(values)
    }

    fn supports_retract_batch(&self) -> bool {
        self.0.supports_retract_batch()
    }
}

impl GroupsAccumulator for AsDouble<Box<dyn GroupsAccumulator>> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.0
            .update_batch(values, group_indices, opt_filter, total_num_groups)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        Ok(cast(&self.0.evaluate(emit_to)?, &DataType::Float64)?)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        self.0.state(emit_to)
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.0.merge_batch(values, group_indices, total_num_groups)
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        self.0.convert_to_state(values, opt_filter)
    }

    fn size(&self) -> usize {
        self.0.size()
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::panic,
        reason = "a test fails by panicking"
    )]

    use datafusion::arrow::util::pretty::pretty_format_batches;
    use datafusion::prelude::{SessionConfig, SessionContext};

    /// The rows of a query, as a table of text; or its error.
    async fn answer(sql: &str) -> Result<String, String> {
        let config = SessionConfig::new().with_target_partitions(2);
        let context = SessionContext::new_with_config(config);
        super::register(&context);
        let planned = context.sql(sql).await.map_err(|error| error.to_string())?;
        let rows = planned
            .collect()
            .await
            .map_err(|error| error.strip_backtrace())?;
        let shown = pretty_format_batches(&rows).unwrap().to_string();
        let mut lines = shown.lines().filter(|line| !line.starts_with('+'));
        lines.next();
        let lines = lines.map(|line| line.replace(' ', "").trim_matches('|').to_owned());
        Ok(lines.collect::<Vec<_>>().join("\n"))
    }

    #[tokio::test]
    async fn days_are_counted_from_the_first_date_to_the_second() {
        for (from, to, days) in [
            ("DATE '2025-02-27'", "DATE '2025-03-01'", "2"),
            ("DATE '2025-03-01'", "DATE '2025-02-27'", "-2"),
            ("TIMESTAMP '2025-01-01T23:59:59'", "DATE '2025-01-02'", "1"),
            (
                "TIMESTAMP '1969-12-31T23:00:00'",
                "TIMESTAMP '1970-01-01T01:00:00'",
                "1",
            ),
            ("NULL", "DATE '2025-01-02'", ""),
            ("DATE '2025-01-02'", "CAST(NULL AS TIMESTAMP)", ""),
        ] {
            let sql = format!("SELECT days_between({from}, {to})");
            assert_eq!(answer(&sql).await.unwrap(), days, "{sql}");
        }
        let rows = "(VALUES (DATE '2025-01-01'), (DATE '2025-01-11'), (NULL)) AS t(day)";
        let sql =
            format!("SELECT days_between(DATE '2025-01-01', day) AS n FROM {rows} ORDER BY n");
        assert_eq!(answer(&sql).await.unwrap(), "0\n10\n");
        let sql = "SELECT arrow_typeof(days_between(DATE '2025-01-01', DATE '2025-01-01'))";
        assert_eq!(answer(sql).await.unwrap(), "Int32");
        let refused = answer("SELECT days_between('x', DATE '2025-01-02')").await;
        let refused = refused.unwrap_err();
        assert!(refused.contains("days_between takes two"), "{refused}");
    }

    #[tokio::test]
    async fn an_exact_sum_is_the_sum_of_decimals() {
        let rows = "(SELECT value % 7 AS g, CAST(value AS DOUBLE) * 0.1234567 AS x \
                    FROM generate_series(1, 20000))";
        let sums = "exact_sum(x) AS ours, CAST(sum(CAST(x AS DECIMAL(20, 6))) AS DOUBLE) AS due";
        for sql in [
            format!("SELECT count(*) FROM (SELECT {sums} FROM {rows}) WHERE ours = due"),
            format!(
                "SELECT count(*) FROM (SELECT g, {sums} FROM {rows} GROUP BY g) WHERE ours = due"
            ),
        ] {
            let groups = if sql.contains("GROUP") { "7" } else { "1" };
            assert_eq!(answer(&sql).await.unwrap(), groups, "{sql}");
        }
    }

    #[tokio::test]
    async fn an_exact_sum_slides_and_filters() {
        let rows = "(VALUES (1, 0.1), (2, 0.2), (3, NULL), (4, 0.3)) AS t(n, x)";
        let window = "OVER (ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)";
        let sql = format!("SELECT exact_sum(x) {window} FROM {rows} ORDER BY n");
        assert_eq!(answer(&sql).await.unwrap(), "0.1\n0.3\n0.2\n0.3");
        let sql = format!("SELECT exact_sum(x) FILTER (WHERE n > 1) FROM {rows}");
        assert_eq!(answer(&sql).await.unwrap(), "0.5");
        let sql = format!("SELECT exact_sum(DISTINCT x / x) FROM {rows}");
        assert_eq!(answer(&sql).await.unwrap(), "1.0");
        let sql = format!("SELECT exact_sum(x) FROM {rows} WHERE n > 9");
        assert_eq!(answer(&sql).await.unwrap(), "");
        let sql = format!("SELECT exact_sum(n) FROM {rows}");
        assert_eq!(answer(&sql).await.unwrap(), "10.0");
    }

    #[tokio::test]
    async fn what_does_not_fit_is_an_error() {
        let refused = answer("SELECT exact_sum(x) FROM (VALUES (1e15)) AS t(x)").await;
        let refused = refused.unwrap_err();
        assert!(refused.contains("precision"), "{refused}");
        let refused = answer("SELECT exact_sum('a')").await.unwrap_err();
        assert!(refused.contains("exact_sum takes one number"), "{refused}");
    }
}
