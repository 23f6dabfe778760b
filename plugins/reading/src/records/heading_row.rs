//! The heading row of a file: its place, its delimiter, and its headings.

use crate::error::{ReadError, Result};
use crate::input::dialect::DELIMITERS;
use crate::input::text::DecodedText;
use crate::mapping::headings;
use crate::mapping::{Format, StreamMapping};
use crate::records::sheet::{self, ERROR, TYPED};
use crate::records::splitter::Marks;
use crate::records::{Found, RecordState, Records};

/// Reads up to and with the heading row: the records behind it, the headings, the delimiter
/// and the blank lines before it.
///
/// # Errors
/// The file cannot be read, or has no heading row that can.
pub(crate) fn heading_row(
    mut text: DecodedText,
    stream: &StreamMapping,
    format: Format,
    file: &str,
) -> Result<(Records, Vec<String>, u8, u64)> {
    text.fill()?;
    let (mut records, delimiter) = first_record(text, stream, format)?;
    let mut blanks = 0;
    loop {
        let (before, state) = records.position();
        match records.read()? {
            Found::Blank => blanks += 1,
            Found::Record { .. } => {
                let (bytes, ends) = records.fields();
                let mut names = split_fields(bytes, ends);
                if stream.without_headings {
                    names = (1..=names.len()).map(|place| place.to_string()).collect();
                    records.put_back(before, state);
                    return Ok((records, names, delimiter, blanks));
                }
                if names.iter().any(|name| !name.trim().is_empty()) {
                    return Ok((records, names, delimiter, blanks));
                }
                blanks += 1;
            }
            Found::Broken(broken) => {
                let message = format!(
                    "the heading row of `{file}` cannot be read: {}",
                    broken.reason
                );
                return Err(ReadError::config("bad-heading-row", message)
                    .at(format!("{file}:{}", broken.line)));
            }
            Found::End => {
                let message = format!(
                    "`{file}` is empty: it has no heading row for stream `{}`",
                    stream.name
                );
                let next = "export it again, or take it out of the folder";
                return Err(ReadError::config("empty-file", message)
                    .detail(next)
                    .at(format!("{file}:1")));
            }
        }
    }
}

/// The records behind what stands before the first one, and their delimiter.
fn first_record(
    text: DecodedText,
    stream: &StreamMapping,
    format: Format,
) -> Result<(Records, u8)> {
    let (mut state, mut at) = (RecordState::default(), 0);
    let is_sheet = format == Format::Xlsx;
    for _ in 0..if is_sheet { 0 } else { stream.skip_lines } {
        let Some(length) = first_line(text.from(at)) else {
            break;
        };
        at += length;
        state.line += 1;
    }
    let stated = separator_line(text.from(at));
    if let Some((_, length)) = stated {
        at += length;
        state.line += 1;
    }
    let marks = stream.dialect.marks();
    let delimiter = match (stream.dialect.delimiter, stated) {
        _ if is_sheet => sheet::DELIMITER,
        (Some(fixed), _) => fixed,
        (None, Some((stated, _))) => stated,
        (None, None) => most_likely(text.from(at), stream),
    };
    let mut records = if is_sheet {
        Records::delimited(text, at, state, delimiter, sheet::MARKS).one_line_each()
    } else {
        Records::delimited(text, at, state, delimiter, marks)
    };
    // A row of a sheet is one, whatever line ends its cells hold.
    for _ in 0..if is_sheet { stream.skip_lines } else { 0 } {
        records.read()?;
    }
    Ok((records, delimiter))
}

fn split_fields(bytes: &[u8], ends: &[usize]) -> Vec<String> {
    let mut start = 0;
    let mut fields = Vec::with_capacity(ends.len());
    for end in ends {
        let field = String::from_utf8_lossy(bytes.get(start..*end).unwrap_or(&[]));
        fields.push(field.trim_start_matches([TYPED, ERROR]).to_owned());
        start = *end;
    }
    fields
}

/// The length of the first line and its end.
fn first_line(text: &[u8]) -> Option<u64> {
    let at = text.iter().position(|byte| matches!(byte, b'\n' | b'\r'))?;
    let two = text.get(at..at + 2) == Some(b"\r\n");
    Some(at as u64 + if two { 2 } else { 1 })
}

/// A first line `sep=;`, which spreadsheets write and hide: its delimiter and length.
fn separator_line(text: &[u8]) -> Option<(u8, u64)> {
    let length = first_line(text)?;
    let line = text.get(..usize::try_from(length).ok()?)?;
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let inner = line
        .strip_prefix(b"\"")
        .and_then(|line| line.strip_suffix(b"\""));
    let (delimiter, word) = inner.unwrap_or(line).split_last()?;
    let is_one = word.eq_ignore_ascii_case(b"sep=") && !delimiter.is_ascii_alphanumeric();
    is_one.then_some((*delimiter, length))
}

/// The delimiter under which most columns find their heading; among equals the one that
/// makes more fields, then the more common one.
fn most_likely(text: &[u8], stream: &StreamMapping) -> u8 {
    let blank = text
        .iter()
        .take_while(|byte| matches!(byte, b'\n' | b'\r'))
        .count();
    let text = text.get(blank..).unwrap_or(&[]);
    let mut best = (b',', (0, 0));
    for delimiter in DELIMITERS {
        let names = first_fields(text, delimiter, stream.dialect.marks());
        let score = (headings::matches(stream, &names), names.len());
        if score > best.1 {
            best = (delimiter, score);
        }
    }
    best.0
}

fn first_fields(text: &[u8], delimiter: u8, marks: Marks) -> Vec<String> {
    let mut core = marks.reader(delimiter);
    let mut fields = vec![0; text.len() + 1];
    let mut ends = vec![0; text.len() + 1];
    let (result, _, length, mut count) = core.read_record(text, &mut fields, &mut ends);
    if result == csv_core::ReadRecordResult::InputEmpty {
        // The heading row is all there is.
        let rest = ends.get_mut(count..).unwrap_or_default();
        count += core.read_record(&[], &mut [], rest).3;
    }
    split_fields(
        fields.get(..length).unwrap_or(&[]),
        ends.get(..count).unwrap_or(&[]),
    )
}
