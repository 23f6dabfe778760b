//! The rows that have one text in one column, read straight from the files of a table. Only pages
//! whose bounds allow the text are decoded: in a sorted table that is one page of any number.

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

use super::snapshot::LakeTable;
use crate::error::Error;
use crate::files::lake_file::LakeFile;

type Builder = ParquetRecordBatchReaderBuilder<File>;

impl LakeTable {
    /// The rows whose value in a column, as text, is `text`.
    ///
    /// # Errors
    /// [`Error::Unreadable`] for a table or file that cannot be read, or a column it does not have.
    pub fn find(&self, column: &str, text: &str) -> Result<Vec<RecordBatch>, Error> {
        let unreadable = |what: String| Error::Unreadable {
            table: self.name.clone(),
            what,
        };
        let schema = self.schema.clone().map_err(unreadable)?;
        if schema.column_with_name(column).is_none() {
            return Err(unreadable(format!("it has no column `{column}`")));
        }
        let mut batches = Vec::new();
        let one = [text];
        let may_have = |file: &&LakeFile| self.may_have(file, column, one.into_iter());
        for file in self.files.iter().filter(may_have) {
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
        DataType::Utf8 => skip_pages(builder, column, text)?,
        _ => builder,
    };
    let only = ProjectionMask::columns(builder.parquet_schema(), [column]);
    let wanted = StringArray::new_scalar(text);
    let is_equal = ArrowPredicateFn::new(only, move |batch| {
        eq(&cast(batch.column(0), &DataType::Utf8)?, &wanted)
    });
    let reader = builder
        .with_row_filter(RowFilter::new(vec![Box::new(is_equal)]))
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

/// Skips the row groups and pages whose bounds exclude a text.
fn skip_pages(builder: Builder, column: &str, text: &str) -> Result<Builder, ParquetError> {
    let metadata = Arc::clone(builder.metadata());
    let bounds = StatisticsConverter::try_new(column, builder.schema(), builder.parquet_schema())?;
    let groups = metadata.row_groups();
    let may = within(
        bounds.row_group_mins(groups)?.as_string(),
        bounds.row_group_maxes(groups)?.as_string(),
        text,
    );
    let read = may.iter().zip(0..).filter(|(may, _)| **may);
    let read: Vec<usize> = read.map(|(_, group)| group).collect();
    let pages = match (metadata.column_index(), metadata.offset_index()) {
        (Some(columns), Some(offsets)) => {
            let rows = bounds.data_page_row_counts(offsets, groups, &read)?;
            rows.map(|rows| -> Result<RowSelection, ParquetError> {
                let may = within(
                    bounds.data_page_mins(columns, offsets, &read)?.as_string(),
                    bounds.data_page_maxes(columns, offsets, &read)?.as_string(),
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
    let builder = builder.with_row_groups(read);
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
