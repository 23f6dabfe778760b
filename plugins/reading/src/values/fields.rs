//! The fields of one record as text, whatever its format.

use crate::records::jsonl;
use crate::records::opened::OpenFile;
use crate::records::sheet::{ERROR, TYPED};

/// The fields of one record, whatever the format.
pub(crate) struct Fields<'a> {
    text: &'a str,
    ends: &'a [usize],
    plain: &'a [bool],
}

impl<'a> Fields<'a> {
    /// The fields of the record that `file` has just read.
    pub(crate) fn of(file: &'a OpenFile, json: &'a jsonl::Fields) -> Self {
        if file.format.has_keys() {
            return Self {
                text: &json.text,
                ends: &json.ends,
                plain: &json.plain,
            };
        }
        let (bytes, ends) = file.records.fields();
        Self {
            text: std::str::from_utf8(bytes).unwrap_or(""),
            ends,
            plain: &[],
        }
    }

    /// How many fields there are.
    pub(crate) fn count(&self) -> usize {
        self.ends.len()
    }

    /// One field, or nothing.
    pub(crate) fn get(&self, at: usize) -> &'a str {
        let raw = self.raw(at);
        raw.strip_prefix([TYPED, ERROR]).unwrap_or(raw)
    }

    /// One field with the mark of a cell that has a type or holds an error.
    pub(crate) fn raw(&self, at: usize) -> &'a str {
        let start = at
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .copied()
            .unwrap_or(0);
        self.ends
            .get(at)
            .and_then(|end| self.text.get(start..*end))
            .unwrap_or("")
    }

    /// Whether a field comes from a format with its own way to write values.
    pub(crate) fn is_plain(&self, at: usize) -> bool {
        self.plain.get(at) == Some(&true) || self.raw(at).starts_with(TYPED)
    }

    /// Whether the record has no text at all.
    pub(crate) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}
