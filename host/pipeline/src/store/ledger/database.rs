//! The file of the ledger: apart from the warehouse, which can be deleted and made again.

use std::path::Path;

use ducklake::Error;
use ducklake::sqlite::Database;

use crate::store::file::{self, Kind};

/// The file of the ledger in its folder.
pub(in crate::store) const FILE: &str = "ledger.sqlite";
const KIND: Kind = Kind {
    first: "intent",
    expected: "ledger",
    create: include_str!("ledger.sql"),
    later: include_str!("ledger.sql"),
};

/// Opens the ledger in a folder, creating both when they are missing.
pub(in crate::store) async fn open(folder: &Path) -> Result<Database, Error> {
    if !folder.is_dir() {
        std::fs::create_dir_all(folder).map_err(|source| Error::io("create", folder, source))?;
    }
    file::open(&folder.join(FILE), &KIND).await
}
