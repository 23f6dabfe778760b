//! Publishing: staged tables, dropped tables and tags become one snapshot, in one transaction of
//! the catalogue.

use std::collections::HashSet;
use std::fs;

use super::commit::Commit;
use super::parquet_file::StagedFile;
use super::stage::StagedTable;
use crate::catalog::files::named_files;
use crate::catalog::tags::Tags;
use crate::error::Error;
use crate::lake::Lake;
use crate::lock::Claim;
use crate::name::{LakeTableName, SnapshotId};

/// What a snapshot records about itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Note<'a> {
    /// What it was for.
    pub message: &'a str,
    /// Text for programs, JSON by custom; [`Lake::published_with`] looks for it.
    pub extra_info: Option<&'a str>,
}

/// A table that is to be dropped. Its rows remain in the older snapshots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DroppedTable {
    pub table: LakeTableName,
    /// The snapshot in which the caller saw it; a later change by another client is a conflict.
    pub seen_in: SnapshotId,
}

impl Lake {
    /// Makes the staged rows the whole content of their tables, drops tables and sets the tags, all
    /// at once or not at all. Readers see the state before or the state after. A table that is
    /// dropped and staged is created anew.
    ///
    /// After an error the staged files are removed, unless the snapshot exists all the same: a
    /// commit may fail after it took effect.
    ///
    /// # Errors
    /// [`Error::Conflict`] when another client changed a table since it was staged,
    /// [`Error::NothingStaged`], disk and database errors.
    pub async fn publish(
        &self,
        _claim: &Claim,
        tables: &[StagedTable],
        dropped: &[DroppedTable],
        tags: &Tags,
        note: Note<'_>,
    ) -> Result<SnapshotId, Error> {
        let published = self.commit(tables, dropped, tags, note).await;
        if published.is_err() {
            self.discard_unnamed(tables).await;
        }
        published
    }

    async fn commit(
        &self,
        tables: &[StagedTable],
        dropped: &[DroppedTable],
        tags: &Tags,
        note: Note<'_>,
    ) -> Result<SnapshotId, Error> {
        if tables.is_empty() && dropped.is_empty() && tags.is_empty() {
            return Err(Error::NothingStaged);
        }
        let mut seen = HashSet::new();
        for staged in tables {
            if !seen.insert(&staged.table) {
                return Err(Error::StagedTwice {
                    table: staged.table.clone(),
                });
            }
            staged.files.iter().try_for_each(is_whole)?;
        }
        let mut transaction = self.catalogue().write().await?;
        let mut commit = Commit::begin(self.catalogue(), &mut transaction).await?;
        for table in dropped {
            commit.drop_table(table).await?;
        }
        for staged in tables {
            commit.replace(staged).await?;
        }
        commit.tag(tags).await?;
        let author = &self.writer().name;
        let id = commit.finish(author, note.message, note.extra_info).await?;
        self.catalogue().commit(transaction).await?;
        Ok(id)
    }

    /// Removes the staged files that no snapshot names. What cannot be removed now is found by
    /// the janitor later.
    async fn discard_unnamed(&self, tables: &[StagedTable]) {
        let Ok(named) = named_files(self.catalogue()).await else {
            return;
        };
        for file in tables.iter().flat_map(|staged| &staged.files) {
            let below = file.path.strip_prefix(self.data());
            if below.is_ok_and(|below| !named.contains(below)) {
                let _ = fs::remove_file(&file.path);
            }
        }
    }
}

fn is_whole(file: &StagedFile) -> Result<(), Error> {
    let found_bytes = match fs::metadata(&file.path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
        Err(source) => return Err(Error::io("look at", &file.path, source)),
    };
    if found_bytes == file.bytes {
        return Ok(());
    }
    Err(Error::StagedFile {
        path: file.path.clone(),
        expected_bytes: file.bytes,
        found_bytes,
    })
}
