//! Regular expressions: what matches, as text or as a list.

use std::sync::Arc;

use datafusion::arrow::array::AsArray as _;
use datafusion::arrow::array::{
    Array as _, ArrayRef, BooleanArray, ListBuilder, StringArray, StringBuilder,
};
use datafusion::arrow::datatypes::{DataType, Field, Int64Type};
use regex::{Regex, RegexBuilder};

use super::row_function::{Argument, Computed, RowFunction, text_at};

fn texts() -> DataType {
    DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)))
}

/// The functions of this file.
pub(super) fn functions() -> Vec<RowFunction> {
    use Argument::{Integer, Text};
    vec![
        RowFunction::new(
            "regexp_extract",
            "regexp_extract(text, pattern[, group[, flags]])",
            &[Text, Text, Integer, Text],
            DataType::Utf8,
            extract,
        )
        .optional(2),
        RowFunction::new(
            "regexp_extract_all",
            "regexp_extract_all(text, pattern[, group[, flags]])",
            &[Text, Text, Integer, Text],
            texts(),
            extract_all,
        )
        .optional(2),
        RowFunction::new(
            "regexp_matches",
            "regexp_matches(text, pattern[, flags])",
            &[Text, Text, Text],
            DataType::Boolean,
            |columns| matches(columns, false),
        )
        .optional(1),
        RowFunction::new(
            "regexp_full_match",
            "regexp_full_match(text, pattern[, flags])",
            &[Text, Text, Text],
            DataType::Boolean,
            |columns| matches(columns, true),
        )
        .optional(1),
        RowFunction::new(
            "regexp_split_to_array",
            "regexp_split_to_array(text, pattern)",
            &[Text, Text],
            texts(),
            split,
        ),
    ]
}

/// The pattern of the row before, which is nearly always that of this row.
#[derive(Default)]
struct Patterns {
    last: Option<(String, Regex)>,
}

impl Patterns {
    fn get(&mut self, pattern: &str, flags: &str, is_whole: bool) -> Computed<&Regex> {
        let key = format!("{flags}/{pattern}");
        if self.last.as_ref().is_none_or(|(last, _)| *last != key) {
            self.last = Some((key, compiled(pattern, flags, is_whole)?));
        }
        let last = self.last.as_ref().map(|(_, regex)| regex);
        last.ok_or_else(|| "there is no pattern".to_owned())
    }
}

fn compiled(pattern: &str, flags: &str, is_whole: bool) -> Computed<Regex> {
    let whole = match is_whole {
        true => format!(r"\A(?:{pattern})\z"),
        false => pattern.to_owned(),
    };
    let mut builder = RegexBuilder::new(&whole);
    for flag in flags.chars() {
        match flag {
            'i' => builder.case_insensitive(true),
            'm' => builder.multi_line(true),
            's' => builder.dot_matches_new_line(true),
            'c' => builder.case_insensitive(false),
            _ => {
                return Err(format!(
                    "a pattern takes the flags i, m, s and c, not '{flag}'"
                ));
            }
        };
    }
    let refused = |error: regex::Error| {
        let error = error.to_string();
        let why = error
            .lines()
            .last()
            .unwrap_or_default()
            .replace("error: ", "");
        format!("the pattern '{pattern}' cannot be read: {why}")
    };
    builder.build().map_err(refused)
}

/// Group and flags of a row; none when one of them is NULL.
fn options(columns: &[ArrayRef], row: usize) -> Computed<Option<(usize, &str)>> {
    let group = match columns.get(2) {
        None => 0,
        Some(groups) if groups.is_null(row) => return Ok(None),
        Some(groups) => groups.as_primitive::<Int64Type>().value(row),
    };
    let flags = match columns.len() {
        0..=3 => "",
        _ => match text_at(columns, 3, row)? {
            Some(flags) => flags,
            None => return Ok(None),
        },
    };
    let group = usize::try_from(group);
    let group = group.map_err(|_| "a group of a pattern is counted from 0".to_owned())?;
    Ok(Some((group, flags)))
}

fn refuse_group(pattern: &Regex, group: usize) -> Computed<()> {
    match group < pattern.captures_len() {
        true => Ok(()),
        false => {
            let groups = pattern.captures_len() - 1;
            Err(format!(
                "the pattern '{pattern}' has {groups} groups and no group {group}"
            ))
        }
    }
}

/// The first match, or the text of one of its groups; an empty text without a match.
fn extract(columns: &[ArrayRef]) -> Computed<ArrayRef> {
    let rows = columns.first().map_or(0, |column| column.len());
    let mut patterns = Patterns::default();
    let one = |row| -> Computed<Option<&str>> {
        let (text, pattern) = (text_at(columns, 0, row)?, text_at(columns, 1, row)?);
        let (Some(text), Some(pattern), Some((group, flags))) =
            (text, pattern, options(columns, row)?)
        else {
            return Ok(None);
        };
        let pattern = patterns.get(pattern, flags, false)?;
        refuse_group(pattern, group)?;
        let found = pattern.captures(text).and_then(|found| found.get(group));
        Ok(Some(found.map_or("", |found| found.as_str())))
    };
    Ok(Arc::new(
        (0..rows).map(one).collect::<Computed<StringArray>>()?,
    ))
}

fn extract_all(columns: &[ArrayRef]) -> Computed<ArrayRef> {
    let rows = columns.first().map_or(0, |column| column.len());
    let (mut patterns, mut lists) = (Patterns::default(), ListBuilder::new(StringBuilder::new()));
    for row in 0..rows {
        let (text, pattern) = (text_at(columns, 0, row)?, text_at(columns, 1, row)?);
        let options = options(columns, row)?;
        let (Some(text), Some(pattern), Some((group, flags))) = (text, pattern, options) else {
            lists.append_null();
            continue;
        };
        let pattern = patterns.get(pattern, flags, false)?;
        refuse_group(pattern, group)?;
        for found in pattern.captures_iter(text) {
            lists
                .values()
                .append_value(found.get(group).map_or("", |found| found.as_str()));
        }
        lists.append(true);
    }
    Ok(Arc::new(lists.finish()))
}

fn matches(columns: &[ArrayRef], is_whole: bool) -> Computed<ArrayRef> {
    let rows = columns.first().map_or(0, |column| column.len());
    let mut patterns = Patterns::default();
    let one = |row| -> Computed<Option<bool>> {
        let flags = match columns.len() {
            0..=2 => Some(""),
            _ => text_at(columns, 2, row)?,
        };
        match (text_at(columns, 0, row)?, text_at(columns, 1, row)?, flags) {
            (Some(text), Some(pattern), Some(flags)) => {
                Ok(Some(patterns.get(pattern, flags, is_whole)?.is_match(text)))
            }
            _ => Ok(None),
        }
    };
    Ok(Arc::new(
        (0..rows).map(one).collect::<Computed<BooleanArray>>()?,
    ))
}

fn split(columns: &[ArrayRef]) -> Computed<ArrayRef> {
    let rows = columns.first().map_or(0, |column| column.len());
    let (mut patterns, mut lists) = (Patterns::default(), ListBuilder::new(StringBuilder::new()));
    for row in 0..rows {
        let (Some(text), Some(pattern)) = (text_at(columns, 0, row)?, text_at(columns, 1, row)?)
        else {
            lists.append_null();
            continue;
        };
        for piece in patterns.get(pattern, "", false)?.split(text) {
            lists.values().append_value(piece);
        }
        lists.append(true);
    }
    Ok(Arc::new(lists.finish()))
}
