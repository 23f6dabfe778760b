//! A plain table for people: columns as wide as what is in them, full-width characters counted.

use unicode_width::UnicodeWidthStr as _;

use tsugi_core::escape::one_line;

/// Lines of a table with a header; without one where it is empty. A cell is one line, whatever is
/// in it.
pub(crate) fn render(header: &[&str], rows: &[Vec<String>]) -> Vec<String> {
    let shown = |row: &Vec<String>| row.iter().map(|cell| one_line(cell).into_owned()).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(shown).collect();
    let width = |column: usize| {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.width());
        let head = header.get(column).map_or(0, |cell| cell.width());
        cells.max().unwrap_or(0).max(head)
    };
    let columns = rows.first().map_or(header.len(), Vec::len);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells.zip(&widths).map(|(cell, width)| {
            format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width())))
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines = Vec::new();
    if !header.is_empty() {
        lines.push(line(&mut header.iter().copied()));
    }
    lines.extend(
        rows.iter()
            .map(|row| line(&mut row.iter().map(String::as_str))),
    );
    lines
}
