//! What a subquery reads of the rows around it, and whether the planner has a plan for it.

use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, ExprSchema as _};
use datafusion::error::Result;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{
    Aggregate, Distinct, Expr, FetchType, JoinType, LogicalPlan, SkipType, Subquery,
};

use super::super::pulled::{is_correlated, is_equality};

/// How a subquery is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// As one value.
    Value,
    /// Whether it has rows.
    Rows,
    /// As a table beside the row.
    Lateral,
}

/// Aggregates that give the same again when rows come in another order.
const REPEATABLE: [&str; 9] = [
    "bool_and", "bool_or", "count", "max", "min", "sum", "avg", "bit_and", "bit_or",
];

/// The columns from around that a plan reads, its own subqueries among what reads.
pub(super) fn outer_columns(plan: &LogicalPlan) -> Result<Vec<Column>> {
    let mut found = Vec::new();
    plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expression| {
            add(expression, &mut found)?;
            Ok(TreeNodeRecursion::Continue)
        })
    })?;
    Ok(found)
}

/// The same of one expression.
pub(super) fn outer_columns_of(expression: &Expr) -> Result<Vec<Column>> {
    let mut found = Vec::new();
    add(expression, &mut found)?;
    expression.apply(|one| {
        if let Some(inner) = inner(one) {
            for column in outer_columns(&inner.subquery)? {
                if !found.contains(&column) {
                    found.push(column);
                }
            }
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(found)
}

fn add(expression: &Expr, found: &mut Vec<Column>) -> Result<()> {
    expression.apply(|one| {
        if let Expr::OuterReferenceColumn(_, column) = one
            && !found.contains(column)
        {
            found.push(column.clone());
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(())
}

fn inner(expression: &Expr) -> Option<&Subquery> {
    match expression {
        Expr::ScalarSubquery(inner) => Some(inner),
        Expr::Exists(exists) => Some(&exists.subquery),
        Expr::InSubquery(within) => Some(&within.subquery),
        Expr::SetComparison(compared) => Some(&compared.subquery),
        _ => None,
    }
}

/// The columns of an input that a subquery beside it reads. None where a subquery of the subquery
/// reads a column that has the same name here and there.
pub(super) fn keys(plan: &LogicalPlan, input: &DFSchema) -> Result<Vec<Column>> {
    let mut keys = outer_columns(plan)?;
    keys.retain(|column| input.field_from_column(column).is_ok());
    let mut nested = Vec::new();
    plan.apply(|node| {
        node.apply_expressions(|expression| {
            expression.apply(|one| {
                if let Some(inner) = inner(one) {
                    nested.extend(outer_columns(&inner.subquery)?);
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    })?;
    let is_ambiguous = plan.exists(|node| {
        let columns = node.schema().columns();
        Ok(keys
            .iter()
            .any(|key| nested.contains(key) && columns.contains(key)))
    })?;
    Ok(match is_ambiguous {
        true => Vec::new(),
        false => keys,
    })
}

/// Whether an expression has a subquery that reads the row.
pub(super) fn has_dependent_subquery(expression: &Expr) -> bool {
    let found = expression.exists(|one| {
        Ok(matches!(one, Expr::ScalarSubquery(_) | Expr::Exists(_))
            && inner(one).is_some_and(|inner| {
                outer_columns(&inner.subquery).is_ok_and(|read| !read.is_empty())
            }))
    });
    found.unwrap_or(false)
}

/// Whether the planner has a plan: the row is read in filters alone, by equality where rows are
/// grouped, and only operators stand above them that a condition can be moved through.
pub(super) fn is_simple(plan: &LogicalPlan, kind: Kind, keys: &[Column]) -> Result<bool> {
    let (mut is_simple, mut is_grouped, mut differs) = (true, kind == Kind::Value, false);
    let mut has_aggregate = false;
    plan.apply(|node| {
        let mut reads_here = false;
        node.apply_expressions(|expression| {
            reads_here |= !outer_columns_of(expression)?.is_empty();
            Ok(TreeNodeRecursion::Continue)
        })?;
        if let LogicalPlan::Filter(filter) = node {
            for condition in split_conjunction(&filter.predicate) {
                differs |= is_correlated(condition)? && !is_equality(condition)?;
                is_simple &= !has_dependent_subquery(condition) || !reads(condition, keys)?;
            }
        } else {
            is_simple &= !reads_here;
        }
        if outer_columns(node)?.is_empty() {
            return Ok(TreeNodeRecursion::Jump);
        }
        match node {
            LogicalPlan::Projection(_) | LogicalPlan::SubqueryAlias(_) | LogicalPlan::Filter(_) => {
            }
            LogicalPlan::Join(join) => is_simple &= join.join_type == JoinType::Inner,
            LogicalPlan::Sort(sort) => is_simple &= sort.fetch.is_none(),
            LogicalPlan::Aggregate(aggregate) => {
                // Without groups it has a row where no row is, of which the planner knows only
                // when it stands above all.
                let is_inside = has_aggregate || kind == Kind::Rows;
                (is_grouped, has_aggregate) = (true, true);
                is_simple &= is_plain(aggregate) && !(is_inside && aggregate.group_expr.is_empty());
            }
            LogicalPlan::Distinct(Distinct::All(_)) => is_grouped = true,
            LogicalPlan::Limit(limit) => {
                let skips = !matches!(limit.get_skip_type()?, SkipType::Literal(0));
                is_simple &= kind == Kind::Rows && !skips;
            }
            _ => is_simple = false,
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(is_simple && !(is_grouped && differs))
}

/// Whether an expression reads, in a subquery of its own, one of these.
fn reads(expression: &Expr, keys: &[Column]) -> Result<bool> {
    let read = outer_columns_of(expression)?;
    Ok(keys.iter().any(|key| read.contains(key)))
}

/// Whether it groups by expressions, and not by several sets of them.
pub(super) fn is_plain(aggregate: &Aggregate) -> bool {
    let mut groups = aggregate.group_expr.iter();
    groups.all(|one| !matches!(one, Expr::GroupingSet(_)))
}

/// Whether a query has at most one row, whatever it reads.
pub(super) fn gives_one_row(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Projection(projection) => gives_one_row(&projection.input),
        LogicalPlan::SubqueryAlias(alias) => gives_one_row(&alias.input),
        LogicalPlan::Filter(filter) => gives_one_row(&filter.input),
        LogicalPlan::Sort(sort) => gives_one_row(&sort.input),
        LogicalPlan::Aggregate(aggregate) => aggregate.group_expr.is_empty(),
        LogicalPlan::EmptyRelation(_) => true,
        LogicalPlan::Limit(limit) => {
            matches!(limit.get_fetch_type(), Ok(FetchType::Literal(Some(0 | 1))))
        }
        _ => false,
    }
}

/// Whether a plan gives the same rows when it is read again: no LIMIT picks some, no function gives
/// another value, nothing depends on the order in which rows come.
pub(super) fn is_repeatable(plan: &LogicalPlan) -> Result<bool> {
    let mut is_repeatable = true;
    plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expression| {
            is_repeatable &= !expression.is_volatile();
            Ok(TreeNodeRecursion::Continue)
        })?;
        is_repeatable &= match node {
            LogicalPlan::TableScan(scan) => scan.fetch.is_none(),
            LogicalPlan::Aggregate(aggregate) => aggregate.aggr_expr.iter().all(|one| {
                let call = match one {
                    Expr::Alias(alias) => alias.expr.as_ref(),
                    other => other,
                };
                matches!(call, Expr::AggregateFunction(call)
                    if REPEATABLE.contains(&call.func.name()))
            }),
            LogicalPlan::Projection(_)
            | LogicalPlan::Filter(_)
            | LogicalPlan::SubqueryAlias(_)
            | LogicalPlan::Subquery(_)
            | LogicalPlan::Join(_)
            | LogicalPlan::Distinct(Distinct::All(_))
            | LogicalPlan::Union(_)
            | LogicalPlan::Values(_)
            | LogicalPlan::Unnest(_)
            | LogicalPlan::EmptyRelation(_) => true,
            LogicalPlan::Sort(sort) => sort.fetch.is_none(),
            _ => false,
        };
        Ok(match is_repeatable {
            true => TreeNodeRecursion::Continue,
            false => TreeNodeRecursion::Stop,
        })
    })?;
    Ok(is_repeatable)
}
