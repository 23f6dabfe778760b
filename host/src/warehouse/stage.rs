//! Staging: rows stream into new Parquet files that nobody reads until they are published.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::catalog::TableProvider;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt as _;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::catalog::Standing;
use super::columns::{LakeColumn, arrow_schema, file_schema, leaves, planned, rows};
use super::error::WarehouseError;
use super::provider::{LakeProvider, ScanFile};
use super::snapshot::LakeFile;
use super::stats::{ColumnStats, for_plan, of_file};
use super::values::{mark_nan, stored_batch};
use crate::name::TableName;

/// Every file of ours starts with this; the janitor removes no others.
pub(super) const FILE_PREFIX: &str = "tsugi-";
/// What every data file ends in.
pub(super) const FILE_SUFFIX: &str = ".parquet";
/// Rows of a row group: DuckDB's own size, so that both scan in parallel.
const ROW_GROUP_ROWS: usize = 122_880;
/// Rows of a page: a look-up decodes one page of each column, and a page is what bounds can leave out.
const PAGE_ROWS: usize = 4_096;
/// A look-up decodes the whole dictionary of a column too; a column with a larger one has none.
const DICTIONARY_MAX_BYTES: usize = 64 << 10;
/// Encoded bytes of a row group: bounds the memory of a writer with wide rows.
const ROW_GROUP_MAX_BYTES: usize = 64 << 20;
/// A table goes on in another file from here, so that no file takes long to copy or to read.
const FILE_MAX_BYTES: usize = 256 << 20;
/// Longer texts have no exact bounds: a footer must stay small beside its data.
const BOUND_MAX_BYTES: usize = 256;

/// One staged file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedFile {
    /// Where it lies.
    pub path: PathBuf,
    /// How many rows it has.
    pub rows: u64,
    /// How long it is.
    pub bytes: u64,
    /// How long its footer is, without the eight bytes after it.
    pub footer_size_bytes: u64,
    /// What is known of its leaf columns.
    pub stats: Vec<ColumnStats>,
}

/// A table whose rows are written and durable, and which is not published yet.
#[derive(Clone, Debug)]
pub struct StagedTable {
    /// The table.
    pub table: TableName,
    /// The columns readers get.
    pub schema: SchemaRef,
    /// The new files; none for a table without new rows.
    pub files: Vec<StagedFile>,
    /// Published files of the table that stay in it.
    pub kept: Vec<LakeFile>,
    pub(super) columns: Vec<LakeColumn>,
    pub(super) standing: Standing,
}

impl StagedTable {
    /// How many rows the table will have.
    pub fn rows(&self) -> u64 {
        let kept: u64 = self.kept.iter().map(|file| file.rows).sum();
        kept + self.files.iter().map(|file| file.rows).sum::<u64>()
    }

    /// How many bytes the table will have.
    pub fn bytes(&self) -> u64 {
        let kept: u64 = self.kept.iter().map(|file| file.bytes).sum();
        kept + self.files.iter().map(|file| file.bytes).sum::<u64>()
    }

    /// Removes what was staged; the published files stand.
    pub fn discard(self) {
        self.files.iter().for_each(|file| remove(&file.path));
    }

    /// The staged rows as a table for the steps of the same run.
    pub fn provider(&self) -> Arc<dyn TableProvider> {
        let kept = self.kept.iter();
        let kept = kept.map(|file| file.scanned(&self.schema, &self.columns));
        let staged = self.files.iter().map(|file| ScanFile {
            path: file.path.clone(),
            bytes: file.bytes,
            footer_size_bytes: Some(file.footer_size_bytes),
            statistics: Arc::new(for_plan(
                &self.schema,
                &self.columns,
                file.rows,
                file.bytes,
                &file.stats,
                true,
            )),
        });
        Arc::new(LakeProvider::new(
            self.table.clone(),
            self.schema.clone(),
            kept.chain(staged).collect(),
        ))
    }
}

/// Writes the rows of one table. Dropped before [`StagedWriter::close`], it removes what it wrote.
#[derive(Debug)]
pub struct StagedWriter {
    table: TableName,
    standing: Standing,
    columns: Vec<LakeColumn>,
    plain: SchemaRef,
    stored: SchemaRef,
    folder: PathBuf,
    open: Option<OpenFile>,
    files: Vec<StagedFile>,
    kept: Vec<LakeFile>,
    is_closed: bool,
}

struct OpenFile {
    path: PathBuf,
    file: File,
    writer: ArrowWriter<File>,
    rows: u64,
    nan: Vec<bool>,
}

impl std::fmt::Debug for OpenFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenFile")
            .field("path", &self.path)
            .field("rows", &self.rows)
            .finish()
    }
}

impl StagedWriter {
    pub(super) fn new(
        table: TableName,
        schema: &SchemaRef,
        standing: Standing,
        data: &Path,
    ) -> Result<Self, WarehouseError> {
        let columns = planned(&table, schema, &standing.columns, standing.next_column_id)?;
        let plain = arrow_schema(&columns).map_err(|what| WarehouseError::Unreadable {
            table: table.clone(),
            what,
        })?;
        let stored = file_schema(&columns, &plain);
        let folder = data.join(&standing.folder);
        Ok(Self {
            table,
            standing,
            columns,
            plain,
            stored,
            folder,
            open: None,
            files: Vec::new(),
            kept: Vec::new(),
            is_closed: false,
        })
    }

    /// Lets published files of the table stay in it, beside what is written. False, and none
    /// stays, when the table will have other columns.
    pub fn keep(&mut self, files: Vec<LakeFile>) -> bool {
        let same = rows(&self.columns) == rows(&self.standing.columns);
        if same {
            self.kept = files;
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
    /// A batch that does not fit the staged columns, a value that would lose digits, and what
    /// the disk says.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), WarehouseError> {
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
    ) -> Result<StagedTable, WarehouseError> {
        while let Some(batch) = rows.next().await {
            let batch = batch.map_err(|source| WarehouseError::Stream {
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
    /// What the disk says.
    pub fn close(mut self) -> Result<StagedTable, WarehouseError> {
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
            kept: std::mem::take(&mut self.kept),
            columns: std::mem::take(&mut self.columns),
            standing: self.standing.clone(),
        })
    }

    fn finish_file(&mut self) -> Result<(), WarehouseError> {
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

/// Removes a file nobody will ever name; the janitor finds what cannot be removed now.
fn remove(path: &Path) {
    let _ = fs::remove_file(path);
}

fn sync_folder(folder: &Path) -> Result<(), WarehouseError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|source| WarehouseError::io("make durable", folder, source))
}

impl OpenFile {
    fn create(folder: &Path, stored: &SchemaRef, leaves: usize) -> Result<Self, WarehouseError> {
        fs::create_dir_all(folder)
            .map_err(|source| WarehouseError::io("create", folder, source))?;
        let path = folder.join(format!(
            "{FILE_PREFIX}{}{FILE_SUFFIX}",
            uuid::Uuid::now_v7()
        ));
        let create = || {
            // A second handle on the same file, for what the writer does not give back.
            let file = File::options()
                .read(true)
                .write(true)
                .create_new(true)
                .open(&path)?;
            Ok((file.try_clone()?, file))
        };
        let (file, target) =
            create().map_err(|source| WarehouseError::io("create", &path, source))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_dictionary_enabled(true)
            .set_dictionary_page_size_limit(DICTIONARY_MAX_BYTES)
            .set_data_page_row_count_limit(PAGE_ROWS)
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .set_max_row_group_bytes(Some(ROW_GROUP_MAX_BYTES))
            .set_statistics_truncate_length(Some(BOUND_MAX_BYTES))
            .set_created_by(concat!("tsugi ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let writer = ArrowWriter::try_new(target, stored.clone(), Some(properties))
            .map_err(|source| WarehouseError::parquet("begin", &path, source))?;
        Ok(Self {
            path,
            file,
            writer,
            rows: 0,
            nan: vec![false; leaves],
        })
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<(), WarehouseError> {
        self.writer
            .write(batch)
            .map_err(|source| WarehouseError::parquet("write", &self.path, source))?;
        mark_nan(batch.columns(), &mut 0, &mut self.nan);
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    fn size_bytes(&self) -> usize {
        self.writer.bytes_written() + self.writer.in_progress_size()
    }

    fn finish(
        self,
        columns: &[LakeColumn],
        plain: &SchemaRef,
    ) -> Result<StagedFile, WarehouseError> {
        let Self {
            path,
            mut file,
            writer,
            rows,
            nan,
        } = self;
        let metadata = writer
            .close()
            .map_err(|source| WarehouseError::parquet("finish", &path, source))?;
        let mut lengths = || {
            file.sync_all()?;
            let bytes = file.seek(SeekFrom::End(0))?;
            // A Parquet file ends in the length of its footer and four letters.
            file.seek(SeekFrom::End(-8))?;
            let mut footer = [0; 4];
            file.read_exact(&mut footer)?;
            Ok((bytes, u64::from(u32::from_le_bytes(footer))))
        };
        let (bytes, footer_size_bytes) =
            lengths().map_err(|source| WarehouseError::io("finish", &path, source))?;
        let mut types = Vec::new();
        plain
            .fields()
            .iter()
            .for_each(|field| leaf_types(field.data_type(), &mut types));
        let leaves: Vec<_> = leaves(columns).into_iter().zip(types).collect();
        let stats = of_file(&leaves, &metadata, &nan);
        Ok(StagedFile {
            path,
            rows,
            bytes,
            footer_size_bytes,
            stats,
        })
    }
}

/// The types of the leaves of a type, in the order of Parquet columns.
fn leaf_types<'a>(data_type: &'a DataType, leaves: &mut Vec<&'a DataType>) {
    match data_type {
        DataType::List(field) | DataType::Map(field, _) => leaf_types(field.data_type(), leaves),
        DataType::Struct(fields) => fields
            .iter()
            .for_each(|field| leaf_types(field.data_type(), leaves)),
        leaf => leaves.push(leaf),
    }
}
