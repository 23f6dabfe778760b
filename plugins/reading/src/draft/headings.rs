//! Where the heading row of a sample is: behind a title, or nowhere.

use crate::input::dialect::DELIMITERS;
use crate::mapping::{ColumnType, Dialect};
use crate::records::splitter::{Marks, Splitter};
use crate::values::{Value, value};

/// Lines that are looked at.
const LINES_MAX: usize = 200;
/// Lines above the headings that are taken for a title.
const TITLE_MAX: usize = 20;

/// How many lines stand above the heading row: those before the first line with as many fields as
/// most lines have. Zero where the first line has as many.
pub(super) fn title_lines(text: &[u8], delimiters: &[u8]) -> u32 {
    let text = String::from_utf8_lossy(text);
    let lines: Vec<&str> = text.lines().take(LINES_MAX).collect();
    let filled = || {
        lines
            .iter()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
    };
    let (mut best, mut above) = ((0, 0), 0);
    for delimiter in delimiters {
        let counts: Vec<(usize, usize)> = filled()
            .map(|(at, line)| (at, fields_of(line, *delimiter)))
            .collect();
        let often = |count: usize| counts.iter().filter(|(_, other)| *other == count).count();
        let most = counts
            .iter()
            .map(|(_, count)| *count)
            .filter(|count| *count > 1);
        let Some(most) = most.max_by_key(|count| (often(*count), *count)) else {
            continue;
        };
        let first = counts
            .iter()
            .position(|(_, count)| *count == most)
            .unwrap_or(0);
        let is_before = counts.iter().take(first).all(|(_, count)| *count < most);
        let is_title = often(most) * 2 >= counts.len() && is_before && first <= TITLE_MAX;
        let place = counts.get(first).map_or(0, |(at, _)| *at);
        if is_title && (often(most), most) > best {
            (best, above) = ((often(most), most), place);
        }
    }
    let is_open = |line: &&str| line.matches('"').count() % 2 == 1;
    match lines.iter().take(above).any(is_open) {
        true => 0,
        false => u32::try_from(above).unwrap_or(0),
    }
}

/// The delimiters that a text file may have.
pub(super) fn delimiters(is_sheet: bool) -> &'static [u8] {
    match is_sheet {
        true => b",",
        false => &DELIMITERS,
    }
}

fn fields_of(line: &str, delimiter: u8) -> usize {
    let marks = Marks {
        quote: Some(b'"'),
        escape: None,
    };
    let mut splitter = Splitter::new(delimiter, marks);
    splitter.begin();
    splitter.feed(line.as_bytes());
    splitter.feed(b"\n");
    splitter.fields().1.len()
}

/// Whether what stands in the first row are values: two numbers or days, years aside, and no fewer
/// than a third of them.
pub(super) fn is_record(names: &[String]) -> bool {
    let dialect = Dialect {
        thousands: vec![','],
        ..Dialect::default()
    };
    let is_value = |name: &String| {
        let is_year = name.len() == 4 && (name.starts_with("19") || name.starts_with("20"));
        let of = |kind| !matches!(value(name, kind, &dialect, false), Err(_) | Ok(Value::Null));
        !is_year && (of(ColumnType::Number) || of(ColumnType::Timestamp))
    };
    let values = names.iter().filter(|name| is_value(name)).count();
    let filled = names.iter().filter(|name| !name.trim().is_empty()).count();
    values >= 2 && values * 3 >= filled
}
