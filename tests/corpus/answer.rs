//! An answer of either engine, in one form that can be compared and shown.

use std::cmp::Ordering;
use std::fmt;

use arrow::array::{Array, ArrayRef, AsArray as _, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimeUnit};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use serde_json::Value;

/// What an engine answered.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    Rows(Vec<Vec<Cell>>),
    Refused(String),
}

/// One value of a row.
#[derive(Debug, Clone)]
pub(super) enum Cell {
    Null,
    Truth(bool),
    Number(String),
    Text(String),
    /// A date, a time, an interval: as ISO text without trailing zeros of a fraction.
    Time(String),
    List(Vec<Cell>),
}

/// Shown answers are cut here.
const SHOWN_MAX: usize = 240;

impl Answer {
    /// Whether both say the same.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Rows(ours), Self::Rows(theirs)) => {
                ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| same_cells(a, b))
            }
            (Self::Refused(_), Self::Refused(_)) => true,
            _ => false,
        }
    }

    /// The same answer, its rows in some order that both engines' rows get.
    pub(super) fn sorted(mut self) -> Self {
        if let Self::Rows(rows) = &mut self {
            rows.sort_by(|a, b| {
                let cells = a.iter().zip(b).map(|(a, b)| a.order(b));
                cells.fold(Ordering::Equal, Ordering::then)
            });
        }
        self
    }

    /// Whether the engine refused the statement.
    pub(super) fn is_refused(&self) -> bool {
        matches!(self, Self::Refused(_))
    }

    /// The answer of the judge, from a line of JSON.
    pub(super) fn of_json(line: &str) -> Self {
        let answer: Value = serde_json::from_str(line).expect("a line of JSON");
        if let Some(error) = answer.get("error") {
            return Self::Refused(error.to_string());
        }
        let rows = answer["rows"].as_array().expect("rows").iter();
        Self::Rows(
            rows.map(|row| row.as_array().unwrap().iter().map(of_value).collect())
                .collect(),
        )
    }

    /// The answer of Tsugi, from batches.
    pub(super) fn of_batches(batches: &[RecordBatch]) -> Self {
        let mut rows = Vec::new();
        for batch in batches {
            let columns: Vec<Vec<Cell>> = batch.columns().iter().map(cells).collect();
            for row in 0..batch.num_rows() {
                rows.push(columns.iter().map(|column| column[row].clone()).collect());
            }
        }
        Self::Rows(rows)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Rows(rows) = self else {
            return f.write_str("refused");
        };
        let shown: Vec<String> = rows.iter().take(60).map(|row| list(row)).collect();
        let shown = shown.join(" ");
        match shown.char_indices().nth(SHOWN_MAX) {
            Some((end, _)) => write!(f, "{} … ({} rows)", &shown[..end], rows.len()),
            None if rows.is_empty() => f.write_str("no rows"),
            None => f.write_str(&shown),
        }
    }
}

fn list(cells: &[Cell]) -> String {
    let cells: Vec<String> = cells.iter().map(ToString::to_string).collect();
    format!("[{}]", cells.join(", "))
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Truth(truth) => write!(f, "{truth}"),
            Self::Number(number) => f.write_str(number),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Time(time) => write!(f, "@{time}"),
            Self::List(cells) => f.write_str(&list(cells)),
        }
    }
}

impl Cell {
    fn float(&self) -> Option<f64> {
        match self {
            Self::Number(number) => number.parse().ok(),
            _ => None,
        }
    }

    /// Some order, in which numbers that are the same stand at the same place.
    fn order(&self, other: &Self) -> Ordering {
        match (self.float(), other.float()) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            _ => self.to_string().cmp(&other.to_string()),
        }
    }
}

fn same_cells(ours: &[Cell], theirs: &[Cell]) -> bool {
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| same_cell(a, b))
}

/// Numbers are the same up to nine digits when one of them is a floating one, else exactly.
fn same_cell(ours: &Cell, theirs: &Cell) -> bool {
    match (ours, theirs) {
        (Cell::Null, Cell::Null) => true,
        (Cell::Truth(a), Cell::Truth(b)) => a == b,
        (Cell::Text(a), Cell::Text(b)) | (Cell::Time(a), Cell::Time(b)) => a == b,
        (Cell::List(a), Cell::List(b)) => same_cells(a, b),
        (Cell::Number(a), Cell::Number(b)) => {
            let is_whole = |text: &str| {
                text.trim_start_matches('-')
                    .bytes()
                    .all(|b| b.is_ascii_digit())
            };
            if a == b || is_whole(a) && is_whole(b) {
                return a == b;
            }
            let (Ok(a), Ok(b)) = (a.parse::<f64>(), b.parse::<f64>()) else {
                return false;
            };
            let scale = a.abs().max(b.abs()).max(1.0);
            a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-9 * scale
        }
        _ => false,
    }
}

/// `1.50` and `1.5` are one number, `3.0` is 3.
fn number(text: &str) -> Cell {
    let lower = text.to_lowercase();
    let is_plain = lower.contains('.') && !lower.contains('e');
    let text = match is_plain {
        true => lower.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => lower,
    };
    Cell::Number(match text.as_str() {
        "-0" => "0".to_owned(),
        _ => text,
    })
}

fn time(text: &str) -> Cell {
    let text = text.replace('Z', "+00:00");
    let (moment, zone) = match text.find('+') {
        Some(at) => text.split_at(at),
        None => (text.as_str(), ""),
    };
    let moment = match moment.contains('.') {
        true => moment.trim_end_matches('0').trim_end_matches('.'),
        false => moment,
    };
    Cell::Time(format!("{moment}{zone}"))
}

fn of_value(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Bool(truth) => Cell::Truth(*truth),
        Value::String(text) => Cell::Text(text.clone()),
        Value::Array(all) => Cell::List(all.iter().map(of_value).collect()),
        Value::Object(one) => match (one.get("n"), one.get("t")) {
            (Some(Value::String(text)), _) => number(text),
            (_, Some(Value::String(text))) => time(text),
            _ => panic!("the judge sends no {value}"),
        },
        Value::Number(_) => panic!("the judge sends numbers as text"),
    }
}

/// Every value of a column.
fn cells(column: &ArrayRef) -> Vec<Cell> {
    use DataType as T;
    if let T::Timestamp(_, Some(_)) = column.data_type() {
        let utc = T::Timestamp(TimeUnit::Microsecond, Some("+00:00".into()));
        return formatted(&cast(column, &utc).unwrap());
    }
    match column.data_type() {
        T::List(_) => {
            let lists = column.as_list::<i32>();
            let each = lists.iter().map(|list| list.map(|list| cells(&list)));
            each.map(|list| list.map_or(Cell::Null, Cell::List))
                .collect()
        }
        T::Struct(_) => {
            let fields: Vec<Vec<Cell>> = column.as_struct().columns().iter().map(cells).collect();
            let one = |row: usize| match column.is_null(row) {
                true => Cell::Null,
                false => Cell::List(fields.iter().map(|field| field[row].clone()).collect()),
            };
            (0..column.len()).map(one).collect()
        }
        _ => formatted(column),
    }
}

fn formatted(column: &ArrayRef) -> Vec<Cell> {
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(column, &options).unwrap();
    let one = |row: usize| {
        if column.is_null(row) {
            return Cell::Null;
        }
        let text = formatter.value(row).to_string();
        match column.data_type() {
            DataType::Null => Cell::Null,
            DataType::Boolean => Cell::Truth(text == "true"),
            kind if kind.is_numeric() => number(&text),
            kind if kind.is_temporal() => time(&text),
            _ => Cell::Text(text),
        }
    };
    (0..column.len()).map(one).collect()
}
