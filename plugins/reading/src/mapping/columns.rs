//! The columns of a stream's mapping, checked one by one and against each other.

use std::collections::{BTreeMap, BTreeSet};

use super::section::{Problems, Section};
use super::{ColumnMapping, ColumnType};
use crate::error::{did_you_mean, listed};
use crate::mapping::headings::folded;

const TYPES: [&str; 7] = [
    "text",
    "integer",
    "number",
    "decimal(19,4)",
    "boolean",
    "date",
    "timestamp",
];

/// Reads the list of columns.
pub(super) fn columns(
    section: &mut Section<'_>,
    what: &str,
    problems: &mut Problems<'_>,
) -> Vec<ColumnMapping> {
    let Some(value) = section.value("columns") else {
        problems.add(section.offset(), format!("{what} lacks `columns`"));
        return Vec::new();
    };
    let Some(array) = value.get_ref().as_array() else {
        problems.add(
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
            problems.add(
                offset,
                format!(
                    "a column of {what} must be a table like `{{ name = \"id\", type = \"text\" }}`"
                ),
            );
            continue;
        };
        let Some(column) = column(
            Section::new(table, format!("a column of {what}"), offset),
            problems,
        ) else {
            continue;
        };
        if columns.iter().any(|other| other.name == column.name) {
            problems.add(offset, format!("{what} has two columns `{}`", column.name));
        }
        // One column may know a heading in several spellings.
        let own: BTreeSet<String> = column.headings.iter().map(|h| folded(h)).collect();
        for heading in own.intersection(&headings) {
            problems.add(
                offset,
                format!("two columns of {what} claim the heading `{heading}`"),
            );
        }
        headings.extend(own);
        columns.push(column);
    }
    if columns.is_empty() {
        problems.add(value.span().start, format!("{what} has no column"));
    }
    columns
}

fn column(mut section: Section<'_>, problems: &mut Problems<'_>) -> Option<ColumnMapping> {
    let name = section.required("name", problems);
    if let Some((name, at)) = name {
        identifier(name, "a column", at, problems);
    }
    let kind = section.required("type", problems).and_then(|(word, at)| {
        let kind = column_type(word);
        if kind.is_none() {
            let hint = did_you_mean(word, TYPES)
                .unwrap_or_else(|| format!("known types: {}", listed(TYPES)));
            problems.add(at, format!("unknown type `{word}`; {hint}"));
        }
        kind
    });
    let mut headings: Vec<String> = Vec::new();
    for (heading, at) in section.strings("headings", problems).unwrap_or_default() {
        if folded(heading).is_empty() {
            problems.add(at, "a heading must not be blank");
        }
        headings.push(heading.to_owned());
    }
    let key = section.boolean("key", problems).unwrap_or(false);
    let nullable = section.boolean("nullable", problems);
    if key && nullable == Some(true) {
        problems.add(section.offset(), "a key column cannot be nullable");
    }
    let nullable = nullable.unwrap_or(!key);
    let optional = section.boolean("optional", problems).unwrap_or(false);
    if optional && !nullable {
        problems.add(
            section.offset(),
            "a column whose heading may be absent must be nullable",
        );
    }
    let fill = section.boolean("fill", problems).unwrap_or(false);
    let (null_words, words) = (
        null_words(&mut section, problems),
        words(&mut section, problems),
    );
    let constant = section.string("value", problems);
    if let (Some((_, at)), false) = (constant, headings.is_empty()) {
        problems.add(
            at,
            "a column has `headings` or a `value` of its own, not both",
        );
    }
    let doc = section
        .string("doc", problems)
        .map_or("", |(doc, _)| doc)
        .to_owned();
    section.finish(problems);
    let name = name?.0.to_owned();
    if headings.is_empty() && constant.is_none() {
        headings.push(name.clone());
    }
    Some(ColumnMapping {
        name,
        headings,
        kind: kind?,
        nullable,
        key,
        optional: optional || constant.is_some(),
        fill,
        null_words,
        words,
        constant: constant.map(|(text, _)| text.to_owned()),
        doc,
    })
}

fn null_words(section: &mut Section<'_>, problems: &mut Problems<'_>) -> Vec<String> {
    let words = section.strings("null_words", problems).unwrap_or_default();
    words
        .into_iter()
        .map(|(word, _)| word.to_lowercase())
        .collect()
}

/// `words = { "Deutsch" = "de" }`.
fn words(section: &mut Section<'_>, problems: &mut Problems<'_>) -> BTreeMap<String, String> {
    let mut words = BTreeMap::new();
    let Some((table, _)) = section.table("words", problems) else {
        return words;
    };
    for (word, meaning) in table.iter() {
        match meaning.get_ref().as_str() {
            Some(meaning) => {
                words.insert(word.get_ref().trim().to_owned(), meaning.to_owned());
            }
            None => problems.add(
                meaning.span().start,
                "a word means a text: `\"Deutsch\" = \"de\"`",
            ),
        }
    }
    words
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
pub(super) fn identifier(name: &str, what: &str, offset: usize, problems: &mut Problems<'_>) {
    let sound = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && name.len() <= 63;
    if !sound {
        problems.add(offset, format!("the name `{name}` of {what} must match [a-z][a-z0-9_]* and have at most 63 characters"));
    }
}
