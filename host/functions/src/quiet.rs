//! A plan whose calls of plugins stay calls while it is optimized.

use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNode as _};
use datafusion::logical_expr::{Expr, LogicalPlan};

use super::scalar::PluginScalar;

/// The same plan for planning alone: the optimizer computes calls over constants, but none of a
/// plugin in this plan.
///
/// # Errors
/// When a node of the plan cannot be built again.
pub fn without_calls(plan: &LogicalPlan) -> Result<LogicalPlan> {
    let quiet = |expression: Expr| {
        expression.transform_up(|expression| {
            let Expr::ScalarFunction(mut call) = expression else {
                return Ok(Transformed::no(expression));
            };
            let Some(function) = call.func.inner().downcast_ref::<PluginScalar>() else {
                return Ok(Transformed::no(Expr::ScalarFunction(call)));
            };
            call.func = function.as_volatile().into();
            Ok(Transformed::yes(Expr::ScalarFunction(call)))
        })
    };
    let changed = plan
        .clone()
        .transform_up_with_subqueries(|node| node.map_expressions(quiet))?;
    Ok(changed.data)
}
