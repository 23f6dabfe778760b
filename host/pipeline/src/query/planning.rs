//! Planning on a thread of its own: it computes without giving way, so that Ctrl-C ends the command,
//! and it has a stack for the deepest expression that is allowed.

use std::future::Future;
use std::thread;

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result};
use datafusion::logical_expr::LogicalPlan;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Address space, of which only what is used takes memory.
const STACK_BYTES: usize = 256 << 20;
/// Nodes of a plan once the steps of WITH and the views are in their places.
const NODES_MAX: usize = 50_000;

/// Runs `work` to its end on a thread of its own. When the caller goes away, as on Ctrl-C, the
/// thread is left to the end of the process.
///
/// # Errors
/// Those of `work`, and when there is no such thread.
pub(super) async fn apart<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let runtime = Handle::current();
    let (sender, receiver) = oneshot::channel();
    let build = thread::Builder::new()
        .name("tsugi-planning".to_owned())
        .stack_size(STACK_BYTES);
    let spawned = build.spawn(move || {
        // The receiver is gone when the user stopped the command.
        let _ = sender.send(runtime.block_on(work));
    });
    spawned.map_err(DataFusionError::IoError)?;
    let stopped = |_| DataFusionError::Internal("planning stopped".to_owned());
    receiver.await.map_err(stopped)?
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
