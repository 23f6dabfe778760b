//! Tasks of the query runtime: where plans compute, apart from signals and stores.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::physical_plan::ExecutionPlan;
use futures::TryStreamExt as _;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::error::RunError;
use crate::query::{QueryError, Session};

/// Executes a plan on the query runtime and collects its rows.
pub(super) async fn collected(
    query: &Handle,
    session: Arc<Session>,
    physical: Arc<dyn ExecutionPlan>,
) -> Result<Vec<RecordBatch>, RunError> {
    let task = query.spawn(async move {
        let stream = session.stream(physical)?;
        let rows: Vec<RecordBatch> = stream
            .try_collect()
            .await
            .map_err(QueryError::from_engine)?;
        Ok::<_, RunError>(rows)
    });
    joined(task).await?
}

/// Waits for a task of the query runtime; dropping the wait stops the task.
///
/// # Errors
/// When the task panicked or its runtime ended.
pub async fn joined<T>(task: JoinHandle<T>) -> Result<T, RunError> {
    struct AbortOnDrop(tokio::task::AbortHandle);
    impl Drop for AbortOnDrop {
        fn drop(&mut self) {
            self.0.abort();
        }
    }
    let _stop = AbortOnDrop(task.abort_handle());
    task.await
        .map_err(|error| RunError::Host(error.to_string()))
}
