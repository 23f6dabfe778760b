//! The table functions as SQL sees them, and what several of them need to read rows and options.

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
use tsugi_plugin::{Date, Error, TableCall, Value};

pub use attribute::AttributeTable;
pub use changes::{ChangeEffectTable, ChangepointsTable, RecentShareTable};
pub use discovery::FalseDiscoveryTable;
pub use disproportionality::DisproportionalityTable;
pub use lots::LotWindowScanTable;
pub use places::{NearestTable, RegionScanTable};
pub use surge::SurgeTable;
pub use trace::TraceTable;

impl From<InputError> for Error {
    fn from(error: InputError) -> Self {
        let text = error.to_string();
        match error {
            InputError::BadOption { option, .. } => {
                Error::config(error.code(), text).at(format!("/{option}"))
            }
            InputError::Defect(_) => Error::defect(error.code(), text),
            _ => Error::give_up(error.code(), text),
        }
    }
}

/// A period: a number, a date, the UTC day of a timestamp, or an ISO 8601 date as text.
fn period(column: &str, value: &Value<'_>) -> Result<Option<When>, Error> {
    let found = match value {
        Value::Null => return Ok(None),
        Value::Int(number) => Some(When::Number(*number)),
        Value::UInt(number) => i64::try_from(*number).ok().map(When::Number),
        Value::Date(date) => Some(When::Day(*date)),
        Value::Timestamp(at) => Some(When::Day(at.date())),
        Value::Text(text) => text
            .get(..10)
            .filter(|_| text.len() == 10 || matches!(text.as_bytes().get(10), Some(b'T' | b' ')))
            .and_then(Date::parse)
            .map(When::Day),
        _ => None,
    };
    found.map(Some).ok_or_else(|| {
        let message = format!("column `{column}` holds something else than dates or whole numbers");
        Error::config("wrong-type", message).detail("cast it to DATE or BIGINT")
    })
}

/// An argument that is a date, as `2013-05-08` or with a time behind it.
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
