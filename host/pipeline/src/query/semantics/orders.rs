//! Aggregates of one SELECT that each have an order. The engine sorts the rows once, and what is
//! DISTINCT comes in the order of another one. There is no report upstream.

use datafusion::common::Result;
use datafusion::logical_expr::{Expr, LogicalPlan};

use super::mixing::refused;

/// Refuses a DISTINCT aggregate with an order beside one with another order.
pub(super) fn refuse_step(step: &LogicalPlan) -> Result<()> {
    let LogicalPlan::Aggregate(aggregate) = step else {
        return Ok(());
    };
    let calls = aggregate.aggr_expr.iter().filter_map(|one| match one {
        Expr::Alias(alias) => call(&alias.expr),
        other => call(other),
    });
    let ordered: Vec<_> = calls
        .filter(|call| !call.params.order_by.is_empty())
        .collect();
    let leaks = ordered.iter().find(|one| {
        let differs = |other: &&&_| {
            let other: &datafusion::logical_expr::expr::AggregateFunction = other;
            other.params.order_by != one.params.order_by
        };
        one.params.distinct && ordered.iter().any(|other| differs(&other))
    });
    match leaks {
        None => Ok(()),
        Some(call) => Err(refused(
            format!(
                "`{}(DISTINCT … ORDER BY …)` stands beside an aggregate with another order",
                call.func.name()
            ),
            "compute one of them in a step of WITH, and join the steps",
            None,
        )),
    }
}

fn call(expression: &Expr) -> Option<&datafusion::logical_expr::expr::AggregateFunction> {
    match expression {
        Expr::AggregateFunction(call) => Some(call),
        _ => None,
    }
}
