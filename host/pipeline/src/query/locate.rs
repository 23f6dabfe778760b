//! Which expression of a plan fails, and at which row: what an execution has no room to say.

use std::sync::Arc;
use std::time::{Duration, Instant};

use datafusion::arrow::array::RecordBatch;
use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::common::{DataFusionError, Result};
use datafusion::logical_expr::{Expr, LogicalPlan};
use futures::TryStreamExt as _;

use super::error::QueryError;
use super::failure::Failure;
use super::session::Session;

/// How long a failed query is looked through.
const SEARCH_TIME_MAX: Duration = Duration::from_secs(20);

/// An expression that fails.
#[derive(Debug)]
pub(crate) struct Culprit {
    /// Line and column of a column in it, from 1.
    pub(crate) at: Option<(u32, u32)>,
    /// The view whose SQL it is in, written `schema.view`.
    pub(crate) view: Option<String>,
    /// The value that it fails at, where the engine quotes one.
    pub(crate) value: Option<String>,
    /// The row that it fails at, those of its columns first.
    pub(crate) row: RecordBatch,
    /// For each column of the row whether it is personal.
    pub(crate) personal: Vec<bool>,
}

/// Looks for the expression that fails like this, reading the inputs of the steps of a plan
/// again from the innermost on.
pub(crate) async fn locate(
    session: Arc<Session>,
    plan: LogicalPlan,
    failure: Failure,
) -> Option<Culprit> {
    let started = Instant::now();
    for step in steps(&plan) {
        let left = SEARCH_TIME_MAX.checked_sub(started.elapsed())?;
        let found = in_step(&session, &step, &failure);
        // A step that cannot be read again says nothing; the next one may.
        if let Ok(Ok(Some(culprit))) = tokio::time::timeout(left, found).await {
            return Some(culprit);
        }
    }
    None
}

/// Expressions over the rows of a plan.
struct Step {
    input: LogicalPlan,
    expressions: Vec<Expr>,
    /// The view that it is part of.
    view: Option<String>,
}

/// The steps of a plan and of its subqueries, innermost first.
fn steps(plan: &LogicalPlan) -> Vec<Step> {
    let mut found = Vec::new();
    // A plan that cannot be walked to its end has been walked as far as it could.
    let _ = walk(plan, None, &mut found);
    found
}

fn walk(node: &LogicalPlan, view: Option<&str>, found: &mut Vec<Step>) -> Result<()> {
    let name = match node {
        LogicalPlan::SubqueryAlias(alias) => alias
            .alias
            .schema()
            .map(|schema| format!("{schema}.{}", alias.alias.table())),
        _ => None,
    };
    let view = name.as_deref().or(view);
    node.apply_subqueries(|subquery| {
        walk(subquery, view, found)?;
        Ok(TreeNodeRecursion::Continue)
    })?;
    for input in node.inputs() {
        walk(input, view, found)?;
    }
    let mut expressions = Vec::new();
    node.apply_expressions(|expression| {
        computed(expression, &mut expressions)?;
        Ok(TreeNodeRecursion::Continue)
    })?;
    let is_step = matches!(
        node,
        LogicalPlan::Projection(_)
            | LogicalPlan::Filter(_)
            | LogicalPlan::Aggregate(_)
            | LogicalPlan::Window(_)
            | LogicalPlan::Sort(_)
            | LogicalPlan::Join(_)
    );
    let inputs = node.inputs();
    for input in inputs.iter().filter(|_| is_step) {
        let mut own = Vec::new();
        for one in &expressions {
            of_input(one, input, &mut own)?;
        }
        if !own.is_empty() {
            found.push(Step {
                input: (*input).clone(),
                expressions: own,
                view: view.map(str::to_owned),
            });
        }
    }
    Ok(())
}

/// The largest parts of an expression that read nothing but one input.
fn of_input(expression: &Expr, input: &LogicalPlan, found: &mut Vec<Expr>) -> Result<()> {
    let columns = expression.column_refs();
    let is_own = columns
        .iter()
        .all(|column| input.schema().has_column(column))
        && !expression.exists(|one| Ok(matches!(one, Expr::OuterReferenceColumn(..))))?;
    match expression {
        Expr::Column(_) | Expr::Literal(..) => {}
        own if is_own => found.push(own.clone()),
        _ => {
            expression.apply_children(|child| {
                of_input(child, input, found)?;
                Ok(TreeNodeRecursion::Continue)
            })?;
        }
    }
    Ok(())
}

async fn in_step(
    session: &Session,
    step: &Step,
    failure: &Failure,
) -> Result<Option<Culprit>, QueryError> {
    let Step {
        input,
        expressions,
        view,
    } = step;
    let physical = session.physical(input).await?;
    let mut rows = session.stream(physical)?;
    let fails = |expression: &Expr, batch: &RecordBatch| {
        let error = evaluated(session, input, expression, batch).err()?;
        // Another row of the same column may be the first one now.
        match QueryError::from_engine(error) {
            QueryError::Engine(found) if found.message == failure.message => Some(found.value),
            _ => None,
        }
    };
    while let Some(batch) = rows.try_next().await.map_err(QueryError::from_engine)? {
        let failing = expressions.iter().find(|one| fails(one, &batch).is_some());
        let Some(whole) = failing else {
            continue;
        };
        let smallest = smallest(whole, &|part| fails(part, &batch).is_some());
        let of_row = (0..batch.num_rows())
            .map(|row| batch.slice(row, 1))
            .find_map(|row| Some((fails(smallest, &row)?, row)));
        return Ok(of_row.map(|(value, row)| Culprit {
            value,
            ..culprit(session, input, smallest, view.clone(), &row)
        }));
    }
    Ok(None)
}

/// The parts of an expression that are computed over the rows of its input: the arguments of an
/// aggregate, and everything else as it is.
fn computed(expression: &Expr, found: &mut Vec<Expr>) -> Result<()> {
    match expression {
        Expr::Column(_) | Expr::Literal(..) => {}
        Expr::Alias(alias) => computed(&alias.expr, found)?,
        Expr::AggregateFunction(_) | Expr::WindowFunction(_) => {
            expression.apply_children(|child| {
                computed(child, found)?;
                Ok(TreeNodeRecursion::Continue)
            })?;
        }
        other => found.push(other.clone()),
    }
    Ok(())
}

fn evaluated(
    session: &Session,
    input: &LogicalPlan,
    expression: &Expr,
    batch: &RecordBatch,
) -> Result<(), DataFusionError> {
    let state = session.state();
    // What cannot be computed by itself, as a subquery, is not what failed at a row.
    if let Ok(physical) = state.create_physical_expr(expression.clone(), input.schema()) {
        physical.evaluate(batch)?;
    }
    Ok(())
}

/// The innermost part that fails.
fn smallest<'e>(whole: &'e Expr, fails: &dyn Fn(&Expr) -> bool) -> &'e Expr {
    let mut found = None;
    let _ = whole.apply_children(|child| {
        Ok(match fails(child) {
            true => {
                found = Some(child);
                TreeNodeRecursion::Stop
            }
            false => TreeNodeRecursion::Continue,
        })
    });
    match found {
        Some(child) => smallest(child, fails),
        None => whole,
    }
}

fn culprit(
    session: &Session,
    input: &LogicalPlan,
    part: &Expr,
    view: Option<String>,
    row: &RecordBatch,
) -> Culprit {
    let columns = part.column_refs();
    let mut spans: Vec<(u64, u64)> = columns
        .iter()
        .filter_map(|column| column.spans.first())
        .map(|span| (span.start.line, span.start.column))
        .collect();
    spans.sort_unstable();
    let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    let is_used = |index: usize| {
        let (qualifier, field) = input.schema().qualified_field(index);
        columns
            .iter()
            .any(|column| column.name == *field.name() && column.relation.as_ref() == qualifier)
    };
    let width = row.num_columns();
    let mut order: Vec<usize> = (0..width).collect();
    order.sort_by_key(|index| !is_used(*index));
    let personal = session.personal(input);
    Culprit {
        at: spans
            .first()
            .map(|(line, column)| (number(*line), number(*column))),
        view,
        value: None,
        personal: order
            .iter()
            .map(|index| personal.get(*index).copied().unwrap_or(true))
            .collect(),
        row: row.project(&order).unwrap_or_else(|_| row.clone()),
    }
}
