//! The table functions as SQL sees them, and what both need: columns read value by value, answers
//! given out in batches.

mod attribute;
mod changes;
mod discovery;
mod disproportionality;
mod lots;
mod places;
mod surge;
mod trace;

use crate::input::{InputError, level};
use crate::series::clock::When;
use std::borrow::Cow;
use tsugi_plugin::typed::Write;
use tsugi_plugin::{Batch, Column, Date, Error, Rows, TableCall, Value};

pub use attribute::AttributeTable;
pub use changes::{ChangeEffectTable, ChangepointsTable, RecentShareTable};
pub use discovery::FalseDiscoveryTable;
pub use disproportionality::DisproportionalityTable;
pub use lots::LotWindowScanTable;
pub use places::{NearestTable, RegionScanTable};
pub use surge::SurgeTable;
pub use trace::TraceTable;

/// Rows given out at once: small enough that no batch is long in the making.
const ROWS_MAX: usize = 4096;

impl From<InputError> for Error {
    fn from(error: InputError) -> Self {
        let text = error.to_string();
        match error {
            InputError::BadOption { option, .. } => {
                Error::config(error.code(), text).at(format!("/{option}"))
            }
            _ => Error::give_up(error.code(), text),
        }
    }
}

/// What a call is doing: taking rows in, or giving the answer out.
enum Stage<Reader, Answer> {
    Reading(Reader),
    Answering(Answer),
    Done,
}

/// The columns of the only port, by the names that are needed.
fn columns_there<'n>(
    call: &TableCall,
    names: impl IntoIterator<Item = &'n str>,
) -> Result<(), Error> {
    let schema = call
        .input(0)
        .ok_or_else(|| Error::defect("bad-binding", "the input is not given"))?;
    schema.select(names).map(|_| ())
}

fn has_column(call: &TableCall, name: &str) -> bool {
    call.input(0)
        .is_some_and(|schema| schema.index_of(name).is_some())
}

/// A column read value by value: numbers of any width, texts or what reads as text.
struct Reading<'a>(Option<Column<'a>>);

impl<'a> Reading<'a> {
    fn text(&self, row: usize) -> Option<Cow<'a, str>> {
        self.0.as_ref()?.value(row).text()
    }

    /// `Err` when there is a value but no number.
    fn number(&self, row: usize) -> Result<Option<f64>, Error> {
        let Some(column) = self.0.as_ref() else {
            return Ok(None);
        };
        let value = column.value(row);
        match value.number() {
            None if !value.is_null() => {
                let message = format!("column `{}` holds no numbers", column.name());
                Err(Error::config("wrong-type", message).detail("cast it to BIGINT or DOUBLE"))
            }
            number => Ok(number),
        }
    }
}

/// A period: a number, a date, the UTC day of a timestamp, or an ISO 8601 date as text.
fn period(column: &Reading<'_>, row: usize) -> Result<Option<When>, Error> {
    let Some(column) = column.0.as_ref() else {
        return Ok(None);
    };
    let found = match column.value(row) {
        Value::Null => return Ok(None),
        Value::Int(number) => Some(When::Number(number)),
        Value::UInt(number) => i64::try_from(number).ok().map(When::Number),
        Value::Date(date) => Some(When::Day(date)),
        Value::Timestamp(at) => Some(When::Day(at.date())),
        Value::Text(text) => text
            .get(..10)
            .filter(|_| text.len() == 10 || matches!(text.as_bytes().get(10), Some(b'T' | b' ')))
            .and_then(Date::parse)
            .map(When::Day),
        _ => None,
    };
    found.map(Some).ok_or_else(|| {
        let message = format!(
            "column `{}` holds something else than dates or whole numbers",
            column.name()
        );
        Error::config("wrong-type", message).detail("cast it to DATE or BIGINT")
    })
}

/// A date given as an argument, as `2013-05-08` or with a time behind it.
fn day_of(option: &'static str, text: &str) -> Result<Date, InputError> {
    let read = text.get(..10).and_then(Date::parse);
    read.ok_or_else(|| InputError::BadOption {
        option,
        given: format!("'{text}'"),
        reason: "it must be a date such as '2013-05-08'".to_owned(),
    })
}

fn level_of(call: &TableCall, option: &'static str, usual: f64) -> Result<f64, InputError> {
    level(option, call.number(option).unwrap_or(usual))
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The next batch of an answer.
fn given<Row: Write>(rows: impl IntoIterator<Item = Row>) -> Option<Batch> {
    let mut written = Rows::new();
    written.extend(rows);
    written
        .into_batches()
        .into_iter()
        .next()
        .filter(|batch| batch.rows() > 0)
}
