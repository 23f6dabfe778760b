//! Aggregates of one SELECT that each have an order of their own. The engine sorts the rows once for
//! all of them: it refuses two orders, and gives a DISTINCT one the order of another (no report
//! upstream). Here each sorts its own rows.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray as _, UInt32Array};
use datafusion::arrow::compute::{SortColumn, SortOptions, concat, lexsort_to_indices, take};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::arrow::row::{RowConverter, SortField};
use datafusion::common::scalar::ScalarValue;
use datafusion::common::tree_node::Transformed;
use datafusion::common::utils::SingleRowListArrayBuilder;
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::expr::{AggregateFunction, AggregateFunctionParams};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, Aggregate, AggregateUDF, AggregateUDFImpl, Expr, LogicalPlan, ReversedUDAF,
    Signature, Volatility,
};

/// Aggregates whose value depends on the order of the rows.
const ORDERED: [&str; 5] = [
    "array_agg",
    "first_value",
    "last_value",
    "nth_value",
    "string_agg",
];

/// The same step, in which each aggregate sorts by itself where their orders differ.
pub(super) fn apart(step: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    let LogicalPlan::Aggregate(aggregate) = step else {
        return Ok(Transformed::no(step));
    };
    let mut orders = aggregate.aggr_expr.iter().filter_map(ordered);
    let is_one = match orders.next() {
        None => true,
        Some(first) => orders.all(|one| one.params.order_by == first.params.order_by),
    };
    if is_one {
        return Ok(Transformed::no(LogicalPlan::Aggregate(aggregate)));
    }
    let aggregates = aggregate.aggr_expr.iter().map(|one| match ordered(one) {
        Some(call) => sorting(call, one),
        None => Ok(one.clone()),
    });
    let aggregates = aggregates.collect::<Result<Vec<_>>>()?;
    let groups = aggregate.group_expr.clone();
    let apart = Aggregate::try_new(Arc::clone(&aggregate.input), groups, aggregates)?;
    Ok(Transformed::yes(LogicalPlan::Aggregate(apart)))
}

/// The call of an aggregate with an order that matters.
fn ordered(expression: &Expr) -> Option<&AggregateFunction> {
    let call = match expression {
        Expr::AggregateFunction(call) => call,
        Expr::Alias(alias) => match alias.expr.as_ref() {
            Expr::AggregateFunction(call) => call,
            _ => return None,
        },
        _ => return None,
    };
    let is_ordered = !call.params.order_by.is_empty() && ORDERED.contains(&call.func.name());
    is_ordered.then_some(call)
}

/// The call whose keys are arguments, under the name that the column has.
fn sorting(call: &AggregateFunction, written: &Expr) -> Result<Expr> {
    let params = &call.params;
    let keys = params.order_by.iter();
    let sorted = Sorted {
        inner: Arc::clone(&call.func),
        arguments: params.args.len(),
        options: keys
            .clone()
            .map(|key| SortOptions {
                descending: !key.asc,
                nulls_first: key.nulls_first,
            })
            .collect(),
        is_distinct: params.distinct,
        name: call.func.inner().schema_name(params)?,
        signature: Signature::user_defined(Volatility::Immutable),
    };
    let args = params.args.iter().chain(keys.map(|key| &key.expr));
    let sorted = Expr::AggregateFunction(AggregateFunction {
        func: AggregateUDF::new_from_impl(sorted).into(),
        params: AggregateFunctionParams {
            args: args.cloned().collect(),
            distinct: false,
            filter: params.filter.clone(),
            order_by: Vec::new(),
            null_treatment: params.null_treatment,
        },
    });
    Ok(match written {
        Expr::Alias(alias) => sorted.alias_qualified(alias.relation.clone(), &alias.name),
        _ => sorted,
    })
}

/// An aggregate of the engine over rows that it sorts: its arguments, then the keys.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Sorted {
    inner: Arc<AggregateUDF>,
    arguments: usize,
    options: Vec<SortOptions>,
    is_distinct: bool,
    name: String,
    signature: Signature,
}

impl Sorted {
    fn own<'a, T>(&self, all: &'a [T]) -> &'a [T] {
        all.get(..self.arguments).unwrap_or(all)
    }
}

impl AggregateUDFImpl for Sorted {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn schema_name(&self, _: &AggregateFunctionParams) -> Result<String> {
        Ok(self.name.clone())
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(types.to_vec())
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(self.own(types))
    }

    fn return_field(&self, fields: &[FieldRef]) -> Result<FieldRef> {
        self.inner.return_field(self.own(fields))
    }

    fn is_nullable(&self) -> bool {
        self.inner.is_nullable()
    }

    fn default_value(&self, data_type: &DataType) -> Result<ScalarValue> {
        self.inner.default_value(data_type)
    }

    fn supports_null_handling_clause(&self) -> bool {
        self.inner.supports_null_handling_clause()
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::NotSupported
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let state = |(at, field): (usize, &FieldRef)| {
            let values = Field::new_list_field(field.data_type().clone(), true);
            let name = format!("{}[{at}]", args.name);
            Arc::new(Field::new_list(name, values, true))
        };
        Ok(args.input_fields.iter().enumerate().map(state).collect())
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let inner = self.inner.accumulator(AccumulatorArgs {
            return_field: args.return_field,
            schema: args.schema,
            ignore_nulls: args.ignore_nulls,
            order_bys: &[],
            is_reversed: false,
            name: args.name,
            is_distinct: false,
            exprs: self.own(args.exprs),
            expr_fields: self.own(args.expr_fields),
        })?;
        let types = args.expr_fields.iter();
        Ok(Box::new(Rows {
            inner,
            arguments: self.arguments,
            options: self.options.clone(),
            is_distinct: self.is_distinct,
            types: types.map(|field| field.data_type().clone()).collect(),
            parts: Vec::new(),
        }))
    }
}

/// The rows of a group, as they came.
#[derive(Debug)]
struct Rows {
    inner: Box<dyn Accumulator>,
    arguments: usize,
    options: Vec<SortOptions>,
    is_distinct: bool,
    types: Vec<DataType>,
    parts: Vec<Vec<ArrayRef>>,
}

impl Rows {
    /// Every argument and key, as one column each.
    fn columns(&self) -> Result<Vec<ArrayRef>> {
        let column = |(at, data_type): (usize, &DataType)| -> Result<ArrayRef> {
            let parts = self.parts.iter().filter_map(|part| part.get(at));
            let parts: Vec<_> = parts.map(|part| part.as_ref()).collect();
            Ok(match parts.is_empty() {
                true => datafusion::arrow::array::new_empty_array(data_type),
                false => concat(&parts)?,
            })
        };
        self.types.iter().enumerate().map(column).collect()
    }

    /// The arguments in their order, each row once where they are distinct.
    fn sorted(&self) -> Result<Vec<ArrayRef>> {
        let mut columns = self.columns()?;
        let keys = columns.split_off(self.arguments.min(columns.len()));
        let keys = keys.into_iter().zip(&self.options);
        let keys: Vec<SortColumn> = keys
            .map(|(values, options)| SortColumn {
                values,
                options: Some(*options),
            })
            .collect();
        let mut order = lexsort_to_indices(&keys, None)?;
        if self.is_distinct {
            order = once(&columns, &order)?;
        }
        let columns = columns.iter().map(|column| Ok(take(column, &order, None)?));
        columns.collect()
    }
}

/// The first of the rows that are equal.
fn once(columns: &[ArrayRef], order: &UInt32Array) -> Result<UInt32Array> {
    let fields = columns.iter();
    let fields = fields.map(|column| SortField::new(column.data_type().clone()));
    let rows = RowConverter::new(fields.collect())?.convert_columns(columns)?;
    let mut seen = HashSet::new();
    let mut first = Vec::new();
    for at in order.values() {
        let row = usize::try_from(*at).map(|at| rows.row(at).owned());
        if row.is_ok_and(|row| seen.insert(row)) {
            first.push(*at);
        }
    }
    Ok(first.into())
}

impl Accumulator for Rows {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        if values.first().is_some_and(|first| !first.is_empty()) {
            self.parts.push(values.to_vec());
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let groups = states.first().map_or(0, |state| state.len());
        for group in 0..groups {
            let part = states.iter().map(|state| {
                let lists = state.as_list_opt::<i32>();
                lists.map(|lists| lists.value(group))
            });
            let Some(part) = part.collect::<Option<Vec<_>>>() else {
                return internal_err!("the rows of a group are lists");
            };
            self.update_batch(&part)?;
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let columns = self.columns()?.into_iter();
        let list = |column| SingleRowListArrayBuilder::new(column).build_list_scalar();
        Ok(columns.map(list).collect())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        if !self.parts.is_empty() {
            let sorted = self.sorted()?;
            self.parts = Vec::new();
            self.inner.update_batch(&sorted)?;
        }
        self.inner.evaluate()
    }

    fn size(&self) -> usize {
        let columns = self.parts.iter().flatten();
        size_of_val(self)
            + self.inner.size()
            + columns
                .map(|one| one.get_array_memory_size())
                .sum::<usize>()
    }
}
