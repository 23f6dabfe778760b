//! Bounds on what a plugin may use, their defaults, and the budget that memory is charged to.

use std::fmt::Debug;
use std::sync::Arc;

/// Time between two ticks of the epoch thread. Deadlines are counted in observed ticks, so a
/// machine that sleeps does not run a guest out of its time.
pub(crate) const TICK_MS: u64 = 10;
/// Live handles a guest may hold: a connector needs a handful, a bug makes thousands.
pub(crate) const HANDLES_MAX: usize = 1_000;
/// Entries of one table: indirect calls of a large guest need a few ten thousand.
pub(crate) const TABLE_ENTRIES_MAX: usize = 100_000;
/// Tables, memories and core instances in one component. A Rust guest has one memory and three
/// core instances (the program and two shims).
pub(crate) const PARTS_MAX: usize = 32;
/// The last bytes of what a guest logs and writes to standard error.
pub(crate) const LOG_MAX_BYTES: usize = 64 * 1024;
/// Functions, streams or ports one plugin may list.
pub(crate) const LISTED_MAX: usize = 1_000;
/// Input of one crossing: larger batches are cut, so that a guest's memory stays in proportion.
pub const CROSSING_MAX_BYTES: usize = 8 * 1024 * 1024;
/// Most bytes that one read of a granted file returns.
pub(crate) const READ_MAX_BYTES: u32 = 1024 * 1024;

/// Rejects between two batches: a connector that rejects more does not read this file at all.
pub(crate) const REJECTS_MAX: usize = 100_000;
/// Text of rejects and notices between two batches: a hundred thousand short ones.
pub(crate) const REPORTED_MAX_BYTES: usize = 32 * 1024 * 1024;

/// Requests and messages of one call: a sink may send one for each row of a batch.
pub(crate) const SENDS_MAX: usize = 1_000;
/// Time to compile a component: an interpreter of 18 MB takes seconds; minutes are an attack.
pub(crate) const COMPILE_MAX_MS: u64 = 120_000;
/// Memory of the process that compiles a component: one of 18 MB takes a quarter of it.
pub(crate) const COMPILE_MEMORY_MAX_BYTES: u64 = 2 << 30;

/// The bounds of one plugin.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PluginLimits {
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

/// The bound on time that holds for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    /// One call of a function or of metadata.
    Call,
    /// From one batch of a source, a table operator or a sink to the next.
    Batch,
}

/// The names of the bounds on time in errors.
pub(crate) const CALL_TIME: &str = "time";
pub(crate) const BATCH_TIME: &str = "time of a batch";

impl PluginLimits {
    /// The bound in milliseconds, and its name in errors.
    pub(crate) fn time(&self, clock: Clock) -> (u64, &'static str) {
        match clock {
            Clock::Call => (self.call_max_ms, CALL_TIME),
            Clock::Batch => (self.step_max_ms, BATCH_TIME),
        }
    }
}

impl Default for PluginLimits {
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

/// The account that linear memory is charged to: a query's memory pool.
pub trait Budget: Send + Sync + Debug {
    /// Reserves `bytes`, or returns false and reserves nothing.
    fn reserve(&self, bytes: usize) -> bool;
    /// Releases reserved bytes.
    fn release(&self, bytes: usize);
}

/// The memory that one instance has reserved; released when it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Charge {
    budget: Option<Arc<dyn Budget>>,
    bytes: usize,
}

impl Charge {
    pub(crate) fn new(budget: Option<Arc<dyn Budget>>) -> Self {
        Self { budget, bytes: 0 }
    }

    pub(crate) fn reserve(&mut self, bytes: usize) -> bool {
        let reserved = self
            .budget
            .as_ref()
            .is_none_or(|budget| budget.reserve(bytes));
        if reserved {
            self.bytes += bytes;
        }
        reserved
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        if let Some(budget) = &self.budget {
            budget.release(self.bytes);
        }
    }
}
