//! One snapshot of the lake under the names of a pipeline.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::Arc;

use datafusion::catalog::TableProvider;
use ducklake::{LakeFile, LakeTable, SnapshotInfo};

use super::comments::{description, personal_columns};
use super::error::WarehouseError;
use super::names::run_of;
use tsugi_core::diagnostic::nearest;
use tsugi_core::name::{RunId, TableName};

/// One state of all published tables.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// What it is and who made it.
    pub info: SnapshotInfo,
    /// The run that published it; none for other clients.
    pub run: Option<RunId>,
    pub tables: BTreeMap<TableName, PublishedTable>,
    /// Tables of other clients whose names cannot be written in a pipeline.
    pub unnamed: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct PublishedTable {
    pub name: TableName,
    /// Which of its columns are about persons.
    pub personal: BTreeSet<String>,
    lake: LakeTable,
}

impl Deref for PublishedTable {
    type Target = LakeTable;

    fn deref(&self) -> &LakeTable {
        &self.lake
    }
}

impl PublishedTable {
    /// What a column holds, where its model says so.
    pub fn description(&self, column: &str) -> Option<&str> {
        description(&self.lake, column)
    }

    /// The table with only some of its files.
    pub fn with_files(&self, files: Vec<LakeFile>) -> Self {
        Self {
            name: self.name.clone(),
            personal: self.personal.clone(),
            lake: self.lake.with_files(files),
        }
    }
}

impl Snapshot {
    pub(super) fn of(snapshot: ducklake::LakeSnapshot) -> Self {
        let (mut tables, mut unnamed) = (BTreeMap::new(), Vec::new());
        for (own, lake) in snapshot.tables {
            match TableName::try_new(&own.schema, &own.name) {
                Ok(name) => {
                    let personal = personal_columns(&lake);
                    let table = PublishedTable {
                        name: name.clone(),
                        personal,
                        lake,
                    };
                    tables.insert(name, table);
                }
                Err(_) => unnamed.push(own.to_string()),
            }
        }
        Self {
            run: snapshot.info.extra_info.as_deref().and_then(run_of),
            info: snapshot.info,
            tables,
            unnamed,
        }
    }

    /// A table of this snapshot.
    ///
    /// # Errors
    /// [`WarehouseError::NoTable`], with the names that may have been meant.
    pub fn table(&self, table: &TableName) -> Result<&PublishedTable, WarehouseError> {
        self.tables.get(table).ok_or_else(|| {
            let names: Vec<String> = self.tables.keys().map(TableName::to_string).collect();
            let near = nearest(&table.to_string(), names.iter().map(String::as_str));
            WarehouseError::NoTable {
                table: table.clone(),
                snapshot: self.info.id,
                near: near.into_iter().map(str::to_owned).collect(),
            }
        })
    }

    /// A table of this snapshot for DataFusion.
    ///
    /// # Errors
    /// Those of [`Snapshot::table`] and [`LakeTable::provider`].
    pub fn provider(&self, table: &TableName) -> Result<Arc<dyn TableProvider>, WarehouseError> {
        Ok(self.table(table)?.provider()?)
    }
}
