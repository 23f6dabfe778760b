//! A folder in memory in place of the host's, and rows as text to compare.
#![allow(dead_code, clippy::unwrap_used)]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use tsugi_reading::{
    Chunks, ColumnType, Config, Counts, Embedded, FileEntry, FileState, Host, OutputColumn,
    ReadError, Reject, Request, Result, Rows, STATE_VERSION, State, StreamReader,
};

/// Files with their modification times, and what was reported.
#[derive(Clone, Default)]
pub(crate) struct Folder(Rc<Inside>);

/// Bytes and modification time.
type Stored = (Rc<Vec<u8>>, f64);

#[derive(Default)]
struct Inside {
    files: RefCell<BTreeMap<String, Stored>>,
    rejects: RefCell<Vec<Reject>>,
    notices: RefCell<Vec<(String, String)>>,
    chunk_bytes: RefCell<usize>,
}

impl Folder {
    pub(crate) fn with(name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        let folder = Self::default();
        folder.put(name, bytes, 1.0);
        folder
    }

    pub(crate) fn put(&self, name: &str, bytes: impl Into<Vec<u8>>, modified_ms: f64) {
        self.0
            .files
            .borrow_mut()
            .insert(name.to_owned(), (Rc::new(bytes.into()), modified_ms));
    }

    pub(crate) fn remove(&self, name: &str) {
        self.0.files.borrow_mut().remove(name);
    }

    /// Gives at most so many bytes at a read.
    pub(crate) fn chunk_bytes(self, bytes: usize) -> Self {
        *self.0.chunk_bytes.borrow_mut() = bytes;
        self
    }

    pub(crate) fn take_rejects(&self) -> Vec<Reject> {
        self.0.rejects.take()
    }

    pub(crate) fn take_notices(&self) -> Vec<(String, String)> {
        self.0.notices.take()
    }
}

struct Open(Rc<Vec<u8>>, usize, usize);

impl Chunks for Open {
    fn read(&mut self, max: u32) -> Result<Option<Vec<u8>>> {
        let end = self
            .0
            .len()
            .min(self.1.saturating_add(self.2.min(max as usize)));
        let bytes = self.0.get(self.1..end).unwrap_or(&[]).to_vec();
        self.1 = end;
        Ok((!bytes.is_empty()).then_some(bytes))
    }
}

impl Host for Folder {
    fn entries(&self, input: &str, prefix: &str) -> Result<Vec<FileEntry>> {
        if input != "exports" {
            return Err(ReadError::config(
                "denied",
                format!("`{input}` is not granted"),
            ));
        }
        let files = self.0.files.borrow();
        let entry = |(name, (bytes, modified)): (&String, &(Rc<Vec<u8>>, f64))| FileEntry {
            name: name.clone(),
            size_bytes: bytes.len() as u64,
            modified_ms: *modified,
        };
        Ok(files
            .iter()
            .filter(|(name, _)| name.starts_with(prefix))
            .map(entry)
            .collect())
    }

    fn open(&self, _input: &str, name: &str, offset_bytes: u64) -> Result<Box<dyn Chunks>> {
        let files = self.0.files.borrow();
        let (bytes, _) = files
            .get(name)
            .ok_or_else(|| ReadError::config("missing-file", name))?;
        let chunk = *self.0.chunk_bytes.borrow();
        Ok(Box::new(Open(
            bytes.clone(),
            offset_bytes as usize,
            if chunk == 0 { usize::MAX } else { chunk },
        )))
    }

    fn rejects(&self, rows: Vec<Reject>) {
        self.0.rejects.borrow_mut().extend(rows);
    }

    fn notice(&self, _stream: &str, code: &str, message: &str) {
        self.0
            .notices
            .borrow_mut()
            .push((code.to_owned(), message.to_owned()));
    }
}

/// A mapping with one stream `rows` over `*.csv` of which any share may be rejected; `dialect` and
/// `columns` are TOML.
pub(crate) fn mapping(dialect: &str, columns: &str) -> String {
    format!(
        "version = 1\nname = \"test\"\nstatus = \"assumed\"\nsources = [\"this test\"]\n[dialect]\n{dialect}\n\
         [streams.rows]\nfiles = [\"*.csv\"]\nrejects_max = \"100%\"\ncolumns = [{columns}]\n"
    )
}

/// The columns most tests use: a key, a text, a whole number, a money amount and a date.
pub(crate) const PLAIN: &str = r#"
    { name = "id", type = "text", key = true, headings = ["id", "顧客番号", "Kundennummer"] },
    { name = "text", type = "text", headings = ["text", "備考", "Bemerkung"] },
    { name = "quantity", type = "integer", headings = ["quantity", "数量", "Menge"] },
    { name = "amount", type = "decimal(12,2)", headings = ["amount", "金額", "Betrag"] },
    { name = "day", type = "date", headings = ["day", "日付", "Datum"] },
"#;

pub(crate) fn config_of(mapping: &str, config: &str, host: &Folder) -> Result<Config> {
    let text: &'static str = Box::leak(mapping.to_owned().into_boxed_str());
    let embedded: &'static [Embedded] = Box::leak(Box::new([("test", text)]));
    tsugi_reading::load_config(config, embedded, host)
}

pub(crate) type Row = Vec<Option<String>>;

/// Everything one read gave.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Read {
    pub rows: Vec<Row>,
    pub rejects: Vec<Reject>,
    /// Each with the rows and rejects that came up to it.
    pub checkpoints: Vec<(usize, usize, State)>,
    pub counts: Counts,
    pub largest_step_bytes: usize,
}

/// Reads a stream to its end.
pub(crate) fn read(host: &Folder, config: Config, request: Request) -> Result<Read> {
    let mut read = Read::default();
    let mut reader = StreamReader::open(host.clone(), config, request)?;
    let columns = reader.columns().to_vec();
    loop {
        let step = reader.next_step();
        read.rejects.extend(host.take_rejects());
        let step = step?;
        if let Some(rows) = &step.rows {
            let bytes = rows.buffers.iter().map(Vec::len).sum();
            read.largest_step_bytes = read.largest_step_bytes.max(bytes);
            read.rows.extend(decode(rows, &columns));
        }
        if step.checkpoint.is_some() {
            let state = round_trip(reader.state())?;
            read.checkpoints
                .push((read.rows.len(), read.rejects.len(), state));
        }
        if step.done {
            read.counts = reader.counts();
            return Ok(read);
        }
    }
}

/// A state as it comes back from where it was kept.
pub(crate) fn round_trip(state: &State) -> Result<State> {
    let again = |file: &FileState| FileState::decode(STATE_VERSION, &file.encode());
    Ok(State::of(
        state.files.iter().map(again).collect::<Result<_>>()?,
    ))
}

/// All columns of the stream `rows`, without limit.
pub(crate) fn all() -> Request {
    Request {
        stream: "rows".to_owned(),
        ..Request::default()
    }
}

/// Rows as text, checked for what the host checks: lengths, offsets, UTF-8.
fn decode(rows: &Rows, columns: &[OutputColumn]) -> Vec<Row> {
    let count = rows.count as usize;
    let mut buffers = rows.buffers.iter();
    let mut out = vec![Row::new(); count];
    for (column, nulls) in columns.iter().zip(&rows.nulls) {
        let validity = buffers.next().unwrap();
        let data = buffers.next().unwrap();
        let text = (column.kind == ColumnType::Text).then(|| buffers.next().unwrap());
        assert_eq!(validity.is_empty(), *nulls == 0);
        assert!(
            column.nullable || *nulls == 0,
            "{} holds nulls",
            column.name
        );
        let mut found_nulls = 0;
        for (row, cells) in out.iter_mut().enumerate() {
            let valid = validity.is_empty() || validity[row / 8] >> (row % 8) & 1 == 1;
            found_nulls += u32::from(!valid);
            cells.push(valid.then(|| cell(column.kind, data, text, row)));
        }
        assert_eq!(found_nulls, *nulls);
    }
    assert!(buffers.next().is_none());
    out
}

fn cell(kind: ColumnType, data: &[u8], text: Option<&Vec<u8>>, row: usize) -> String {
    let wide = |at: usize| i64::from_le_bytes(data[at * 8..at * 8 + 8].try_into().unwrap());
    let narrow = |at: usize| i32::from_le_bytes(data[at * 4..at * 4 + 4].try_into().unwrap());
    match kind {
        ColumnType::Text => {
            let span = narrow(row) as usize..narrow(row + 1) as usize;
            std::str::from_utf8(&text.unwrap()[span])
                .unwrap()
                .to_owned()
        }
        ColumnType::Integer | ColumnType::Timestamp => wide(row).to_string(),
        ColumnType::Number => f64::from_bits(wide(row) as u64).to_string(),
        ColumnType::Decimal { .. } => {
            i128::from_le_bytes(data[row * 16..row * 16 + 16].try_into().unwrap()).to_string()
        }
        ColumnType::Boolean => (data[row / 8] >> (row % 8) & 1 == 1).to_string(),
        ColumnType::Date => narrow(row).to_string(),
    }
}

pub(crate) fn row(cells: &[&str]) -> Row {
    cells
        .iter()
        .map(|cell| (!cell.is_empty()).then(|| (*cell).to_owned()))
        .collect()
}
