//! Clauses that SQL allows of aggregates and plugins do not support, refused before the optimizer
//! rewrites such a call into one that looks plain.

use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::logical_expr::expr::NullTreatment;
use datafusion::logical_expr::{Expr, LogicalPlan, WindowFunctionDefinition};
use datafusion::optimizer::AnalyzerRule;

use super::{PluginAggregate, SLIDING};
use crate::error::FunctionError;

#[derive(Debug)]
pub(crate) struct RefuseUnsupported;

impl AnalyzerRule for RefuseUnsupported {
    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        plan.apply_with_subqueries(|node| {
            node.apply_expressions(|expr| {
                expr.apply(|expr| match unsupported(expr) {
                    Some(error) => Err(error.into()),
                    None => Ok(TreeNodeRecursion::Continue),
                })
            })
        })?;
        Ok(plan)
    }

    fn name(&self) -> &str {
        "refuse_unsupported_plugin_aggregates"
    }
}

fn unsupported(expr: &Expr) -> Option<FunctionError> {
    let clause = |distinct, ordered, nulls: Option<NullTreatment>| {
        let ignores = nulls == Some(NullTreatment::IgnoreNulls);
        let clauses = [
            (distinct, "DISTINCT"),
            (ordered, "ORDER BY inside the call"),
            (ignores, "IGNORE NULLS"),
        ];
        clauses
            .into_iter()
            .find_map(|(there, clause)| there.then_some(clause))
    };
    let (function, clause) = match expr {
        Expr::AggregateFunction(call) => {
            let params = &call.params;
            let ordered = !params.order_by.is_empty();
            (
                &call.func,
                clause(params.distinct, ordered, params.null_treatment)?,
            )
        }
        Expr::WindowFunction(call) => {
            let WindowFunctionDefinition::AggregateUDF(function) = &call.fun else {
                return None;
            };
            let params = &call.params;
            let sliding = (!params.window_frame.is_ever_expanding()).then_some(SLIDING);
            (
                function,
                clause(params.distinct, false, params.null_treatment).or(sliding)?,
            )
        }
        _ => return None,
    };
    let ours = function.inner().downcast_ref::<PluginAggregate>()?;
    Some(FunctionError::Unsupported {
        function: ours.overloads.name.clone(),
        clause,
    })
}
