//! The rows that have one text in one column, read straight from the files of a snapshot. Only pages whose
//! bounds allow the text are decoded: in a sorted table that is one page, however many rows there are.

use std::fs::File;
use std::sync::Arc;

use datafusion::arrow::array::{AsArray as _, RecordBatch, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::compute::kernels::cmp::eq;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::arrow::error::ArrowError;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::arrow::arrow_reader::{
    ArrowPredicateFn, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowFilter, RowSelection,
    RowSelector,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::PageIndexPolicy;

use super::error::WarehouseError;
use super::snapshot::{LakeFile, Snapshot};
use crate::name::TableName;

type Builder = ParquetRecordBatchReaderBuilder<File>;

impl Snapshot {
    /// The rows of a table whose column says this, whatever its type.
    ///
    /// # Errors
    /// Those of [`Snapshot::table`], a table or file that cannot be read, a column that is not there.
    pub fn find(
        &self,
        table: &TableName,
        column: &str,
        text: &str,
    ) -> Result<Vec<RecordBatch>, WarehouseError> {
        let unreadable = |what: String| WarehouseError::Unreadable {
            table: table.clone(),
            what,
        };
        let found = self.table(table)?;
        let schema = found.schema.clone().map_err(unreadable)?;
        if schema.column_with_name(column).is_none() {
            return Err(unreadable(format!("it has no column `{column}`")));
        }
        let mut batches = Vec::new();
        let one = [text];
        let may_have = |file: &&LakeFile| found.may_have(file, column, one.into_iter());
        for file in found.files.iter().filter(may_have) {
            let rows = in_file(file, &schema, column, text);
            batches.extend(
                rows.map_err(|error| unreadable(format!("`{}`: {error}", file.path.display())))?,
            );
        }
        Ok(batches)
    }
}

fn in_file(
    file: &LakeFile,
    schema: &SchemaRef,
    column: &str,
    text: &str,
) -> Result<Vec<RecordBatch>, ParquetError> {
    let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
    let builder = Builder::try_new_with_options(File::open(&file.path)?, options)?;
    let builder = match builder.schema().field_with_name(column)?.data_type() {
        DataType::Utf8 => narrowed(builder, column, text)?,
        _ => builder,
    };
    let only = ProjectionMask::columns(builder.parquet_schema(), [column]);
    let wanted = StringArray::new_scalar(text);
    let says = ArrowPredicateFn::new(only, move |batch| {
        eq(&cast(batch.column(0), &DataType::Utf8)?, &wanted)
    });
    let reader = builder
        .with_row_filter(RowFilter::new(vec![Box::new(says)]))
        .build()?;
    let as_published = |batch: Result<RecordBatch, ArrowError>| {
        let batch = batch?;
        let columns = schema.fields().iter().map(|field| {
            let column = batch.column_by_name(field.name()).ok_or_else(|| {
                ArrowError::SchemaError(format!("it has no column `{}`", field.name()))
            })?;
            cast(column, field.data_type())
        });
        RecordBatch::try_new(Arc::clone(schema), columns.collect::<Result<_, _>>()?)
    };
    Ok(reader.map(as_published).collect::<Result<_, _>>()?)
}

/// Leaves out the row groups and pages whose bounds say that a text is not in them.
fn narrowed(builder: Builder, column: &str, text: &str) -> Result<Builder, ParquetError> {
    let metadata = Arc::clone(builder.metadata());
    let bounds = StatisticsConverter::try_new(column, builder.schema(), builder.parquet_schema())?;
    let groups = metadata.row_groups();
    let may = within(
        bounds.row_group_mins(groups)?.as_string(),
        bounds.row_group_maxes(groups)?.as_string(),
        text,
    );
    let kept = may.iter().zip(0..).filter(|(may, _)| **may);
    let kept: Vec<usize> = kept.map(|(_, group)| group).collect();
    let pages = match (metadata.column_index(), metadata.offset_index()) {
        (Some(columns), Some(offsets)) => {
            let rows = bounds.data_page_row_counts(offsets, groups, &kept)?;
            rows.map(|rows| -> Result<RowSelection, ParquetError> {
                let may = within(
                    bounds.data_page_mins(columns, offsets, &kept)?.as_string(),
                    bounds.data_page_maxes(columns, offsets, &kept)?.as_string(),
                    text,
                );
                let pages = rows.iter().zip(may).map(|(rows, may)| RowSelector {
                    row_count: usize::try_from(rows.unwrap_or(0)).unwrap_or(usize::MAX),
                    skip: !may,
                });
                Ok(pages.collect())
            })
            .transpose()?
        }
        _ => None,
    };
    let builder = builder.with_row_groups(kept);
    Ok(match pages {
        Some(pages) => builder.with_row_selection(pages),
        None => builder,
    })
}

/// Where a text lies between two bounds; unknown bounds leave it open.
fn within(least: &StringArray, most: &StringArray, text: &str) -> Vec<bool> {
    let open = |bound: Option<&str>, fits: fn(&str, &str) -> bool| {
        bound.is_none_or(|bound| fits(bound, text))
    };
    let both = least.iter().zip(most.iter());
    both.map(|(least, most)| open(least, |a, b| a <= b) && open(most, |a, b| a >= b))
        .collect()
}
