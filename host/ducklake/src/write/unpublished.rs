//! A staged table written down, so that a later process can publish it.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::parquet_file::StagedFile;
use super::stage::StagedTable;
use crate::catalog::version::{TableVersion, table_version};
use crate::error::Error;
use crate::files::lake_column::LakeColumn;
use crate::files::lake_file::LakeFile;
use crate::files::schema::arrow_schema;
use crate::lake::Lake;
use crate::lock::Claim;
use crate::name::{LakeTableName, SnapshotId};

/// What a [`StagedTable`] is written as: all but its schema, which follows from its columns.
#[derive(Serialize, Deserialize)]
struct StagedForm<'t> {
    table: Cow<'t, LakeTableName>,
    files: Cow<'t, [StagedFile]>,
    retained: Cow<'t, [LakeFile]>,
    columns: Cow<'t, [LakeColumn]>,
    version: Cow<'t, TableVersion>,
}

impl Serialize for StagedTable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let form = StagedForm {
            table: Cow::Borrowed(&self.table),
            files: Cow::Borrowed(&self.files),
            retained: Cow::Borrowed(&self.retained),
            columns: Cow::Borrowed(&self.columns),
            version: Cow::Borrowed(&self.version),
        };
        form.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for StagedTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let form = StagedForm::deserialize(deserializer)?;
        Ok(Self {
            schema: arrow_schema(&form.columns).map_err(D::Error::custom)?,
            table: form.table.into_owned(),
            files: form.files.into_owned(),
            retained: form.retained.into_owned(),
            columns: form.columns.into_owned(),
            version: form.version.into_owned(),
        })
    }
}

impl Lake {
    /// Whether a table that was staged before could be published now: its table has not changed since.
    ///
    /// # Errors
    /// Database errors.
    pub async fn may_publish(&self, _claim: &Claim, staged: &StagedTable) -> Result<bool, Error> {
        let mut transaction = self.catalogue().read().await?;
        let now = table_version(self.catalogue(), &mut transaction, &staged.table).await?;
        let before = TableVersion {
            snapshot: now.snapshot,
            ..staged.version.clone()
        };
        Ok(before == now)
    }
}

impl StagedTable {
    /// The last snapshot when it was staged.
    pub fn began_at(&self) -> SnapshotId {
        SnapshotId(self.version.snapshot)
    }

    /// The files that are not published yet.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| file.path.as_path())
    }

    /// Whether all its files lie below a folder and are as long as they were written.
    pub fn is_whole(&self, data: &Path) -> bool {
        let staged = self.files.iter().map(|file| (&file.path, file.bytes));
        let retained = self.retained.iter().map(|file| (&file.path, file.bytes));
        let is_there = |(path, bytes): (&PathBuf, u64)| {
            path.starts_with(data) && path.metadata().is_ok_and(|file| file.len() == bytes)
        };
        staged.chain(retained).all(is_there)
    }
}
