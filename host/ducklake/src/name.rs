//! Names of tables, numbers of snapshots, and the program that writes.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The suffix of every data file.
const FILE_SUFFIX: &str = ".parquet";

/// A table of a lake, shown as `schema.name`. Any text that DuckDB accepts is a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LakeTableName {
    /// The schema it is in.
    pub schema: String,
    /// The table within its schema.
    pub name: String,
}

impl LakeTableName {
    /// A table by both parts of its name.
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            schema: schema.into(),
            name: name.into(),
        }
    }
}

impl fmt::Display for LakeTableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{}", self.schema, self.name))
    }
}

/// The folder for a schema or table: letters, digits, `_` and `-` stay, other bytes become
/// `-` and two hexadecimal digits, so that no name leads out of the data.
pub(crate) fn folder_of(name: &str) -> String {
    let mut folder = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' => folder.push(char::from(byte)),
            other => folder.push_str(&format!("-{other:02x}")),
        }
    }
    match folder.is_empty() {
        true => "-".to_owned(),
        false => folder,
    }
}

/// A name between double quotes, as DuckLake lists what a snapshot changed.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The number of a snapshot; each publish makes the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SnapshotId(pub i64);

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The program that writes: the author of its snapshots, and the prefix of its file names, by
/// which it tells its own files from those of other clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writer {
    /// The name of the program.
    pub name: String,
    /// Its version, recorded in the catalogue and in every Parquet file it makes.
    pub version: String,
}

impl Writer {
    /// A program by its name and version.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
        }
    }

    /// `name version`, as the catalogue and Parquet files record it.
    pub(crate) fn created_by(&self) -> String {
        format!("{} {}", self.name, self.version)
    }

    /// The prefix of every file of this program.
    pub(crate) fn file_prefix(&self) -> String {
        format!("{}-", folder_of(&self.name))
    }

    /// A name for a new data file.
    pub(crate) fn new_file(&self) -> String {
        let (prefix, unique) = (self.file_prefix(), uuid::Uuid::now_v7());
        format!("{prefix}{unique}{FILE_SUFFIX}")
    }

    /// Whether this program made a data file, by its name.
    pub(crate) fn is_own(&self, path: &Path) -> bool {
        let name = path.file_name().map(|name| name.to_string_lossy());
        name.is_some_and(|name| {
            name.starts_with(&self.file_prefix()) && name.ends_with(FILE_SUFFIX)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_its_folder() {
        assert_eq!(folder_of("ceo_suspects-2"), "ceo_suspects-2");
        assert_eq!(folder_of("../No Name"), "-2e-2e-2fNo-20Name");
        assert_eq!(folder_of(""), "-");
        assert_eq!(quoted("a\"b"), "\"a\"\"b\"");
    }
}
