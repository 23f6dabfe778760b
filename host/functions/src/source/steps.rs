//! Reads a source step by step: rows with the rejects, notices and checkpoints that belong to them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use datafusion::common::Result;
use datafusion::common::runtime::SpawnedTask;
use datafusion::execution::TaskContext;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::scan::Scan;
use crate::live::LivePlugin;
use crate::set::find;
use tsugi_sandbox::{Checkpoint, Notice, Reject, SandboxError, SourceReader, SourceStep};

/// Steps in flight between the guest and its reader.
const IN_FLIGHT: usize = 2;
/// Steps without rows or checkpoints after which a source counts as stuck.
const EMPTY_STEPS_MAX: usize = 100_000;
/// Longest wait between two steps with rows or checkpoints: servers count requests by the quarter
/// of an hour at most.
const WAIT_MAX_MS: u64 = 20 * 60 * 1000;
const NEXT: &str = "source.reader.next";

/// The steps of one read, in their order. The guest runs ahead on a task of its own, which ends
/// when this is dropped.
#[derive(Debug)]
pub struct SourceSteps {
    receiver: Receiver<Result<SourceStep, SandboxError>>,
    plugin: String,
    /// Joined at the end, so that a panic does not look like the end of the stream.
    task: Option<SpawnedTask<()>>,
}

/// Everything beside the rows of a read.
#[derive(Debug, Default)]
pub struct SourceReport {
    pub rejects: Vec<Reject>,
    pub notices: Vec<Notice>,
    /// The last checkpoint of each partition; together they cover every row of the steps added.
    pub checkpoints: BTreeMap<String, Checkpoint>,
}

impl SourceReport {
    /// Adds what came with a step.
    pub fn add(&mut self, step: &mut SourceStep) {
        self.rejects.append(&mut step.rejects);
        self.notices.append(&mut step.notices);
        let checkpoint = step.checkpoint.take();
        let by_partition = checkpoint.map(|one| (one.partition.clone(), one));
        self.checkpoints.extend(by_partition);
    }
}

impl SourceSteps {
    pub(super) fn start(scan: Scan, context: &TaskContext) -> Result<Self> {
        let live = find(context.session_config(), &scan.table.key)?;
        let (sender, receiver) = channel(IN_FLIGHT);
        let plugin = scan.table.key.name.clone();
        let task = SpawnedTask::spawn(async move {
            if let Err(error) = run(&live, scan, &sender).await {
                let _ = sender.send(Err(error)).await;
            }
        });
        Ok(Self {
            receiver,
            plugin,
            task: Some(task),
        })
    }

    /// The next step, or `None` after the last. Its `rows` are `None` when it has no row.
    ///
    /// # Errors
    /// When the guest fails, is stuck or is cancelled; nothing comes after an error.
    pub async fn next(&mut self) -> Result<Option<SourceStep>, SandboxError> {
        if let Some(step) = self.receiver.recv().await {
            return step.map(Some);
        }
        let Some(task) = self.task.take() else {
            return Ok(None);
        };
        match task.join().await {
            Ok(()) => Ok(None),
            Err(error) => Err(SandboxError::Host {
                what: format!("read from plugin `{}`", self.plugin),
                reason: error.to_string(),
            }),
        }
    }
}

async fn run(
    live: &Arc<LivePlugin>,
    scan: Scan,
    sender: &Sender<Result<SourceStep, SandboxError>>,
) -> Result<(), SandboxError> {
    let budget = Some(Arc::clone(&live.budget));
    let request = scan.request();
    let opened = live.plugin.read(
        &scan.table.config,
        request,
        scan.table.schema,
        budget,
        live.cancel.clone(),
    );
    let mut reader: SourceReader = opened.await?;
    let mut idle = IdleBound::new(&scan.table.key.name);
    loop {
        let mut step = reader.next().await?;
        step.rows = step.rows.filter(|rows| rows.num_rows() > 0);
        let (is_last, wait_ms) = (step.done, step.wait_ms);
        let has_progressed = step.rows.is_some() || step.checkpoint.is_some();
        if sender.send(Ok(step)).await.is_err() || is_last {
            // A closed receiver wants no more rows: a LIMIT is satisfied.
            return Ok(());
        }
        idle.check(has_progressed, wait_ms)?;
        if wait_ms > 0 {
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(wait_ms.into())) => {}
                () = live.cancel.cancelled() => {
                    return Err(SandboxError::Cancelled {
                        plugin: scan.table.key.name,
                        entry: NEXT.into(),
                    });
                }
            }
        }
    }
}

/// How long a source may go on without rows and checkpoints.
struct IdleBound<'p> {
    plugin: &'p str,
    empty: usize,
    waited_ms: u64,
}

impl<'p> IdleBound<'p> {
    fn new(plugin: &'p str) -> Self {
        Self {
            plugin,
            empty: 0,
            waited_ms: 0,
        }
    }

    fn check(&mut self, has_progressed: bool, wait_ms: u32) -> Result<(), SandboxError> {
        if has_progressed {
            (self.empty, self.waited_ms) = (0, 0);
        } else {
            self.empty += 1;
        }
        if self.empty > EMPTY_STEPS_MAX {
            return Err(SandboxError::Malformed {
                plugin: self.plugin.to_owned(),
                entry: NEXT.into(),
                what: "steps without rows, without end".into(),
            });
        }
        self.waited_ms += u64::from(wait_ms);
        if self.waited_ms > WAIT_MAX_MS {
            return Err(SandboxError::OverLimit {
                plugin: self.plugin.to_owned(),
                entry: NEXT.into(),
                name: "waiting",
                limit: WAIT_MAX_MS,
                requested: self.waited_ms,
            });
        }
        Ok(())
    }
}
