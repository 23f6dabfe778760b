//! What the reading core needs of the world around it: files to read, and somewhere to report.

use crate::error::Result;

/// One file of a granted input.
#[derive(Clone, Debug, PartialEq)]
pub struct FileEntry {
    /// Relative to the granted folder, with `/` between parts.
    pub name: String,
    /// Bytes when the folder was listed.
    pub size_bytes: u64,
    /// Milliseconds since the Unix epoch.
    pub modified_ms: f64,
}

/// A row that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// The stream it would have belonged to.
    pub stream: String,
    /// The file, by the name under which it is listed.
    pub file: String,
    /// The first physical line of the record, from 1.
    pub line: u64,
    /// The column at fault, by its name in the mapping.
    pub column: Option<String>,
    /// Stable and short: `bad-date`.
    pub code: &'static str,
    /// One sentence for people.
    pub reason: String,
    /// The record as it stood in the file, at most [`RAW_MAX_BYTES`].
    pub raw: String,
}

/// How much of a broken record is kept.
pub const RAW_MAX_BYTES: usize = 4096;

/// The bytes of one open file, from the offset it was opened at.
pub trait Chunks {
    /// The next bytes, at most `max`; `None` at the end.
    fn read(&mut self, max: u32) -> Result<Option<Vec<u8>>>;
}

/// Granted files and the report.
pub trait Host {
    /// The files of a grant whose names begin with `prefix`, sorted by name.
    fn entries(&self, input: &str, prefix: &str) -> Result<Vec<FileEntry>>;

    /// Opens a file at a byte offset.
    fn open(&self, input: &str, name: &str, offset_bytes: u64) -> Result<Box<dyn Chunks>>;

    /// Takes rows that could not be read.
    fn rejects(&self, rows: Vec<Reject>);

    /// Takes something a person should know that stops nothing.
    fn notice(&self, stream: &str, code: &str, message: &str);
}
