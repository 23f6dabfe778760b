//! One sheet of a workbook as the delimited text it stands for: a line of text a row, so that
//! everything behind (headings, places, digests, checkpoints) is the same as for CSV.
//!
//! Text cells are always quoted. Cells that have a type of their own (numbers, dates, true
//! and false) begin with [`TYPED`], a character that XML cannot hold: they are written as ISO
//! 8601 and with a decimal point, whatever the dialect of the text cells says.

use std::io::Read as _;
use std::rc::Rc;

use calamine::{Data, DataRef, ExcelDateTime, Reader, SheetVisible, Xlsx, XlsxCellReader};
use self_cell::MutBorrow;

use crate::error::{ReadError, Result, did_you_mean, listed};
use crate::host::{Chunks, Host};
use crate::input::bytes::from_io;
use crate::input::files::{ExportFile, Sought};
use crate::input::kind::no_workbook;
use crate::records::RECORD_MAX_BYTES;
use crate::records::splitter::Marks;
use crate::records::workbook;

/// What stands before the text of a cell with a type of its own.
pub(crate) const TYPED: char = '\u{1}';
/// What stands before the text of a cell that holds an error: `#N/A`.
pub(crate) const ERROR: char = '\u{2}';
/// The delimiter of the text.
pub(crate) const DELIMITER: u8 = b',';
/// How its fields are marked.
pub(crate) const MARKS: Marks = Marks {
    quote: Some(b'"'),
    escape: None,
};

/// Rows and columns that a workbook may have.
const ROWS_MAX: u32 = 1_048_576;
const COLUMNS_MAX: u32 = 16_384;
/// Serial days from the year 1900 to the end of 9999.
const DAYS: std::ops::Range<f64> = 0.0..2_958_466.0;
/// Bytes in which the directory of a compound file is looked for.
const HEAD_BYTES: u64 = 1024 * 1024;
/// Text that is made ready at once.
const READY_BYTES: usize = 64 * 1024;

type Workbook = Xlsx<Box<dyn Sought>>;
type Cells<'a> = XlsxCellReader<'a, Box<dyn Sought>>;

self_cell::self_cell!(
    struct OpenSheet {
        owner: MutBorrow<Workbook>,
        #[not_covariant]
        dependent: Cells,
    }
);

/// The text of a sheet.
pub(crate) struct SheetText {
    sheet: OpenSheet,
    name: String,
    /// The row that is being written, from 0, and its cells so far.
    row: u32,
    line: String,
    column: u32,
    ended: bool,
    ready: Vec<u8>,
}

/// Opens a sheet: the one named, or the first that is not hidden.
///
/// # Errors
/// The file is no workbook, is built to fill memory, or has no such sheet.
pub(crate) fn open(
    host: &Rc<dyn Host>,
    input: &str,
    file: &ExportFile,
    wanted: Option<&str>,
) -> Result<SheetText> {
    let name = &file.entry.name;
    let mut head = Vec::new();
    file.sought(host, input)?
        .take(HEAD_BYTES)
        .read_to_end(&mut head)
        .map_err(|error| from_io(error, name))?;
    if let Some(error) = no_workbook(&head, name) {
        return Err(error);
    }
    workbook::check(file.sought(host, input)?, name)?;
    let book: Workbook =
        Xlsx::new(file.sought(host, input)?).map_err(|error| broken(name, &error.to_string()))?;
    let sheets = book.sheets_metadata();
    let found = match wanted {
        Some(wanted) => sheets.iter().find(|sheet| sheet.name == wanted),
        None => sheets
            .iter()
            .find(|sheet| sheet.visible == SheetVisible::Visible),
    };
    let Some(found) = found.map(|sheet| sheet.name.clone()) else {
        let names = || sheets.iter().map(|sheet| sheet.name.as_str());
        let wanted = wanted.unwrap_or("");
        let hint = did_you_mean(wanted, names())
            .unwrap_or_else(|| format!("its sheets are {}", listed(names())));
        let message = format!("`{name}` has no sheet `{wanted}`");
        return Err(ReadError::config("missing-sheet", message)
            .detail(hint)
            .at(name));
    };
    let sheet = OpenSheet::try_new(MutBorrow::new(book), |book| {
        book.borrow_mut().worksheet_cells_reader(&found)
    })
    .map_err(|error| broken(name, &error.to_string()))?;
    Ok(SheetText {
        sheet,
        name: name.clone(),
        row: 0,
        line: String::new(),
        column: 0,
        ended: false,
        ready: Vec::new(),
    })
}

fn broken(name: &str, why: &str) -> ReadError {
    let why: String = why.chars().take(200).collect();
    ReadError::config(
        "bad-workbook",
        format!("`{name}` cannot be read as a workbook: {why}"),
    )
    .detail("save it again as .xlsx, or export it as CSV")
    .at(name)
}

impl Chunks for SheetText {
    fn read(&mut self, max: u32) -> Result<Option<Vec<u8>>> {
        while self.ready.len() < READY_BYTES && !self.ended {
            self.advance()?;
        }
        let rest = self.ready.split_off(self.ready.len().min(max as usize));
        let bytes = std::mem::replace(&mut self.ready, rest);
        Ok((!bytes.is_empty()).then_some(bytes))
    }
}

impl SheetText {
    /// Takes one cell, or ends the text.
    fn advance(&mut self) -> Result<()> {
        let (line, column, from) = (&mut self.line, &mut self.column, self.row);
        let ready = &mut self.ready;
        let step = self.sheet.with_dependent_mut(|_, cells| {
            let Some(cell) = cells.next_cell()? else {
                return Ok(None);
            };
            let (row, at) = cell.get_position();
            if matches!(cell.get_value(), DataRef::Empty) {
                return Ok(Some((from, true)));
            }
            if row >= ROWS_MAX || at >= COLUMNS_MAX || row < from || (row == from && at < *column) {
                return Ok(Some((row, false)));
            }
            if row > from {
                end_line(line, ready);
                // Blank rows stay lines, so that a line is a row of the sheet.
                let blank = (row - from - 1) as usize;
                ready.resize(ready.len() + blank, b'\n');
                *column = 0;
            }
            if line.len() <= RECORD_MAX_BYTES {
                line.extend(std::iter::repeat_n(',', (at - *column) as usize));
                write_cell(cell.get_value(), line);
            }
            *column = at;
            Ok::<_, calamine::XlsxError>(Some((row, true)))
        });
        match step.map_err(|error| broken(&self.name, &error.to_string()))? {
            Some((row, true)) => self.row = row,
            Some((row, false)) => {
                let why = format!(
                    "its cells are not in order about row {}",
                    u64::from(row) + 1
                );
                return Err(broken(&self.name, &why));
            }
            None => {
                end_line(&mut self.line, &mut self.ready);
                self.ended = true;
            }
        }
        Ok(())
    }
}

/// Moves a line to what is ready. One that is longer than a record may be becomes a line that
/// is refused as such: its beginning, and nothing that ends it early.
fn end_line(line: &mut String, ready: &mut Vec<u8>) {
    if line.len() > RECORD_MAX_BYTES {
        let plain = line.chars().filter(|c| !matches!(c, '"' | '\n' | '\r'));
        let start: String = plain.take(1024).collect();
        ready.extend_from_slice(start.as_bytes());
        ready.resize(ready.len() + RECORD_MAX_BYTES + 1, b'.');
    } else {
        ready.extend_from_slice(line.as_bytes());
    }
    ready.push(b'\n');
    line.clear();
}

fn write_cell(value: &DataRef<'_>, line: &mut String) {
    match value {
        DataRef::Empty => {}
        DataRef::String(text) => write_text(text, line),
        DataRef::SharedString(text) => write_text(text, line),
        DataRef::Error(error) => {
            write_marked(ERROR, &Data::Error(error.clone()).to_string(), line);
        }
        DataRef::Int(number) => write_typed(&number.to_string(), line),
        DataRef::Float(number) => write_typed(&shown(*number), line),
        DataRef::Bool(true) => write_typed("true", line),
        DataRef::Bool(false) => write_typed("false", line),
        DataRef::DateTime(moment) => write_typed(&iso(moment), line),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            let plain: String = text.chars().filter(|c| !is_mark(*c) && *c != '"').collect();
            write_typed(&plain, line);
        }
    }
}

fn write_text(text: &str, line: &mut String) {
    line.push('"');
    for c in text.chars().filter(|c| !is_mark(*c)) {
        if c == '"' {
            line.push('"');
        }
        line.push(c);
    }
    line.push('"');
}

fn is_mark(c: char) -> bool {
    matches!(c, TYPED | ERROR)
}

fn write_typed(text: &str, line: &mut String) {
    write_marked(TYPED, text, line);
}

fn write_marked(mark: char, text: &str, line: &mut String) {
    line.push('"');
    line.push(mark);
    line.push_str(text);
    line.push('"');
}

/// A number with the 15 digits that spreadsheets show; what a formula adds behind them is
/// noise of its binary form. A whole number that a float holds exactly keeps all its digits: other
/// programs write sixteen, in numbers of orders and cards.
fn shown(number: f64) -> String {
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT_MAX {
        return format!("{number:.0}");
    }
    let rounded = format!("{number:.14e}").parse::<f64>().unwrap_or(number);
    rounded.to_string()
}

/// A day, a moment or a time of day; a duration as its number of days.
fn iso(moment: &ExcelDateTime) -> String {
    let days = moment.as_f64();
    if moment.is_duration() || !DAYS.contains(&days) {
        return shown(days);
    }
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let mut clock = format!("{hour:02}:{minute:02}:{second:02}");
    if milli > 0 {
        clock.push_str(&format!(".{milli:03}"));
    }
    if days < 1.0 {
        return clock;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if clock == "00:00:00" {
        date
    } else {
        format!("{date}T{clock}")
    }
}
