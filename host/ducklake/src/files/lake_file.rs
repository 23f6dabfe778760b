//! A published data file.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::stats::ColumnStats;

/// A data file that a snapshot names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LakeFile {
    /// Its number in the catalogue.
    pub id: i64,
    pub path: PathBuf,
    /// How many rows it has.
    pub rows: u64,
    /// How long it is.
    pub bytes: u64,
    /// How long its footer is, when the catalogue knows.
    pub(crate) footer_size_bytes: Option<u64>,
    /// What is known of its leaf columns.
    pub(crate) stats: Vec<ColumnStats>,
    /// Whether the writer of this lake made it. Only then are the bounds in `stats` exact: other
    /// clients may round them outwards.
    pub(crate) is_own: bool,
}
