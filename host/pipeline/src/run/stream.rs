//! Rows of a query as they come: a few batches are in memory at any time, counted by the memory
//! limit of the project, however many the query has.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};
use datafusion::physical_plan::ExecutionPlan;
use futures::StreamExt as _;
use futures::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::error::RunError;
use super::guards::Redact;
use super::locate::SiteSearch;
use super::published::Published;
use crate::query::{Parsed, QueryError, Session, Vars, place_of};
use tsugi_core::source_text::SourceText;

/// Batches that wait between the query and its reader.
const WAITING: usize = 1;

/// A batch, and the memory it is counted with until it is dropped.
struct Counted {
    batch: RecordBatch,
    _memory: MemoryReservation,
}

/// The rows of a query. Dropping it ends the query.
pub struct RowStream {
    pub schema: SchemaRef,
    personal: Vec<bool>,
    /// Personal columns that these rows are about.
    about: Vec<String>,
    /// Whether values of personal columns are to be hidden.
    redacted: bool,
    /// Whether an error may quote a personal value.
    touches_personal: bool,
    redact: &'static dyn Redact,
    rows: mpsc::Receiver<Result<Counted, RunError>>,
    task: AbortHandle,
    /// What they are the answer to, where a person wrote it.
    pub(super) written: Option<Written>,
}

/// A query as it was written and planned, to say where it failed.
pub(super) struct Written {
    pub(super) session: Arc<Session>,
    pub(super) query: Handle,
    pub(super) parsed: Parsed,
    pub(super) plan: LogicalPlan,
}

impl Drop for RowStream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl std::fmt::Debug for RowStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowStream")
            .field("schema", &self.schema)
            .finish_non_exhaustive()
    }
}

impl RowStream {
    /// The columns that are about persons.
    pub fn personal(&self) -> Vec<String> {
        let fields = self.schema.fields().iter().zip(&self.personal);
        let personal = fields.filter(|(_, personal)| **personal);
        let names = personal.map(|(field, _)| field.name().clone());
        names.chain(self.about.iter().cloned()).collect()
    }

    /// The same rows, which are about these personal columns of others.
    pub(super) fn with_personal(mut self, columns: Vec<String>) -> Self {
        self.about = columns;
        self
    }

    /// The same rows with the values of those columns hidden.
    pub fn redacted(mut self) -> Self {
        self.schema = self.redact.schema(&self.schema, &self.personal);
        self.redacted = true;
        self
    }

    /// The same error with the expression that failed and a row that it fails at.
    async fn located(&self, error: RunError) -> RunError {
        let Some(written) = &self.written else {
            return error;
        };
        let RunError::Query(QueryError::Engine(failure)) = error else {
            return error;
        };
        let search = SiteSearch {
            session: &written.session,
            query: &written.query,
            redact: self.redact,
            models: &BTreeMap::new(),
        };
        let text = SourceText::new(written.parsed.file(), written.parsed.text());
        let unlocated = QueryError::Engine(failure.clone());
        let failure = search.located(&text, &written.plan, failure).await;
        let is_located = failure
            .site
            .as_ref()
            .is_some_and(|site| site.place.line > 0);
        if is_located {
            return RunError::Query(QueryError::Engine(failure));
        }
        // What names no column fails when it is planned to the end, too.
        RunError::Query(
            match place_of(&written.session, &written.parsed, &unlocated).await {
                Some(place) => unlocated.at(place),
                None => QueryError::Engine(failure),
            },
        )
    }

    /// The next rows; none at the end.
    ///
    /// # Errors
    /// What went wrong while the query ran. It quotes no value of a personal column.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>, RunError> {
        loop {
            let batch = match self.rows.recv().await {
                None => return Ok(None),
                Some(Ok(counted)) if counted.batch.num_rows() == 0 => continue,
                Some(Ok(counted)) => counted.batch,
                Some(Err(error)) => {
                    let error = self.located(error).await;
                    return Err(match self.touches_personal {
                        true => self.redact.error(error),
                        false => error,
                    });
                }
            };
            return match self.redacted {
                true => self.redact.rows(&batch, &self.personal).map(Some),
                false => Ok(Some(batch)),
            };
        }
    }
}

impl Published<'_> {
    /// Starts a query over the last snapshot, for at most so many rows.
    ///
    /// # Errors
    /// What is wrong with the SQL.
    pub fn stream<'a>(
        &'a self,
        vars: &'a Vars,
        parsed: Parsed,
        rows_max: Option<usize>,
    ) -> BoxFuture<'a, Result<RowStream, RunError>> {
        Box::pin(async move {
            let (plan, parsed) = self.plan(vars, parsed).await?;
            let mut rows = match self.stream_plan(plan.clone(), rows_max).await {
                Err(RunError::Query(error)) => {
                    let error = self.placed(&parsed, error).await.into();
                    return Err(match self.session.touches_personal(&plan) {
                        true => self.redact.error(error),
                        false => error,
                    });
                }
                other => other?,
            };
            rows.written = Some(Written {
                session: Arc::clone(self.session),
                query: self.query.clone(),
                parsed,
                plan,
            });
            Ok(rows)
        })
    }

    /// Starts a planned query.
    pub(super) async fn stream_plan(
        &self,
        plan: LogicalPlan,
        rows_max: Option<usize>,
    ) -> Result<RowStream, RunError> {
        let session = self.session;
        let schema = Session::columns(&plan);
        let personal = session.personal(&plan);
        let touches_personal = session.touches_personal(&plan);
        let plan = match rows_max {
            None => plan,
            Some(rows) => LogicalPlanBuilder::from(plan)
                .limit(0, Some(rows))
                .and_then(LogicalPlanBuilder::build)
                .map_err(QueryError::from_engine)?,
        };
        let physical = session.physical(&plan).await?;
        let (rows, task) = started(self.query, Arc::clone(session), physical);
        Ok(RowStream {
            schema,
            personal,
            about: Vec::new(),
            redacted: false,
            touches_personal,
            redact: self.redact,
            rows,
            task,
            written: None,
        })
    }
}

type Rows = mpsc::Receiver<Result<Counted, RunError>>;

/// Executes a plan on the query runtime.
fn started(
    query: &Handle,
    session: Arc<Session>,
    physical: Arc<dyn ExecutionPlan>,
) -> (Rows, AbortHandle) {
    let (sender, rows) = mpsc::channel(WAITING);
    let task = query.spawn(async move {
        // A panic of the engine must not look like the end of the rows.
        let work = std::panic::AssertUnwindSafe(send(&sender, session, physical));
        let ended = futures::FutureExt::catch_unwind(work).await;
        let failed = match ended {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error,
            Err(_) => RunError::Host("the query stopped in the middle".into()),
        };
        // A reader that has gone wants no error either.
        let _ = sender.send(Err(failed)).await;
    });
    (rows, task.abort_handle())
}

async fn send(
    sender: &mpsc::Sender<Result<Counted, RunError>>,
    session: Arc<Session>,
    physical: Arc<dyn ExecutionPlan>,
) -> Result<(), RunError> {
    let mut stream = session.stream(physical)?;
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(QueryError::from_engine)?;
        let memory = session.reserve("rows to print", batch.get_array_memory_size())?;
        let counted = Counted {
            batch,
            _memory: memory,
        };
        if sender.send(Ok(counted)).await.is_err() {
            break;
        }
    }
    Ok(())
}
