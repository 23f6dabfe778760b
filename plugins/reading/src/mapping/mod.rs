//! Mappings: which files make which streams, in which dialect, and which headings are which
//! typed columns.

pub(crate) mod catalogue;
pub(crate) mod config;
pub(crate) mod headings;

mod columns;
mod load;
mod section;
mod written;

use std::collections::BTreeMap;

use encoding_rs::Encoding;
use jiff::tz::TimeZone;

use crate::error::{ReadError, Result, listed, nearest};
use crate::records::splitter::Marks;

pub use load::load;

/// The layout of mapping files that this build reads.
pub(crate) const MAPPING_VERSION: u32 = 1;

/// The share of a file's rows, in percent, that may be rejected where the mapping states none.
pub(crate) const REJECTS_MAX_PERCENT: u32 = 20;

/// The name of the extra column that holds a row's file.
pub(crate) const FILE_COLUMN: &str = "_file";
/// The name of the extra column that holds a row's first physical line.
pub(crate) const LINE_COLUMN: &str = "_line";
/// The name of the extra column that holds unmapped headings as a JSON object.
pub(crate) const EXTRA_COLUMN: &str = "_extra";

/// How far a mapping's headings were compared with a real export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Compared with an export or the vendor's own list of headings.
    Verified,
    /// Written from a description; needs a look at a real file.
    Assumed,
}

/// One export shape.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// What the config calls it: `neutral-crm`.
    pub name: String,
    /// For people.
    pub doc: String,
    /// How sure its headings are.
    pub status: Status,
    /// Where its headings come from.
    pub sources: Vec<String>,
    /// Sorted by name.
    pub streams: Vec<StreamMapping>,
}

impl Mapping {
    /// The stream of that name.
    pub fn stream(&self, name: &str) -> Option<&StreamMapping> {
        self.streams.iter().find(|stream| stream.name == name)
    }
}

/// How a file is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Delimited text with a heading row.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// A JSON array of objects, at the top or inside an object; or objects one behind the other.
    Json,
    /// A sheet of a workbook with a heading row.
    Xlsx,
}

impl Format {
    /// What the ending of a file's name says.
    pub fn of_name(name: &str) -> Self {
        let ending = name.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
        match ending.as_str() {
            "jsonl" | "ndjson" => Self::Jsonl,
            "json" => Self::Json,
            "xlsx" | "xlsm" => Self::Xlsx,
            _ => Self::Csv,
        }
    }

    /// Whether its records are objects, with keys in place of a heading row.
    pub fn has_keys(self) -> bool {
        matches!(self, Self::Jsonl | Self::Json)
    }

    /// Whether the text that is read is not the file's own but made from it. Its lines are then
    /// rows of a sheet or elements of an array.
    pub fn is_derived(self) -> bool {
        matches!(self, Self::Json | Self::Xlsx)
    }
}

/// One stream: files of one shape that become one table.
#[derive(Clone, Debug)]
pub struct StreamMapping {
    /// The table's name.
    pub name: String,
    /// For people.
    pub doc: String,
    /// How sure its headings are.
    pub status: Status,
    /// File patterns relative to the granted folder; `x.zip/…` looks into a ZIP.
    pub files: Vec<String>,
    /// How the files are laid out, where the ending of their names does not say it.
    pub format: Option<Format>,
    /// The sheet of a workbook; the first that is not hidden without it.
    pub sheet: Option<String>,
    /// The keys, with dots between them, that lead to the records of a JSON file.
    pub records: Option<String>,
    /// The keys that lead from a JSON record to a list of its children, each of which makes a row.
    pub each: Option<String>,
    /// The heading that has a mark on the first row of a record and none on the rows that
    /// repeat it.
    pub start: Option<String>,
    /// Lines (rows of a sheet) above the heading row that are passed over.
    pub skip_lines: u32,
    /// Whether the first row is a record. Columns are then found by number, from 1.
    pub without_headings: bool,
    /// Whether the fields that a short row lacks are without value.
    pub pads: bool,
    /// Rows to pass over, as `LIKE` patterns over their text: totals, rulers.
    pub skip_rows_like: Vec<String>,
    /// Whether a file without a heading row is passed over.
    pub skips_empty_files: bool,
    /// Of a file's rows the share, in percent, that may be rejected before the stream fails.
    pub rejects_max_percent: u32,
    /// How their text is written.
    pub dialect: Dialect,
    /// In the order of the table's schema.
    pub columns: Vec<ColumnMapping>,
    /// Columns by which only new rows can be requested.
    pub cursor: Vec<String>,
    /// Whether the stream may have no file.
    pub optional: bool,
}

impl StreamMapping {
    /// How a file of this name is laid out.
    pub fn format_of(&self, name: &str) -> Format {
        self.format.unwrap_or_else(|| Format::of_name(name))
    }

    /// The columns that identify a row.
    pub fn primary_key(&self) -> Vec<String> {
        self.columns
            .iter()
            .filter(|c| c.key)
            .map(|c| c.name.clone())
            .collect()
    }
}

/// One typed column and the headings under which exports write it.
#[derive(Clone, Debug)]
pub struct ColumnMapping {
    /// The column's name in the table.
    pub name: String,
    /// The column's own name first unless the mapping lists headings; any of them may stand
    /// in a file, the first found counts.
    pub headings: Vec<String>,
    /// Its declared type.
    pub kind: ColumnType,
    /// Whether a row without a value is accepted.
    pub nullable: bool,
    /// Whether it is part of the primary key.
    pub key: bool,
    /// Whether a file may lack the heading; its rows then have no value here.
    pub optional: bool,
    /// Whether a blank means the value of the row above, where an export writes a parent once
    /// for all its children.
    pub fill: bool,
    /// Words that mean no value here, in lower case, in a column of text too.
    pub null_words: Vec<String>,
    /// What the texts of a file mean, where they are other words than the table's.
    pub words: BTreeMap<String, String>,
    /// The value of every row, of a column that no file has.
    pub constant: Option<String>,
    /// For people.
    pub doc: String,
}

/// A declared type. Types are never guessed while reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// Text as it stands in the file.
    Text,
    /// A whole number of 64 bits.
    Integer,
    /// A 64-bit float.
    Number,
    /// An exact decimal of 128 bits.
    Decimal {
        /// Digits in all, at most 38.
        precision: u8,
        /// Digits after the mark.
        scale: u8,
    },
    Boolean,
    Date,
    /// An instant, in microseconds UTC.
    Timestamp,
}

impl ColumnType {
    /// The Arrow C Data Interface format string.
    pub fn format(self) -> String {
        match self {
            Self::Text => "u".to_owned(),
            Self::Integer => "l".to_owned(),
            Self::Number => "g".to_owned(),
            Self::Decimal { precision, scale } => format!("d:{precision},{scale}"),
            Self::Boolean => "b".to_owned(),
            Self::Date => "tdD".to_owned(),
            Self::Timestamp => "tsu:UTC".to_owned(),
        }
    }

    /// The code of a reject whose text does not fit this type.
    pub fn reject_code(self) -> &'static str {
        match self {
            Self::Text => "bad-text",
            Self::Integer | Self::Number | Self::Decimal { .. } => "bad-number",
            Self::Boolean => "bad-boolean",
            Self::Date => "bad-date",
            Self::Timestamp => "bad-timestamp",
        }
    }
}

/// How text is written in a stream's files.
#[derive(Clone, Debug)]
pub struct Dialect {
    /// Fixed, or detected a file.
    pub encoding: Option<&'static Encoding>,
    /// Fixed, or detected a file by its heading row.
    pub delimiter: Option<u8>,
    /// The character around fields that hold delimiters or line breaks, where there is one.
    pub quote: Option<u8>,
    /// The character before a quote that is part of a field, where quotes are not doubled.
    pub escape: Option<u8>,
    /// Whether blanks around texts are left out.
    pub trim: bool,
    /// What stands before the fraction of a number.
    pub decimal: DecimalMark,
    /// What may stand between groups of three digits.
    pub thousands: Vec<char>,
    /// Words that mean no value in columns that are not text, in lower case.
    pub empty_words: Vec<String>,
    /// Signs that may stand before or behind a number: currencies and units.
    pub signs: Vec<String>,
    /// How dates are written.
    pub dates: Vec<DateForm>,
    /// How timestamps are written beside ISO 8601.
    pub timestamps: Vec<String>,
    /// Where the clock stood that wrote timestamps without an offset.
    pub zone: TimeZone,
    /// Words for true, in lower case.
    pub true_words: Vec<String>,
    /// Words for false, in lower case.
    pub false_words: Vec<String>,
}

/// What stands before the fraction of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalMark {
    /// `1.5`
    Point,
    /// `1,5`
    Comma,
    /// Whichever the value shows without doubt; a value that could mean both is rejected.
    Detect,
}

/// One way to write a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DateForm {
    /// Every form that can mean one date only: year first, or `31.3.2026`.
    Unambiguous,
    /// A pattern of `%Y %m %d %H %M %S …`.
    Pattern(String),
    /// Days since 1899-12-30, as spreadsheets keep them.
    Serial,
}

impl Dialect {
    /// How fields that hold delimiters or line breaks are marked.
    pub fn marks(&self) -> Marks {
        Marks {
            quote: self.quote,
            escape: self.escape,
        }
    }
}

impl Default for Dialect {
    fn default() -> Self {
        let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect();
        Self {
            encoding: None,
            delimiter: None,
            quote: Some(b'"'),
            escape: None,
            trim: false,
            decimal: DecimalMark::Point,
            thousands: Vec::new(),
            empty_words: Vec::new(),
            signs: Vec::new(),
            dates: vec![DateForm::Unambiguous],
            timestamps: Vec::new(),
            zone: TimeZone::UTC,
            true_words: words(&["true", "t", "yes", "y", "1"]),
            false_words: words(&["false", "f", "no", "n", "0"]),
        }
    }
}

/// The stream of that name, or an error that suggests one.
pub(crate) fn stream_of<'m>(mapping: &'m Mapping, name: &str) -> Result<&'m StreamMapping> {
    mapping.stream(name).ok_or_else(|| {
        let names = || mapping.streams.iter().map(|stream| stream.name.as_str());
        let near = nearest(name, names()).map(|near| format!("did you mean `{near}`?"));
        ReadError::config(
            "unknown-stream",
            format!("the mapping `{}` has no stream `{name}`", mapping.name),
        )
        .detail(near.unwrap_or_else(|| format!("its streams are {}", listed(names()))))
    })
}
