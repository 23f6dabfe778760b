//! Text of a project file with its place, for diagnostics that are made after the file was read.

use std::ops::Range;

use super::written::Written;
use tsugi_core::diagnostic::{Diagnostic, Explain, Place, Snippet};
use tsugi_core::source_text::SourceText;

/// A value and where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<T> {
    pub value: T,
    pub place: Place,
    /// The line at that place.
    pub snippet: Snippet,
    /// Where its first character is written, when the file has the text of the value as it is.
    literal: Option<Place>,
}

impl Located<String> {
    /// A string of a file, with or without quotes around it.
    pub(super) fn new(text: &SourceText, written: &Written<String>) -> Self {
        let span = &written.span;
        let inner = span.start + 1..span.end.saturating_sub(1);
        let is_literal = text.body().get(inner.clone()) == Some(written.value.as_str());
        let is_one_line = !written.value.contains('\n');
        Self {
            value: written.value.clone(),
            place: text.place(span),
            snippet: text.snippet(span),
            literal: (is_literal && is_one_line).then(|| text.place(&inner)),
        }
    }

    /// An error about a part of the text: `characters` are counted from its beginning. Where the
    /// file writes the text in another form, the error is about all of it.
    pub(crate) fn diagnostic_in(&self, characters: Range<u32>, error: &dyn Explain) -> Diagnostic {
        let Some(first) = &self.literal else {
            return self.diagnostic(error);
        };
        let place = Place {
            column: first.column.saturating_add(characters.start),
            ..first.clone()
        };
        let length = characters.end.saturating_sub(characters.start).max(1);
        let snippet = Snippet {
            length,
            ..self.snippet.clone()
        };
        Diagnostic::of(error).at(place).with_snippet(Some(snippet))
    }
}

impl<T: ToString> Located<T> {
    /// The value as text, at the same place.
    pub(crate) fn with_text(&self) -> Located<String> {
        self.with(self.value.to_string())
    }
}

impl<T> Located<T> {
    /// Another value at the same place.
    pub(super) fn with<U>(&self, value: U) -> Located<U> {
        Located {
            value,
            place: self.place.clone(),
            snippet: self.snippet.clone(),
            literal: None,
        }
    }

    /// An error about the value.
    pub fn diagnostic(&self, error: &dyn Explain) -> Diagnostic {
        Diagnostic::of(error)
            .at(self.place.clone())
            .with_snippet(Some(self.snippet.clone()))
    }
}
