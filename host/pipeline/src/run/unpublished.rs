//! The tables that earlier runs staged and did not publish.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use crate::store::{KeptTable, Run, WarehouseError};
use tsugi_core::name::TableName;

/// The kept tables of earlier runs, and which of them this run has taken.
#[derive(Debug)]
pub(super) struct UnpublishedTables {
    tables: BTreeMap<TableName, KeptTable>,
    taken: Mutex<BTreeSet<TableName>>,
}

impl UnpublishedTables {
    pub(super) async fn of(run: &Run) -> Result<Self, WarehouseError> {
        Ok(Self {
            tables: run.warehouse().unpublished().await?,
            taken: Mutex::default(),
        })
    }

    /// The table that an earlier run staged.
    pub(super) fn get(&self, table: &TableName) -> Option<&KeptTable> {
        self.tables.get(table)
    }

    /// Notes that this run goes on with a table.
    pub(super) fn take(&self, table: &TableName) {
        if let Ok(mut taken) = self.taken.lock() {
            taken.insert(table.clone());
        }
    }

    /// Removes the files of tables that this run has made in another way, after it has published.
    pub(super) fn discard_others(self) {
        let taken = self.taken.into_inner().unwrap_or_default();
        let others = self
            .tables
            .into_iter()
            .filter(|(table, _)| !taken.contains(table));
        others.for_each(|(_, kept)| kept.staged.discard());
    }
}
