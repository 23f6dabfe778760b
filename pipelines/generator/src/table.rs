//! One exported file: rows, the broken rows planted between them, and its bytes as CSV.

use std::fs::File;
use std::io::{BufReader, Cursor, Error, Read, Seek as _, SeekFrom, Write};
use std::sync::{Mutex, OnceLock, PoisonError};

use csv::{ReaderBuilder, StringRecord, StringRecordsIntoIter, Writer, WriterBuilder};

/// A row that is broken on purpose, written before the good row at `before_row`.
#[derive(Clone, Debug)]
pub struct Defect {
    /// Position among the good rows, counted from 0.
    pub before_row: usize,
    /// The cells as they stand in the file; none at all makes a blank line.
    pub cells: Vec<String>,
    /// What is wrong, as one word.
    pub kind: &'static str,
}

/// One exported file. Its rows are kept as they will be written, from some megabytes on in a file without a name,
/// so that a business of any size fits in memory with its largest file.
#[derive(Debug)]
pub struct Table {
    /// `crm`, `erp` or empty for truth files.
    pub folder: &'static str,
    /// File name without the ending.
    pub name: &'static str,
    /// Column names.
    pub header: &'static [&'static str],
    /// Broken rows, in order of position.
    pub defects: Vec<Defect>,
    rows: usize,
    spool: Mutex<Spool>,
    read: OnceLock<Vec<StringRecord>>,
}

/// Rows on their way: the last ones in memory, those before them in a file.
#[derive(Debug)]
struct Spool {
    writer: Writer<Vec<u8>>,
    file: Option<File>,
    failed: Option<Error>,
}

/// Bytes of rows that stay in memory.
const KEPT_MAX_BYTES: usize = 8 << 20;

/// Where a planted broken row ended up in the written file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `crm/reviews.csv`.
    pub file: String,
    /// Line in the file, counted from 1 with the header as line 1.
    pub line: u64,
    /// What is wrong, as one word.
    pub kind: &'static str,
}

impl Table {
    /// An empty file with its columns.
    pub fn new(folder: &'static str, name: &'static str, header: &'static [&'static str]) -> Self {
        Table {
            folder,
            name,
            header,
            defects: Vec::new(),
            rows: 0,
            spool: Mutex::new(Spool {
                writer: open(Vec::new()),
                file: None,
                failed: None,
            }),
            read: OnceLock::new(),
        }
    }

    /// Appends a good row, as wide as the header. A failure to buffer it is returned by
    /// [`Table::records`] and [`Table::write`].
    pub fn push<I, T>(&mut self, cells: I)
    where
        I: IntoIterator<Item = T>,
        T: AsRef<str>,
    {
        let mut record = StringRecord::with_capacity(96, self.header.len());
        for cell in cells {
            record.push_field(cell.as_ref());
        }
        debug_assert_eq!(record.len(), self.header.len(), "{}", self.name);
        self.rows += 1;
        let spool = self.spool.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = spool.push(&record) {
            spool.failed.get_or_insert(error);
        }
    }

    /// Good rows.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there is no good row.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The good rows one by one.
    pub fn records(&self) -> csv::Result<StringRecordsIntoIter<Box<dyn Read>>> {
        let mut spool = self.spool.lock().unwrap_or_else(PoisonError::into_inner);
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .from_reader(spool.again()?);
        Ok(reader.into_records())
    }

    /// All good rows in memory, for tests on a small sample; none when they could not be buffered.
    pub fn rows(&self) -> &[StringRecord] {
        self.read.get_or_init(|| {
            let rows = self.records().and_then(Iterator::collect);
            rows.unwrap_or_default()
        })
    }

    /// `crm/reviews.csv`, or `truth_texts.csv` when there is no folder.
    pub fn file(&self) -> String {
        if self.folder.is_empty() {
            format!("{}.csv", self.name)
        } else {
            format!("{}/{}.csv", self.folder, self.name)
        }
    }

    /// The file's bytes, and the lines at which the broken rows stand.
    pub fn encode(&self) -> csv::Result<(Vec<u8>, Vec<Place>)> {
        let mut bytes = Vec::new();
        let places = self.write(&mut bytes)?;
        Ok((bytes, places))
    }

    /// Writes the file; returns the lines at which the broken rows stand.
    pub fn write(&self, out: &mut impl Write) -> csv::Result<Vec<Place>> {
        let mut writer = open(&mut *out);
        let mut places = Vec::new();
        writer.write_record(self.header)?;
        let mut line = 2_u64;
        let mut defects = self.defects.iter().peekable();
        let mut rows = self.records()?;
        for position in 0..=self.rows {
            while let Some(defect) = defects.next_if(|d| d.before_row <= position) {
                places.push(Place {
                    file: self.file(),
                    line,
                    kind: defect.kind,
                });
                if defect.cells.is_empty() {
                    writer.flush()?;
                    drop(writer);
                    out.write_all(b"\n")?;
                    writer = open(&mut *out);
                    line += 1;
                } else {
                    writer.write_record(&defect.cells)?;
                    line += lines(defect.cells.iter().map(String::as_str));
                }
            }
            if let Some(row) = rows.next().transpose()? {
                writer.write_record(&row)?;
                line += lines(row.iter());
            }
        }
        writer.flush()?;
        Ok(places)
    }
}

impl Spool {
    fn push(&mut self, record: &StringRecord) -> Result<(), Error> {
        self.writer.write_record(record)?;
        if self.writer.get_ref().len() < KEPT_MAX_BYTES {
            return Ok(());
        }
        self.writer.flush()?;
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        file.seek(SeekFrom::End(0))?;
        file.write_all(self.writer.get_ref())?;
        self.writer = open(Vec::with_capacity(KEPT_MAX_BYTES + 4096));
        Ok(())
    }

    /// All rows from the first on.
    fn again(&mut self) -> csv::Result<Box<dyn Read>> {
        if let Some(error) = self.failed.take() {
            return Err(error.into());
        }
        self.writer.flush()?;
        let kept = Cursor::new(self.writer.get_ref().clone());
        let Some(file) = &self.file else {
            return Ok(Box::new(kept));
        };
        let mut file = file.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Box::new(
            BufReader::with_capacity(1 << 16, file).chain(kept),
        ))
    }
}

fn open<W: Write>(out: W) -> Writer<W> {
    WriterBuilder::new().flexible(true).from_writer(out)
}

/// Lines that a row takes in the file; a quoted cell may hold line breaks.
fn lines<'a>(cells: impl Iterator<Item = &'a str>) -> u64 {
    1 + cells
        .map(|c| c.bytes().filter(|b| *b == b'\n').count() as u64)
        .sum::<u64>()
}
