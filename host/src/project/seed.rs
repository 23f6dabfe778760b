//! Seeds: small CSV files that belong to the project, tables of the schema `seeds`.

use std::path::PathBuf;

use super::component::Digest;
use super::value::ColumnType;
use crate::name::TableName;

/// The schema of every seed.
pub const SEED_SCHEMA: &str = "seeds";

/// `seeds/<name>.csv`: comma, UTF-8, header row; table `seeds.<name>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seed {
    /// Its table.
    pub table: TableName,
    /// The file, absolute.
    pub path: PathBuf,
    /// The file as findings show it.
    pub file: String,
    /// Every column of the header row, in order, with its type.
    pub columns: Vec<(String, ColumnType)>,
    /// Of the whole file.
    pub digest: Digest,
}
