//! Events of a run or a delivery, and their watcher.

use serde::Serialize;

use crate::store::SnapshotId;
use tsugi_core::name::{RunId, TableName};

/// One event. With `--json` each is a line of its own, flushed at once.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Components of plugin crates are built.
    Building {
        /// The crates.
        packages: Vec<String>,
    },
    /// The project is understood and a plan is made.
    Planned {
        /// Tables of sources and seeds.
        reads: usize,
        models: usize,
        checks: usize,
    },
    /// The run has begun.
    Started { run: RunId },
    /// Work on a table begins.
    StepStarted {
        table: TableName,
        /// Its number, from 1.
        number: usize,
        of: usize,
    },
    /// A table is staged, or unchanged.
    StepFinished {
        table: TableName,
        /// Its number, from 1.
        number: usize,
        of: usize,
        /// Rows of the whole table.
        rows: u64,
        /// Rows that went to quarantine.
        quarantined: u64,
        /// Nothing that it is computed from has changed.
        unchanged: bool,
        /// A run that did not publish had made it from the same.
        resumed: bool,
        elapsed_ms: u64,
    },
    /// A check found nothing.
    Checked { check: String },
    /// The commit begins.
    Publishing { tables: usize },
    /// The commit took effect: readers see the new tables.
    Published { snapshot: SnapshotId },
    /// No table has changed.
    Unchanged,
    /// A step of forgetting a person is done.
    Forgetting { step: &'static str },
    /// The intents of a batch are on the disk; its rows are about to leave.
    Intended {
        /// The number of the batch.
        sequence: u32,
        messages: usize,
    },
    /// The receipt of a batch is on the disk.
    Received {
        /// The number of the batch.
        sequence: u32,
        /// Rows that the sink accepted.
        accepted: u64,
        /// Rows that it refused.
        failed: u64,
    },
}

/// The watcher of a run.
pub trait Watch: Send + Sync {
    /// Receives the events in their order.
    fn notify(&self, event: Event);

    /// Whether a delivery is to end once the batch under way has its receipt.
    fn is_stopping(&self) -> bool {
        false
    }
}
