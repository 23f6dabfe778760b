//! A draft of a mapping from a sample file: its headings, with types and keys guessed from its
//! first rows. A person reads it over; reading itself never guesses.

mod guess;
mod headings;
mod marks;
mod naming;
mod sample;
mod texts;

use crate::error::Result;
use crate::host::{Chunks, FileEntry, Host, Reject};
use crate::input::files::{self, ExportFile};
use crate::mapping::Format;

use guess::{Guess, Guessed};
use naming::identifier;
use sample::Sample;

/// A draft, and what to look at in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// A mapping file, complete and checked.
    pub toml: String,
    /// What the sample leaves open; each is a comment in the mapping too.
    pub doubts: Vec<String>,
    /// Rows that were looked at.
    pub rows: usize,
}

/// Drafts a mapping from the bytes of a sample file. `name` is the file's name, with the ending
/// that says what it is: `.csv`, `.json`, `.jsonl`, `.xlsx`, each also with `.gz`, or `.zip` of
/// these.
///
/// # Errors
/// The file cannot be read, or has no heading row.
pub fn draft(name: &str, bytes: impl Into<Vec<u8>>) -> Result<Draft> {
    let bytes = bytes.into();
    let host = OneFile {
        name: name.to_owned(),
        bytes: bytes.into(),
    };
    draft_of(host, "sample", name)
}

/// Drafts a mapping from a file of a host; a large one is read no further than needed.
///
/// # Errors
/// As [`draft`].
pub(crate) fn draft_of(host: impl Host + 'static, input: &str, name: &str) -> Result<Draft> {
    let host: std::rc::Rc<dyn Host> = std::rc::Rc::new(host);
    let zipped = name.to_ascii_lowercase().ends_with(".zip");
    let patterns: Vec<String> = if zipped {
        let endings = "{csv,CSV,tsv,txt,json,jsonl,ndjson,xlsx}";
        vec![
            format!("{name}/*.{endings}"),
            format!("{name}/**/*.{endings}"),
        ]
    } else {
        vec![name.to_owned()]
    };
    let found = files::matching(host.as_ref(), input, &patterns)?;
    if found.is_empty() {
        let message = format!("`{name}` holds no file that can be read");
        return Err(crate::error::ReadError::config("missing-file", message).at(name));
    }
    let mut text = Vec::new();
    let mut all = Draft {
        toml: String::new(),
        doubts: Vec::new(),
        rows: 0,
    };
    for file in &found {
        let sample = sample::take(&host, input, file)?;
        let guess = guess::guess(&sample);
        all.rows += sample.rows;
        text.push(stream(file, &sample, &guess));
        all.doubts.extend(guess.doubts);
    }
    let stem = stem_of(name);
    let mapping = identifier(stem, "export").replace('_', "-");
    all.toml = format!(
        "# A draft from {} row(s) of {}: look it over, then say `status = \"verified\"`.\n\
         version = 1\nname = {}\ndoc = \"\"\nstatus = \"assumed\"\nsources = [{}]\n\n{}",
        all.rows,
        quoted(name),
        quoted(&mapping),
        quoted(&format!("the sample file {name}")),
        text.join("\n")
    );
    Ok(all)
}

/// One stream as TOML.
fn stream(file: &ExportFile, sample: &Sample, guess: &Guess) -> String {
    let name = &file.entry.name;
    let stream = identifier(stem_of(name), "rows");
    let mut out = String::new();
    for doubt in &guess.doubts {
        out.push_str(&format!("# Look: {doubt}\n"));
    }
    out.push_str(&format!("[streams.{stream}]\n"));
    out.push_str(&format!("files = [{}]\n", quoted(&pattern_of(name))));
    match sample.format {
        Format::Csv => {}
        Format::Jsonl => out.push_str("format = \"jsonl\"\n"),
        Format::Json => out.push_str("format = \"json\"\n"),
        Format::Xlsx => out.push_str("format = \"xlsx\"\n"),
    }
    if let Some(records) = &sample.records {
        out.push_str(&format!("records = {}\n", quoted(records)));
    }
    if sample.skip_lines > 0 {
        out.push_str(&format!("skip_lines = {}\n", sample.skip_lines));
    }
    if sample.without_headings {
        out.push_str("headings = \"none\"\n");
    }
    if let Some(start) = &sample.start {
        out.push_str(&format!("start = {}\n", quoted(start)));
    }
    if let Some(cursor) = &guess.cursor {
        out.push_str(&format!("cursor = [{}]\n", quoted(cursor)));
    }
    let dialect = dialect(sample, guess);
    if !dialect.is_empty() {
        out.push_str(&format!("dialect = {{ {} }}\n", dialect.join(", ")));
    }
    out.push_str("columns = [\n");
    for column in &guess.columns {
        out.push_str(&format!("    {},\n", column_of(column)));
    }
    out.push_str("]\n");
    out
}

fn dialect(sample: &Sample, guess: &Guess) -> Vec<String> {
    let mut keys = Vec::new();
    if let Some(encoding) = sample.encoding.filter(|name| *name != "UTF-8") {
        keys.push(format!("encoding = {}", quoted(&encoding.to_lowercase())));
    }
    if sample.format == Format::Csv && sample.delimiter != b',' {
        let shown = match sample.delimiter {
            b'\t' => "tab".to_owned(),
            other => char::from(other).to_string(),
        };
        keys.push(format!("delimiter = {}", quoted(&shown)));
    }
    if guess.decimal_comma {
        keys.push("decimal = \",\"".to_owned());
    }
    if !guess.thousands.is_empty() {
        let marks: Vec<String> = guess.thousands.iter().map(|mark| quoted(mark)).collect();
        keys.push(format!("thousands = [{}]", marks.join(", ")));
    }
    if let Some(pattern) = guess.dates {
        keys.push(format!("dates = [\"detect\", {}]", quoted(pattern)));
    }
    keys
}

fn column_of(column: &Guessed) -> String {
    let mut parts = vec![
        format!("name = {}", quoted(&column.name)),
        format!("type = {}", quoted(&column.kind)),
    ];
    if column.key {
        parts.push("key = true".to_owned());
    }
    if column.fill {
        parts.push("fill = true".to_owned());
    }
    if !column.null_words.is_empty() {
        let words: Vec<String> = column.null_words.iter().map(|word| quoted(word)).collect();
        parts.push(format!("null_words = [{}]", words.join(", ")));
    }
    if column.heading != column.name {
        parts.push(format!("headings = [{}]", quoted(&column.heading)));
    }
    format!("{{ {} }}", parts.join(", "))
}

/// A string as TOML writes it; JSON's escapes are among TOML's.
fn quoted(text: &str) -> String {
    let plain: String = text.chars().filter(|c| *c != '\u{7f}').collect();
    serde_json::Value::String(plain).to_string()
}

/// The pattern that this file and the next export of its kind fit.
fn pattern_of(name: &str) -> String {
    let special = |c: char| "*?[]{}!\\".contains(c);
    name.chars()
        .map(|c| if special(c) { '?' } else { c })
        .collect()
}

/// A file's own name without folders and endings.
fn stem_of(name: &str) -> &str {
    let own = name.rsplit('/').next().unwrap_or(name);
    own.split('.')
        .next()
        .filter(|stem| !stem.is_empty())
        .unwrap_or(own)
}

/// A host with one file in memory.
struct OneFile {
    name: String,
    bytes: std::rc::Rc<[u8]>,
}

struct Rest(std::rc::Rc<[u8]>, usize);

impl Chunks for Rest {
    fn read(&mut self, max: u32) -> Result<Option<Vec<u8>>> {
        let end = self.0.len().min(self.1.saturating_add(max as usize));
        let bytes = self.0.get(self.1..end).unwrap_or_default().to_vec();
        self.1 = end;
        Ok((!bytes.is_empty()).then_some(bytes))
    }
}

impl Host for OneFile {
    fn entries(&self, _input: &str, prefix: &str) -> Result<Vec<FileEntry>> {
        let entry = FileEntry {
            name: self.name.clone(),
            size_bytes: self.bytes.len() as u64,
            modified_ms: 0.0,
        };
        Ok(if self.name.starts_with(prefix) {
            vec![entry]
        } else {
            Vec::new()
        })
    }

    fn open(&self, _input: &str, _name: &str, offset_bytes: u64) -> Result<Box<dyn Chunks>> {
        let at = usize::try_from(offset_bytes).unwrap_or(usize::MAX);
        Ok(Box::new(Rest(self.bytes.clone(), at)))
    }

    fn rejects(&self, _rows: Vec<Reject>) {}

    fn notice(&self, _stream: &str, _code: &str, _message: &str) {}
}
