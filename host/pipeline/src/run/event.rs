//! What happens while a run goes on, told to whoever watches.

use serde::Serialize;

use crate::store::SnapshotId;
use tsugi_core::name::{RunId, TableName};

/// One thing that happened. With `--json` each is a line of its own, flushed at once.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Components are built.
    Building {
        /// The crates.
        packages: Vec<String>,
    },
    /// The project is understood and a plan is made.
    Planned {
        /// Tables of sources and seeds.
        reads: usize,
        /// Models.
        models: usize,
        /// Checks.
        checks: usize,
    },
    /// The run has begun.
    Started {
        /// Its id.
        run: RunId,
    },
    /// A table is being made.
    StepStarted {
        /// Which.
        table: TableName,
        /// Its number, from 1.
        number: usize,
        /// Of how many.
        of: usize,
    },
    /// A table is staged, or stands as it was.
    StepFinished {
        /// Which.
        table: TableName,
        /// Its number, from 1.
        number: usize,
        /// Of how many.
        of: usize,
        /// Rows it has.
        rows: u64,
        /// Rows that went to quarantine.
        rejected: u64,
        /// Nothing that it is made from has changed.
        reused: bool,
        /// How long it took.
        elapsed_ms: u64,
    },
    /// A check found nothing.
    Checked {
        /// Which.
        check: String,
    },
    /// The commit begins.
    Publishing {
        /// How many tables.
        tables: usize,
    },
    /// The commit took effect: readers see the new tables.
    Published {
        /// The snapshot.
        snapshot: SnapshotId,
    },
    /// Everything was as it should be.
    Unchanged,
    /// A person is being taken out; this step is done.
    Forgetting {
        /// Which.
        step: &'static str,
    },
    /// A batch of messages has been written down and is about to leave.
    Intended {
        /// The batch.
        sequence: u32,
        /// How many messages.
        messages: usize,
    },
    /// Its receipt has come and is written down.
    Received {
        /// The batch.
        sequence: u32,
        /// Accepted by the channel.
        accepted: u64,
        /// Refused by it.
        failed: u64,
    },
}

/// Who watches.
pub trait Watch: Send + Sync {
    /// Told of one event, in order.
    fn tell(&self, event: Event);
}
