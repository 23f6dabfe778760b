//! Joins and unions inside of a subquery, for every combination of a domain.

use std::sync::Arc;

use datafusion::common::{Column, NullEquality};
use datafusion::error::Result;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{
    Expr, Join, JoinType, LogicalPlan, LogicalPlanBuilder, Operator, Union, lit,
};

use super::super::super::binary;
use super::super::domain::{Domain, joined};
use super::super::pushed::Pushed;
use super::push;

/// A join of which one side or both read the combination. The side whose rows remain without a
/// match has to have it.
pub(super) fn both(join: &Join, domain: &Domain, count: &mut usize) -> Result<Option<Pushed>> {
    if join.null_equality == NullEquality::NullEqualsNull || join.null_aware {
        return Ok(None);
    }
    let (reads_left, reads_right) = (
        domain.is_read_by(&join.left)?,
        domain.is_read_by(&join.right)?,
    );
    let has_left = match join.join_type {
        JoinType::Inner => reads_left || !reads_right,
        JoinType::Left | JoinType::LeftSemi | JoinType::LeftAnti => true,
        _ => return Ok(None),
    };
    let side = |plan: &LogicalPlan, has: bool, count: &mut usize| match has {
        true => push(plan, domain, count),
        false => Ok(Some(Pushed {
            plan: plan.clone(),
            keys: Vec::new(),
        })),
    };
    let Some(left) = side(&join.left, has_left, count)? else {
        return Ok(None);
    };
    let Some(right) = side(&join.right, reads_right, count)? else {
        return Ok(None);
    };
    let right = match reads_right && has_left {
        true => right.renamed(count)?,
        false => right,
    };
    let keys = match has_left {
        true => &left.keys,
        false => &right.keys,
    };
    let pairs = join.on.iter().cloned();
    let mut conditions: Vec<Expr> = pairs
        .map(|(left, right)| binary(left, Operator::Eq, right))
        .chain(join.filter.clone())
        .map(|one| domain.replaced(one, keys))
        .collect::<Result<_>>()?;
    if reads_right && has_left {
        conditions.push(domain.same(&left.keys, &right.keys));
    }
    let keys = keys.clone();
    let condition = conjunction(conditions).unwrap_or_else(|| lit(true));
    let plan = joined(left.plan, right.plan, join.join_type, condition)?;
    Ok(Some(Pushed { plan, keys }))
}

/// A union whose inputs each have the combination behind their columns.
pub(super) fn united(union: &Union, domain: &Domain, count: &mut usize) -> Result<Option<Pushed>> {
    let names: Vec<String> = domain
        .keys
        .iter()
        .map(|_| {
            *count += 1;
            format!("__tsugi_key_{count}")
        })
        .collect();
    let mut inputs = Vec::new();
    for input in &union.inputs {
        let columns = input.schema().columns();
        let Some(rows) = push(input, domain, count)? else {
            return Ok(None);
        };
        let mut selected: Vec<Expr> = columns.into_iter().map(Expr::Column).collect();
        let keys = rows.keys.into_iter().zip(&names);
        selected.extend(keys.map(|(key, name)| Expr::Column(key).alias(name)));
        let rows = LogicalPlanBuilder::from(rows.plan)
            .project(selected)?
            .build()?;
        inputs.push(Arc::new(rows));
    }
    let plan = LogicalPlan::Union(Union::try_new_with_loose_types(inputs)?);
    let keys = names.into_iter().map(Column::from_name).collect();
    Ok(Some(Pushed { plan, keys }))
}
