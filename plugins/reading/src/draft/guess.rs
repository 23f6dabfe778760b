//! Types, keys and dialect guessed from texts.

use std::collections::BTreeSet;

use super::marks::number_marks;
use super::naming::column_name;
use super::sample::Sample;
use super::texts::{fits, written};
use crate::error::listed;
use crate::mapping::{ColumnType, DateForm, DecimalMark, Dialect};
use crate::values::value;
use jiff::tz::TimeZone;

/// What a sample seems to be.
pub(super) struct Guess {
    pub columns: Vec<Guessed>,
    pub cursor: Option<String>,
    pub decimal_comma: bool,
    pub thousands: Vec<String>,
    /// A date pattern beside the unambiguous forms.
    pub dates: Option<&'static str>,
    pub doubts: Vec<String>,
}

/// One column.
pub(super) struct Guessed {
    pub name: String,
    pub heading: String,
    /// As a mapping writes it.
    pub kind: String,
    pub key: bool,
    pub fill: bool,
    /// Words that mean no value.
    pub null_words: Vec<&'static str>,
}

/// Dates that may mean two days.
const PATTERNS: [&str; 6] = [
    "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y",
];
/// Parts of headings of numbers that are never summed.
const NAMING: [&str; 16] = [
    "id",
    "no",
    "nr",
    "number",
    "nummer",
    "code",
    "zip",
    "postal",
    "phone",
    "tel",
    "番号",
    "コード",
    "電話",
    "郵便",
    "sku",
    "key",
];
/// Parts of headings by which new rows are found, the best first.
const CURSORS: [&str; 10] = [
    "updated",
    "modified",
    "geändert",
    "更新",
    "created",
    "erstellt",
    "作成",
    "登録",
    "date",
    "日",
];

/// Guesses everything.
pub(super) fn guess(sample: &Sample) -> Guess {
    let mut doubts = sample.doubts.clone();
    let marks = number_marks(sample);
    doubts.extend(marks.doubts);
    let thousands = marks
        .dialect
        .thousands
        .iter()
        .map(char::to_string)
        .collect();
    let (dialect, dates) = dates(sample, marks.dialect, &mut doubts);
    let mut names = BTreeSet::new();
    let mut columns: Vec<Guessed> = Vec::new();
    for (at, (heading, texts)) in sample.columns.iter().enumerate() {
        let base = column_name(heading, at);
        let mut name = base.clone();
        let mut count = 1;
        while !names.insert(name.clone()) {
            count += 1;
            name = format!("{base}_{count}");
        }
        let null_words = null_words(texts);
        let kind = match marks.unclear.contains(&at) {
            true => "text".to_owned(),
            false => kind_of(heading, &without(texts, &null_words), &dialect),
        };
        columns.push(Guessed {
            name,
            heading: heading.clone(),
            kind,
            key: false,
            fill: fills(sample, texts),
            null_words,
        });
    }
    if sample.rows == 0 {
        doubts.push("the sample has no row; every column is text".to_owned());
    }
    doubts.extend(false_doubt(&columns));
    doubts.extend(zone_doubt(sample, &columns, &dialect));
    match key_of(sample, &columns) {
        Some(at) => {
            if let Some(column) = columns.get_mut(at) {
                column.key = true;
            }
        }
        None => doubts.push(
            "no column has a value of its own in every row; set `key = true` where rows are distinct"
                .to_owned(),
        ),
    }
    doubts.extend(blank_doubt(sample));
    let cursor = CURSORS.iter().find_map(|part| {
        columns
            .iter()
            .find(|column| {
                matches!(column.kind.as_str(), "date" | "timestamp")
                    && column.heading.to_lowercase().contains(part)
            })
            .map(|column| column.name.clone())
    });
    Guess {
        columns,
        cursor,
        decimal_comma: dialect.decimal == DecimalMark::Comma,
        thousands,
        dates,
        doubts,
    }
}

fn blank_doubt(sample: &Sample) -> Option<String> {
    let first_blank = sample.columns.first().is_some_and(|(_, texts)| {
        texts.iter().any(|(text, _)| text.is_empty()) && texts.iter().any(|(t, _)| !t.is_empty())
    });
    (first_blank && sample.start.is_none()).then(|| {
        "the first column is blank in some rows; if the export writes a parent once for its rows, set `fill = true` on the parent's columns"
            .to_owned()
    })
}

fn false_doubt(columns: &[Guessed]) -> Option<String> {
    let falses: Vec<&str> = columns
        .iter()
        .filter(|column| !column.null_words.is_empty())
        .map(|column| column.heading.as_str())
        .collect();
    (!falses.is_empty()).then(|| {
        format!(
            "FALSE stands among the texts of {}; it is taken for no value",
            listed(falses)
        )
    })
}

/// FALSE among texts, which some systems write where a reference is empty.
fn null_words(texts: &[(String, bool)]) -> Vec<&'static str> {
    let is_false = |(text, plain): &(String, bool)| *plain && text == "false";
    let is_other = |(text, _): &(String, bool)| !matches!(text.as_str(), "" | "true" | "false");
    match texts.iter().any(is_false) && texts.iter().any(is_other) {
        true => vec!["FALSE"],
        false => Vec::new(),
    }
}

fn without(texts: &[(String, bool)], null_words: &[&str]) -> Vec<(String, bool)> {
    let is_null = |text: &str| {
        null_words
            .iter()
            .any(|word| word.eq_ignore_ascii_case(text))
    };
    texts
        .iter()
        .filter(|(text, _)| !is_null(text))
        .cloned()
        .collect()
}

/// What to state where times have no offset: they mean another instant in each zone.
fn zone_doubt(sample: &Sample, columns: &[Guessed], dialect: &Dialect) -> Option<String> {
    let elsewhere = Dialect {
        zone: TimeZone::fixed(jiff::tz::offset(9)),
        ..dialect.clone()
    };
    let kind = ColumnType::Timestamp;
    let has_none = |(text, plain): &(String, bool)| {
        !text.is_empty()
            && value(text, kind, dialect, *plain) != value(text, kind, &elsewhere, *plain)
    };
    let without: Vec<&str> = columns
        .iter()
        .zip(&sample.columns)
        .filter(|(column, (_, texts))| column.kind == "timestamp" && texts.iter().any(has_none))
        .map(|(column, _)| column.heading.as_str())
        .collect();
    (!without.is_empty()).then(|| {
        format!(
            "the times of {} have no offset and are read as UTC; say where that clock stood, such as `zone = \"Asia/Tokyo\"` in the dialect",
            listed(without)
        )
    })
}

/// A pattern for dates that need one.
fn dates(
    sample: &Sample,
    dialect: Dialect,
    doubts: &mut Vec<String>,
) -> (Dialect, Option<&'static str>) {
    let needs: Vec<&(String, Vec<(String, bool)>)> = sample
        .columns
        .iter()
        .filter(|(_, texts)| {
            written(texts)
                .next()
                .is_some_and(|text| text.starts_with(|c: char| c.is_ascii_digit()))
                && !fits(texts, ColumnType::Timestamp, &dialect)
        })
        .collect();
    let with = |pattern: &str| Dialect {
        dates: vec![DateForm::Unambiguous, DateForm::Pattern(pattern.to_owned())],
        ..dialect.clone()
    };
    let count = |pattern: &str| {
        let dialect = with(pattern);
        let fit = |(_, texts): &&&(String, Vec<(String, bool)>)| {
            fits(texts, ColumnType::Timestamp, &dialect)
        };
        needs.iter().filter(fit).count()
    };
    let counts: Vec<usize> = PATTERNS.iter().map(|pattern| count(pattern)).collect();
    let Some(best) = counts.iter().copied().max().filter(|best| *best > 0) else {
        return (dialect, None);
    };
    let mut equal = PATTERNS.iter().zip(&counts).filter(|(_, n)| **n == best);
    let Some((pattern, _)) = equal.next() else {
        return (dialect, None);
    };
    if let Some((other, _)) = equal.next() {
        doubts.push(format!(
            "dates may be `{pattern}` or `{other}`; the sample fits both"
        ));
    }
    (with(pattern), Some(pattern))
}

fn kind_of(heading: &str, texts: &[(String, bool)], dialect: &Dialect) -> String {
    let words = ["true", "false", "yes", "no"];
    let is_word = |text: &str| words.contains(&text.to_lowercase().as_str());
    let mut some = texts.iter().filter(|(t, _)| !t.is_empty()).peekable();
    if some.peek().is_none() {
        return "text".to_owned();
    }
    if some.all(|(text, _)| is_word(text)) {
        return "boolean".to_owned();
    }
    let names = written(texts).any(|text| {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        (text.len() > 1 && text.starts_with('0') && digits == text.len())
            || text.starts_with('+')
            || digits > 15
    });
    let heading = heading.to_lowercase();
    let mut parts = heading.split(|c: char| !c.is_alphanumeric());
    let names = names
        || parts.any(|part| NAMING.contains(&part))
        || NAMING
            .iter()
            .any(|part| !part.is_ascii() && heading.contains(part))
        || heading.ends_with("id");
    if !names && fits(texts, ColumnType::Integer, dialect) && !looks_like_day(texts) {
        return "integer".to_owned();
    }
    if fits(texts, ColumnType::Timestamp, dialect) && (looks_like_day(texts) || !names) {
        let timed = texts
            .iter()
            .any(|(text, _)| text.contains(':') || text.contains('時'));
        return if timed { "timestamp" } else { "date" }.to_owned();
    }
    if !names && fits(texts, ColumnType::Number, dialect) {
        return decimal_or_number(texts, dialect);
    }
    "text".to_owned()
}

/// Eight digits that are a day of these times; other whole numbers are none.
fn looks_like_day(texts: &[(String, bool)]) -> bool {
    texts
        .iter()
        .filter(|(text, _)| !text.is_empty())
        .all(|(text, _)| {
            !text.bytes().all(|b| b.is_ascii_digit())
                || (text.len() == 8 && (text.starts_with("19") || text.starts_with("20")))
        })
        && fits(texts, ColumnType::Date, &Dialect::default())
}

fn decimal_or_number(texts: &[(String, bool)], dialect: &Dialect) -> String {
    for scale in [2, 4, 6] {
        let kind = ColumnType::Decimal {
            precision: 19,
            scale,
        };
        if fits(texts, kind, dialect) {
            return format!("decimal(19,{scale})");
        }
    }
    "number".to_owned()
}

/// The column that tells rows apart: one that is named like it, else the first.
fn key_of(sample: &Sample, columns: &[Guessed]) -> Option<usize> {
    let unique = |at: &usize| {
        let texts = sample.columns.get(*at).map(|(_, texts)| texts.as_slice());
        let mut seen = BTreeSet::new();
        sample.rows > 0
            && texts.is_some_and(|texts| {
                texts
                    .iter()
                    .all(|(text, _)| !text.is_empty() && seen.insert(text.as_str()))
            })
    };
    let named = |at: &usize| {
        columns.get(*at).is_some_and(|column| {
            let heading = column.heading.to_lowercase();
            heading.ends_with("id") || NAMING.iter().any(|part| heading.ends_with(part))
        })
    };
    let candidates: Vec<usize> = (0..columns.len())
        .filter(|at| {
            let kind = columns.get(*at).map_or("", |column| column.kind.as_str());
            matches!(kind, "text" | "integer")
        })
        .filter(unique)
        .collect();
    let first = candidates.first().copied().filter(|at| *at == 0);
    candidates.iter().copied().find(named).or(first)
}

/// Blank on every row that repeats a record, and not blank everywhere.
fn fills(sample: &Sample, texts: &[(String, bool)]) -> bool {
    let mut children = texts
        .iter()
        .zip(&sample.children)
        .filter(|(_, child)| **child);
    children.clone().next().is_some()
        && children.all(|((text, _), _)| text.is_empty())
        && texts.iter().any(|(text, _)| !text.is_empty())
}
