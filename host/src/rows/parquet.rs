//! Parquet: groups of rows leave as they are full.

use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::Compression;
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use tsugi_pipeline::run::RunError;

/// Rows of a group, which are in memory at once.
const GROUP_ROWS: usize = 64 * 1024;

pub(super) struct ParquetRows(ArrowWriter<Vec<u8>>);

impl ParquetRows {
    pub(super) fn new(schema: &SchemaRef) -> Result<Self, RunError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(Default::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .build();
        let writer = ArrowWriter::try_new(Vec::new(), Arc::clone(schema), Some(properties));
        Ok(Self(writer.map_err(failed)?))
    }

    pub(super) fn write(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), RunError> {
        self.0.write(batch).map_err(failed)?;
        // The writer counts what it wrote by itself: what is written may leave.
        out.append(self.0.inner_mut());
        Ok(())
    }

    pub(super) fn end(self, out: &mut Vec<u8>) -> Result<(), RunError> {
        out.extend(self.0.into_inner().map_err(failed)?);
        Ok(())
    }
}

fn failed(error: ParquetError) -> RunError {
    RunError::Host(format!("rows cannot be written as Parquet: {error}"))
}
