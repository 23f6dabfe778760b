//! One table of a TOML file, read key by key: what is unknown or of the wrong type becomes a
//! problem with its place.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{did_you_mean, listed};

/// Everything wrong with one file, in the order found.
pub(super) struct Problems<'t> {
    file: &'t str,
    text: &'t str,
    found: Vec<Problem>,
}

/// One thing that is wrong, and where.
pub(super) struct Problem {
    /// `file:line:column`.
    pub at: String,
    /// One sentence, with a suggestion where there is one.
    pub message: String,
}

impl<'t> Problems<'t> {
    /// No problems yet about `text`, which people know as `file`.
    pub(super) fn new(file: &'t str, text: &'t str) -> Self {
        Self {
            file,
            text,
            found: Vec::new(),
        }
    }

    /// Adds a problem at a byte offset of the text.
    pub(super) fn add(&mut self, offset: usize, message: impl Into<String>) {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        let at = format!("{}:{line}:{column}", self.file);
        self.found.push(Problem {
            at,
            message: message.into(),
        });
    }

    pub(super) fn into_list(self) -> Vec<Problem> {
        self.found
    }
}

/// A table being read. `finish` reports the keys that were never read.
pub(super) struct Section<'a> {
    table: &'a DeTable<'a>,
    /// What the table is, for messages: `stream `reviews``.
    what: String,
    offset: usize,
    known: BTreeSet<&'static str>,
}

impl<'a> Section<'a> {
    /// A table found at a byte offset.
    pub(super) fn new(table: &'a DeTable<'a>, what: impl Into<String>, offset: usize) -> Self {
        Self {
            table,
            what: what.into(),
            offset,
            known: BTreeSet::new(),
        }
    }

    /// Where the table stands.
    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    /// The raw value of a key.
    pub(super) fn value(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.known.insert(key);
        self.table
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map(|(_, value)| value)
    }

    /// A string, with its place.
    pub(super) fn string(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<(&'a str, usize)> {
        let value = self.value(key)?;
        let text = value.get_ref().as_str();
        if text.is_none() {
            problems.add(
                value.span().start,
                format!("`{key}` in {} must be a string", self.what),
            );
        }
        text.map(|text| (text, value.span().start))
    }

    /// A string without its place.
    pub(super) fn text(&mut self, key: &'static str, problems: &mut Problems) -> Option<String> {
        self.string(key, problems).map(|(text, _)| text.to_owned())
    }

    /// A string that must be there.
    pub(super) fn required(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<(&'a str, usize)> {
        if self.value(key).is_none() {
            problems.add(self.offset, format!("{} lacks `{key}`", self.what));
        }
        self.string(key, problems)
    }

    pub(super) fn boolean(&mut self, key: &'static str, problems: &mut Problems) -> Option<bool> {
        let value = self.value(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            problems.add(
                value.span().start,
                format!("`{key}` in {} must be true or false", self.what),
            );
        }
        flag
    }

    /// A whole number that is not negative.
    pub(super) fn whole(&mut self, key: &'static str, problems: &mut Problems) -> Option<u32> {
        let value = self.value(key)?;
        let number = match value.get_ref() {
            DeValue::Integer(number) => number.as_str().parse().ok(),
            _ => None,
        };
        if number.is_none() {
            let message = format!("`{key}` in {} must be a whole number", self.what);
            problems.add(value.span().start, message);
        }
        number
    }

    /// A string or an array of strings, each with its place; `None` when the key is absent.
    pub(super) fn strings(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<Vec<(&'a str, usize)>> {
        let value = self.value(key)?;
        let offset = value.span().start;
        if let Some(text) = value.get_ref().as_str() {
            return Some(vec![(text, offset)]);
        }
        let Some(array) = value.get_ref().as_array() else {
            problems.add(
                offset,
                format!(
                    "`{key}` in {} must be a string or a list of strings",
                    self.what
                ),
            );
            return None;
        };
        let mut texts = Vec::new();
        for item in array.iter() {
            match item.get_ref().as_str() {
                Some(text) => texts.push((text, item.span().start)),
                None => problems.add(
                    item.span().start,
                    format!(
                        "`{key}` in {} holds something that is not a string",
                        self.what
                    ),
                ),
            }
        }
        Some(texts)
    }

    /// A table inside this one.
    pub(super) fn table(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<(&'a DeTable<'a>, usize)> {
        let value = self.value(key)?;
        let table = value.get_ref().as_table();
        if table.is_none() {
            problems.add(
                value.span().start,
                format!("`{key}` in {} must be a table", self.what),
            );
        }
        table.map(|table| (table, value.span().start))
    }

    /// Reports every key that was never read.
    pub(super) fn finish(self, problems: &mut Problems) {
        for (name, _) in self.table.iter() {
            let key = name.get_ref().as_ref();
            if self.known.contains(key) {
                continue;
            }
            let hint = did_you_mean(key, self.known.iter().copied())
                .unwrap_or_else(|| format!("known keys: {}", listed(self.known.iter().copied())));
            problems.add(
                name.span().start,
                format!("unknown key `{key}` in {}; {hint}", self.what),
            );
        }
    }
}
