//! CSV. Spreadsheets run a cell that begins like a formula, so a text that begins so gets a `'` in
//! front; one that already begins with `'` and would then be taken for a guarded one gets another.
//! So does what follows `;`, a tab or a line break inside a text. A reader takes one `'` off where `'`s and then
//! such a character stand there, and has every text as it was.

use std::borrow::Cow;

use ::csv::{Terminator, Writer, WriterBuilder};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::cells::{cell, formatters, is_text};
use super::{CellStyle, failed};
use tsugi_core::escape;
use tsugi_pipeline::run::RunError;

/// What makes a formula of a cell, or a new cell before one: also in the full width that Japanese
/// spreadsheets take for the same.
const BEGINNINGS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// What begins a new cell in the middle of a text: a spreadsheet of German or Swiss settings splits at `;`, and
/// takes no notice of quotes within such a cell.
const SEPARATORS: [char; 4] = [';', '\t', '\r', '\n'];
/// What makes a formula of it.
const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// A text that no spreadsheet takes for a formula.
fn guarded(text: &str) -> Cow<'_, str> {
    let is_guarded = |rest: &str, signs: &[char]| rest.trim_start_matches('\'').starts_with(signs);
    let ends = text
        .match_indices(SEPARATORS)
        .map(|(at, one)| at + one.len());
    let inner = ends.filter(|at| text.get(*at..).is_some_and(|rest| is_guarded(rest, &SIGNS)));
    let first = is_guarded(text, &BEGINNINGS).then_some(0);
    let mut guarded = String::new();
    let mut from = 0;
    for at in first.into_iter().chain(inner) {
        guarded.push_str(text.get(from..at).unwrap_or_default());
        guarded.push('\'');
        from = at;
    }
    match guarded.is_empty() {
        true => Cow::Borrowed(text),
        false => Cow::Owned(guarded + text.get(from..).unwrap_or_default()),
    }
}

/// Rows as CSV with a header.
pub(super) struct CsvRows {
    header: Option<Vec<String>>,
    /// For each column whether it holds text.
    texts: Vec<bool>,
    style: CellStyle,
}

impl CsvRows {
    pub(super) fn new(schema: &SchemaRef, style: CellStyle) -> Self {
        let fields = schema.fields().iter();
        Self {
            header: Some(fields.clone().map(|field| field.name().clone()).collect()),
            texts: fields.map(|field| is_text(field.data_type())).collect(),
            style,
        }
    }

    pub(super) fn write(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), RunError> {
        self.mark(out);
        let mut writer = writer(out);
        self.header(&mut writer)?;
        let columns = formatters(batch).map_err(failed)?;
        for row in 0..batch.num_rows() {
            for (formatter, is_text) in columns.iter().zip(&self.texts) {
                let text = cell(formatter, row).map_err(failed)?;
                self.field(&mut writer, &text, *is_text)?;
            }
            writer.write_record(None::<&[u8]>).map_err(unwritten)?;
        }
        writer.flush().map_err(|error| unwritten(error.into()))
    }

    /// The header of a result without rows.
    pub(super) fn end(mut self, out: &mut Vec<u8>) -> Result<(), RunError> {
        self.mark(out);
        let mut writer = writer(out);
        self.header(&mut writer)?;
        writer.flush().map_err(|error| unwritten(error.into()))
    }

    /// The mark of UTF-8 before the header, where it is wanted.
    fn mark(&self, out: &mut Vec<u8>) {
        if self.style.bom && self.header.is_some() {
            out.extend("\u{feff}".bytes());
        }
    }

    fn header(&mut self, writer: &mut Writer<&mut Vec<u8>>) -> Result<(), RunError> {
        if let Some(names) = self.header.take() {
            for name in &names {
                self.field(writer, name, true)?;
            }
            writer.write_record(None::<&[u8]>).map_err(unwritten)?;
        }
        Ok(())
    }

    fn field(
        &self,
        writer: &mut Writer<&mut Vec<u8>>,
        text: &str,
        is_text: bool,
    ) -> Result<(), RunError> {
        let text = match is_text && !self.style.raw {
            true => guarded(text),
            false => Cow::Borrowed(text),
        };
        let text = match self.style.terminal {
            true => escape::one_line(&text),
            false => Cow::Borrowed(&*text),
        };
        writer.write_field(&*text).map_err(unwritten)
    }
}

fn writer(out: &mut Vec<u8>) -> Writer<&mut Vec<u8>> {
    WriterBuilder::new()
        .terminator(Terminator::Any(b'\n'))
        .from_writer(out)
}

fn unwritten(error: ::csv::Error) -> RunError {
    RunError::Host(format!("rows cannot be printed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::{BEGINNINGS, SEPARATORS, SIGNS, guarded};

    /// What a reader does.
    fn read_back(cell: &str) -> String {
        let bare = |part: &str, signs: &[char]| {
            let bare = part.trim_start_matches('\'');
            match bare.len() < part.len() && bare.starts_with(signs) {
                true => part[1..].to_owned(),
                false => part.to_owned(),
            }
        };
        let mut parts = cell.split_inclusive(SEPARATORS);
        let Some(first) = parts.next() else {
            return String::new();
        };
        let rest = parts.map(|part| bare(part, &SIGNS));
        bare(first, &BEGINNINGS) + &rest.collect::<String>()
    }

    #[test]
    fn guarded_texts_read_back() {
        for text in [
            "=1+1", "+49 30 1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "'=1", "''=1",
            "'", "''", "it's", "'a'", "", " =1", "a=1", "顧客", "x;=1+1;", ";=1", "a;'=1", "a\n-b",
            "\n\n=1", "a\r\n@b;", "a;b", "a;'b", "a; =1", "\t;＝1",
        ] {
            let cell = guarded(text);
            assert!(!cell.starts_with(BEGINNINGS), "{cell}");
            let mut parts = cell.split_inclusive(SEPARATORS).skip(1);
            assert!(!parts.any(|part| part.starts_with(SIGNS)), "{cell}");
            assert_eq!(read_back(&cell), text, "{cell}");
        }
        assert_eq!(guarded("it's"), "it's");
    }
}
