//! A table of exactly the files of one snapshot, or of one staging, for DataFusion.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::TableReference;
use datafusion::common::{DataFusionError, Result, Statistics, project_schema};
use datafusion::datasource::file_format::FileFormat as _;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{
    FileGroup, FileScanConfig, FileScanConfigBuilder, FileSource, ParquetSource,
};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;

use super::nan::WithoutBounds;
use crate::error::Error;
use crate::files::lake_column::LakeColumn;
use crate::files::lake_file::LakeFile;
use crate::files::stats::{may_have_nan, plan_statistics};
use crate::name::LakeTableName;

/// The length and the letters after a Parquet footer.
const FOOTER_END_BYTES: u64 = 8;

#[derive(Clone, Debug)]
pub(crate) struct ScanFile {
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    /// When it is known, the footer takes one read.
    pub(crate) footer_size_bytes: Option<u64>,
    pub(crate) statistics: Arc<Statistics>,
    /// For each column whether it may have a NaN.
    pub(crate) nan: Vec<bool>,
}

impl ScanFile {
    /// A published file in a table of these columns.
    pub(crate) fn published(file: &LakeFile, schema: &SchemaRef, columns: &[LakeColumn]) -> Self {
        let LakeFile { rows, bytes, .. } = *file;
        let statistics = plan_statistics(schema, columns, rows, bytes, &file.stats, file.is_own);
        Self {
            path: file.path.clone(),
            bytes,
            footer_size_bytes: file.footer_size_bytes,
            statistics: Arc::new(statistics),
            nan: may_have_nan(schema, columns, &file.stats),
        }
    }
}

/// Rows, bounds and null counts come from the catalogue, so counting reads no file and a filter
/// skips the files that cannot match.
#[derive(Debug)]
pub(crate) struct LakeProvider {
    table: LakeTableName,
    schema: SchemaRef,
    files: Vec<ScanFile>,
}

impl LakeProvider {
    pub(crate) fn new(table: LakeTableName, schema: SchemaRef, files: Vec<ScanFile>) -> Self {
        Self {
            table,
            schema,
            files,
        }
    }

    /// The columns that are read and may have a NaN. Columns of filters are read, too.
    fn columns_with_nan(&self, projection: Option<&Vec<usize>>) -> Vec<String> {
        let fields = self.schema.fields().iter().enumerate();
        let found = fields.filter(|(column, _)| {
            let may_have = |file: &ScanFile| file.nan.get(*column) == Some(&true);
            projection.is_none_or(|read| read.contains(column)) && self.files.iter().any(may_have)
        });
        found.map(|(_, field)| field.name().clone()).collect()
    }

    fn config(
        &self,
        source: Arc<dyn FileSource>,
        groups: Vec<FileGroup>,
        statistics: Statistics,
        projection: Option<&Vec<usize>>,
        limit: Option<usize>,
    ) -> Result<FileScanConfig> {
        let builder = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), source)
            .with_file_groups(groups)
            .with_statistics(statistics)
            .with_projection_indices(projection.cloned())?
            .with_limit(limit);
        Ok(builder.build())
    }

    fn partitioned(&self, file: &ScanFile) -> Result<PartitionedFile> {
        let location = location(&file.path)?;
        let mut part = PartitionedFile::new(String::new(), file.bytes);
        part.object_meta.location = location;
        let table = TableReference::partial(&*self.table.schema, &*self.table.name);
        part = part.with_table_reference(Some(table));
        if let Some(size) = file.footer_size_bytes
            && let Ok(hint) = usize::try_from(size.saturating_add(FOOTER_END_BYTES))
        {
            part = part.with_metadata_size_hint(hint);
        }
        Ok(part.with_statistics(file.statistics.clone()))
    }
}

/// Fails when a file of a table is not there as it was published.
pub(crate) fn check_files<'f>(
    table: &LakeTableName,
    files: impl Iterator<Item = (&'f PathBuf, u64)>,
) -> std::result::Result<(), Error> {
    for (path, expected_bytes) in files {
        let found_bytes = std::fs::metadata(path).ok().map(|found| found.len());
        if found_bytes != Some(expected_bytes) {
            return Err(Error::LostFile {
                table: table.clone(),
                path: path.clone(),
                expected_bytes,
                found_bytes,
            });
        }
    }
    Ok(())
}

fn location(path: &Path) -> Result<object_store::path::Path> {
    object_store::path::Path::from_absolute_path(path)
        .map_err(|source| DataFusionError::External(Box::new(source)))
}

#[async_trait]
impl TableProvider for LakeProvider {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        // The scan skips files, row groups and pages; DataFusion filters the remaining rows.
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        // Rows, bounds and counts may be answered without reading a file that is gone.
        let files = self.files.iter().map(|file| (&file.path, file.bytes));
        check_files(&self.table, files)
            .map_err(|error| DataFusionError::External(Box::new(error)))?;
        if self.files.is_empty() {
            return Ok(Arc::new(EmptyExec::new(project_schema(
                &self.schema,
                projection,
            )?)));
        }
        let files = self
            .files
            .iter()
            .map(|file| self.partitioned(file))
            .collect::<Result<Vec<_>>>()?;
        let statistics = Statistics::try_merge_iter(
            self.files.iter().map(|file| file.statistics.as_ref()),
            &self.schema,
        )?;
        let groups = FileGroup::new(files).split_files(state.config().target_partitions());
        let mut options = state.default_table_options().parquet;
        let nan = self.columns_with_nan(projection);
        if nan.is_empty() {
            let format = ParquetFormat::default().with_options(options);
            let source = format.file_source(TableSchema::from(self.schema.clone()));
            let config = self.config(source, groups, statistics, projection, limit)?;
            return format.create_physical_plan(state, config).await;
        }
        options.global.enable_page_index = false;
        let source = ParquetSource::new(TableSchema::from(self.schema.clone()))
            .with_table_parquet_options(options)
            .with_parquet_file_reader_factory(Arc::new(WithoutBounds::new(state, nan)?));
        let config = self.config(Arc::new(source), groups, statistics, projection, limit)?;
        Ok(DataSourceExec::from_data_source(config))
    }

    fn get_table_definition(&self) -> Option<&str> {
        None
    }
}

impl std::fmt::Display for LakeProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} in {} files", self.table, self.files.len())
    }
}
