//! One exported file in memory: rows, the broken rows planted between them, and its bytes as CSV.

use csv::{StringRecord, Writer, WriterBuilder};

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

/// One exported file.
#[derive(Clone, Debug)]
pub struct Table {
    /// `crm`, `erp` or empty for truth files.
    pub folder: &'static str,
    /// File name without the ending.
    pub name: &'static str,
    /// Column names.
    pub header: &'static [&'static str],
    /// Good rows, each as wide as the header.
    pub rows: Vec<StringRecord>,
    /// Broken rows, in order of position.
    pub defects: Vec<Defect>,
}

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
            rows: Vec::new(),
            defects: Vec::new(),
        }
    }

    /// Appends a good row.
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
        self.rows.push(record);
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
        let mut writer = open(Vec::new());
        let mut places = Vec::new();
        writer.write_record(self.header)?;
        let mut line = 2_u64;
        let mut defects = self.defects.iter().peekable();
        for position in 0..=self.rows.len() {
            while let Some(defect) = defects.next_if(|d| d.before_row <= position) {
                places.push(Place {
                    file: self.file(),
                    line,
                    kind: defect.kind,
                });
                if defect.cells.is_empty() {
                    let mut bytes = writer
                        .into_inner()
                        .map_err(|e| csv::Error::from(e.into_error()))?;
                    bytes.push(b'\n');
                    writer = open(bytes);
                    line += 1;
                } else {
                    writer.write_record(&defect.cells)?;
                    line += lines(defect.cells.iter().map(String::as_str));
                }
            }
            if let Some(row) = self.rows.get(position) {
                writer.write_record(row)?;
                line += lines(row.iter());
            }
        }
        let bytes = writer
            .into_inner()
            .map_err(|e| csv::Error::from(e.into_error()))?;
        Ok((bytes, places))
    }
}

fn open(bytes: Vec<u8>) -> Writer<Vec<u8>> {
    WriterBuilder::new().flexible(true).from_writer(bytes)
}

/// Lines that a row takes in the file; a quoted cell may hold line breaks.
fn lines<'a>(cells: impl Iterator<Item = &'a str>) -> u64 {
    1 + cells
        .map(|c| c.bytes().filter(|b| *b == b'\n').count() as u64)
        .sum::<u64>()
}
