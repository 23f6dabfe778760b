//! The parts of time that `date_diff` and `date_sub` count.

use chrono::{DateTime, Datelike as _, NaiveDateTime};

use super::row_function::Computed;

const MICROS_A_SECOND: i64 = 1_000_000;
const MICROS_A_DAY: i64 = 86_400 * MICROS_A_SECOND;

/// What is counted: months, or microseconds, and how many make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Months(i64),
    Micros(i64),
    /// Seven days, whatever weekday they begin on.
    Weeks,
}

impl Part {
    /// The part of a name, in the spellings of DuckDB.
    pub(super) fn named(name: &str) -> Computed<Self> {
        Ok(match name.to_lowercase().as_str() {
            "millennium" | "millennia" | "millenniums" | "mil" | "mils" => Self::Months(12_000),
            "century" | "centuries" | "cent" | "c" => Self::Months(1200),
            "decade" | "decades" | "dec" | "decs" => Self::Months(120),
            "year" | "years" | "yr" | "yrs" | "y" => Self::Months(12),
            "quarter" | "quarters" => Self::Months(3),
            "month" | "months" | "mon" | "mons" => Self::Months(1),
            "week" | "weeks" | "w" => Self::Weeks,
            "day" | "days" | "d" => Self::Micros(MICROS_A_DAY),
            "hour" | "hours" | "hr" | "hrs" | "h" => Self::Micros(3600 * MICROS_A_SECOND),
            "minute" | "minutes" | "min" | "mins" | "m" => Self::Micros(60 * MICROS_A_SECOND),
            "second" | "seconds" | "sec" | "secs" | "s" => Self::Micros(MICROS_A_SECOND),
            "millisecond" | "milliseconds" | "ms" | "msec" | "msecs" => Self::Micros(1000),
            "microsecond" | "microseconds" | "us" | "usec" | "usecs" => Self::Micros(1),
            _ => {
                let known = "'year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second'";
                return Err(format!("'{name}' is no part of a date: write {known}"));
            }
        })
    }

    /// How often this part turns between two moments, in microseconds since 1970.
    pub(super) fn turns(self, from: i64, to: i64) -> Computed<i64> {
        Ok(match self {
            Self::Months(months) => month(to)?.div_euclid(months) - month(from)?.div_euclid(months),
            Self::Micros(micros) => to.div_euclid(micros) - from.div_euclid(micros),
            Self::Weeks => (to.div_euclid(MICROS_A_DAY) - from.div_euclid(MICROS_A_DAY)) / 7,
        })
    }
}

/// Months since the year 0.
fn month(micros: i64) -> Computed<i64> {
    let date = moment(micros)?;
    Ok(i64::from(date.year()) * 12 + i64::from(date.month0()))
}

/// The moment of the calendar.
pub(super) fn moment(micros: i64) -> Computed<NaiveDateTime> {
    let moment = DateTime::from_timestamp_micros(micros).map(|moment| moment.naive_utc());
    moment.ok_or_else(|| "the calendar does not reach so far".to_owned())
}
