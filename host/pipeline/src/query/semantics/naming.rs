//! Names of aggregates and windows in a plan. The engine leaves casts out of them, so that
//! `sum(x)` and `sum(CAST(x AS DOUBLE))` beside each other would be one column.

use datafusion::common::Result;
use datafusion::common::tree_node::TreeNode as _;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::planner::{
    ExprPlanner, PlannerResult, RawAggregateExpr, RawWindowExpr,
};

/// Names the arguments with casts by the whole expression.
#[derive(Debug)]
pub(super) struct Names;

impl ExprPlanner for Names {
    fn plan_aggregate(
        &self,
        mut call: RawAggregateExpr,
    ) -> Result<PlannerResult<RawAggregateExpr>> {
        call.args = named_all(call.args)?;
        call.filter = call
            .filter
            .map(|one| named(*one).map(Box::new))
            .transpose()?;
        Ok(PlannerResult::Original(call))
    }

    fn plan_window(&self, mut call: RawWindowExpr) -> Result<PlannerResult<RawWindowExpr>> {
        call.args = named_all(call.args)?;
        call.filter = call
            .filter
            .map(|one| named(*one).map(Box::new))
            .transpose()?;
        Ok(PlannerResult::Original(call))
    }
}

fn named_all(expressions: Vec<Expr>) -> Result<Vec<Expr>> {
    expressions.into_iter().map(named).collect()
}

fn named(expression: Expr) -> Result<Expr> {
    let has_cast = expression.exists(|one| Ok(matches!(one, Expr::Cast(_) | Expr::TryCast(_))))?;
    Ok(match (has_cast, &expression) {
        (true, Expr::Alias(_)) | (false, _) => expression,
        (true, _) => {
            let name = expression.to_string();
            expression.alias(name)
        }
    })
}
