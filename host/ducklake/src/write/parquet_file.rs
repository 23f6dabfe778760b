//! One Parquet file being written, with what the catalogue will know of it.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::files::checksum::SummedFile;
use crate::files::lake_column::{LakeColumn, leaves};
use crate::files::stats::{ColumnStats, file_stats};
use crate::files::values::mark_nan;
use crate::name::Writer;

/// Rows of a row group: DuckDB's own size, so that both scan in parallel.
const ROW_GROUP_ROWS: usize = 122_880;
/// Rows of a page: a look-up decodes one page of each column, and a page is what bounds can leave out.
const PAGE_ROWS: usize = 4_096;
/// A look-up decodes the whole dictionary of a column too; a column with a larger one has none.
const DICTIONARY_MAX_BYTES: usize = 64 << 10;
/// Encoded bytes of a row group: bounds the memory of a writer with wide rows.
const ROW_GROUP_MAX_BYTES: usize = 64 << 20;
/// Longer texts have no exact bounds: a footer must stay small beside its data.
const BOUND_MAX_BYTES: usize = 256;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagedFile {
    pub path: PathBuf,
    /// How many rows it has.
    pub rows: u64,
    /// How long it is.
    pub bytes: u64,
    /// How long its footer is, without the eight bytes after it.
    pub(crate) footer_size_bytes: u64,
    /// What is known of its leaf columns.
    pub(crate) stats: Vec<ColumnStats>,
}

pub(crate) struct OpenFile {
    pub(crate) path: PathBuf,
    file: File,
    writer: ArrowWriter<SummedFile>,
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

impl OpenFile {
    pub(crate) fn create(
        folder: &Path,
        stored: &SchemaRef,
        leaves: usize,
        made_by: &Writer,
    ) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(|source| Error::io("create", folder, source))?;
        let path = folder.join(made_by.new_file());
        let create = || {
            // A second handle on the same file, for its length and footer once it is written.
            let file = File::options()
                .read(true)
                .write(true)
                .create_new(true)
                .open(&path)?;
            Ok((file.try_clone()?, file))
        };
        let (file, target) = create().map_err(|source| Error::io("create", &path, source))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_dictionary_enabled(true)
            .set_dictionary_page_size_limit(DICTIONARY_MAX_BYTES)
            .set_data_page_row_count_limit(PAGE_ROWS)
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .set_max_row_group_bytes(Some(ROW_GROUP_MAX_BYTES))
            .set_statistics_truncate_length(Some(BOUND_MAX_BYTES))
            .set_created_by(made_by.created_by())
            .build();
        let writer =
            ArrowWriter::try_new(SummedFile::new(target), stored.clone(), Some(properties))
                .map_err(|source| Error::parquet("begin", &path, source))?;
        Ok(Self {
            path,
            file,
            writer,
            rows: 0,
            nan: vec![false; leaves],
        })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.writer
            .write(batch)
            .map_err(|source| Error::parquet("write", &self.path, source))?;
        mark_nan(batch.columns(), &mut 0, &mut self.nan);
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    pub(crate) fn size_bytes(&self) -> usize {
        self.writer.bytes_written() + self.writer.in_progress_size()
    }

    pub(crate) fn finish(
        self,
        columns: &[LakeColumn],
        plain: &SchemaRef,
    ) -> Result<StagedFile, Error> {
        let Self {
            path,
            mut file,
            mut writer,
            rows,
            nan,
        } = self;
        let mut close = || {
            writer.flush()?;
            writer.sync()?;
            let sum = writer.inner().key_value();
            writer.append_key_value_metadata(sum);
            writer.finish()
        };
        let metadata = close().map_err(|source| Error::parquet("finish", &path, source))?;
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
            lengths().map_err(|source| Error::io("finish", &path, source))?;
        let mut types = Vec::new();
        plain
            .fields()
            .iter()
            .for_each(|field| leaf_types(field.data_type(), &mut types));
        let leaves: Vec<_> = leaves(columns).into_iter().zip(types).collect();
        let stats = file_stats(&leaves, &metadata, &nan);
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
