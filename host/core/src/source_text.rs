//! The text of a file that a person wrote, so that every diagnostic can show its place.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Explain, Place, Snippet};
use crate::file::{FileError, read_bounded};

/// Longest file a person writes: far above any real one, and small enough to be read whole.
pub const TEXT_MAX_BYTES: u64 = 4 * 1024 * 1024;

/// The text of one file and the name under which diagnostics show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceText {
    file: Arc<str>,
    body: Arc<str>,
}

impl SourceText {
    /// A text that is in memory already.
    pub fn new(file: &str, body: &str) -> Self {
        Self {
            file: file.into(),
            body: body.into(),
        }
    }

    /// Reads a file; `file` is its name in diagnostics.
    pub fn read(path: &Path, file: &str) -> Result<Self, FileError> {
        let bytes = read_bounded(path, file, TEXT_MAX_BYTES)?;
        let body = String::from_utf8(bytes).map_err(|error| FileError::NotUtf8 {
            file: file.to_owned(),
            offset_bytes: error.utf8_error().valid_up_to(),
        })?;
        // Editors on Windows put a byte order mark where SQL and TOML have no place for one.
        Ok(Self::new(
            file,
            body.strip_prefix('\u{feff}').unwrap_or(&body),
        ))
    }

    /// Relative to the project, with `/` between parts.
    pub fn file(&self) -> &str {
        &self.file
    }

    pub fn body(&self) -> &str {
        &self.body
    }

    /// The place of a byte range.
    pub fn place(&self, span: &Range<usize>) -> Place {
        let start = self.boundary(span.start);
        let before = self.body.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Place {
            file: self.file.as_ref().to_owned(),
            line: count(before.matches('\n').count()) + 1,
            column: count(before.get(line_start..).unwrap_or_default().chars().count()) + 1,
        }
    }

    /// The line at a byte range, and how much of it the range covers.
    pub fn snippet(&self, span: &Range<usize>) -> Snippet {
        let start = self.boundary(span.start);
        let end = self.boundary(span.end.max(span.start));
        let line_start = self
            .body
            .get(..start)
            .and_then(|t| t.rfind('\n'))
            .map_or(0, |at| at + 1);
        let line = self
            .body
            .get(line_start..)
            .unwrap_or_default()
            .lines()
            .next()
            .unwrap_or_default();
        let covered = self
            .body
            .get(start..end.min(line_start + line.len()).max(start));
        Snippet {
            line: line.to_owned(),
            length: count(covered.unwrap_or_default().chars().count()).max(1),
        }
    }

    /// The byte offset of a line and column counted from 1, as SQL parsers report them.
    pub fn offset(&self, line: u64, column: u64) -> usize {
        let line_index = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
        let start: usize = self
            .body
            .split_inclusive('\n')
            .take(line_index)
            .map(str::len)
            .sum();
        let rest = self.body.get(start..).unwrap_or_default();
        let column_index = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
        start
            + rest
                .chars()
                .take(column_index)
                .take_while(|c| *c != '\n')
                .map(char::len_utf8)
                .sum::<usize>()
    }

    /// An error at a byte range of this text.
    pub fn diagnostic(&self, span: &Range<usize>, error: &dyn Explain) -> Diagnostic {
        Diagnostic::of(error)
            .at(self.place(span))
            .with_snippet(Some(self.snippet(span)))
    }

    /// The nearest offset at or before `offset` where a character begins.
    fn boundary(&self, offset: usize) -> usize {
        let mut at = offset.min(self.body.len());
        while !self.body.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_and_survive_any_range() {
        let text = SourceText::new("a.sql", "-- 顧客\nSELECT é FROM x\r\n");
        let at = text.body().find("FROM").unwrap();
        let place = text.place(&(at..at + 4));
        assert_eq!((place.line, place.column), (2, 10));
        assert_eq!(text.snippet(&(at..at + 4)).line, "SELECT é FROM x");
        assert_eq!(text.snippet(&(at..at + 4)).length, 4);
        assert_eq!(text.offset(2, 10), at);
        // Inside a character, behind the end, and the wrong way round.
        for span in [4..5, 900..901, Range { start: 9, end: 2 }] {
            let _ = text.place(&span);
            assert!(text.snippet(&span).length >= 1);
        }
        assert_eq!(text.offset(99, 99), text.body().len());
    }
}
