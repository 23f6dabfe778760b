//! A table in plain text. The widths of its columns are those of the first rows, since the last
//! ones have not come yet; a wider cell further down pushes the rest of its line to the right.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use unicode_width::UnicodeWidthStr as _;

use super::cells::{cell, formatters};
use tsugi_core::escape::one_line;

/// Rows, and bytes of them, that widths are measured on.
const MEASURED_ROWS: usize = 1_000;
const MEASURED_BYTES: usize = 1 << 20;
/// Cells of a terminal that a column is filled up to.
const WIDTH_MAX: usize = 200;

pub(super) struct TableRows {
    names: Vec<String>,
    /// Rows that wait for the widths.
    first: Vec<Vec<String>>,
    first_bytes: usize,
    /// Known once enough rows have come.
    widths: Option<Vec<usize>>,
}

impl TableRows {
    pub(super) fn new(schema: &SchemaRef) -> Self {
        let names = schema.fields().iter();
        Self {
            names: names
                .map(|field| one_line(field.name()).into_owned())
                .collect(),
            first: Vec::new(),
            first_bytes: 0,
            widths: None,
        }
    }

    pub(super) fn write(
        &mut self,
        batch: &RecordBatch,
        out: &mut Vec<u8>,
    ) -> Result<(), ArrowError> {
        let columns = formatters(batch)?;
        for row in 0..batch.num_rows() {
            let cells = columns
                .iter()
                .map(|column| Ok(one_line(&cell(column, row)?).into_owned()));
            let cells = cells.collect::<Result<Vec<String>, ArrowError>>()?;
            match &self.widths {
                Some(widths) => line(&cells, widths, out),
                None => {
                    self.first_bytes += cells.iter().map(String::len).sum::<usize>();
                    self.first.push(cells);
                    if self.first.len() >= MEASURED_ROWS || self.first_bytes >= MEASURED_BYTES {
                        self.begin(out);
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn end(mut self, out: &mut Vec<u8>) {
        let widths = self.begin(out);
        border(&widths, out);
    }

    /// Measures, and writes the header and the rows that waited; once.
    fn begin(&mut self, out: &mut Vec<u8>) -> Vec<usize> {
        if let Some(widths) = &self.widths {
            return widths.clone();
        }
        let mut widths: Vec<usize> = self.names.iter().map(|name| name.width()).collect();
        for row in &self.first {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width().min(WIDTH_MAX));
            }
        }
        border(&widths, out);
        line(&self.names, &widths, out);
        border(&widths, out);
        for row in std::mem::take(&mut self.first) {
            line(&row, &widths, out);
        }
        self.widths = Some(widths.clone());
        widths
    }
}

fn line(cells: &[String], widths: &[usize], out: &mut Vec<u8>) {
    for (cell, width) in cells.iter().zip(widths) {
        out.extend_from_slice(b"| ");
        out.extend_from_slice(cell.as_bytes());
        out.resize(out.len() + width.saturating_sub(cell.width()) + 1, b' ');
    }
    out.extend_from_slice(b"|\n");
}

fn border(widths: &[usize], out: &mut Vec<u8>) {
    for width in widths {
        out.push(b'+');
        out.resize(out.len() + width + 2, b'-');
    }
    out.extend_from_slice(b"+\n");
}
