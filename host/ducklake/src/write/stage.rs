//! Staging: rows stream into new Parquet files that are not read until they are published.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt as _;

use super::parquet_file::{OpenFile, StagedFile};
use crate::catalog::version::{TableVersion, table_version};
use crate::error::Error;
use crate::files::lake_column::{LakeColumn, leaves, rows};
use crate::files::lake_file::LakeFile;
use crate::files::schema::{arrow_schema, file_schema, plan_columns};
use crate::files::stats::{may_have_nan, plan_statistics};
use crate::files::values::stored_batch;
use crate::lake::Lake;
use crate::lock::Claim;
use crate::name::{LakeTableName, Writer};
use crate::read::provider::{LakeProvider, ScanFile};

/// A table goes on in another file from here, so that no file takes long to copy or to read.
const FILE_MAX_BYTES: usize = 256 << 20;

impl Lake {
    /// Begins to write the rows of a table into new files. Views, large and dictionary layouts
    /// become plain ones; a zoned timestamp keeps its instant and is read back in UTC.
    ///
    /// # Errors
    /// Columns that no table can hold, and database errors.
    pub async fn stage(
        &self,
        _claim: &Claim,
        table: &LakeTableName,
        schema: &SchemaRef,
    ) -> Result<StagedWriter, Error> {
        let mut transaction = self.catalogue().read().await?;
        let version = table_version(self.catalogue(), &mut transaction, table).await?;
        drop(transaction);
        StagedWriter::new(table.clone(), schema, version, self)
    }
}

/// A table whose rows are written and durable, and which is not published yet.
#[derive(Clone, Debug)]
pub struct StagedTable {
    pub table: LakeTableName,
    /// The columns readers get.
    pub schema: SchemaRef,
    /// The new files; none for a table without new rows.
    pub files: Vec<StagedFile>,
    /// Published files of the table that remain in it.
    pub retained: Vec<LakeFile>,
    pub(crate) columns: Vec<LakeColumn>,
    pub(crate) version: TableVersion,
}

impl StagedTable {
    /// How many rows the table will have.
    pub fn rows(&self) -> u64 {
        let retained: u64 = self.retained.iter().map(|file| file.rows).sum();
        retained + self.files.iter().map(|file| file.rows).sum::<u64>()
    }

    /// How many bytes the table will have.
    pub fn bytes(&self) -> u64 {
        let retained: u64 = self.retained.iter().map(|file| file.bytes).sum();
        retained + self.files.iter().map(|file| file.bytes).sum::<u64>()
    }

    /// Removes what was staged; published files are not touched.
    pub fn discard(self) {
        self.files.iter().for_each(|file| remove(&file.path));
    }

    /// The staged rows as a table for the steps of the same run.
    pub fn provider(&self) -> Arc<dyn TableProvider> {
        let retained = self.retained.iter();
        let retained = retained.map(|file| ScanFile::published(file, &self.schema, &self.columns));
        let staged = self.files.iter().map(|file| ScanFile {
            path: file.path.clone(),
            bytes: file.bytes,
            footer_size_bytes: Some(file.footer_size_bytes),
            statistics: Arc::new(plan_statistics(
                &self.schema,
                &self.columns,
                file.rows,
                file.bytes,
                &file.stats,
                true,
            )),
            nan: may_have_nan(&self.schema, &self.columns, &file.stats),
        });
        Arc::new(LakeProvider::new(
            self.table.clone(),
            self.schema.clone(),
            retained.chain(staged).collect(),
        ))
    }
}

/// Writes the rows of one table. Dropped before [`StagedWriter::close`], it removes what it wrote.
#[derive(Debug)]
pub struct StagedWriter {
    table: LakeTableName,
    version: TableVersion,
    columns: Vec<LakeColumn>,
    plain: SchemaRef,
    stored: SchemaRef,
    folder: PathBuf,
    open: Option<OpenFile>,
    files: Vec<StagedFile>,
    retained: Vec<LakeFile>,
    made_by: Writer,
    is_closed: bool,
}

impl StagedWriter {
    fn new(
        table: LakeTableName,
        schema: &SchemaRef,
        version: TableVersion,
        lake: &Lake,
    ) -> Result<Self, Error> {
        let columns = plan_columns(&table, schema, &version.columns, version.next_column_id)?;
        let plain = arrow_schema(&columns).map_err(|what| Error::Unreadable {
            table: table.clone(),
            what,
        })?;
        let stored = file_schema(&columns, &plain);
        let folder = lake.data().join(&version.folder);
        Ok(Self {
            table,
            version,
            columns,
            plain,
            stored,
            folder,
            open: None,
            files: Vec::new(),
            retained: Vec::new(),
            made_by: lake.writer().clone(),
            is_closed: false,
        })
    }

    /// Lets published files of the table remain in it, beside what is written. False, and none
    /// remains, when the table will have other columns.
    pub fn retain(&mut self, files: Vec<LakeFile>) -> bool {
        let same = rows(&self.columns) == rows(&self.version.columns);
        if same {
            self.retained = files;
        }
        same
    }

    /// The columns readers of the table will get.
    pub fn schema(&self) -> SchemaRef {
        self.plain.clone()
    }

    /// Appends rows. This encodes on the calling thread; batches of some thousand rows are best.
    ///
    /// # Errors
    /// A batch that does not fit the staged columns, a value that would lose digits, disk errors.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let batch = stored_batch(&self.table, &self.stored, batch)?;
        let open = match &mut self.open {
            Some(open) => open,
            empty => empty.insert(OpenFile::create(
                &self.folder,
                &self.stored,
                leaves(&self.columns).len(),
                &self.made_by,
            )?),
        };
        open.write(&batch)?;
        if open.size_bytes() >= FILE_MAX_BYTES {
            self.finish_file()?;
        }
        Ok(())
    }

    /// Appends every batch of a stream and closes.
    ///
    /// # Errors
    /// Those of [`StagedWriter::write`] and [`StagedWriter::close`], and those of the stream.
    pub async fn write_all(
        mut self,
        mut rows: SendableRecordBatchStream,
    ) -> Result<StagedTable, Error> {
        while let Some(batch) = rows.next().await {
            let batch = batch.map_err(|source| Error::Stream {
                table: self.table.clone(),
                source: Box::new(source),
            })?;
            self.write(&batch)?;
        }
        self.close()
    }

    /// Ends the files and makes them durable.
    ///
    /// # Errors
    /// Disk errors.
    pub fn close(mut self) -> Result<StagedTable, Error> {
        self.finish_file()?;
        if !self.files.is_empty() {
            // A file is found after a power cut only when its folder is on the disk too.
            for folder in self.folder.ancestors().take(3) {
                sync_folder(folder)?;
            }
        }
        self.is_closed = true;
        Ok(StagedTable {
            table: self.table.clone(),
            schema: self.plain.clone(),
            files: std::mem::take(&mut self.files),
            retained: std::mem::take(&mut self.retained),
            columns: std::mem::take(&mut self.columns),
            version: self.version.clone(),
        })
    }

    fn finish_file(&mut self) -> Result<(), Error> {
        let Some(open) = self.open.take() else {
            return Ok(());
        };
        let path = open.path.clone();
        let file = open
            .finish(&self.columns, &self.plain)
            .inspect_err(|_| remove(&path))?;
        self.files.push(file);
        Ok(())
    }
}

impl Drop for StagedWriter {
    fn drop(&mut self) {
        if !self.is_closed {
            self.open.iter().for_each(|open| remove(&open.path));
            self.files.iter().for_each(|file| remove(&file.path));
        }
    }
}

/// Removes a file that no snapshot will name; the janitor finds what cannot be removed now.
fn remove(path: &Path) {
    let _ = fs::remove_file(path);
}

pub(super) fn sync_folder(folder: &Path) -> Result<(), Error> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|source| Error::io("make durable", folder, source))
}
