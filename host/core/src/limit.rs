//! The limits that a pipeline may set, and the bounds of the host on them.

use serde::Serialize;

/// Default and upper bound of one instance's linear memory. Dictionaries and rule tables of
/// the largest plugins stay under a fifth of it.
pub const INSTANCE_MEMORY_MAX_BYTES: u64 = 256 * 1024 * 1024;
/// Lowest instance memory that a standard Rust guest can start with.
pub const INSTANCE_MEMORY_MIN_BYTES: u64 = 2 * 1024 * 1024;
/// Default time of one call to a function: a batch takes milliseconds.
pub(crate) const CALL_DEFAULT_MS: u64 = 2_000;
/// Longest time of one call that a pipeline may allow.
pub const CALL_MAX_MS: u64 = 60_000;
/// Default time a source, table or sink may take between two batches.
pub(crate) const BATCH_DEFAULT_MS: u64 = 60_000;
/// Longest time between two batches that a pipeline may allow.
pub const BATCH_MAX_MS: u64 = 600_000;
/// Default and upper bound of what one call may return: eight times the input of a call.
pub const RETURNED_MAX_BYTES: u64 = 64 * 1024 * 1024;
/// Least that a call must be able to return: one row of long texts.
pub const RETURNED_MIN_BYTES: u64 = 64 * 1024;
/// Least memory of a run: below it not even the readers of a few files fit.
pub const MEMORY_MIN_BYTES: u64 = 16 * 1024 * 1024;
/// Largest memory of a run that is not a mistake.
pub const MEMORY_MAX_BYTES: u64 = 1 << 44;

/// The limits of one run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct RunLimits {
    /// Memory of the query session; none leaves the choice to the host.
    pub memory_max_bytes: Option<u64>,
    /// Where queries spill, absolute; none for a temporary folder.
    pub spill_folder: Option<std::path::PathBuf>,
    /// Time of one call to a scalar or aggregate function, or of metadata.
    pub call_max_ms: u64,
    /// Time between two batches of a source, table or sink.
    pub batch_max_ms: u64,
    /// Bytes that one call may return.
    pub returned_max_bytes: u64,
    /// Linear memory of one instance.
    pub instance_memory_max_bytes: u64,
}

impl Default for RunLimits {
    fn default() -> Self {
        Self {
            memory_max_bytes: None,
            spill_folder: None,
            call_max_ms: CALL_DEFAULT_MS,
            batch_max_ms: BATCH_DEFAULT_MS,
            returned_max_bytes: RETURNED_MAX_BYTES,
            instance_memory_max_bytes: INSTANCE_MEMORY_MAX_BYTES,
        }
    }
}

impl RunLimits {
    /// The linear memory of an instance of a plugin that requests so many bytes.
    pub fn instance_memory_bytes(&self, requested: Option<u64>) -> u64 {
        requested.map_or(self.instance_memory_max_bytes, |requested| {
            requested.min(self.instance_memory_max_bytes)
        })
    }
}
