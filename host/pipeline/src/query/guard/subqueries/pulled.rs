//! Correlation that must stay where it is written. The planner pulls every condition on a row of
//! the outer query up to the join that it makes of the subquery, also from below a window, which
//! then numbers the rows of all outer rows together, and from the side of an outer join that may
//! be missing. There is no report upstream; such queries are refused.

use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::common::{JoinType, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{BinaryExpr, Expr, Limit, LogicalPlan, Operator, SkipType};

/// Refuses what the planner would pull up wrongly.
///
/// # Errors
/// Says what stands above the condition, and what to write instead.
pub(super) fn refuse(plan: &LogicalPlan) -> Result<()> {
    plan.apply_with_subqueries(|node| {
        let above = match node {
            LogicalPlan::Window(window) if depends(&window.input)? => "a window function",
            LogicalPlan::Join(join) => {
                let (left, right) = match join.join_type {
                    JoinType::Left | JoinType::LeftSemi | JoinType::LeftAnti => (false, true),
                    JoinType::Right | JoinType::RightSemi | JoinType::RightAnti => (true, false),
                    JoinType::Full => (true, true),
                    JoinType::Inner | JoinType::LeftMark | JoinType::RightMark => (false, false),
                };
                if repeats(&join.left)? || repeats(&join.right)? {
                    return refused("DISTINCT");
                }
                let is_pulled = left && depends(&join.left)? || right && depends(&join.right)?;
                match is_pulled {
                    true => "an outer join or a difference of sets",
                    false => return Ok(TreeNodeRecursion::Continue),
                }
            }
            LogicalPlan::Limit(limit) if skips(limit)? && depends(&limit.input)? => "OFFSET",
            _ => return Ok(TreeNodeRecursion::Continue),
        };
        refused(above)
    })?;
    Ok(())
}

/// Refuses a name that several tables of a subquery have. Where the query around it has a column of
/// that name as well, the planner takes that one.
///
/// # Errors
/// Names the column.
pub(super) fn refuse_ambiguous(plan: &LogicalPlan) -> Result<()> {
    plan.apply_with_subqueries(|node| {
        let LogicalPlan::Filter(filter) = node else {
            return Ok(TreeNodeRecursion::Continue);
        };
        let columns = filter.input.schema().columns();
        for condition in split_conjunction(&filter.predicate) {
            if !is_correlated(condition)? || reads_rows(condition)? {
                continue;
            }
            condition.apply(|one| {
                if let Expr::OuterReferenceColumn(_, outer) = one
                    && columns.iter().filter(|one| one.name == outer.name).count() > 1
                {
                    return plan_err!("column `{}` is ambiguous in a subquery", outer.name);
                }
                Ok(TreeNodeRecursion::Continue)
            })?;
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(())
}

/// Whether rows are left out at the begin, which the planner forgets under EXISTS.
fn skips(limit: &Limit) -> Result<bool> {
    Ok(!matches!(limit.get_skip_type()?, SkipType::Literal(0)))
}

fn refused<T>(above: &str) -> Result<T> {
    plan_err!(
        "a condition on a row of the outer query stands below {above}, where it cannot be \
         planned: compute this in a step of WITH without the condition, and join the step"
    )
}

/// Whether a side of a join is a LATERAL whose DISTINCT would also keep apart what the condition
/// reads; under EXISTS and IN, rows that come twice change nothing.
fn repeats(side: &LogicalPlan) -> Result<bool> {
    let lateral = match side {
        LogicalPlan::SubqueryAlias(alias) => alias.input.as_ref(),
        other => other,
    };
    let LogicalPlan::Subquery(lateral) = lateral else {
        return Ok(false);
    };
    let mut found = false;
    lateral.subquery.apply(|node| {
        if let LogicalPlan::Distinct(distinct) = node {
            found |= differs(distinct.input())?;
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(found)
}

/// Whether a plan reads columns of a query around it.
fn depends(plan: &LogicalPlan) -> Result<bool> {
    let mut found = false;
    plan.apply(|node| {
        // What a LATERAL reads is beside it, in this plan.
        if matches!(node, LogicalPlan::Subquery(_)) {
            return Ok(TreeNodeRecursion::Jump);
        }
        node.apply_expressions(|expression| {
            found |= is_correlated(expression)?;
            Ok(TreeNodeRecursion::Continue)
        })?;
        Ok(match found {
            true => TreeNodeRecursion::Stop,
            false => TreeNodeRecursion::Continue,
        })
    })?;
    Ok(found)
}

/// Whether an expression reads columns of a query around it.
pub(super) fn is_correlated(expression: &Expr) -> Result<bool> {
    expression.exists(|one| Ok(matches!(one, Expr::OuterReferenceColumn(..))))
}

/// Whether a plan is filtered by an outer row otherwise than by equality with a column, which is the
/// same for every row that remains.
fn differs(plan: &LogicalPlan) -> Result<bool> {
    let mut found = false;
    plan.apply(|node| {
        if matches!(node, LogicalPlan::Subquery(_)) {
            return Ok(TreeNodeRecursion::Jump);
        }
        if let LogicalPlan::Filter(filter) = node {
            for condition in split_conjunction(&filter.predicate) {
                found |= is_correlated(condition)? && !is_equality(condition)?;
            }
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(found)
}

/// Whether a condition is fulfilled by one value of a column.
pub(super) fn is_equality(condition: &Expr) -> Result<bool> {
    Ok(match condition {
        Expr::BinaryExpr(BinaryExpr {
            left,
            op: Operator::Eq,
            right,
        }) => is_column(left) && !reads_rows(right)? || is_column(right) && !reads_rows(left)?,
        _ => false,
    })
}

fn reads_rows(expression: &Expr) -> Result<bool> {
    expression.exists(|one| Ok(is_column(one)))
}

fn is_column(expression: &Expr) -> bool {
    matches!(expression, Expr::Column(_))
}
