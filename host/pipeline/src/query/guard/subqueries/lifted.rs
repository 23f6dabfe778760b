//! Conditions on the outer row inside a derived table, moved above it. The planner pulls them up by the
//! bare names of their columns, and the name of the derived table then names another column of its own,
//! or none. There is no report upstream.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::tree_node::{Transformed, TransformedResult as _, TreeNode as _};
use datafusion::common::{Column, JoinType, TableReference};
use datafusion::error::Result;
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{
    Aggregate, Distinct, Expr, Filter, LogicalPlan, LogicalPlanBuilder, Projection, SubqueryAlias,
};

use super::pulled::{is_correlated, is_equality};

/// The same query with conditions on the outer row outside of its derived tables, where they may be;
/// `count` numbers the columns that they read.
pub(super) fn lifted(plan: LogicalPlan, count: &mut usize) -> Result<LogicalPlan> {
    let plan = plan.transform_down(|node| match node {
        // A LATERAL beside a table is a subquery of its own.
        LogicalPlan::Subquery(_) => Ok(Transformed::new(node, false, TreeNodeRecursion::Jump)),
        LogicalPlan::SubqueryAlias(_) => {
            let (node, conditions) = strip(node, false, count)?;
            match conjunction(conditions) {
                None => Ok(Transformed::no(node)),
                Some(condition) => {
                    let filter = Filter::try_new(condition, Arc::new(node))?;
                    Ok(Transformed::yes(LogicalPlan::Filter(filter)))
                }
            }
        }
        other => Ok(Transformed::no(other)),
    });
    plan.data()
}

/// A plan without its conditions on the outer row, and these over its columns. Where rows of different
/// keys would come together, only conditions that one key fulfils can leave.
fn strip(
    node: LogicalPlan,
    is_grouped: bool,
    count: &mut usize,
) -> Result<(LogicalPlan, Vec<Expr>)> {
    match node {
        LogicalPlan::SubqueryAlias(alias) => {
            let (input, conditions) = strip(Arc::unwrap_or_clone(alias.input), is_grouped, count)?;
            let of_alias = |column: &Column| Column::new(Some(alias.alias.clone()), &column.name);
            let conditions = conditions
                .into_iter()
                .map(|one| with_columns(one, &of_alias));
            let conditions = conditions.collect::<Result<_>>()?;
            let node = SubqueryAlias::try_new(Arc::new(input), alias.alias.clone())?;
            Ok((LogicalPlan::SubqueryAlias(node), conditions))
        }
        LogicalPlan::Filter(filter) => of_filter(filter, is_grouped, count),
        LogicalPlan::Projection(projection) => of_projection(projection, is_grouped, count),
        LogicalPlan::Join(mut join) if join.join_type == JoinType::Inner => {
            let (left, mut all) = strip(Arc::unwrap_or_clone(join.left), is_grouped, count)?;
            let (right, more) = strip(Arc::unwrap_or_clone(join.right), is_grouped, count)?;
            all.extend(more);
            (join.left, join.right) = (Arc::new(left), Arc::new(right));
            Ok((LogicalPlan::Join(join).recompute_schema()?, all))
        }
        LogicalPlan::Sort(mut sort) if sort.fetch.is_none() => {
            let (input, conditions) = strip(Arc::unwrap_or_clone(sort.input), is_grouped, count)?;
            sort.input = Arc::new(input);
            Ok((LogicalPlan::Sort(sort), conditions))
        }
        LogicalPlan::Distinct(Distinct::All(input)) => {
            let (input, conditions) = strip(Arc::unwrap_or_clone(input), true, count)?;
            let node = LogicalPlan::Distinct(Distinct::All(Arc::new(input)));
            Ok((node, conditions))
        }
        LogicalPlan::Aggregate(aggregate) => of_aggregate(aggregate, count),
        other => Ok((other, Vec::new())),
    }
}

fn of_filter(
    filter: Filter,
    is_grouped: bool,
    count: &mut usize,
) -> Result<(LogicalPlan, Vec<Expr>)> {
    let (mut leaving, mut staying) = (Vec::new(), Vec::new());
    for condition in split_conjunction_owned(filter.predicate.clone()) {
        match is_correlated(&condition)? {
            true if is_grouped && !is_equality(&condition)? => {
                return Ok((LogicalPlan::Filter(filter), Vec::new()));
            }
            true => leaving.push(condition),
            false => staying.push(condition),
        }
    }
    let (input, below) = strip(Arc::unwrap_or_clone(filter.input), is_grouped, count)?;
    leaving.extend(below);
    let node = match conjunction(staying) {
        None => input,
        Some(rest) => LogicalPlan::Filter(Filter::try_new(rest, Arc::new(input))?),
    };
    Ok((node, leaving))
}

/// The columns that the conditions read get names of their own beside what is selected.
fn of_projection(
    projection: Projection,
    is_grouped: bool,
    count: &mut usize,
) -> Result<(LogicalPlan, Vec<Expr>)> {
    let input = Arc::unwrap_or_clone(projection.input);
    let (input, conditions) = strip(input, is_grouped, count)?;
    let mut names: BTreeMap<Column, String> = BTreeMap::new();
    for column in conditions.iter().flat_map(Expr::column_refs) {
        names.entry(column.clone()).or_insert_with(|| {
            *count += 1;
            format!("__tsugi_outer_{count}")
        });
    }
    let added = names
        .iter()
        .map(|(column, name)| Expr::Column(column.clone()).alias(name));
    let mut selected = projection.expr;
    selected.extend(added);
    let node = Projection::try_new(selected, Arc::new(input))?;
    let renamed = |column: &Column| match names.get(column) {
        Some(name) => Column::new(None::<TableReference>, name),
        None => column.clone(),
    };
    let conditions = conditions
        .into_iter()
        .map(|one| with_columns(one, &renamed));
    let conditions = conditions.collect::<Result<_>>()?;
    Ok((LogicalPlan::Projection(node), conditions))
}

/// Groups by what the conditions read, too: it is one value for one outer row. Without GROUP BY there
/// is a row where no row is, which would be lost.
fn of_aggregate(aggregate: Aggregate, count: &mut usize) -> Result<(LogicalPlan, Vec<Expr>)> {
    let is_plain = |one: &Expr| !matches!(one, Expr::GroupingSet(_));
    if aggregate.group_expr.is_empty() || !aggregate.group_expr.iter().all(is_plain) {
        return Ok((LogicalPlan::Aggregate(aggregate), Vec::new()));
    }
    let (input, conditions) = strip(Arc::unwrap_or_clone(aggregate.input), true, count)?;
    let mut groups = aggregate.group_expr;
    for column in conditions.iter().flat_map(Expr::column_refs) {
        let key = Expr::Column(column.clone());
        if !groups.contains(&key) {
            groups.push(key);
        }
    }
    let node = LogicalPlanBuilder::from(input)
        .aggregate(groups, aggregate.aggr_expr)?
        .build()?;
    Ok((node, conditions))
}

fn with_columns(condition: Expr, named: &dyn Fn(&Column) -> Column) -> Result<Expr> {
    let condition = condition.transform_up(|one| {
        Ok(match &one {
            Expr::Column(column) => Transformed::yes(Expr::Column(named(column))),
            _ => Transformed::no(one),
        })
    });
    condition.data()
}
