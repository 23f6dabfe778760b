//! The measured data, where it is present, read row by row: CSV, gzipped CSV and Parquet.

use parquet_rows::file::reader::{FileReader, SerializedFileReader};
use parquet_rows::record::{Field, Row};
use std::io::Read;

pub(super) use tsugi_plugin::testing::measured as folder;

/// The rows of a CSV file as text by column name, gzipped when its name says so.
pub(super) struct Sheet {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Sheet {
    pub(super) fn read(folder: &std::path::Path, name: &str) -> Self {
        let mut bytes = std::fs::read(folder.join(name)).unwrap();
        if name.ends_with(".gz") {
            let mut plain = Vec::new();
            flate2::read::GzDecoder::new(bytes.as_slice())
                .read_to_end(&mut plain)
                .unwrap();
            bytes = plain;
        }
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(bytes.as_slice());
        let texts = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect();
        let header = texts(reader.headers().unwrap());
        let rows = reader
            .records()
            .map(|record| texts(&record.unwrap()))
            .collect();
        Self { header, rows }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    fn at(&self, name: &str) -> usize {
        let found = self.header.iter().position(|column| column == name);
        found.unwrap_or_else(|| panic!("no column {name} in {:?}", self.header))
    }

    /// The texts of a column; empty ones are none.
    pub(super) fn texts(&self, name: &str) -> Vec<Option<String>> {
        let at = self.at(name);
        self.rows
            .iter()
            .map(|row| (!row[at].is_empty()).then(|| row[at].clone()))
            .collect()
    }

    /// The texts of a column that has one in every row.
    pub(super) fn names(&self, name: &str) -> Vec<String> {
        let at = self.at(name);
        self.rows.iter().map(|row| row[at].clone()).collect()
    }

    /// The numbers of a column; what is no number is NaN, `Inf` is infinite.
    pub(super) fn numbers(&self, name: &str) -> Vec<f64> {
        let at = self.at(name);
        self.rows
            .iter()
            .map(|row| row[at].parse().unwrap_or(f64::NAN))
            .collect()
    }

    /// Whether a column says true.
    pub(super) fn flags(&self, name: &str) -> Vec<bool> {
        self.names(name)
            .iter()
            .map(|text| text.eq_ignore_ascii_case("true"))
            .collect()
    }
}

/// The rows of a Parquet file.
pub(super) fn parquet(folder: &std::path::Path, name: &str) -> Vec<Row> {
    let file = std::fs::File::open(folder.join(name)).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    reader
        .get_row_iter(None)
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

/// A column of Parquet rows as texts.
pub(super) fn texts(rows: &[Row], name: &str) -> Vec<Option<String>> {
    column(rows, name, |field| match field {
        Field::Null => None,
        Field::Str(text) => Some(text.clone()),
        other => Some(other.to_string()),
    })
}

/// A column of Parquet rows as numbers.
pub(super) fn numbers(rows: &[Row], name: &str) -> Vec<Option<f64>> {
    column(rows, name, |field| match field {
        Field::Null => None,
        Field::Bool(truth) => Some(f64::from(u8::from(*truth))),
        Field::Byte(number) => Some(f64::from(*number)),
        Field::Short(number) => Some(f64::from(*number)),
        Field::Int(number) => Some(f64::from(*number)),
        Field::Long(number) => Some(*number as f64),
        Field::Float(number) => Some(f64::from(*number)),
        Field::Double(number) => Some(*number),
        other => other.to_string().parse().ok(),
    })
}

fn column<T>(rows: &[Row], name: &str, read: impl Fn(&Field) -> T) -> Vec<T> {
    rows.iter()
        .map(|row| {
            let mut columns = row.get_column_iter();
            let (_, field) = columns.find(|column| column.0 == name).unwrap();
            read(field)
        })
        .collect()
}

/// Whether two numbers agree within this part of the wanted one, or this much near 0.
pub(super) fn agree(got: f64, want: f64, relative: f64) -> bool {
    (got.is_infinite() && got == want) || (got - want).abs() <= relative * want.abs().max(relative)
}
