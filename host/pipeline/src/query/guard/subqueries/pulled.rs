//! Correlation that must stay where it is written. The planner pulls every condition on a row of
//! the outer query up to the join that it makes of the subquery, also from below a window, which
//! then numbers the rows of all outer rows together, and from the side of an outer join that may
//! be missing. There is no report upstream; such queries are refused.

use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::common::{JoinType, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan};

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
                let is_pulled = left && depends(&join.left)? || right && depends(&join.right)?;
                match is_pulled {
                    true => "an outer join or a difference of sets",
                    false => return Ok(TreeNodeRecursion::Continue),
                }
            }
            _ => return Ok(TreeNodeRecursion::Continue),
        };
        plan_err!(
            "a condition on a row of the outer query stands below {above}, where it cannot be \
             planned: compute this in a step of WITH without the condition, and join the step"
        )
    })?;
    Ok(())
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
            found |= expression.exists(|one| Ok(matches!(one, Expr::OuterReferenceColumn(..))))?;
            Ok(TreeNodeRecursion::Continue)
        })?;
        Ok(match found {
            true => TreeNodeRecursion::Stop,
            false => TreeNodeRecursion::Continue,
        })
    })?;
    Ok(found)
}
