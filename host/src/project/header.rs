//! The comments at the top of a SQL file: its description and its `@` keys.

use std::ops::Range;

use super::error::ProjectError;
use super::personal::{RETAIN_DAYS_MAX, Retain};
use super::text::Text;
use crate::diagnostic::{Diagnostic, nearest};

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
}

/// How a model is kept between runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Made anew by each run that its inputs changed for.
    #[default]
    Table,
}

/// Every header key of the language, with what to do while this version does not know it.
const KEYS: [(&str, &str); 7] = [
    ("kind", ""),
    ("personal", ""),
    ("retain", ""),
    (
        "key",
        "delete the line: every model is made anew, so no key is needed",
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

/// Every kind of the language; only `table` is known to this version.
const KINDS: [&str; 6] = ["table", "view", "incremental", "merge", "snapshot", "sink"];

impl Header {
    /// Reads the header of a SQL file; every finding, not only the first.
    pub fn read(text: &Text) -> Result<Self, Vec<Diagnostic>> {
        let (comments, sql_start) = leading_comments(text.body());
        let mut findings = Vec::new();
        let mut header = Self {
            description: description(&comments),
            ..Self::default()
        };
        let mut seen: Vec<(&str, Range<usize>)> = Vec::new();
        for comment in comments
            .iter()
            .filter(|comment| comment.text.starts_with('@'))
        {
            let key = Key::of(comment);
            if let Some(error) = key.refused() {
                findings.push(text.diagnostic(&key.span, &error));
                continue;
            }
            if let Some((_, first)) = seen.iter().find(|(name, _)| *name == key.name) {
                let error = ProjectError::Twice {
                    what: "header key",
                    name: format!("@{}", key.name),
                    first: text.place(first).to_string(),
                    second: text.place(&key.span).to_string(),
                };
                findings.push(text.diagnostic(&key.span, &error));
            }
            seen.push((key.name, key.span.clone()));
            if let Err(error) = header.take(&key) {
                findings.push(text.diagnostic(&key.value_span, &error));
            }
        }
        for comment in later_comments(text.body(), sql_start)
            .iter()
            .filter(|c| c.text.starts_with('@'))
        {
            let key = Key::of(comment);
            let error = key.refused().unwrap_or_else(|| ProjectError::NotSupported {
                what: format!("`@{}` below the first line of SQL", key.name),
                instead: "move the line to the top of the file".into(),
            });
            findings.push(text.diagnostic(&key.span, &error));
        }
        if findings.is_empty() {
            Ok(header)
        } else {
            Err(findings)
        }
    }
}

impl Header {
    /// Takes over what a known key says.
    fn take(&mut self, key: &Key<'_>) -> Result<(), ProjectError> {
        match key.name {
            "personal" => self.personal = columns(key)?,
            "retain" => self.retain = Some((retain(key)?, key.value_span.clone())),
            _ => self.kind = kind(key)?,
        }
        Ok(())
    }
}

/// What follows `--`, trimmed, and where it stands.
struct Comment<'t> {
    text: &'t str,
    start: usize,
}

impl<'t> Comment<'t> {
    /// `line` begins with `--` and stands at `offset`.
    fn new(line: &'t str, offset: usize) -> Self {
        let text = line.trim_start_matches('-').trim_start();
        Self {
            text: text.trim_end(),
            start: offset + (line.len() - text.len()),
        }
    }
}

/// `@name value`.
struct Key<'t> {
    name: &'t str,
    span: Range<usize>,
    value: &'t str,
    value_span: Range<usize>,
}

impl<'t> Key<'t> {
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

    /// Why this version does not take the key, if it does not.
    fn refused(&self) -> Option<ProjectError> {
        match KEYS.iter().find(|(name, _)| *name == self.name) {
            Some(("kind" | "personal" | "retain", _)) => None,
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
                known: ["@kind", "@personal", "@retain"].map(String::from).into(),
            }),
        }
    }
}

fn kind(key: &Key<'_>) -> Result<Kind, ProjectError> {
    let word = key.value.split(['(', ' ']).next().unwrap_or_default();
    if key.value == "table" {
        return Ok(Kind::Table);
    }
    if word != "table" && KINDS.contains(&word) {
        return Err(ProjectError::NotSupported {
            what: format!("the kind `{word}`"),
            instead: "write `-- @kind table`, or delete the line".into(),
        });
    }
    Err(ProjectError::WrongValue {
        key: "@kind".into(),
        value: key.value.to_owned(),
        wanted: "`table`".into(),
    })
}

/// `name, phone`: columns with their places.
fn columns(key: &Key<'_>) -> Result<Vec<(String, Range<usize>)>, ProjectError> {
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
fn retain(key: &Key<'_>) -> Result<Retain, ProjectError> {
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

/// The comment lines above the first line of SQL, and the offset of that line.
fn leading_comments(body: &str) -> (Vec<Comment<'_>>, usize) {
    let mut comments = Vec::new();
    let mut offset = 0;
    for line in body.split_inclusive('\n') {
        let trimmed = line.trim_start();
        if trimmed.starts_with("--") {
            comments.push(Comment::new(trimmed, offset + (line.len() - trimmed.len())));
        } else if !trimmed.is_empty() {
            break;
        }
        offset += line.len();
    }
    (comments, offset)
}

/// The first comment, up to its first empty line or key.
fn description(comments: &[Comment<'_>]) -> String {
    let lines = comments
        .iter()
        .skip_while(|c| c.text.is_empty() || c.text.starts_with('@'));
    let paragraph = lines.take_while(|c| !c.text.is_empty() && !c.text.starts_with('@'));
    paragraph.map(|c| c.text).collect::<Vec<_>>().join(" ")
}

/// The `--` comments of SQL text from an offset on; quoted text and block comments are passed over.
fn later_comments(body: &str, from: usize) -> Vec<Comment<'_>> {
    let mut comments = Vec::new();
    let mut at = from;
    while let Some(rest) = body.get(at..).filter(|rest| !rest.is_empty()) {
        let passed = if rest.starts_with("--") {
            let line = rest.lines().next().unwrap_or_default();
            comments.push(Comment::new(line, at));
            line.len()
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '\'' | '"')) {
            // A doubled quote ends one text and begins the next at once, which passes over both.
            rest.get(1..)
                .and_then(|t| t.find(quote))
                .map_or(rest.len(), |end| end + 2)
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
        at += passed;
    }
    comments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Header, Vec<String>> {
        let told = |f: Diagnostic| {
            let place = f.place.map(|p| p.to_string()).unwrap_or_default();
            format!("{place} {} | {}", f.message, f.hint.unwrap_or_default())
        };
        Header::read(&Text::new("m.sql", body)).map_err(|all| all.into_iter().map(told).collect())
    }

    #[test]
    fn the_first_comment_describes_and_keys_are_read() {
        let header =
            read("\n-- Returns by lot,\n-- per unit shipped.\n-- @kind table\n-- More.\nSELECT 1")
                .unwrap();
        assert_eq!(header.description, "Returns by lot, per unit shipped.");
        assert_eq!(
            read("SELECT '-- @nothing', \"--@x\" /* -- @y */ FROM t -- it's fine").unwrap(),
            Header::default()
        );
    }

    #[test]
    fn personal_columns_and_retention_are_read_with_their_places() {
        let header =
            read("-- @personal name,  phone\n-- @retain 730 days by created_on\nSELECT 1").unwrap();
        assert_eq!(
            header.personal,
            [("name".to_owned(), 13..17), ("phone".to_owned(), 20..25)]
        );
        let (retain, span) = header.retain.unwrap();
        assert_eq!((retain.days, retain.by.as_str()), (730, "created_on"));
        assert_eq!(span, 37..59);
        assert_eq!(
            read("-- @personal name,\n-- @retain forever\nSELECT 1").unwrap_err(),
            [
                "m.sql:1:14 `@personal` cannot be `name,`: it must be columns of the model with commas between, as in `name, phone` | ",
                "m.sql:2:12 `@retain` cannot be `forever`: it must be days and the column that counts, as in `730 days by created_on` | ",
            ]
        );
    }

    #[test]
    fn keys_of_later_versions_and_unknown_keys_have_places() {
        assert_eq!(
            read("-- D.\n-- @check not_null(x)\n--@knd table\nSELECT a -- @personal\n, 'é' -- @kind table").unwrap_err(),
            [
                "m.sql:2:4 the header key `@check` is not supported by this version of tsugi | write a SELECT that returns the bad rows as a file under `checks/`",
                "m.sql:3:3 unknown key `@knd` in the header | did you mean `@kind`?",
                "m.sql:4:13 `@personal` below the first line of SQL is not supported by this version of tsugi | move the line to the top of the file",
                "m.sql:5:10 `@kind` below the first line of SQL is not supported by this version of tsugi | move the line to the top of the file",
            ]
        );
        assert_eq!(
            read("-- @kind incremental(time: week)\n-- @kind tables").unwrap_err(),
            [
                "m.sql:1:10 the kind `incremental` is not supported by this version of tsugi | write `-- @kind table`, or delete the line",
                "m.sql:2:4 header key `@kind` is there twice: m.sql:1:4 and m.sql:2:4 | rename or delete one of the two",
                "m.sql:2:10 `@kind` cannot be `tables`: it must be `table` | ",
            ]
        );
    }
}
