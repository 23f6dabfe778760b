//! A TOML file read strictly: an unknown key is a diagnostic, and every diagnostic has its place.

use std::cell::RefCell;
use std::ops::Range;

use chrono::NaiveDate;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::ProjectError;
use super::value::{ConfigValue, json, scalar, shown, words};
use tsugi_core::diagnostic::{Diagnostic, Explain, nearest};
use tsugi_core::source_text::SourceText;

/// Something written, with its byte range.
#[derive(Clone, Debug)]
pub(super) struct Written<T> {
    pub value: T,
    pub span: Range<usize>,
}

/// One TOML file while it is read: its text and the diagnostics so far.
pub(super) struct TomlFile<'t> {
    text: &'t SourceText,
    diagnostics: RefCell<Vec<Diagnostic>>,
}

impl<'t> TomlFile<'t> {
    /// Parses the text and notes what breaks the rules of TOML.
    pub(super) fn parse(text: &'t SourceText) -> (Self, Spanned<DeTable<'t>>) {
        let (table, errors) = DeTable::parse_recoverable(text.body());
        let file = Self {
            text,
            diagnostics: RefCell::new(Vec::new()),
        };
        for error in errors {
            let message = error.message().trim_end_matches('.').replace('\n', ", ");
            file.find(
                &error.span().unwrap_or(0..0),
                &ProjectError::Syntax { message },
            );
        }
        (file, table)
    }

    pub(super) fn text(&self) -> &'t SourceText {
        self.text
    }

    /// Notes an error.
    pub(super) fn find(&self, span: &Range<usize>, error: &dyn Explain) {
        self.diagnostics
            .borrow_mut()
            .push(self.text.diagnostic(span, error));
    }

    /// Notes something that does not stop the work.
    pub(super) fn warn(&self, span: &Range<usize>, error: &dyn Explain) {
        self.diagnostics
            .borrow_mut()
            .push(self.text.diagnostic(span, error).as_warning());
    }

    /// Notes a diagnostic of this file.
    pub(super) fn note(&self, diagnostic: Diagnostic) {
        self.diagnostics.borrow_mut().push(diagnostic);
    }

    /// Whether an error was noted.
    pub(super) fn has_errors(&self) -> bool {
        self.diagnostics.borrow().iter().any(Diagnostic::is_error)
    }

    /// All that was noted, in the order of the file.
    pub(super) fn into_diagnostics(self) -> Vec<Diagnostic> {
        let mut diagnostics = self.diagnostics.into_inner();
        diagnostics.sort_by_key(|diagnostic| {
            let place = diagnostic.place.as_ref();
            place.map(|place| (place.line, place.column))
        });
        diagnostics
    }

    /// A name, or a diagnostic.
    pub(super) fn name<N>(&self, written: &Written<String>) -> Option<N>
    where
        N: std::str::FromStr<Err = tsugi_core::name::NameError>,
    {
        written
            .value
            .parse()
            .map_err(|error| self.find(&written.span, &ProjectError::Name(error)))
            .ok()
    }
}

/// One table of a file. Reading a key makes it known; [`Section::finish`] reports the rest.
pub(super) struct Section<'s, 't> {
    file: &'s TomlFile<'t>,
    /// Dotted, empty for the file itself.
    path: String,
    table: &'s DeTable<'t>,
    /// Where the section begins.
    pub span: Range<usize>,
    known: RefCell<Vec<&'static str>>,
}

impl<'s, 't> Section<'s, 't> {
    /// The file as one section.
    pub(super) fn root(file: &'s TomlFile<'t>, table: &'s Spanned<DeTable<'t>>) -> Self {
        Self {
            file,
            path: String::new(),
            table: table.get_ref(),
            span: 0..0,
            known: RefCell::default(),
        }
    }

    /// How diagnostics call this section: `[plugins.sentiment]`.
    pub(super) fn title(&self) -> String {
        match self.path.as_str() {
            "" => format!("`{}`", self.file.text.file()),
            path => format!("`[{path}]`"),
        }
    }

    /// The file this section is of.
    pub(super) fn file(&self) -> &'s TomlFile<'t> {
        self.file
    }

    /// The key with the path of its section.
    pub(super) fn full(&self, key: &str) -> String {
        match self.path.as_str() {
            "" => key.to_owned(),
            path => format!("{path}.{key}"),
        }
    }

    fn value(&self, key: &'static str) -> Option<&'s Spanned<DeValue<'t>>> {
        self.known.borrow_mut().push(key);
        self.table
            .iter()
            .find(|(k, _)| k.get_ref() == key)
            .map(|(_, value)| value)
    }

    /// Whether a key is there.
    pub(super) fn has(&self, key: &'static str) -> bool {
        self.value(key).is_some()
    }

    /// Where a key is written, or else the section.
    pub(super) fn key_span(&self, key: &str) -> Range<usize> {
        let written = self.table.iter().find(|(k, _)| k.get_ref() == key);
        written.map_or_else(|| self.span.clone(), |(k, _)| k.span())
    }

    fn wrong_type(&self, key: &str, wanted: &'static str, value: &Spanned<DeValue<'t>>) {
        let error = ProjectError::WrongType {
            key: self.full(key),
            wanted,
            found: words(value.get_ref()),
        };
        self.file.find(&value.span(), &error);
    }

    pub(super) fn string(&self, key: &'static str) -> Option<Written<String>> {
        let value = self.value(key)?;
        self.text_of(key, value)
    }

    /// A list of strings; empty where it is not written.
    pub(super) fn strings(&self, key: &'static str) -> Vec<Written<String>> {
        let value = self.value(key);
        value.map_or_else(Vec::new, |value| self.strings_of(key, value))
    }

    /// A string that must be there; `example` is a line that could be added.
    pub(super) fn required(&self, key: &'static str, example: &str) -> Option<Written<String>> {
        if !self.has(key) {
            self.missing(key, example);
        }
        self.string(key)
    }

    /// Reports a key that must be there.
    pub(super) fn missing(&self, key: &'static str, example: &str) {
        let error = ProjectError::MissingKey {
            key,
            section: self.title(),
            example: example.to_owned(),
        };
        self.file.find(&self.span, &error);
    }

    pub(super) fn boolean(&self, key: &'static str) -> Option<bool> {
        let value = self.value(key)?;
        let truth = value.get_ref().as_bool();
        if truth.is_none() {
            self.wrong_type(key, "true or false", value);
        }
        truth
    }

    /// A whole number between two bounds, both allowed.
    pub(super) fn number(&self, key: &'static str, least: u64, most: u64) -> Option<u64> {
        let value = self.value(key)?;
        let Some(written) = value.get_ref().as_integer() else {
            self.wrong_type(key, "a whole number", value);
            return None;
        };
        let number = u64::from_str_radix(written.as_str(), written.radix()).ok();
        let within = number.filter(|n| (least..=most).contains(n));
        if within.is_none() {
            let error = ProjectError::WrongValue {
                key: self.full(key),
                value: written.to_string(),
                wanted: format!("between {least} and {most}"),
            };
            self.file.find(&value.span(), &error);
        }
        within
    }

    /// A date, as a TOML date or as a string.
    pub(super) fn date(&self, key: &'static str) -> Option<NaiveDate> {
        let value = self.value(key)?;
        let day = match value.get_ref() {
            DeValue::String(text) => text.parse().ok(),
            other => match scalar(other) {
                Some(ConfigValue::Date(day)) => Some(day),
                _ => None,
            },
        };
        if day.is_none() {
            let error = ProjectError::WrongValue {
                key: self.full(key),
                value: shown(value.get_ref()),
                wanted: "a date such as `2026-03-31`".into(),
            };
            self.file.find(&value.span(), &error);
        }
        day
    }

    /// A string or a list of strings under a free name.
    pub(super) fn strings_of(
        &self,
        key: &str,
        value: &'s Spanned<DeValue<'t>>,
    ) -> Vec<Written<String>> {
        let one = |item: &'s Spanned<DeValue<'t>>| match item.get_ref().as_str() {
            Some(text) => Some(Written {
                value: text.to_owned(),
                span: item.span(),
            }),
            None => {
                self.wrong_type(key, "a string or a list of strings", item);
                None
            }
        };
        match value.get_ref() {
            DeValue::Array(items) => items.iter().filter_map(one).collect(),
            _ => one(value).into_iter().collect(),
        }
    }

    /// A string under a free name.
    pub(super) fn text_of(
        &self,
        key: &str,
        value: &Spanned<DeValue<'t>>,
    ) -> Option<Written<String>> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.wrong_type(key, "a string", value);
        }
        Some(Written {
            value: text?.to_owned(),
            span: value.span(),
        })
    }

    /// The tables of a list, `[[key]]` one by one.
    pub(super) fn list(&self, key: &'static str) -> Option<&'s [Spanned<DeValue<'t>>]> {
        let value = self.value(key)?;
        let list = value.get_ref().as_array();
        if list.is_none() {
            self.wrong_type(key, "a list of tables", value);
        }
        list.map(|list| &**list)
    }

    /// Whether a key holds a table.
    pub(super) fn is_table(&self, key: &'static str) -> bool {
        let value = self.value(key);
        value.is_some_and(|value| value.get_ref().is_table())
    }

    /// A number, whole or not.
    pub(super) fn float(&self, key: &'static str) -> Option<f64> {
        let value = self.value(key)?;
        let number = match scalar(value.get_ref()) {
            Some(ConfigValue::Float(number)) => Some(number),
            Some(ConfigValue::Integer(number)) => Some(number as f64),
            _ => None,
        };
        if number.is_none() {
            self.wrong_type(key, "a number", value);
        }
        number
    }

    pub(super) fn section(&self, key: &'static str) -> Option<Self> {
        let value = self.value(key)?;
        self.section_of(key, &self.key_span(key), value)
    }

    /// A table under a free name.
    pub(super) fn section_of(
        &self,
        key: &str,
        span: &Range<usize>,
        value: &'s Spanned<DeValue<'t>>,
    ) -> Option<Self> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong_type(key, "a table", value);
        }
        Some(Self {
            file: self.file,
            path: self.full(key),
            table: table?,
            span: span.clone(),
            known: RefCell::default(),
        })
    }

    /// Every entry of a table whose keys are free names, sorted as written.
    pub(super) fn entries(&self) -> Vec<(Written<String>, &'s Spanned<DeValue<'t>>)> {
        let mut entries: Vec<_> = self
            .table
            .iter()
            .map(|(key, value)| {
                let name = Written {
                    value: key.get_ref().as_ref().to_owned(),
                    span: key.span(),
                };
                (name, value)
            })
            .collect();
        entries.sort_by_key(|(name, _)| name.span.start);
        entries
    }

    /// The table as JSON, for configs; dates become text.
    pub(super) fn json(&self) -> serde_json::Map<String, serde_json::Value> {
        self.entries()
            .into_iter()
            .map(|(key, value)| (key.value, json(value.get_ref())))
            .collect()
    }

    /// Reports every key that was not read.
    pub(super) fn finish(self) {
        let known = self.known.into_inner();
        let title = match self.path.as_str() {
            "" => format!("`{}`", self.file.text.file()),
            path => format!("`[{path}]`"),
        };
        for (key, _) in self
            .table
            .iter()
            .filter(|(key, _)| !known.contains(&key.get_ref().as_ref()))
        {
            let mut all: Vec<String> = known.iter().map(|k| (*k).to_owned()).collect();
            all.dedup();
            let error = ProjectError::UnknownKey {
                key: key.get_ref().as_ref().to_owned(),
                section: title.clone(),
                nearest: nearest(key.get_ref(), known.iter().copied())
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
                known: all,
            };
            self.file.find(&key.span(), &error);
        }
    }
}
