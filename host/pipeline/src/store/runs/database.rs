//! The file of the run store, beside the lake whose tables it is about.

use std::path::Path;

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

/// Opens the run store, creating it when it is missing.
pub(in crate::store) async fn open(folder: &Path) -> Result<Database, Error> {
    file::open(&folder.join(FILE), &KIND).await
}
