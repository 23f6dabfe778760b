//! LATERAL tables: joined by the combination of values that they read.

use datafusion::common::Column;
use datafusion::common::tree_node::{Transformed, TreeNode as _};
use datafusion::error::Result;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{
    Expr, Filter, Join, JoinType, LogicalPlan, LogicalPlanBuilder, Operator, SubqueryAlias, lit,
};

use super::super::binary;
use super::domain::{Domain, joined};
use super::push::push;
use super::shape::{self, Kind, is_simple};

/// A join with a table that reads the other side.
pub(super) fn of_join(join: Join, count: &mut usize) -> Result<Transformed<LogicalPlan>> {
    Ok(match plan_of(&join, count)? {
        Some(plan) => Transformed::yes(plan),
        None => Transformed::no(LogicalPlan::Join(join)),
    })
}

fn plan_of(join: &Join, count: &mut usize) -> Result<Option<LogicalPlan>> {
    if !matches!(join.join_type, JoinType::Inner | JoinType::Left) {
        return Ok(None);
    }
    let Some(table) = table(&join.right)? else {
        return Ok(None);
    };
    let keys = shape::keys(&table, join.left.schema())?;
    if keys.is_empty() || is_simple(&table, Kind::Lateral, &keys)? {
        return Ok(None);
    }
    let pairs = join.on.iter().cloned();
    let conditions: Vec<Expr> = pairs
        .map(|(left, right)| binary(left, Operator::Eq, right))
        .chain(join.filter.clone())
        .collect();
    match join.join_type == JoinType::Inner && is_of_rows(&table)? {
        true => of_rows(join, &table, conditions, count),
        false => of_values(join, &table, &keys, conditions, count),
    }
}

/// The query of a LATERAL table.
fn table(right: &LogicalPlan) -> Result<Option<LogicalPlan>> {
    Ok(match right {
        LogicalPlan::Subquery(subquery) => Some(subquery.subquery.as_ref().clone()),
        LogicalPlan::SubqueryAlias(alias) => match table(&alias.input)? {
            Some(inner) => {
                let alias = SubqueryAlias::try_new(inner.into(), alias.alias.clone())?;
                Some(LogicalPlan::SubqueryAlias(alias))
            }
            None => None,
        },
        LogicalPlan::Projection(projection) => match table(&projection.input)? {
            Some(inner) => Some(
                LogicalPlanBuilder::from(inner)
                    .project(projection.expr.clone())?
                    .build()?,
            ),
            None => None,
        },
        _ => None,
    })
}

/// Whether every row of a query comes of one row beside it, and no other row takes part.
fn is_of_rows(table: &LogicalPlan) -> Result<bool> {
    let differs = table.exists(|node| {
        Ok(!matches!(
            node,
            LogicalPlan::Projection(_)
                | LogicalPlan::Filter(_)
                | LogicalPlan::Unnest(_)
                | LogicalPlan::SubqueryAlias(_)
                | LogicalPlan::EmptyRelation(_)
        ))
    })?;
    Ok(!differs)
}

/// Computes the table beside every row of the other side, which is read once.
fn of_rows(
    join: &Join,
    table: &LogicalPlan,
    conditions: Vec<Expr>,
    count: &mut usize,
) -> Result<Option<LogicalPlan>> {
    let domain = Domain::of_rows(&join.left, count)?;
    let Some(rows) = push(table, &domain, count)? else {
        return Ok(None);
    };
    let keys = domain.keys.iter().zip(&rows.keys);
    let mut selected: Vec<Expr> = keys
        .map(|(key, now)| {
            let (table, name) = (key.outer.relation.clone(), &key.outer.name);
            Expr::Column(now.clone()).alias_qualified(table, name)
        })
        .collect();
    selected.extend(table.schema().columns().into_iter().map(Expr::Column));
    let plan = LogicalPlanBuilder::from(rows.plan)
        .project(selected)?
        .build()?;
    Ok(Some(match conjunction(conditions) {
        None => plan,
        Some(condition) => LogicalPlan::Filter(Filter::try_new(condition, plan.into())?),
    }))
}

/// Computes the table for every combination of values, and joins it.
fn of_values(
    join: &Join,
    table: &LogicalPlan,
    keys: &[Column],
    mut conditions: Vec<Expr>,
    count: &mut usize,
) -> Result<Option<LogicalPlan>> {
    let Some(domain) = Domain::of_values(&join.left, keys, count)? else {
        return Ok(None);
    };
    let Some(rows) = push(table, &domain, count)? else {
        return Ok(None);
    };
    let columns = table.schema().columns().into_iter().map(Expr::Column);
    let (rows, of) = rows.with_keys_apart(columns.collect(), count)?;
    conditions.push(domain.same(keys, &of));
    let condition = conjunction(conditions).unwrap_or_else(|| lit(true));
    let plan = joined(join.left.as_ref().clone(), rows, join.join_type, condition)?;
    let columns = join.schema.columns().into_iter().map(Expr::Column);
    let plan = LogicalPlanBuilder::from(plan).project(columns)?.build()?;
    Ok(Some(plan))
}
