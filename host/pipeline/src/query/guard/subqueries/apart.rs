//! Columns of a correlated subquery under names of their own. The planner pulls conditions on the
//! outer row out of the subquery by the bare names of the columns they read, so that `u.id` and
//! `z.id` of a join become one column, and other rows pass. There is no report upstream.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::common::Column;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::tree_node::{Transformed, TransformedResult as _, TreeNode as _};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, Filter, LogicalPlan, LogicalPlanBuilder, Subquery};

use super::lifted::lifted;
use super::pulled::is_correlated;

/// Renames what a correlated subquery would confuse; `count` numbers the names.
pub(super) fn renamed(plan: LogicalPlan, count: &mut usize) -> Result<LogicalPlan> {
    let plan = plan.transform_up_with_subqueries(|node| match node {
        LogicalPlan::Subquery(subquery) => {
            let subquery = of_subquery(subquery, count)?;
            Ok(Transformed::yes(LogicalPlan::Subquery(subquery)))
        }
        other => other
            .map_expressions(|expression| expression.transform_up(|one| in_expression(one, count))),
    });
    plan.data()
}

fn in_expression(expression: Expr, count: &mut usize) -> Result<Transformed<Expr>> {
    Ok(match expression {
        Expr::Exists(mut exists) => {
            exists.subquery = of_subquery(exists.subquery, count)?;
            Transformed::yes(Expr::Exists(exists))
        }
        Expr::InSubquery(mut within) => {
            within.subquery = of_subquery(within.subquery, count)?;
            Transformed::yes(Expr::InSubquery(within))
        }
        Expr::SetComparison(mut compared) => {
            compared.subquery = of_subquery(compared.subquery, count)?;
            Transformed::yes(Expr::SetComparison(compared))
        }
        Expr::ScalarSubquery(subquery) => {
            Transformed::yes(Expr::ScalarSubquery(of_subquery(subquery, count)?))
        }
        other => Transformed::no(other),
    })
}

fn of_subquery(mut subquery: Subquery, count: &mut usize) -> Result<Subquery> {
    let plan = Arc::unwrap_or_clone(subquery.subquery);
    subquery.subquery = Arc::new(lifted(plan, count)?);
    let mut read = Vec::new();
    subquery.subquery.apply(|node| {
        // A LATERAL beside a table is a subquery of its own.
        if matches!(node, LogicalPlan::Subquery(_)) {
            return Ok(TreeNodeRecursion::Jump);
        }
        if let LogicalPlan::Filter(filter) = node {
            read.extend(inner(&filter.predicate)?);
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    let output = subquery.subquery.schema().columns();
    let clashes = read.iter().any(|one| {
        let mut others = read.iter().chain(&output);
        others.any(|other| other.name == one.name && other.relation != one.relation)
    });
    if !clashes {
        return Ok(subquery);
    }
    let plan = subquery
        .subquery
        .as_ref()
        .clone()
        .transform_down(|node| match node {
            LogicalPlan::Subquery(_) => Ok(Transformed::new(node, false, TreeNodeRecursion::Jump)),
            LogicalPlan::Filter(filter) => of_filter(filter, count),
            other => Ok(Transformed::no(other)),
        });
    let plan = plan.data()?;
    // Nodes above hold on to the columns that they were built with.
    let plan = plan.transform_up(|node| node.recompute_schema().map(Transformed::yes));
    Ok(Subquery {
        subquery: Arc::new(plan.data()?),
        ..subquery
    })
}

/// The columns of the subquery in the conditions of a predicate that read the outer row.
fn inner(predicate: &Expr) -> Result<Vec<Column>> {
    let mut columns = Vec::new();
    if !is_correlated(predicate)? {
        return Ok(columns);
    }
    predicate.apply(|one| {
        if let Expr::Column(column) = one
            && !columns.contains(column)
        {
            columns.push(column.clone());
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(columns)
}

/// A filter over the same rows with a second column for each that its predicate reads.
fn of_filter(filter: Filter, count: &mut usize) -> Result<Transformed<LogicalPlan>> {
    let columns = inner(&filter.predicate)?;
    if columns.is_empty() {
        return Ok(Transformed::no(LogicalPlan::Filter(filter)));
    }
    let mut names = BTreeMap::new();
    for column in columns {
        *count += 1;
        names.insert(column, format!("__tsugi_outer_{count}"));
    }
    let all = filter
        .input
        .schema()
        .columns()
        .into_iter()
        .map(Expr::Column);
    let second = names.iter().map(|(column, name)| {
        Expr::Column(column.clone()).alias_qualified(column.relation.clone(), name)
    });
    let rows = LogicalPlanBuilder::from(filter.input.as_ref().clone());
    let rows = rows
        .project(all.chain(second).collect::<Vec<_>>())?
        .build()?;
    let predicate = filter.predicate.transform_up(|one| {
        let Expr::Column(column) = &one else {
            return Ok(Transformed::no(one));
        };
        Ok(match names.get(column) {
            Some(name) => {
                let renamed = Column::new(column.relation.clone(), name);
                Transformed::yes(Expr::Column(renamed))
            }
            None => Transformed::no(one),
        })
    });
    let filter = Filter::try_new(predicate.data()?, Arc::new(rows))?;
    let filter = LogicalPlan::Filter(filter);
    Ok(Transformed::new(filter, true, TreeNodeRecursion::Continue))
}
