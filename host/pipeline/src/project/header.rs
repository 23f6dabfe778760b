//! The comments at the top of a SQL file: its description and its `@` keys.

mod comments;

use std::ops::Range;

use comments::{Comment, later_comments, leading_comments};

use super::error::ProjectError;
use super::personal::{RETAIN_DAYS_MAX, Retain};
use tsugi_core::diagnostic::{Diagnostic, nearest};
use tsugi_core::source_text::SourceText;

/// What the comments at the top of a SQL file say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Header {
    /// The first comment, joined to one paragraph; empty without one.
    pub description: String,
    /// How the model is kept.
    pub kind: Kind,
    /// Columns about persons, each with its place in the file.
    pub personal: Vec<(String, Range<usize>)>,
    /// How long rows are kept, with its place in the file.
    pub retain: Option<(Retain, Range<usize>)>,
    /// What its columns hold, in the order of the file.
    pub columns: Vec<ColumnDescription>,
    /// Comments that look like keys and are none.
    pub warnings: Vec<Diagnostic>,
}

/// `-- @column NAME: description`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ColumnDescription {
    pub name: String,
    /// One paragraph, joined from the lines that it is written over.
    pub text: String,
    /// The place of the name.
    pub span: Range<usize>,
}

/// How a model is kept between runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Rebuilt by each run that its inputs changed for, and published.
    #[default]
    Table,
    /// Planned into every query that reads it; never published.
    View,
}

/// Every header key of the language, with what to do while this version does not know it.
const KEYS: [(&str, &str); 8] = [
    ("column", ""),
    ("kind", ""),
    ("personal", ""),
    ("retain", ""),
    (
        "key",
        "delete the line: every model is rebuilt whole, so no key is needed",
    ),
    (
        "check",
        "write a SELECT that returns the bad rows as a file under `checks/`",
    ),
    (
        "on_fail",
        "delete the line: a check that finds bad rows stops the run before it publishes",
    ),
    (
        "severity",
        "delete the line: every check that finds bad rows stops the run before it publishes",
    ),
];

/// Every kind of the language; this version knows `table` and `view`.
const KINDS: [&str; 6] = ["table", "view", "incremental", "merge", "snapshot", "sink"];

impl Header {
    /// Reads the header of a SQL file; every diagnostic, not only the first.
    pub fn read(text: &SourceText) -> Result<Self, Vec<Diagnostic>> {
        let (comments, sql_start) = leading_comments(text.body());
        let mut diagnostics = Vec::new();
        let mut header = Self {
            description: description(&comments),
            ..Self::default()
        };
        let mut seen: Vec<(&str, Range<usize>)> = Vec::new();
        for (at, comment) in comments.iter().enumerate() {
            if !comment.text.starts_with('@') {
                continue;
            }
            let key = HeaderKey::of(comment);
            if let Some(error) = key.refused() {
                let diagnostic = text.diagnostic(&key.span, &error);
                match key.is_meant() {
                    true => diagnostics.push(diagnostic),
                    false => header.warnings.push(diagnostic.as_warning()),
                }
                continue;
            }
            if key.name == "column" {
                let more = comments.get(at + 1..).unwrap_or_default();
                if let Err(diagnostic) = header.column(&key, more, text) {
                    diagnostics.push(diagnostic);
                }
                continue;
            }
            if let Some((_, first)) = seen.iter().find(|(name, _)| *name == key.name) {
                let error = ProjectError::Twice {
                    what: "header key",
                    name: format!("@{}", key.name),
                    first: text.place(first).to_string(),
                    second: text.place(&key.span).to_string(),
                };
                diagnostics.push(text.diagnostic(&key.span, &error));
            }
            seen.push((key.name, key.span.clone()));
            if let Err(error) = header.take(&key) {
                diagnostics.push(text.diagnostic(&key.value_span, &error));
            }
        }
        header.later(text, sql_start, &mut diagnostics);
        if let (Kind::View, Some((_, span))) = (header.kind, &header.retain) {
            let error = ProjectError::NotSupported {
                what: "`@retain` of a view, which keeps no rows".into(),
                instead: "write it in the tables that read the view".into(),
            };
            diagnostics.push(text.diagnostic(span, &error));
        }
        if diagnostics.is_empty() {
            Ok(header)
        } else {
            Err(diagnostics)
        }
    }

    /// Refuses keys below the first line of SQL, or warns of them.
    fn later(&mut self, text: &SourceText, sql_start: usize, diagnostics: &mut Vec<Diagnostic>) {
        for comment in later_comments(text.body(), sql_start)
            .iter()
            .filter(|c| c.text.starts_with('@'))
        {
            let key = HeaderKey::of(comment);
            if !KEYS.iter().any(|(name, _)| *name == key.name) {
                continue;
            }
            let error = key.refused().unwrap_or_else(|| ProjectError::NotSupported {
                what: format!("`@{}` below the first line of SQL", key.name),
                instead: "move the line to the top of the file".into(),
            });
            let diagnostic = text.diagnostic(&key.span, &error);
            // Without these, values about persons would be shown, and kept.
            match key.name {
                "personal" | "retain" => diagnostics.push(diagnostic),
                _ => self.warnings.push(diagnostic.as_warning()),
            }
        }
    }

    /// Reads `NAME: description`; `more` are the comments below it, of which those that are
    /// indented continue the description.
    fn column(
        &mut self,
        key: &HeaderKey<'_>,
        more: &[Comment<'_>],
        text: &SourceText,
    ) -> Result<(), Diagnostic> {
        let mut below = more
            .iter()
            .take_while(|line| !line.text.is_empty() && !line.text.starts_with('@'))
            .skip_while(|line| line.indent > 1);
        if let Some(line) = below.next() {
            let error = ProjectError::NotIndented {
                column: key
                    .value
                    .split(':')
                    .next()
                    .unwrap_or_default()
                    .trim_end()
                    .to_owned(),
            };
            return Err(text.diagnostic(&(line.start..line.start + line.text.len()), &error));
        }
        let continued = more
            .iter()
            .take_while(|line| !line.text.is_empty() && !line.text.starts_with('@'))
            .map(|line| line.text);
        let (name, first) = key.value.split_once(':').unwrap_or_default();
        let (name, first) = (name.trim_end(), first.trim());
        let words = std::iter::once(first).chain(continued);
        let words: Vec<&str> = words.filter(|line| !line.is_empty()).collect();
        if name.is_empty() || words.is_empty() {
            let error = ProjectError::WrongValue {
                key: "@column".into(),
                value: key.value.to_owned(),
                wanted: "a column and what it holds, as in `rate: returns by unit shipped`".into(),
            };
            return Err(text.diagnostic(&key.value_span, &error));
        }
        // The comment that is published marks a personal column by this word.
        if first == "personal" || first.starts_with("personal:") {
            let error = ProjectError::WrongValue {
                key: "@column".into(),
                value: key.value.to_owned(),
                wanted: "a description; `-- @personal NAME` marks a column as personal".into(),
            };
            return Err(text.diagnostic(&key.value_span, &error));
        }
        let span = key.value_span.start..key.value_span.start + name.len();
        if let Some(earlier) = self.columns.iter().find(|column| column.name == name) {
            let error = ProjectError::Twice {
                what: "header key",
                name: format!("@column {name}"),
                first: text.place(&earlier.span).to_string(),
                second: text.place(&span).to_string(),
            };
            return Err(text.diagnostic(&span, &error));
        }
        self.columns.push(ColumnDescription {
            name: name.to_owned(),
            text: words.join(" "),
            span,
        });
        Ok(())
    }

    /// Reads the value of a key that is there once.
    fn take(&mut self, key: &HeaderKey<'_>) -> Result<(), ProjectError> {
        match key.name {
            "personal" => self.personal = columns(key)?,
            "retain" => self.retain = Some((retain(key)?, key.value_span.clone())),
            _ => self.kind = kind(key)?,
        }
        Ok(())
    }
}

/// `@name value`.
struct HeaderKey<'t> {
    name: &'t str,
    span: Range<usize>,
    value: &'t str,
    value_span: Range<usize>,
}

impl<'t> HeaderKey<'t> {
    fn of(comment: &Comment<'t>) -> Self {
        let after = comment.text.strip_prefix('@').unwrap_or(comment.text);
        let name_end = after
            .find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-')
            .unwrap_or(after.len());
        let (name, rest) = after.split_at_checked(name_end).unwrap_or((after, ""));
        let value = rest.trim_start();
        let end = comment.start + comment.text.len();
        Self {
            name,
            span: comment.start..comment.start + 1 + name.len(),
            value,
            value_span: if value.is_empty() {
                comment.start..end
            } else {
                end - value.len()..end
            },
        }
    }

    /// Whether it is a key, perhaps misspelt, and not a note to readers such as `@deprecated`.
    fn is_meant(&self) -> bool {
        !nearest(self.name, KEYS.map(|(name, _)| name)).is_empty()
    }

    /// Why this version does not take the key, if it does not.
    fn refused(&self) -> Option<ProjectError> {
        match KEYS.iter().find(|(name, _)| *name == self.name) {
            Some(("column" | "kind" | "personal" | "retain", _)) => None,
            Some((name, instead)) => Some(ProjectError::NotSupported {
                what: format!("the header key `@{name}`"),
                instead: (*instead).to_owned(),
            }),
            None => Some(ProjectError::UnknownKey {
                key: format!("@{}", self.name),
                section: "the header".into(),
                nearest: nearest(self.name, KEYS.map(|(name, _)| name))
                    .iter()
                    .map(|n| format!("@{n}"))
                    .collect(),
                known: ["@column", "@kind", "@personal", "@retain"]
                    .map(String::from)
                    .into(),
            }),
        }
    }
}

fn kind(key: &HeaderKey<'_>) -> Result<Kind, ProjectError> {
    let word = key.value.split(['(', ' ']).next().unwrap_or_default();
    match key.value {
        "table" => return Ok(Kind::Table),
        "view" => return Ok(Kind::View),
        _ => {}
    }
    if !matches!(word, "table" | "view") && KINDS.contains(&word) {
        return Err(ProjectError::NotSupported {
            what: format!("the kind `{word}`"),
            instead: "write `-- @kind table` or `-- @kind view`, or delete the line".into(),
        });
    }
    Err(ProjectError::WrongValue {
        key: "@kind".into(),
        value: key.value.to_owned(),
        wanted: "`table` or `view`".into(),
    })
}

/// `name, phone`: columns with their places.
fn columns(key: &HeaderKey<'_>) -> Result<Vec<(String, Range<usize>)>, ProjectError> {
    let mut columns = Vec::new();
    let mut at = key.value_span.start;
    for part in key.value.split(',') {
        let name = part.trim();
        let start = at + (part.len() - part.trim_start().len());
        at += part.len() + 1;
        if name.is_empty() {
            return Err(ProjectError::WrongValue {
                key: "@personal".into(),
                value: key.value.to_owned(),
                wanted: "columns of the model with commas between, as in `name, phone`".into(),
            });
        }
        columns.push((name.to_owned(), start..start + name.len()));
    }
    Ok(columns)
}

/// `730 days by created_on`.
fn retain(key: &HeaderKey<'_>) -> Result<Retain, ProjectError> {
    let words: Vec<&str> = key.value.split_whitespace().collect();
    let read = match words.as_slice() {
        [days, "day" | "days", "by", column] => days
            .parse()
            .ok()
            .filter(|days| (1..=RETAIN_DAYS_MAX).contains(&u64::from(*days)))
            .map(|days: u32| (days, (*column).to_owned())),
        _ => None,
    };
    let (days, by) = read.ok_or_else(|| ProjectError::WrongValue {
        key: "@retain".into(),
        value: key.value.to_owned(),
        wanted: "days and the column that counts, as in `730 days by created_on`".into(),
    })?;
    Ok(Retain { days, by })
}

/// The first comment, up to its first empty line or key.
fn description(comments: &[Comment<'_>]) -> String {
    let lines = comments
        .iter()
        .skip_while(|c| c.text.is_empty() || c.text.starts_with('@'));
    let paragraph = lines.take_while(|c| !c.text.is_empty() && !c.text.starts_with('@'));
    paragraph.map(|c| c.text).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
