//! What the disk holds of a warehouse: sizes, and files that are lost or damaged.

use std::collections::BTreeMap;

use ducklake::{Swept, TableSize};

use super::error::WarehouseError;
use super::warehouse::Warehouse;

/// A file that is lost or damaged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The table that has it, `schema.name`.
    pub table: String,
    /// The name of the file.
    pub file: String,
    /// What is wrong: `is gone`.
    pub what: String,
    /// Whether the last snapshot has it.
    pub is_live: bool,
}

/// The outcome of reading every file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    pub files: u64,
    pub bytes: u64,
    pub damage: Vec<Damage>,
}

/// How much a warehouse takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WarehouseSize {
    /// By table, `schema.name`.
    pub tables: BTreeMap<String, TableSize>,
    /// Files that no snapshot names.
    pub left_over: Swept,
    /// By file name.
    pub databases: BTreeMap<String, u64>,
}

impl WarehouseSize {
    /// What the last snapshot has.
    pub fn live_bytes(&self) -> u64 {
        self.tables.values().map(|table| table.live_bytes).sum()
    }

    /// What older snapshots alone have.
    pub fn older_bytes(&self) -> u64 {
        self.tables.values().map(|table| table.older_bytes).sum()
    }
}

impl Warehouse {
    /// Reads every file that a snapshot names: its length, checksum, footer and rows.
    ///
    /// # Errors
    /// Database errors; a file that cannot be read is damage.
    pub async fn verify(&self) -> Result<Verified, WarehouseError> {
        let mut verified = Verified::default();
        for file in self.lake().named_files().await? {
            verified.files += 1;
            verified.bytes += file.bytes;
            let Some(what) = file.damage() else { continue };
            let name = file.path.as_deref().and_then(|path| path.file_name());
            verified.damage.push(Damage {
                table: file.table.to_string(),
                file: name.unwrap_or_default().to_string_lossy().into_owned(),
                what,
                is_live: file.is_live,
            });
            // A person may stop it between two files.
            tokio::task::yield_now().await;
        }
        Ok(verified)
    }

    /// How much it takes.
    ///
    /// # Errors
    /// Disk and database errors.
    pub async fn size(&self) -> Result<WarehouseSize, WarehouseError> {
        let (tables, left_over) = self.lake().sizes().await?;
        let tables = tables
            .into_iter()
            .map(|(name, size)| (name.to_string(), size));
        let ledger = self.ledger_database().await?;
        let databases = [self.lake().catalogue(), self.state(), ledger];
        let databases = databases.into_iter().map(|database| {
            let name = database.path().file_name().unwrap_or_default();
            let bytes = std::fs::metadata(database.path()).map_or(0, |file| file.len());
            (name.to_string_lossy().into_owned(), bytes)
        });
        Ok(WarehouseSize {
            tables: tables.collect(),
            left_over,
            databases: databases.collect(),
        })
    }
}
