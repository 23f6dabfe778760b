//! The time between two moments as years, months, days and what remains.

use chrono::{Datelike as _, Months, NaiveDate, NaiveDateTime};

/// A distance in whole months, whole days and microseconds, all of one sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Age {
    pub(super) months: i32,
    pub(super) days: i32,
    pub(super) micros: i64,
}

impl Age {
    /// From `start` to `end`, as PostgreSQL and DuckDB count it: a month that was begun lasts as
    /// many days as the month of the earlier moment has.
    pub(super) fn between(start: NaiveDateTime, end: NaiveDateTime) -> Self {
        if end < start {
            let Self {
                months,
                days,
                micros,
            } = Self::between(end, start);
            return Self {
                months: -months,
                days: -days,
                micros: -micros,
            };
        }
        let mut micros = (end.time() - start.time()).num_microseconds().unwrap_or(0);
        let mut days = number(end.day()) - number(start.day());
        let mut months =
            (end.year() - start.year()) * 12 + number(end.month()) - number(start.month());
        if micros < 0 {
            micros += 86_400_000_000;
            days -= 1;
        }
        if days < 0 {
            days += number(days_in_month(start.date()));
            months -= 1;
        }
        Self {
            months,
            days,
            micros,
        }
    }
}

/// Whole months from `start` to `end`; the last day of a shorter month completes one that began on
/// a later day.
pub(super) fn whole_months(start: NaiveDateTime, end: NaiveDateTime) -> i64 {
    if end < start {
        return -whole_months(end, start);
    }
    let last = days_in_month(end.date());
    let mut start = start;
    if end.day() == last && start.day() > last {
        start = start.with_day(last).unwrap_or(start);
    }
    i64::from(Age::between(start, end).months)
}

/// The last day of the month of a date.
pub(super) fn last_day(date: NaiveDate) -> NaiveDate {
    date.with_day(days_in_month(date)).unwrap_or(date)
}

fn days_in_month(date: NaiveDate) -> u32 {
    let first = date.with_day(1).unwrap_or(date);
    let next = first.checked_add_months(Months::new(1));
    let last = next.and_then(|next| next.pred_opt());
    last.map_or(31, |last| last.day())
}

/// Days and months of chrono fit any integer.
fn number(of_calendar: u32) -> i32 {
    i32::try_from(of_calendar).unwrap_or(0)
}
