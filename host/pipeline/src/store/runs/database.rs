//! The file of the run store, beside the lake whose tables it is about.

use std::path::{Path, PathBuf};

use ducklake::Error;
use ducklake::sqlite::Database;

use crate::store::file::{self, Kind};

/// The file of the run store in the folder of the lake.
pub(in crate::store) const FILE: &str = "state.sqlite";
const KIND: Kind = Kind {
    first: "run",
    expected: "run store",
    create: include_str!("state.sql"),
    later: include_str!("state_later.sql"),
};

/// The folder of what a run staged and did not publish.
const UNPUBLISHED: &str = "unpublished";

/// Opens the run store, creating it when it is missing.
pub(in crate::store) async fn open(folder: &Path) -> Result<Database, Error> {
    file::open(&folder.join(FILE), &KIND).await
}

/// Where the tables that a run staged and did not publish are written down.
pub(in crate::store) fn unpublished_folder(state: &Database) -> PathBuf {
    let warehouse = state.path().parent().unwrap_or(Path::new("."));
    warehouse.join(UNPUBLISHED)
}

/// Lets go of those tables.
pub(in crate::store) fn drop_unpublished(state: &Database) -> Result<(), Error> {
    let folder = unpublished_folder(state);
    match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::io("remove", &folder, error))
        }
        _ => Ok(()),
    }
}
