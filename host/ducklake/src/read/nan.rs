//! A reader of Parquet that forgets the bounds of columns with a NaN. Bounds leave it out, and it
//! is greater than every number: row groups would be skipped that have it, or taken for rows that
//! all match (apache/datafusion#15812, #24804; open).

use std::ops::Range;
use std::sync::Arc;

use datafusion::catalog::Session;
use datafusion::common::Result;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::ParquetFileReaderFactory;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use futures::future::BoxFuture;
use futures::{FutureExt as _, TryFutureExt as _};
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::errors::Result as ParquetResult;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};

/// Opens files of the local file system without the bounds of some columns.
#[derive(Debug)]
pub(crate) struct WithoutBounds {
    inner: CachedParquetFileReaderFactory,
    columns: Arc<[String]>,
}

impl WithoutBounds {
    pub(crate) fn new(state: &dyn Session, columns: Vec<String>) -> Result<Self> {
        let runtime = state.runtime_env();
        let store = runtime.object_store(ObjectStoreUrl::local_filesystem())?;
        let cache = runtime.cache_manager.get_file_metadata_cache();
        Ok(Self {
            inner: CachedParquetFileReaderFactory::new(store, cache),
            columns: columns.into(),
        })
    }
}

impl ParquetFileReaderFactory for WithoutBounds {
    fn create_reader(
        &self,
        partition_index: usize,
        file: PartitionedFile,
        metadata_size_hint: Option<usize>,
        metrics: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        let inner = self
            .inner
            .create_reader(partition_index, file, metadata_size_hint, metrics)?;
        let columns = Arc::clone(&self.columns);
        Ok(Box::new(Reader { inner, columns }))
    }
}

struct Reader {
    inner: Box<dyn AsyncFileReader + Send>,
    columns: Arc<[String]>,
}

impl AsyncFileReader for Reader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, ParquetResult<bytes::Bytes>> {
        self.inner.get_bytes(range)
    }

    fn get_byte_ranges(
        &mut self,
        ranges: Vec<Range<u64>>,
    ) -> BoxFuture<'_, ParquetResult<Vec<bytes::Bytes>>> {
        self.inner.get_byte_ranges(ranges)
    }

    fn get_metadata<'a>(
        &'a mut self,
        options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, ParquetResult<Arc<ParquetMetaData>>> {
        let columns = Arc::clone(&self.columns);
        let metadata = self.inner.get_metadata(options);
        metadata
            .and_then(|metadata| async move { without_bounds(&metadata, &columns).map(Arc::new) })
            .boxed()
    }
}

fn without_bounds(
    metadata: &ParquetMetaData,
    columns: &[String],
) -> ParquetResult<ParquetMetaData> {
    let groups = metadata.row_groups().iter().map(|group| {
        let chunks = group.columns().iter().map(|chunk| {
            let name = chunk.column_path().parts().first();
            match name.is_some_and(|name| columns.contains(name)) {
                true => chunk.clone().into_builder().clear_statistics().build(),
                false => Ok(chunk.clone()),
            }
        });
        let chunks = chunks.collect::<ParquetResult<Vec<_>>>()?;
        group
            .clone()
            .into_builder()
            .set_column_metadata(chunks)
            .build()
    });
    let groups = groups.collect::<ParquetResult<Vec<RowGroupMetaData>>>()?;
    let builder = metadata.clone().into_builder();
    Ok(builder
        .set_row_groups(groups)
        .set_column_index(None)
        .build())
}
