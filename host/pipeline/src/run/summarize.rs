//! `SUMMARIZE`: one row for each column of a query, computed in one pass over its rows.

use std::sync::Arc;

use datafusion::arrow::array::{Array as _, AsArray as _, Float64Array, RecordBatch, UInt64Array};
use datafusion::arrow::datatypes::{DataType, Int64Type, SchemaRef, UInt64Type};
use datafusion::common::{Column, ScalarValue};
use datafusion::functions_aggregate::expr_fn::{
    approx_distinct, approx_percentile_cont, avg, count, max, min, stddev,
};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, cast, ident, lit};

use super::columns::{batch, texts};
use super::error::RunError;
use super::published::Published;
use crate::query::{QueryError, Session, sql_type};

/// Values of each column that show some of it: min, max, avg, std, q25, q50, q75.
const SHOWN: usize = 7;
/// With the counts: distinct values, values.
const EACH: usize = SHOWN + 2;

/// The summary of a query, and its personal columns.
pub(super) async fn summarized(
    published: &Published<'_>,
    plan: LogicalPlan,
    show_personal: bool,
) -> Result<(RecordBatch, Vec<String>), RunError> {
    let session = published.session;
    let (columns, personal) = (Session::columns(&plan), session.personal(&plan));
    let (mut measures, mut texts_of) = (Vec::new(), Vec::new());
    for (qualifier, field) in plan.schema().iter() {
        let column = Expr::Column(Column::from((qualifier, field)));
        for (at, measure) in of_column(&column, field.data_type())
            .into_iter()
            .enumerate()
        {
            let name = format!("m{}", measures.len());
            measures.push(measure.alias(&name));
            texts_of.push(match at < SHOWN {
                true => cast(ident(&name), DataType::Utf8).alias(&name),
                false => ident(&name),
            });
        }
    }
    measures.push(count(lit(1_i64)).alias("rows"));
    texts_of.push(ident("rows"));
    let summary = LogicalPlanBuilder::from(plan)
        .aggregate(Vec::<Expr>::new(), measures)
        .and_then(|summary| summary.project(texts_of))
        .and_then(LogicalPlanBuilder::build)
        .map_err(QueryError::from_engine)?;
    let mut rows = published.stream_plan(summary, None).await?;
    let Some(mut found) = rows.next().await? else {
        return Err(RunError::Host("a summary without a row".into()));
    };
    let names = columns.fields().iter().zip(&personal);
    let names = names.filter(|(_, personal)| **personal);
    let names = names.map(|(field, _)| field.name().clone()).collect();
    if !show_personal {
        let hidden = personal.iter().flat_map(|personal| {
            let shown = std::iter::repeat_n(*personal, SHOWN);
            shown.chain(std::iter::repeat_n(false, EACH - SHOWN))
        });
        let hidden: Vec<bool> = hidden.chain([false]).collect();
        found = published.redact.rows(&found, &hidden)?;
    }
    Ok((transposed(&columns, &found)?, names))
}

/// One row for each column, from the one row of all measures.
fn transposed(columns: &SchemaRef, found: &RecordBatch) -> Result<RecordBatch, RunError> {
    let text = |column: usize, at: usize| {
        let values = found.columns().get(column * EACH + at)?;
        let values = values.as_string_opt::<i32>()?;
        values.is_valid(0).then(|| values.value(0).to_owned())
    };
    let number = |at: usize| {
        let values = found.columns().get(at)?;
        let signed = values.as_primitive_opt::<Int64Type>();
        let signed = signed.map(|values| values.value(0).unsigned_abs());
        signed.or_else(|| Some(values.as_primitive_opt::<UInt64Type>()?.value(0)))
    };
    let all = 0..columns.fields().len();
    let total = number(columns.fields().len() * EACH).unwrap_or(0);
    let shown = |at: usize| texts(all.clone().map(|column| text(column, at)));
    let distinct = all.clone().map(|column| number(column * EACH + SHOWN));
    let nulls = all.clone().map(|column| {
        let values = number(column * EACH + SHOWN + 1)?;
        (total > 0).then(|| {
            let share = total.saturating_sub(values) as f64 / total as f64;
            (share * 10_000.0).round() / 100.0
        })
    });
    let fields = || columns.fields().iter();
    batch([
        (
            "column_name",
            texts(fields().map(|field| Some(field.name().clone()))),
        ),
        (
            "column_type",
            texts(fields().map(|field| Some(sql_type(field.data_type())))),
        ),
        ("min", shown(0)),
        ("max", shown(1)),
        ("approx_unique", Arc::new(distinct.collect::<UInt64Array>())),
        ("avg", shown(2)),
        ("std", shown(3)),
        ("q25", shown(4)),
        ("q50", shown(5)),
        ("q75", shown(6)),
        (
            "count",
            Arc::new(all.clone().map(|_| Some(total)).collect::<UInt64Array>()),
        ),
        ("null_percentage", Arc::new(nulls.collect::<Float64Array>())),
    ])
}

/// What is measured of one column; null where the type has no such measure.
fn of_column(column: &Expr, data_type: &DataType) -> [Expr; EACH] {
    let none = || max(lit(ScalarValue::Utf8(None)));
    let is_ordered = !data_type.is_nested() && !matches!(data_type, DataType::Null);
    let ordered = |measure: Expr| if is_ordered { measure } else { none() };
    let double = || cast(column.clone(), DataType::Float64);
    let numeric = |measure: Expr| match data_type.is_numeric() {
        true => measure,
        false => none(),
    };
    let quantile = |share: f64| {
        let by = double().sort(true, false);
        numeric(approx_percentile_cont(by, lit(share), None))
    };
    let distinct = match is_ordered {
        true => approx_distinct(cast(column.clone(), DataType::Utf8)),
        false => none(),
    };
    [
        ordered(min(column.clone())),
        ordered(max(column.clone())),
        numeric(avg(double())),
        numeric(stddev(double())),
        quantile(0.25),
        quantile(0.5),
        quantile(0.75),
        distinct,
        count(column.clone()),
    ]
}
