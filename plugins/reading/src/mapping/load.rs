//! Loads a mapping from TOML and checks all of it before anything is read.

use std::collections::BTreeSet;

use toml::de::{DeTable, DeValue};

use super::section::{Findings, Section};
use super::written::dialect;
use super::{
    ColumnMapping, ColumnType, Dialect, Format, MAPPING_VERSION, Mapping, Status, StreamMapping,
};
use crate::error::{ReadError, Result, did_you_mean, listed};
use crate::headings::folded;

const TYPES: [&str; 7] = [
    "text",
    "integer",
    "number",
    "decimal(19,4)",
    "boolean",
    "date",
    "timestamp",
];

/// Loads a mapping. `file` is what people call the text, for places in messages.
///
/// # Errors
/// One error that lists every finding: unknown keys, unknown types, patterns that leave the
/// folder, columns that share a heading.
pub fn load(file: &str, text: &str) -> Result<Mapping> {
    let mut findings = Findings::new(file, text);
    let mapping = match DeTable::parse(text) {
        Ok(root) => root_table(
            Section::new(root.get_ref(), "the mapping", 0),
            &mut findings,
        ),
        Err(error) => {
            findings.add(
                error.span().map_or(0, |span| span.start),
                format!("not TOML: {}", error.message()),
            );
            None
        }
    };
    let found = findings.into_found();
    match (mapping, found.first()) {
        (Some(mapping), None) => Ok(mapping),
        (_, first) => {
            let (at, message) = first.map_or((file, "the mapping is empty"), |f| {
                (f.at.as_str(), f.message.as_str())
            });
            let rest: Vec<String> = found
                .iter()
                .skip(1)
                .map(|f| format!("{}: {}", f.at, f.message))
                .collect();
            let error = ReadError::config(
                "bad-mapping",
                format!(
                    "the mapping `{file}` has {} finding(s): {message}",
                    found.len()
                ),
            );
            let error = error.at(at);
            Err(if rest.is_empty() {
                error
            } else {
                error.detail(rest.join("; "))
            })
        }
    }
}

fn root_table(mut root: Section<'_>, findings: &mut Findings<'_>) -> Option<Mapping> {
    version(&mut root, findings);
    let name = root
        .required("name", findings)
        .map(|(name, _)| name.to_owned());
    let doc = root.string("doc", findings).map(|(doc, _)| doc.to_owned());
    let status = root
        .required("status", findings)
        .and_then(|(word, offset)| match word {
            "verified" => Some(Status::Verified),
            "assumed" => Some(Status::Assumed),
            _ => {
                findings.add(
                    offset,
                    format!("status `{word}` is neither `verified` nor `assumed`"),
                );
                None
            }
        });
    let sources = root.strings("sources", findings).unwrap_or_default();
    if sources.is_empty() {
        findings.add(
            0,
            "the mapping lacks `sources`: where its headings come from",
        );
    }
    let base = match root.table("dialect", findings) {
        Some((table, offset)) => dialect(
            Section::new(table, "the dialect", offset),
            Dialect::default(),
            findings,
        ),
        None => Dialect::default(),
    };
    let mut streams = Vec::new();
    if let Some((table, _)) = root.table("streams", findings) {
        for (name, value) in table.iter() {
            let offset = name.span().start;
            match value.get_ref().as_table() {
                Some(table) => {
                    streams.extend(stream(name.get_ref(), table, offset, &base, findings))
                }
                None => findings.add(
                    offset,
                    format!("stream `{}` must be a table", name.get_ref()),
                ),
            }
        }
    }
    if streams.is_empty() {
        findings.add(0, "the mapping has no stream: add `[streams.<name>]`");
    }
    streams.sort_by(|a: &StreamMapping, b| a.name.cmp(&b.name));
    root.finish(findings);
    let sources = sources
        .into_iter()
        .map(|(text, _)| text.to_owned())
        .collect();
    Some(Mapping {
        name: name?,
        doc: doc.unwrap_or_default(),
        status: status?,
        sources,
        streams,
    })
}

fn version(root: &mut Section<'_>, findings: &mut Findings<'_>) {
    let Some(value) = root.value("version") else {
        findings.add(
            0,
            format!("the mapping lacks `version = {MAPPING_VERSION}`"),
        );
        return;
    };
    let number = match value.get_ref() {
        DeValue::Integer(number) => number.as_str().parse::<u32>().ok(),
        _ => None,
    };
    if number != Some(MAPPING_VERSION) {
        findings.add(
            value.span().start,
            format!("this build reads mappings of version {MAPPING_VERSION} only"),
        );
    }
}

fn stream(
    name: &str,
    table: &DeTable<'_>,
    offset: usize,
    base: &Dialect,
    findings: &mut Findings<'_>,
) -> Option<StreamMapping> {
    let what = format!("stream `{name}`");
    identifier(name, &what, offset, findings);
    let mut section = Section::new(table, what.clone(), offset);
    let files = section.strings("files", findings).unwrap_or_default();
    if files.is_empty() {
        findings.add(
            offset,
            format!("{what} lacks `files`: one or more patterns"),
        );
    }
    for (pattern, at) in &files {
        if pattern.is_empty()
            || pattern.starts_with('/')
            || pattern.split('/').any(|part| part == "..")
            || pattern.contains('\\')
        {
            findings.add(*at, format!("`{pattern}` must be a pattern inside the granted folder, with `/` between parts"));
        }
    }
    let format = match section.string("format", findings) {
        None | Some(("csv", _)) => Some(Format::Csv),
        Some(("jsonl", _)) => Some(Format::Jsonl),
        Some((word, at)) => {
            findings.add(
                at,
                format!("unknown format `{word}`; this build reads `csv` and `jsonl`"),
            );
            None
        }
    };
    let dialect = match section.table("dialect", findings) {
        Some((table, at)) => dialect(
            Section::new(table, format!("the dialect of {what}"), at),
            base.clone(),
            findings,
        ),
        None => base.clone(),
    };
    let columns = columns(&mut section, &what, findings);
    let cursor = section.strings("cursor", findings).unwrap_or_default();
    for (column, at) in &cursor {
        if !columns.iter().any(|c| c.name == *column) {
            let hint =
                did_you_mean(column, columns.iter().map(|c| c.name.as_str())).unwrap_or_default();
            findings.add(
                *at,
                format!("the cursor `{column}` is no column of {what}; {hint}"),
            );
        }
    }
    let optional = section.boolean("optional", findings).unwrap_or(false);
    let doc = section
        .string("doc", findings)
        .map_or("", |(doc, _)| doc)
        .to_owned();
    section.finish(findings);
    let owned =
        |texts: Vec<(&str, usize)>| texts.into_iter().map(|(text, _)| text.to_owned()).collect();
    Some(StreamMapping {
        name: name.to_owned(),
        doc,
        files: owned(files),
        format: format?,
        dialect,
        columns,
        cursor: owned(cursor),
        optional,
    })
}

fn columns(
    section: &mut Section<'_>,
    what: &str,
    findings: &mut Findings<'_>,
) -> Vec<ColumnMapping> {
    let Some(value) = section.value("columns") else {
        findings.add(section.offset(), format!("{what} lacks `columns`"));
        return Vec::new();
    };
    let Some(array) = value.get_ref().as_array() else {
        findings.add(
            value.span().start,
            format!("`columns` of {what} must be a list of tables"),
        );
        return Vec::new();
    };
    let mut columns: Vec<ColumnMapping> = Vec::new();
    let mut headings = BTreeSet::new();
    for item in array.iter() {
        let offset = item.span().start;
        let Some(table) = item.get_ref().as_table() else {
            findings.add(
                offset,
                format!(
                    "a column of {what} must be a table like `{{ name = \"id\", type = \"text\" }}`"
                ),
            );
            continue;
        };
        let Some(column) = column(
            Section::new(table, format!("a column of {what}"), offset),
            findings,
        ) else {
            continue;
        };
        if columns.iter().any(|other| other.name == column.name) {
            findings.add(offset, format!("{what} has two columns `{}`", column.name));
        }
        for heading in &column.headings {
            if !headings.insert(folded(heading)) {
                findings.add(
                    offset,
                    format!("two columns of {what} claim the heading `{heading}`"),
                );
            }
        }
        columns.push(column);
    }
    if columns.is_empty() {
        findings.add(value.span().start, format!("{what} has no column"));
    }
    columns
}

fn column(mut section: Section<'_>, findings: &mut Findings<'_>) -> Option<ColumnMapping> {
    let name = section.required("name", findings);
    if let Some((name, at)) = name {
        identifier(name, "a column", at, findings);
    }
    let kind = section.required("type", findings).and_then(|(word, at)| {
        let kind = column_type(word);
        if kind.is_none() {
            let hint = did_you_mean(word, TYPES)
                .unwrap_or_else(|| format!("known types: {}", listed(TYPES)));
            findings.add(at, format!("unknown type `{word}`; {hint}"));
        }
        kind
    });
    let mut headings: Vec<String> = Vec::new();
    for (heading, at) in section.strings("headings", findings).unwrap_or_default() {
        if folded(heading).is_empty() {
            findings.add(at, "a heading must not be blank");
        }
        headings.push(heading.to_owned());
    }
    let key = section.boolean("key", findings).unwrap_or(false);
    let nullable = section.boolean("nullable", findings);
    if key && nullable == Some(true) {
        findings.add(section.offset(), "a key column cannot be nullable");
    }
    let nullable = nullable.unwrap_or(!key);
    let optional = section.boolean("optional", findings).unwrap_or(false);
    if optional && !nullable {
        findings.add(
            section.offset(),
            "a column whose heading may be absent must be nullable",
        );
    }
    let doc = section
        .string("doc", findings)
        .map_or("", |(doc, _)| doc)
        .to_owned();
    section.finish(findings);
    let name = name?.0.to_owned();
    if headings.is_empty() {
        headings.push(name.clone());
    }
    Some(ColumnMapping {
        name,
        headings,
        kind: kind?,
        nullable,
        key,
        optional,
        doc,
    })
}

fn column_type(word: &str) -> Option<ColumnType> {
    Some(match word {
        "text" => ColumnType::Text,
        "integer" => ColumnType::Integer,
        "number" => ColumnType::Number,
        "boolean" => ColumnType::Boolean,
        "date" => ColumnType::Date,
        "timestamp" => ColumnType::Timestamp,
        _ => {
            let (precision, scale) = word
                .strip_prefix("decimal(")?
                .strip_suffix(')')?
                .split_once(',')?;
            let (precision, scale) = (precision.trim().parse().ok()?, scale.trim().parse().ok()?);
            if !(1..=38).contains(&precision) || scale > precision {
                return None;
            }
            ColumnType::Decimal { precision, scale }
        }
    })
}

/// Names become SQL names: lower case, no leading underscore (those are ours).
fn identifier(name: &str, what: &str, offset: usize, findings: &mut Findings<'_>) {
    let sound = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && name.len() <= 63;
    if !sound {
        findings.add(offset, format!("the name `{name}` of {what} must match [a-z][a-z0-9_]* and have at most 63 characters"));
    }
}
