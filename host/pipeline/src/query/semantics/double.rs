//! A decimal beside a double is a double, as in DuckDB and PostgreSQL. The engine makes decimals
//! with 15 digits after the point of both, which has no NaN and no large number.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Decimal128Type, DecimalType as _};
use datafusion::common::tree_node::Transformed;
use datafusion::common::{Column, DFSchema, Result, ScalarValue};
use datafusion::logical_expr::expr::{Between, Case, InList, ScalarFunction};
use datafusion::logical_expr::{
    BinaryExpr, Expr, ExprSchemable as _, LogicalPlan, LogicalPlanBuilder, Operator, Union, cast,
};

use super::mixing::{becomes_text, is_text};
use crate::query::operators::compares_values;

/// The same expression with doubles for decimals, where one of its operands is a double; nothing
/// where none is.
pub(super) fn of_operands(expression: &Expr, schema: &DFSchema) -> Option<Expr> {
    let mut changed = expression.clone();
    let operands: Vec<&mut Expr> = match &mut changed {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if takes_numbers(*op) => {
            vec![left, right]
        }
        Expr::Between(Between {
            expr, low, high, ..
        }) => vec![expr, low, high],
        Expr::InList(InList { expr, list, .. }) => {
            std::iter::once(&mut **expr).chain(list).collect()
        }
        Expr::Case(case) => {
            let is_changed = case_of(case, schema);
            return is_changed.then_some(changed);
        }
        Expr::ScalarFunction(ScalarFunction { args, .. }) => args.iter_mut().collect(),
        _ => return None,
    };
    as_doubles(operands, schema).then_some(changed)
}

fn takes_numbers(operator: Operator) -> bool {
    use Operator as O;
    compares_values(operator)
        || matches!(
            operator,
            O::Plus | O::Minus | O::Multiply | O::Divide | O::Modulo
        )
}

/// What is compared with the operand of a CASE, and its results.
fn case_of(case: &mut Case, schema: &DFSchema) -> bool {
    let mut compared: Vec<&mut Expr> = Vec::new();
    let mut results: Vec<&mut Expr> = Vec::new();
    let has_operand = case.expr.is_some();
    compared.extend(case.expr.as_deref_mut());
    for (when, then) in &mut case.when_then_expr {
        if has_operand {
            compared.push(when);
        }
        results.push(then);
    }
    results.extend(case.else_expr.as_deref_mut());
    let is_compared = as_doubles(compared, schema);
    as_doubles(results, schema) || is_compared
}

/// Whether decimals were made doubles, because there is a double among the expressions.
fn as_doubles(expressions: Vec<&mut Expr>, schema: &DFSchema) -> bool {
    let types: Option<Vec<DataType>> = expressions
        .iter()
        .map(|expression| expression.get_type(schema).ok())
        .collect();
    let Some(types) = types.filter(|types| types.iter().any(DataType::is_floating)) else {
        return false;
    };
    let mut is_changed = false;
    for (expression, data_type) in expressions.into_iter().zip(types) {
        if data_type.is_decimal() {
            *expression = as_double(std::mem::take(expression));
            is_changed = true;
        }
    }
    is_changed
}

/// A literal becomes the double nearest to what was written.
fn as_double(decimal: Expr) -> Expr {
    if let Expr::Literal(ScalarValue::Decimal128(Some(value), precision, scale), metadata) =
        &decimal
        && let Ok(nearest) = Decimal128Type::format_decimal(*value, *precision, *scale).parse()
    {
        return Expr::Literal(ScalarValue::Float64(Some(nearest)), metadata.clone());
    }
    cast(decimal, DataType::Float64)
}

/// A union whose inputs have doubles wherever one of them has, and texts wherever one of them has.
pub(super) fn united(union: Union) -> Result<Transformed<LogicalPlan>> {
    let has = |column: usize, test: fn(&DataType) -> bool| {
        let field = |input: &Arc<LogicalPlan>| {
            let fields = input.schema().fields().get(column).cloned();
            fields.is_some_and(|field| test(field.data_type()))
        };
        union.inputs.iter().any(field)
    };
    let conversion = |column: usize| -> Option<Conversion> {
        if has(column, DataType::is_floating) && has(column, DataType::is_decimal) {
            return Some((DataType::is_decimal, DataType::Float64));
        }
        let is_mixed = has(column, is_text) && has(column, becomes_text);
        is_mixed.then_some((becomes_text, DataType::Utf8))
    };
    let conversions: Vec<Option<Conversion>> =
        (0..union.schema.fields().len()).map(conversion).collect();
    if conversions.iter().all(Option::is_none) {
        return Ok(Transformed::no(LogicalPlan::Union(union)));
    }
    let inputs = union.inputs.iter().map(|input| {
        let schema = Arc::clone(input.schema());
        let columns = schema.iter().zip(&conversions);
        let expressions = columns.map(|((table, field), conversion)| {
            let column = Expr::Column(Column::new(table.cloned(), field.name()));
            match conversion {
                Some((test, to)) if test(field.data_type()) => {
                    cast(column, to.clone()).alias_qualified(table.cloned(), field.name())
                }
                _ => column,
            }
        });
        let input = LogicalPlanBuilder::from(input.as_ref().clone());
        input
            .project(expressions.collect::<Vec<_>>())?
            .build()
            .map(Arc::new)
    });
    let inputs = inputs.collect::<Result<Vec<_>>>()?;
    let union = Union::try_new_with_loose_types(inputs)?;
    Ok(Transformed::yes(LogicalPlan::Union(union)))
}

/// Which values of a column become what.
type Conversion = (fn(&DataType) -> bool, DataType);
