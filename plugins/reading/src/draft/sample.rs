//! The first rows of a sample file as text, before anything is known of it.

use std::rc::Rc;

use serde_json::Value;

use super::headings;
use crate::error::Result;
use crate::host::{Chunks, Host};
use crate::input::bytes::InOrder;
use crate::input::files::ExportFile;
use crate::input::kind::refuse_other;
use crate::input::text::DecodedText;
use crate::mapping::config::{Config, Drift};
use crate::mapping::headings::folded;
use crate::mapping::{ColumnMapping, ColumnType, Dialect, Format, Mapping, Status, StreamMapping};
use crate::records::Found;
use crate::records::elements::Elements;
use crate::records::heading_row::heading_row;
use crate::records::jsonl;
use crate::records::opened::{OpenFile, text_of};
use crate::records::sheet::ERROR;
use crate::values;
use crate::values::fields::Fields;
use crate::values::fill::Parent;
use crate::values::row::{cell, read_row};

/// Rows that are looked at.
const ROWS_MAX: usize = 5_000;
/// Columns that a draft has.
const COLUMNS_MAX: usize = 1_000;
/// Objects that are looked at for keys.
const OBJECTS_MAX: usize = 500;
/// Objects inside objects whose keys become columns.
const DEPTH_MAX: usize = 4;
/// Where the list of records of a JSON file must begin.
const HEAD_BYTES: usize = 256 * 1024;
/// Headings by which kintone marks the first row of a record.
const STARTS: [&str; 2] = ["レコードの開始行", "Start of Record"];

/// What cells hold that could not be computed, in lower case.
const ERRORS: [&str; 8] = [
    "#n/a", "#ref!", "#div/0!", "#value!", "#name?", "#num!", "#null!", "#data!",
];

/// What was seen of a file.
pub(super) struct Sample {
    pub format: Format,
    /// The name of its encoding, if it is more than ASCII.
    pub encoding: Option<&'static str>,
    pub delimiter: u8,
    /// The keys that lead to the records of a JSON file.
    pub records: Option<String>,
    /// The heading that marks the first rows of records.
    pub start: Option<String>,
    /// Whether each row repeats the record above it; empty without such a heading.
    pub children: Vec<bool>,
    /// Each heading with the texts of its column, and whether they have a type of their own.
    pub columns: Vec<(String, Vec<(String, bool)>)>,
    pub rows: usize,
    /// Lines above the heading row.
    pub skip_lines: u32,
    /// Whether the first row is a record.
    pub without_headings: bool,
    /// What was noticed while it was read.
    pub doubts: Vec<String>,
}

/// Reads the first rows.
pub(super) fn take(host: &Rc<dyn Host>, input: &str, file: &ExportFile) -> Result<Sample> {
    let format = Format::of_name(file.unpacked_name());
    let mut stream = empty_stream(format);
    if format == Format::Json {
        stream.records = records_of(file.bytes(host.as_ref(), input, 0)?, &file.entry.name)?;
    }
    let names = names_of(host, input, &mut stream, file, format)?;
    let mut doubts = Vec::new();
    if stream.skip_lines > 0 {
        let lines = stream.skip_lines;
        doubts.push(format!(
            "the first {lines} line(s) are taken for a title and passed over"
        ));
    }
    if stream.without_headings {
        doubts.push(
            "the first line looks like a record, so that columns are called by number; without `headings = \"none\"` it is read as headings"
                .to_owned(),
        );
    }
    add_columns(&names, format, &mut stream, &mut doubts);
    let start = stream
        .columns
        .iter()
        .find(|column| STARTS.contains(&column.name.as_str()))
        .map(|column| column.name.clone());
    if let Some(start) = &start {
        stream.columns.retain(|column| column.name != *start);
        stream.start = Some(start.clone());
    }
    let config = Config {
        mapping: Mapping {
            name: String::new(),
            doc: String::new(),
            status: Status::Assumed,
            sources: Vec::new(),
            streams: Vec::new(),
        },
        input: input.to_owned(),
        drift: Drift::Ignore,
    };
    let open = OpenFile::open(host, &config, &stream, file)?;
    let mut sample = rows(open, stream)?;
    doubts.append(&mut sample.doubts);
    sample.doubts = doubts;
    Ok(sample)
}

/// The headings of a file, behind its title; the numbers of its columns where it has none.
fn names_of(
    host: &Rc<dyn Host>,
    input: &str,
    stream: &mut StreamMapping,
    file: &ExportFile,
    format: Format,
) -> Result<Vec<String>> {
    let name = &file.entry.name;
    let open = |stream: &StreamMapping| text_of(host, input, stream, file, 0);
    if format.has_keys() {
        return keys_of(open(stream)?);
    }
    let encoding = (format == Format::Xlsx).then_some(encoding_rs::UTF_8);
    let mut text = DecodedText::open(open(stream)?, encoding)?;
    if !format.is_derived() {
        refuse_other(text.head()?, name)?;
    }
    text.fill()?;
    let delimiters = headings::delimiters(format == Format::Xlsx);
    stream.skip_lines = headings::title_lines(text.from(0), delimiters);
    let names = heading_row(text, stream, format, name)?.1;
    if !headings::is_record(&names) {
        return Ok(names);
    }
    stream.without_headings = true;
    Ok((1..=names.len()).map(|place| place.to_string()).collect())
}

/// A column of text for each heading, those that stand twice or nowhere by their number.
fn add_columns(
    names: &[String],
    format: Format,
    stream: &mut StreamMapping,
    doubts: &mut Vec<String>,
) {
    let keys: Vec<String> = names.iter().map(|name| folded(name)).collect();
    let mut twice: Vec<&str> = Vec::new();
    for (at, (name, key)) in names.iter().zip(&keys).take(COLUMNS_MAX).enumerate() {
        if key.is_empty() {
            stream
                .columns
                .push(text_column(&format!("#{}", at + 1), format));
            continue;
        }
        let before = keys.iter().take(at).filter(|other| *other == key).count();
        if keys.iter().filter(|other| *other == key).count() == 1 {
            stream.columns.push(text_column(name.trim(), format));
            continue;
        }
        let own = format!("{}#{}", name.trim(), before + 1);
        stream.columns.push(text_column(&own, format));
        if !twice.contains(&key.as_str()) {
            twice.push(key);
            doubts.push(format!(
                "the heading `{}` occurs more than once; its columns are `{own}`, `{}#2`, …",
                name.trim(),
                name.trim()
            ));
        }
    }
}

fn rows(mut open: OpenFile, stream: StreamMapping) -> Result<Sample> {
    let mut json = jsonl::Fields::default();
    let mut parent = Parent::default();
    let mut values = vec![values::Value::Null; stream.columns.len()];
    let mut texts: Vec<Vec<(String, bool)>> = vec![Vec::new(); stream.columns.len()];
    let mut children = Vec::new();
    let (mut rows, mut refused, mut errors) = (0, 0, 0);
    let mut first: Option<String> = None;
    while rows + refused < ROWS_MAX {
        let (start, end) = match open.records.read()? {
            Found::Record { start, end, .. } => (start, end),
            Found::End => break,
            Found::Blank => continue,
            Found::Broken(broken) => {
                refused += 1;
                first.get_or_insert(broken.reason);
                continue;
            }
        };
        let raw = open.records.text().between(start, end);
        let read = read_row(&open, raw, &stream, &mut json, &mut parent, &mut values);
        if !matches!(read, Ok(true)) {
            if let Err(refusal) = read {
                refused += 1;
                first.get_or_insert(refusal.reason);
            }
            continue;
        }
        let fields = Fields::of(&open, &json);
        for (at, texts) in texts.iter_mut().enumerate() {
            let (text, plain) = cell(at, &open, &fields, &stream, &parent);
            texts.push((text.trim().chars().take(200).collect(), plain));
        }
        errors += (0..fields.count())
            .filter(|at| fields.raw(*at).starts_with(ERROR))
            .count();
        if let Some(at) = open.headings.start {
            children.push(fields.get(at).trim().is_empty());
        }
        rows += 1;
    }
    let doubts = row_doubts(rows, refused, first, errors);
    let headings = stream.columns.into_iter().map(|column| column.name);
    // Columns without heading and without text are none.
    let is_there = |(heading, texts): &(String, Vec<(String, bool)>)| {
        !heading.starts_with('#') || texts.iter().any(|(text, _)| !text.is_empty())
    };
    Ok(Sample {
        format: open.format,
        encoding: open.records.text().encoding().0.map(|found| found.name()),
        delimiter: open.delimiter,
        records: stream.records,
        start: stream.start,
        children,
        columns: headings.zip(texts).filter(is_there).collect(),
        rows,
        skip_lines: stream.skip_lines,
        without_headings: stream.without_headings,
        doubts,
    })
}

fn row_doubts(rows: usize, refused: usize, first: Option<String>, errors: usize) -> Vec<String> {
    let mut doubts = Vec::new();
    if refused > 0 {
        doubts.push(format!(
            "{refused} of {} rows do not fit and would be rejected, the first because of: {}",
            rows + refused,
            first.unwrap_or_default()
        ));
    }
    if errors > 0 {
        doubts.push(format!(
            "{errors} cell(s) hold errors such as `#N/A`; their rows are rejected unless `null_words` of the column names them"
        ));
    }
    doubts
}

fn empty_stream(format: Format) -> StreamMapping {
    StreamMapping {
        name: "rows".to_owned(),
        doc: String::new(),
        status: Status::Assumed,
        files: Vec::new(),
        format: Some(format),
        sheet: None,
        records: None,
        each: None,
        start: None,
        skip_lines: 0,
        without_headings: false,
        pads: false,
        skip_rows_like: Vec::new(),
        skips_empty_files: false,
        rejects_max_percent: 100,
        dialect: Dialect::default(),
        columns: Vec::new(),
        cursor: Vec::new(),
        optional: false,
    }
}

fn text_column(heading: &str, format: Format) -> ColumnMapping {
    // A cell that holds an error says nothing about its column.
    let null_words = match format {
        Format::Xlsx => ERRORS.map(str::to_owned).to_vec(),
        _ => Vec::new(),
    };
    ColumnMapping {
        name: heading.to_owned(),
        headings: vec![heading.to_owned()],
        kind: ColumnType::Text,
        nullable: true,
        key: false,
        optional: true,
        fill: false,
        null_words,
        words: std::collections::BTreeMap::new(),
        constant: None,
        doc: String::new(),
    }
}

/// The first key at the top of a JSON object whose value is a list of objects.
fn records_of(chunks: Box<dyn Chunks>, name: &str) -> Result<Option<String>> {
    use std::io::Read;
    let mut head = Vec::new();
    InOrder::new(chunks, HEAD_BYTES as u64)
        .read_to_end(&mut head)
        .map_err(|error| crate::input::bytes::from_io(error, name))?;
    let text = String::from_utf8_lossy(&head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if !text.starts_with('{') {
        return Ok(None);
    }
    let mut rest = text;
    while let Some(at) = rest.find('"') {
        rest = rest.get(at + 1..).unwrap_or("");
        let Some((key, after)) = rest.split_once('"') else {
            break;
        };
        let value = after.trim_start().strip_prefix(':').map(str::trim_start);
        let list = value.and_then(|value| value.strip_prefix('['));
        if list.is_some_and(|list| list.trim_start().starts_with('{')) && !key.contains('.') {
            let mut elements = Elements::new(Box::new(Once(head.clone())), Some(key), name);
            if elements.read(64 * 1024).is_ok_and(|first| first.is_some()) {
                return Ok(Some(key.to_owned()));
            }
        }
        rest = after;
    }
    Ok(None)
}

struct Once(Vec<u8>);

impl Chunks for Once {
    fn read(&mut self, _max: u32) -> Result<Option<Vec<u8>>> {
        let bytes = std::mem::take(&mut self.0);
        Ok((!bytes.is_empty()).then_some(bytes))
    }
}

/// The keys of the first objects, with dots between those of objects in objects.
fn keys_of(chunks: Box<dyn Chunks>) -> Result<Vec<String>> {
    use std::io::{BufRead, BufReader, Read};
    let lines = BufReader::new(InOrder::new(chunks, u64::MAX));
    let mut keys = Vec::new();
    // A line that is longer than a record is no JSON either way.
    let bounded = lines.take((OBJECTS_MAX * 64 * 1024) as u64);
    for line in bounded.split(b'\n').take(OBJECTS_MAX) {
        let line = line.map_err(|error| crate::input::bytes::from_io(error, "the sample"))?;
        if let Ok(Value::Object(object)) = serde_json::from_slice(&line) {
            for (key, value) in &object {
                add_keys(key, value, 1, &mut keys);
            }
        }
    }
    Ok(keys)
}

fn add_keys(path: &str, value: &Value, depth: usize, keys: &mut Vec<String>) {
    match value {
        Value::Object(object) if !object.is_empty() && depth < DEPTH_MAX => {
            for (key, value) in object {
                add_keys(&format!("{path}.{key}"), value, depth + 1, keys);
            }
        }
        _ if keys.len() < COLUMNS_MAX && !keys.iter().any(|key| key == path) => {
            keys.push(path.to_owned());
        }
        _ => {}
    }
}
