//! Texts written straight into the column that crosses, without one of their own for each row.
use std::fmt::{self, Display};

use crate::builders::{Builder, Utf8Builder};
use crate::error::RowError;
use crate::rows::record_column;
use crate::scalar::{Evaluated, failed};

/// Where a scalar function writes its text: the last parameter, `to: &mut TextWriter`.
///
/// ```
/// use tsugi_plugin::{TextWriter, scalar};
///
/// /// The text in capitals, set off by an exclamation mark.
/// #[scalar]
/// fn shout(text: &str, to: &mut TextWriter) {
///     to.push_str(text);
///     to.written().make_ascii_uppercase();
///     to.push('!');
/// }
/// ```
///
/// It returns nothing, or `Option<()>` (null for none), or a `Result` of either, whose error fails
/// the row. What was written for such a row is discarded. `write!` works as well.
#[derive(Debug)]
pub struct TextWriter<'c> {
    column: &'c mut Utf8Builder,
    start: usize,
}

impl TextWriter<'_> {
    /// Adds to the text.
    #[inline(always)]
    pub fn push_str(&mut self, text: &str) {
        self.column.append(text);
    }

    #[inline(always)]
    pub fn push(&mut self, character: char) {
        self.push_str(character.encode_utf8(&mut [0; 4]));
    }

    /// What has been written for this row, to be looked at or changed in place.
    #[inline(always)]
    pub fn written(&mut self) -> &mut str {
        self.column.since(self.start)
    }
}

impl fmt::Write for TextWriter<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text);
        Ok(())
    }
}

/// What a function that writes its text may return.
pub trait Written {
    /// Whether there is a text; why the row failed.
    fn settle(self) -> Result<bool, String>;
}

impl Written for () {
    #[inline(always)]
    fn settle(self) -> Result<bool, String> {
        Ok(true)
    }
}

impl Written for Option<()> {
    #[inline(always)]
    fn settle(self) -> Result<bool, String> {
        Ok(self.is_some())
    }
}

impl<W: Written, E: Display> Written for Result<W, E> {
    #[inline(always)]
    fn settle(self) -> Result<bool, String> {
        self.map_err(|error| error.to_string())?.settle()
    }
}

/// The texts of one call while they are written; what `#[tsugi_plugin::scalar]` fills.
#[derive(Debug)]
pub struct Texts {
    column: Utf8Builder,
    failed: Vec<RowError>,
}

impl Texts {
    pub fn with_capacity(rows: usize) -> Self {
        Self {
            column: Utf8Builder::with_capacity(rows),
            failed: Vec::new(),
        }
    }

    /// Adds the text that `of_row` writes for a row.
    #[inline(always)]
    pub fn write<W: Written>(&mut self, row: usize, of_row: impl FnOnce(&mut TextWriter<'_>) -> W) {
        let start = self.column.written_bytes();
        let mut text = TextWriter {
            column: &mut self.column,
            start,
        };
        match of_row(&mut text).settle() {
            Ok(true) => self.column.end(),
            Ok(false) => self.take_back(start),
            Err(message) => {
                self.take_back(start);
                self.failed.push(failed(row, message));
            }
        }
    }

    #[inline(always)]
    pub fn push_null(&mut self) {
        self.column.push_null();
    }

    #[cold]
    fn take_back(&mut self, start: usize) {
        self.column.cut(start);
        self.column.push_null();
    }

    /// The texts as they cross.
    pub fn finish(self) -> Evaluated {
        Evaluated {
            column: record_column(self.column.finish()),
            failed: self.failed,
        }
    }
}
