//! Seeds: small CSV files of the project as typed rows.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array as _, ArrayRef, RecordBatch, RecordBatchOptions, StringArray,
};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

use super::csv_cells::{Cell, records};
use super::error::RunError;
use crate::project::seed::{SEED_MAX_BYTES, Seed};
use crate::project::value::ColumnType;
use crate::query::{Reads, respelled};
use tsugi_core::count::count;
use tsugi_core::diagnostic::{Blame, Diagnostic, Explain};
use tsugi_core::file::read_bounded;
use tsugi_core::source_text::SourceText;

/// Findings of one file that are shown; one wrong column would be as many as there are rows.
const FINDINGS_MAX: usize = 10;

/// What is wrong with the rows of a seed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum SeedError {
    #[error("`{value}` is no {wanted} for the column `{column}`")]
    Value {
        value: String,
        column: String,
        wanted: String,
    },
    #[error("the row has {found} and the first line has {}", count(*.columns, "column"))]
    Width { found: String, columns: usize },
    #[error("this quote is not closed")]
    Quote,
    #[error("the columns are separated by {found}, and a seed has commas")]
    Separator { found: &'static str },
    #[error("{more} more of this kind in `{file}`")]
    More { more: usize, file: String },
}

impl Explain for SeedError {
    fn code(&self) -> &'static str {
        "run::wrong-seed"
    }

    fn blame(&self) -> Blame {
        Blame::Author
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Value { column, .. } => format!(
                "correct the value, leave it empty for null, or change the type of `{column}` under [seeds] in pipeline.toml"
            ),
            Self::Width { .. } => "write a text that has a comma in double quotes".into(),
            Self::Quote => "write a quote inside of a quoted text twice: \"\"".into(),
            Self::Separator { .. } => "save the file as CSV with commas".into(),
            Self::More { .. } => return None,
        })
    }
}

/// The columns of a seed.
pub(super) fn seed_schema(columns: &[(String, ColumnType)]) -> SchemaRef {
    let field = |(name, kind): &(String, ColumnType)| Field::new(name, data_type(*kind), true);
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

fn data_type(kind: ColumnType) -> DataType {
    match kind {
        ColumnType::Text => DataType::Utf8,
        ColumnType::Integer => DataType::Int64,
        ColumnType::Float => DataType::Float64,
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::Date => DataType::Date32,
        ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
        ColumnType::Decimal(precision, scale) => {
            DataType::Decimal128(precision, i8::try_from(scale).unwrap_or(i8::MAX))
        }
    }
}

/// The rows of a seed, typed as the project says.
///
/// # Errors
/// Every value and row that is wrong, at its place in the file.
pub(super) fn seed_rows(seed: &Seed) -> Result<RecordBatch, RunError> {
    let refused = |reason: String| RunError::File {
        path: seed.file.clone().into(),
        reason,
    };
    let bytes = read_bounded(&seed.path, &seed.file, SEED_MAX_BYTES)
        .map_err(|error| refused(error.to_string()))?;
    let body = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        refused(format!("it is no UTF-8 text from byte {at} on"))
    })?;
    let text = SourceText::new(&seed.file, &body);
    let found = records(&body)
        .map_err(|at| RunError::Project(vec![text.diagnostic(&(at..at + 1), &SeedError::Quote)]))?;
    let rows = found.get(1..).unwrap_or_default();
    let mut findings = shape(seed, &text, found.first(), rows);
    let mut columns = Vec::new();
    if findings.is_empty() {
        for (index, (name, kind)) in seed.columns.iter().enumerate() {
            let cells: Vec<&Cell<'_>> = rows.iter().filter_map(|row| row.get(index)).collect();
            let (column, wrong) = column(name, *kind, &cells, &text)?;
            columns.push(column);
            findings.extend(wrong);
        }
    }
    if !findings.is_empty() {
        let more = findings.len().saturating_sub(FINDINGS_MAX);
        findings.truncate(FINDINGS_MAX);
        if more > 0 {
            let file = seed.file.clone();
            findings.push(Diagnostic::of(&SeedError::More { more, file }));
        }
        return Err(RunError::Project(findings));
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    Ok(RecordBatch::try_new_with_options(
        seed_schema(&seed.columns),
        columns,
        &options,
    )?)
}

/// Rows that are wider or narrower than the first line, and a first line with another separator.
fn shape(
    seed: &Seed,
    text: &SourceText,
    first: Option<&Vec<Cell<'_>>>,
    rows: &[Vec<Cell<'_>>],
) -> Vec<Diagnostic> {
    if let Some([only]) = first.map(Vec::as_slice) {
        let found = [(';', "semicolons"), ('\t', "tabs"), ('|', "bars")];
        let found = found.iter().find(|(mark, _)| only.text.contains(*mark));
        if let Some((_, found)) = found.filter(|_| !only.is_quoted) {
            return vec![text.diagnostic(&only.span, &SeedError::Separator { found })];
        }
    }
    let columns = seed.columns.len();
    let wrong = rows.iter().filter(|row| row.len() != columns);
    wrong
        .filter_map(|row| {
            let found = count(row.len(), "value");
            let end = row.last()?.span.end;
            Some(text.diagnostic(
                &(row.first()?.span.start..end),
                &SeedError::Width { found, columns },
            ))
        })
        .collect()
}

/// One column, and the values that are none of its type.
fn column(
    name: &str,
    kind: ColumnType,
    cells: &[&Cell<'_>],
    text: &SourceText,
) -> Result<(ArrayRef, Vec<Diagnostic>), RunError> {
    // Only in a text is an empty value one.
    let is_value = |value: &&str| kind == ColumnType::Text || !value.is_empty();
    let reads = Reads::of(&data_type(kind));
    let read = |value| match reads {
        Some(reads) => respelled(value, reads),
        None => value.into(),
    };
    let values: StringArray = cells
        .iter()
        .map(|cell| cell.value().filter(is_value).map(read))
        .collect();
    let options = CastOptions {
        safe: true,
        ..CastOptions::default()
    };
    let values: ArrayRef = Arc::new(values);
    let typed = cast_with_options(&values, &data_type(kind), &options)?;
    let wrong = |(row, cell): (usize, &&Cell<'_>)| {
        let value = cell.value().filter(is_value)?;
        if typed.is_valid(row) && fits(kind, value) {
            return None;
        }
        let error = SeedError::Value {
            value: value.to_owned(),
            column: name.to_owned(),
            wanted: kind.to_string(),
        };
        Some(text.diagnostic(&cell.span, &error))
    };
    let wrong = cells.iter().enumerate().filter_map(wrong).collect();
    Ok((typed, wrong))
}

/// Whether nothing of a value is lost in its type.
fn fits(kind: ColumnType, value: &str) -> bool {
    let ColumnType::Decimal(_, scale) = kind else {
        return true;
    };
    let value = respelled(value, Reads::Decimal);
    let fraction = value.split_once('.').map_or("", |(_, fraction)| fraction);
    fraction.trim_end_matches('0').len() <= usize::from(scale)
}
