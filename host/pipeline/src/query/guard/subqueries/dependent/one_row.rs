//! A subquery that must give one value for each row: a function that refuses a second one.

use std::sync::Arc;

use datafusion::arrow::array::AsArray as _;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::{Column, Result, exec_err, internal_err};
use datafusion::functions_aggregate::expr_fn::{count, first_value};
use datafusion::logical_expr::{
    ColumnarValue, Expr, LogicalPlan, LogicalPlanBuilder, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Volatility, lit,
};

/// The rows with one value a key, in a column that is named as before.
pub(super) fn of_each(rows: LogicalPlan, value: &str, keys: &[Column]) -> Result<LogicalPlan> {
    let groups = keys.iter().cloned().map(Expr::Column);
    let column = || Expr::Column(Column::from_name(value));
    let (first, number) = (format!("{value}_first"), format!("{value}_number"));
    let found = [
        first_value(column(), Vec::new()).alias(&first),
        count(lit(1)).alias(&number),
    ];
    let function = Arc::new(ScalarUDF::new_from_impl(OneRow {
        signature: Signature::user_defined(Volatility::Immutable),
    }));
    let arguments = [first, number].map(|name| Expr::Column(Column::from_name(name)));
    let mut selected = vec![function.call(arguments.to_vec()).alias(value)];
    selected.extend(keys.iter().cloned().map(Expr::Column));
    LogicalPlanBuilder::from(rows)
        .aggregate(groups.collect::<Vec<_>>(), found)?
        .project(selected)?
        .build()
}

/// `one_row(value, number)`: the value, of so many rows.
#[derive(Debug, PartialEq, Eq, Hash)]
struct OneRow {
    signature: Signature,
}

impl ScalarUDFImpl for OneRow {
    fn name(&self) -> &str {
        "one_row"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(types.to_vec())
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(types.first().cloned().unwrap_or(DataType::Null))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [value, number] = args.args.as_slice() else {
            return internal_err!("one_row takes two arguments");
        };
        let numbers = number.to_array(args.number_rows)?;
        let numbers = numbers.as_primitive::<Int64Type>();
        match numbers.iter().flatten().any(|number| number > 1) {
            true => exec_err!("a subquery returned more than one row"),
            false => Ok(value.clone()),
        }
    }
}
