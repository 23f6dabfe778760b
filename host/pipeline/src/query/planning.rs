//! Planning on a thread of its own: it computes without giving way, so that Ctrl-C ends the command,
//! and it has a stack for the deepest expression that is allowed.

use std::collections::BTreeMap;
use std::future::Future;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result};
use datafusion::logical_expr::LogicalPlan;
use datafusion::sql::sqlparser::ast::{Query, Statement, visit_relations};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Address space, of which only what is used takes memory.
const STACK_BYTES: usize = 256 << 20;
/// Tables that a query reads once the steps of WITH are in their places.
const TABLES_MAX: usize = 5_000;
/// Nodes of a plan once the steps of WITH and the views are in their places.
const NODES_MAX: usize = 50_000;

/// The name of the thread. A panic in it is an error of the query, and no crash to report.
pub const PLANNING_THREAD: &str = "tsugi-planning";

/// Runs `work` to its end on a thread of its own. When the caller goes away, as on Ctrl-C, the
/// thread is left to the end of the process.
///
/// # Errors
/// Those of `work`, one where it panics, as the engine's optimizer does over some subqueries, and
/// when there is no such thread.
pub(super) async fn apart<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let runtime = Handle::current();
    let (sender, receiver) = oneshot::channel();
    let build = thread::Builder::new()
        .name(PLANNING_THREAD.to_owned())
        .stack_size(STACK_BYTES);
    let spawned = build.spawn(move || {
        // The receiver is gone when the user stopped the command.
        let planned = catch_unwind(AssertUnwindSafe(|| runtime.block_on(work)));
        let _ = sender.send(planned.unwrap_or_else(|_| Err(panicked())));
    });
    spawned.map_err(DataFusionError::IoError)?;
    let stopped = |_| DataFusionError::Internal("planning stopped".to_owned());
    receiver.await.map_err(stopped)?
}

fn panicked() -> DataFusionError {
    let what = "the planner has no plan for this query: write its subqueries as steps of WITH that \
                are joined";
    DataFusionError::Plan(what.to_owned())
}

/// Refuses a query whose steps of WITH each read the ones before so often that planning, which puts
/// a step wherever it is read, would take all memory.
///
/// # Errors
/// Says how many tables it may read.
pub(super) fn refuse_too_wide(statement: &Statement) -> Result<()> {
    let Statement::Query(query) = statement else {
        return Ok(());
    };
    let mut weights: BTreeMap<String, usize> = BTreeMap::new();
    let steps = query.with.iter().flat_map(|with| &with.cte_tables);
    for step in steps {
        let weight = tables_read(&step.query, &weights);
        weights.insert(step.alias.name.value.to_lowercase(), weight.max(1));
    }
    // Its own steps are visited too, each of them once.
    match tables_read(query, &weights) > TABLES_MAX {
        true => Err(DataFusionError::Plan(format!(
            "the query reads more than {TABLES_MAX} tables once every name of WITH is replaced by \
             what it stands for: make a model of a step that is read often"
        ))),
        false => Ok(()),
    }
}

fn tables_read(query: &Query, weights: &BTreeMap<String, usize>) -> usize {
    let mut read = 0_usize;
    let _ = visit_relations(query, |relation| {
        let name = relation.to_string().to_lowercase();
        read = read.saturating_add(weights.get(&name).copied().unwrap_or(1));
        ControlFlow::<()>::Continue(())
    });
    read
}

/// Refuses a plan that would take all memory to optimise, as steps of WITH do that each read the
/// one before twice.
///
/// # Errors
/// Says how many nodes there may be.
pub(super) fn refuse_too_large(plan: &LogicalPlan) -> Result<()> {
    let mut nodes = 0_usize;
    plan.apply_with_subqueries(|_| {
        nodes += 1;
        Ok(match nodes > NODES_MAX {
            true => TreeNodeRecursion::Stop,
            false => TreeNodeRecursion::Continue,
        })
    })?;
    match nodes > NODES_MAX {
        true => Err(DataFusionError::Plan(format!(
            "the query has more than {NODES_MAX} steps once every name of WITH and every view is \
             replaced by what it stands for: make a model of a step that is read often"
        ))),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_of_the_planner_is_an_error_of_the_query() {
        let planned: Result<()> = apart(async { panic!("index out of bounds") }).await;
        let error = planned.expect_err("no plan");
        assert!(matches!(error, DataFusionError::Plan(_)), "{error:?}");
        assert!(!error.to_string().contains("index"), "{error}");
        assert_eq!(apart(async { Ok(7) }).await.expect("a plan"), 7);
    }
}
