//! What the disk holds: every file that a snapshot names, whether it is there and whole, and how
//! much of it is live.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use parquet::file::metadata::PageIndexPolicy;

use super::damaged::damage_of;
use super::snapshot::LakeTable;
use crate::catalog::version::below_data;
use crate::error::Error;
use crate::files::checksum::is_intact;
use crate::files::lake_file::LakeFile;
use crate::lake::Lake;
use crate::name::LakeTableName;
use crate::write::janitor::Swept;

/// A data file that some snapshot names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// The table that has it, by its newest name.
    pub table: LakeTableName,
    /// Where it lies; none for a place outside of this lake.
    pub path: Option<PathBuf>,
    /// How many rows it has.
    pub rows: u64,
    /// How long it is.
    pub bytes: u64,
    /// How long its footer is, when the catalogue knows.
    pub footer_size_bytes: Option<u64>,
    /// Whether the last snapshot has it.
    pub is_live: bool,
}

/// The bytes of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableSize {
    /// In the last snapshot.
    pub live_bytes: u64,
    /// In older snapshots alone.
    pub older_bytes: u64,
}

impl LakeTable {
    /// What is wrong with the files of the table: their lengths always, and their checksums where
    /// `is_read` says that a file shall be read.
    pub fn lost_files(&self, mut is_read: impl FnMut(&LakeFile) -> bool) -> Vec<String> {
        let lost = self.files.iter().filter_map(|file| {
            let name = file.path.file_name().unwrap_or_default().to_string_lossy();
            let is_read = is_read(file);
            let damage = match fs::metadata(&file.path) {
                Ok(found) if found.len() != file.bytes => Some(format!(
                    "has {} bytes instead of {}",
                    found.len(),
                    file.bytes
                )),
                Ok(_) if is_read => damage_of(&file.path).map(str::to_owned),
                Ok(_) => None,
                Err(error) if error.kind() == io::ErrorKind::NotFound => Some("is gone".to_owned()),
                Err(error) => Some(format!("cannot be reached ({})", error.kind())),
            };
            damage.map(|damage| format!("`{name}` {damage}"))
        });
        lost.collect()
    }
}

impl NamedFile {
    /// Reads the whole file: what is wrong with it, or nothing.
    pub fn damage(&self) -> Option<String> {
        let Some(path) = &self.path else {
            return Some("lies outside of this lake".into());
        };
        let found = match fs::metadata(path) {
            Ok(found) => found.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Some("is gone".into()),
            Err(error) => return Some(format!("cannot be reached: {}", error.kind())),
        };
        if found != self.bytes {
            return Some(format!("has {found} bytes instead of {}", self.bytes));
        }
        match self.read(path) {
            Ok(damage) => damage,
            Err(error) => Some(format!("cannot be read: {error}")),
        }
    }

    fn read(&self, path: &Path) -> Result<Option<String>, ParquetError> {
        let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
        let file = File::open(path)?;
        let builder =
            ParquetRecordBatchReaderBuilder::try_new_with_options(file.try_clone()?, options)?;
        let metadata = builder.metadata().file_metadata();
        if !is_intact(&file, metadata.key_value_metadata())? {
            return Ok(Some("has other bytes than were written".into()));
        }
        let mut rows = 0;
        for batch in builder.build()? {
            rows += batch?.num_rows() as u64;
        }
        Ok((rows != self.rows).then(|| format!("has {rows} rows instead of {}", self.rows)))
    }
}

impl Lake {
    /// Every data file that any snapshot names, live ones first.
    ///
    /// # Errors
    /// Database errors.
    pub async fn named_files(&self) -> Result<Vec<NamedFile>, Error> {
        type Row = (
            String,
            String,
            String,
            String,
            String,
            bool,
            i64,
            i64,
            Option<i64>,
            bool,
        );
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT s.schema_name, t.table_name, s.path, t.path, f.path,
                    coalesce(s.path_is_relative AND t.path_is_relative AND f.path_is_relative, 0),
                    f.record_count, f.file_size_bytes, f.footer_size, f.end_snapshot IS NULL AS live
             FROM ducklake_data_file f
             JOIN ducklake_table t ON t.table_id = f.table_id AND t.begin_snapshot =
               (SELECT max(begin_snapshot) FROM ducklake_table n WHERE n.table_id = f.table_id)
             JOIN ducklake_schema s USING (schema_id)
             ORDER BY live DESC, 1, 2, f.data_file_id",
        )
        .fetch_all(self.catalogue().pool())
        .await
        .map_err(|source| {
            self.catalogue()
                .failed("read the names of all files", source)
        })?;
        let named = rows.into_iter().map(
            |(schema, name, schema_path, table_path, path, relative, rows, bytes, footer, live)| {
                let below = [schema_path, table_path, path]
                    .map(|part| below_data(&part, relative))
                    .into_iter()
                    .collect::<Result<PathBuf, String>>();
                NamedFile {
                    table: LakeTableName::new(schema, name),
                    path: below.ok().map(|below| self.data().join(below)),
                    rows: rows.unsigned_abs(),
                    bytes: bytes.unsigned_abs(),
                    footer_size_bytes: footer.and_then(|size| u64::try_from(size).ok()),
                    is_live: live,
                }
            },
        );
        Ok(named.collect())
    }

    /// How much the data files of each table take, and those that no snapshot names: what died
    /// processes left, which the next writer removes.
    ///
    /// # Errors
    /// Disk and database errors.
    pub async fn sizes(&self) -> Result<(BTreeMap<LakeTableName, TableSize>, Swept), Error> {
        let mut sizes: BTreeMap<LakeTableName, TableSize> = BTreeMap::new();
        for file in self.named_files().await? {
            let size = sizes.entry(file.table).or_default();
            match file.is_live {
                true => size.live_bytes += file.bytes,
                false => size.older_bytes += file.bytes,
            }
        }
        Ok((sizes, self.orphans().await?))
    }
}
