//! The request of a stream and what one step of reading it gives.

use crate::resume::state::{FileState, State};
use crate::values::rows::Rows;

/// The request of a stream.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The stream's name.
    pub stream: String,
    /// The columns wanted, in order; all without it.
    pub columns: Option<Vec<String>>,
    /// No more rows than this.
    pub limit: Option<u64>,
    /// Where an earlier read stopped.
    pub since: Option<State>,
    /// Rows of a step; 0 for the default.
    pub max_rows: u32,
    /// Bytes of a step, about; 0 for the default.
    pub max_bytes: u32,
    /// Rows between two checkpoints inside a file; 0 for the default.
    pub checkpoint_rows: u64,
}

/// What one call of [`crate::reader::StreamReader::next_step`] gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// Rows, if there were any.
    pub rows: Option<Rows>,
    /// Covers every row returned up to and with this step.
    pub checkpoint: Option<Checkpoint>,
    /// Whether the stream has ended.
    pub done: bool,
}

/// A place between two rows of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// The file that was read last, and how far; none before the first one.
    pub file: Option<FileState>,
    /// For people: `reviews.csv, 12000 rows`.
    pub summary: String,
}

/// Everything that was in the files: `rows + rejects + blanks` is the number of records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows returned.
    pub rows: u64,
    /// Records that could not be read.
    pub rejects: u64,
    /// Blank lines.
    pub blanks: u64,
}
