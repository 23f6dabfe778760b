//! How much a plugin may take: bounds, their defaults, and the account that memory is charged to.

use std::fmt::Debug;

/// Time between two ticks of the epoch thread. Deadlines are counted in observed ticks, so a
/// machine that sleeps does not run a guest out of its time.
pub const TICK_MS: u64 = 10;
/// Live handles a guest may hold: a connector needs a handful, a bug makes thousands.
pub const HANDLES_MAX: usize = 1_000;
/// Entries of one table: indirect calls of a large guest need a few ten thousand.
pub const TABLE_ENTRIES_MAX: usize = 100_000;
/// Tables, memories and core instances in one component. A Rust guest has one memory and three
/// core instances (the program and two shims).
pub const PARTS_MAX: usize = 32;
/// Bytes kept of what a guest logs and writes to standard error, the last ones.
pub const LOG_MAX_BYTES: usize = 64 * 1024;
/// Functions, streams or ports one plugin may list.
pub const LISTED_MAX: usize = 1_000;
/// Input of one crossing: larger batches are cut, so that a guest's memory stays in proportion.
pub const CROSSING_MAX_BYTES: usize = 8 * 1024 * 1024;
/// Bytes one read of a granted file returns at most.
pub const READ_MAX_BYTES: u32 = 1024 * 1024;

/// Rejects between two batches: a connector that rejects more does not read this file at all.
pub const REJECTS_MAX: usize = 100_000;
/// Text of rejects and notices between two batches: a hundred thousand short ones.
pub const REPORTED_MAX_BYTES: usize = 32 * 1024 * 1024;

/// Requests and messages of one call: a sink may send one for each row of a batch.
pub const SENDS_MAX: usize = 1_000;
/// Time to compile a component: an interpreter of 18 MB takes seconds, and what takes minutes
/// was made to.
pub const COMPILE_MAX_MS: u64 = 120_000;

/// The bounds of one plugin.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Linear memory of one instance.
    pub memory_max_bytes: u64,
    /// Time of one call of a function or of metadata.
    pub call_max_ms: u64,
    /// Time between two batches of a source, a table operator or a sink.
    pub step_max_ms: u64,
    /// Bytes one call may return.
    pub returned_max_bytes: u64,
    /// Time of compiling its component.
    pub compile_max_ms: u64,
}

/// Which of the bounds on time holds for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// One call of a function or of metadata.
    Call,
    /// From one batch of a source, a table operator or a sink to the next.
    Batch,
}

/// What the bounds on time are called in errors.
pub const CALL_TIME: &str = "time";
pub const BATCH_TIME: &str = "time of a batch";

impl Limits {
    /// The bound in milliseconds, and its name.
    pub(super) fn time(&self, clock: Clock) -> (u64, &'static str) {
        match clock {
            Clock::Call => (self.call_max_ms, CALL_TIME),
            Clock::Batch => (self.step_max_ms, BATCH_TIME),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_max_bytes: 256 * 1024 * 1024,
            call_max_ms: 2_000,
            step_max_ms: 60_000,
            returned_max_bytes: 64 * 1024 * 1024,
            compile_max_ms: COMPILE_MAX_MS,
        }
    }
}

/// Where linear memory is charged. The query floor answers with its memory pool.
pub trait Budget: Send + Sync + Debug {
    /// Takes `bytes`, or says no and takes nothing.
    fn take(&self, bytes: usize) -> bool;
    /// Gives back what was taken.
    fn give(&self, bytes: usize);
}

/// What is charged for one instance, given back when it goes.
#[derive(Debug, Default)]
pub(super) struct Charge {
    budget: Option<std::sync::Arc<dyn Budget>>,
    bytes: usize,
}

impl Charge {
    pub(super) fn new(budget: Option<std::sync::Arc<dyn Budget>>) -> Self {
        Self { budget, bytes: 0 }
    }

    pub(super) fn take(&mut self, bytes: usize) -> bool {
        let taken = self.budget.as_ref().is_none_or(|budget| budget.take(bytes));
        if taken {
            self.bytes += bytes;
        }
        taken
    }

    pub(super) fn give(&mut self, bytes: usize) {
        let bytes = bytes.min(self.bytes);
        if let Some(budget) = &self.budget {
            budget.give(bytes);
        }
        self.bytes -= bytes;
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.give(self.bytes);
    }
}
