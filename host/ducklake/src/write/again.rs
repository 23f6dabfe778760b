//! An older content of a table, staged again. Its files get second names (hard links), so that each
//! row of the catalogue has a file of its own and no client removes one that another row names.

use std::fs;
use std::io;

use super::parquet_file::StagedFile;
use super::stage::{StagedTable, sync_folder};
use crate::catalog::files::live_ids;
use crate::catalog::version::{TableVersion, table_version};
use crate::error::Error;
use crate::files::lake_column::rows;
use crate::files::schema::arrow_schema;
use crate::lake::Lake;
use crate::lock::Claim;
use crate::read::snapshot::LakeTable;

impl Lake {
    /// Stages the content that a table had in an older snapshot. None where it is the present one.
    ///
    /// # Errors
    /// [`Error::Unreadable`] for a content that this crate cannot read, [`Error::LostFile`], disk
    /// and database errors.
    pub async fn stage_again(
        &self,
        _claim: &Claim,
        old: &LakeTable,
    ) -> Result<Option<StagedTable>, Error> {
        let unreadable = |what: String| Error::Unreadable {
            table: old.name.clone(),
            what,
        };
        old.schema.clone().map_err(unreadable)?;
        old.check_files()?;
        let mut transaction = self.catalogue().read().await?;
        let mut version = table_version(self.catalogue(), &mut transaction, &old.name).await?;
        if version.table_id.is_some_and(|id| id != old.id) {
            // Dropped and created again since: the columns of the old one have other ids, so that it
            // is created once more. The caller drops the present one in the same publish.
            version = TableVersion {
                table_id: None,
                columns: Vec::new(),
                next_column_id: 1,
                ..version
            };
        } else if version.table_id.is_some() && rows(&version.columns) == rows(&old.columns) {
            let live = live_ids(self.catalogue(), &mut transaction, old.id).await?;
            let mut wanted: Vec<i64> = old.files.iter().map(|file| file.id).collect();
            wanted.sort_unstable();
            if live == wanted {
                return Ok(None);
            }
        }
        drop(transaction);
        let mut staged = StagedTable {
            table: old.name.clone(),
            schema: arrow_schema(&old.columns).map_err(unreadable)?,
            files: Vec::new(),
            retained: Vec::new(),
            columns: old.columns.clone(),
            version,
        };
        match self.link(old, &mut staged) {
            Ok(()) => Ok(Some(staged)),
            Err(error) => {
                staged.discard();
                Err(error)
            }
        }
    }

    fn link(&self, old: &LakeTable, staged: &mut StagedTable) -> Result<(), Error> {
        let folder = self.data().join(&staged.version.folder);
        fs::create_dir_all(&folder).map_err(|source| Error::io("create", &folder, source))?;
        for file in &old.files {
            let path = folder.join(self.writer().new_file());
            fs::hard_link(&file.path, &path)
                // Not every file system knows second names.
                .or_else(|_| fs::copy(&file.path, &path).map(drop))
                .map_err(|source: io::Error| Error::io("link", &path, source))?;
            staged.files.push(StagedFile {
                path,
                rows: file.rows,
                bytes: file.bytes,
                footer_size_bytes: file.footer_size_bytes.unwrap_or(0),
                stats: file.stats.clone(),
            });
        }
        if !staged.files.is_empty() {
            for folder in folder.ancestors().take(3) {
                sync_folder(folder)?;
            }
        }
        Ok(())
    }
}
