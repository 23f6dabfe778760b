//! The cells of a CSV file, each with its place and whether it was quoted, which no library keeps: a
//! quoted empty cell is an empty text, and an unquoted one is null.

use std::borrow::Cow;
use std::ops::Range;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell<'t> {
    pub(super) text: Cow<'t, str>,
    pub(super) is_quoted: bool,
    /// Its bytes in the file, quotes included.
    pub(super) span: Range<usize>,
}

impl Cell<'_> {
    /// The value; none for an unquoted cell without text.
    pub(super) fn value(&self) -> Option<&str> {
        (self.is_quoted || !self.text.is_empty()).then_some(&*self.text)
    }
}

/// The lines of a file that are not empty, as cells. An error is the offset of a quote that is not
/// closed.
pub(super) fn records(text: &str) -> Result<Vec<Vec<Cell<'_>>>, usize> {
    let (mut records, mut record) = (Vec::new(), Vec::new());
    let mut at = usize::from(text.starts_with('\u{feff}')) * '\u{feff}'.len_utf8();
    while at < text.len() || !record.is_empty() {
        let (cell, end) = cell(text, at)?;
        record.push(cell);
        let rest = text.get(end..).unwrap_or_default();
        if rest.starts_with(',') {
            at = end + 1;
            continue;
        }
        let end_of_line = if rest.starts_with("\r\n") { 2 } else { 1 };
        at = end + end_of_line.min(rest.len());
        let is_blank = matches!(record.as_slice(), [only] if only.value().is_none());
        let record = std::mem::take(&mut record);
        if !is_blank {
            records.push(record);
        }
    }
    Ok(records)
}

/// The cell that begins at an offset, and where it ends.
fn cell(text: &str, start: usize) -> Result<(Cell<'_>, usize), usize> {
    let rest = text.get(start..).unwrap_or_default();
    if !rest.starts_with('"') {
        let end = rest.find([',', '\n', '\r']).unwrap_or(rest.len());
        let span = start..start + end;
        let text = Cow::Borrowed(rest.get(..end).unwrap_or_default());
        let is_quoted = false;
        return Ok((
            Cell {
                text,
                is_quoted,
                span: span.clone(),
            },
            span.end,
        ));
    }
    let mut from = 1;
    let end = loop {
        let quote = rest
            .get(from..)
            .and_then(|rest| rest.find('"'))
            .ok_or(start)?
            + from;
        match rest
            .get(quote + 1..)
            .is_some_and(|rest| rest.starts_with('"'))
        {
            true => from = quote + 2,
            false => break quote,
        }
    };
    let within = rest.get(1..end).unwrap_or_default();
    let behind = rest.get(end + 1..).unwrap_or_default();
    let tail = behind.find([',', '\n', '\r']).unwrap_or(behind.len());
    let mut value = match within.contains('"') {
        true => Cow::Owned(within.replace("\"\"", "\"")),
        false => Cow::Borrowed(within),
    };
    if let Some(tail) = behind.get(..tail).filter(|tail| !tail.is_empty()) {
        value.to_mut().push_str(tail);
    }
    let span = start..start + end + 1 + tail;
    let is_quoted = true;
    Ok((
        Cell {
            text: value,
            is_quoted,
            span: span.clone(),
        },
        span.end,
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn shown(text: &str) -> Vec<Vec<String>> {
        let cell = |cell: &Cell<'_>| match cell.value() {
            Some(value) => value.to_owned(),
            None => "null".to_owned(),
        };
        let records = records(text).unwrap();
        records
            .iter()
            .map(|one| one.iter().map(cell).collect())
            .collect()
    }

    #[test]
    fn cells_keep_whether_they_were_quoted() {
        assert_eq!(
            shown("\u{feff}a,b\r\n1,\"\"\n\n,\"x, \"\"y\"\"\nz\"\r\n\"\"\n"),
            [
                vec!["a", "b"],
                vec!["1", ""],
                vec!["null", "x, \"y\"\nz"],
                vec![""]
            ]
        );
        assert_eq!(shown("a,"), [vec!["a", "null"]]);
        assert_eq!(shown("a,\n"), [vec!["a", "null"]]);
        assert_eq!(shown("\"a\"b,c"), [vec!["ab", "c"]]);
        assert_eq!(shown("it's 5\" wide"), [vec!["it's 5\" wide"]]);
        assert!(shown("").is_empty());
        assert_eq!(records("a\n\"b"), Err(2));
        let text = "a,b\n1,\"é\"";
        let records = records(text).unwrap();
        assert_eq!(text.get(records[1][1].span.clone()), Some("\"é\""));
    }
}
