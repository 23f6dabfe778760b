//! Dates and times as exports write them: ISO 8601, other forms that can mean one day only,
//! Japanese eras, and the patterns that a mapping states.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::{Offset, TimeZone};

use crate::mapping::{DateForm, Dialect};
use crate::values::clock::{Clock, clock, digits, small};
use crate::values::months::named;

/// Eras of the Japanese calendar: kanji, one sign, Latin initial, and the year before the first.
/// Source: National Diet Library, list of era names.
const ERAS: [(&str, &str, &str, i32); 5] = [
    ("令和", "㋿", "R", 2018),
    ("平成", "㍻", "H", 1988),
    ("昭和", "㍼", "S", 1925),
    ("大正", "㍽", "T", 1911),
    ("明治", "㍾", "M", 1867),
];

const SECONDS_A_DAY: i64 = 86_400;
/// The first year that a `%Y` with four digits can mean.
const YEAR_MIN: i16 = 1000;
const DAY_MICROS: i64 = SECONDS_A_DAY * 1_000_000;
/// Day 0 of the serial days of spreadsheets. They count a 29 February 1900 that never was, so that
/// days before 1900-03-01 are one less.
const SERIAL_START: Date = jiff::civil::date(1899, 12, 30);
/// Serial days that are read: 1900-03-01 to 9999-12-31.
const SERIAL_DAYS: std::ops::Range<f64> = 61.0..2_958_466.0;

/// A date and what stood behind it.
struct Read {
    date: Date,
    clock: Option<Clock>,
}

impl Read {
    fn day(date: Date) -> Self {
        Self { date, clock: None }
    }
}

/// The days since 1970-01-01 that `text` (trimmed, widths folded) means, if it means one.
pub(crate) fn days(text: &str, dialect: &Dialect, plain: bool) -> Option<i32> {
    let read = read(text, dialect, plain)?;
    let stated = read.clock.as_ref().and_then(|clock| clock.offset);
    let day = match stated {
        // The day of that instant where the clock of the file stood.
        Some(_) => {
            let instant = instant(&read, dialect)?;
            let local =
                instant + i64::from(offset_at(instant, &dialect.zone).seconds()) * 1_000_000;
            local.div_euclid(DAY_MICROS)
        }
        None => day_number(read.date),
    };
    i32::try_from(day).ok()
}

/// The microseconds since 1970-01-01T00:00Z that `text` (trimmed, widths folded) means. A
/// date alone means its midnight; without an offset the dialect's zone counts.
pub(crate) fn micros(text: &str, dialect: &Dialect, plain: bool) -> Option<i64> {
    instant(&read(text, dialect, plain)?, dialect)
}

/// Microseconds since 1970-01-01T00:00Z. Computed from civil days, since the library's instants end
/// a day before the years do, and `9999-12-31` is how systems write "no end".
fn instant(read: &Read, dialect: &Dialect) -> Option<i64> {
    let (mut date, mut time, mut stated) = (read.date, Time::midnight(), None);
    if let Some(clock) = &read.clock {
        (time, stated) = (clock.time, clock.offset);
        if clock.ends_day {
            date = date.tomorrow().ok()?;
        }
    }
    let nanos = time.duration_since(Time::midnight()).as_nanos();
    let civil = day_number(date) * DAY_MICROS + i64::try_from(nanos / 1_000).ok()?;
    let offset = match stated {
        Some(offset) => offset,
        None if dialect.zone == TimeZone::UTC => Offset::UTC,
        None => match dialect.zone.to_timestamp(DateTime::from_parts(date, time)) {
            Ok(found) => return Some(found.as_microsecond()),
            Err(_) => offset_at(civil, &dialect.zone),
        },
    };
    Some(civil - i64::from(offset.seconds()) * 1_000_000)
}

/// The offset of a zone at an instant; beyond what the library knows, that of its last one.
fn offset_at(micros: i64, zone: &TimeZone) -> Offset {
    let known = Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX);
    zone.to_offset(known)
}

/// Days since 1970-01-01.
fn day_number(date: Date) -> i64 {
    date.duration_since(jiff::civil::date(1970, 1, 1)).as_secs() / SECONDS_A_DAY
}

/// Whether a mapping's pattern can be used: it must read back the date it writes.
pub(crate) fn pattern_is_sound(pattern: &str) -> bool {
    let Ok(date) = Date::new(2026, 3, 31) else {
        return false;
    };
    let moment = DateTime::from_parts(date, Time::midnight());
    let Ok(moment) = Offset::UTC.to_timestamp(moment) else {
        return false;
    };
    let Ok(written) = jiff::fmt::strtime::format(pattern, &moment.to_zoned(TimeZone::UTC)) else {
        return false;
    };
    by_pattern(pattern, &written).is_some_and(|read| read.date == date)
}

/// `plain` text is ISO 8601 whatever the mapping states for text.
fn read(text: &str, dialect: &Dialect, plain: bool) -> Option<Read> {
    if plain && let Some(found) = unambiguous(text) {
        return Some(found);
    }
    for form in &dialect.dates {
        let found = match form {
            DateForm::Unambiguous => unambiguous(text),
            DateForm::Pattern(pattern) => by_pattern(pattern, text),
            DateForm::Serial => serial(text),
        };
        if found.is_some() {
            return found;
        }
    }
    if let Some(found) = dialect
        .timestamps
        .iter()
        .find_map(|pattern| by_pattern(pattern, text))
    {
        return Some(found);
    }
    // A stated pattern of days is often followed by a time of day.
    let (day, time) = text.split_at(text.find([' ', 'T'])?);
    let read = dialect.dates.iter().find_map(|form| match form {
        DateForm::Pattern(pattern) => by_pattern(pattern, day),
        DateForm::Unambiguous | DateForm::Serial => None,
    })?;
    Some(Read {
        date: read.date,
        clock: Some(clock(time)?),
    })
}

fn by_pattern(pattern: &str, text: &str) -> Option<Read> {
    let parts = BrokenDownTime::parse(pattern, text).ok()?;
    let date = parts.to_date().ok()?;
    // `%Y` takes fewer digits than four; `3/4/26` is no day of the first century.
    if date.year() < YEAR_MIN && pattern.contains("%Y") {
        return None;
    }
    let clock = parts.to_time().ok().map(|time| Clock {
        time,
        ends_day: false,
        offset: parts.offset(),
    });
    Some(Read { date, clock })
}

/// A number of days as spreadsheets count them, with the time of day as its fraction.
fn serial(text: &str) -> Option<Read> {
    let days: f64 = text.parse().ok()?;
    if !SERIAL_DAYS.contains(&days) {
        return None;
    }
    let seconds = (days.fract() * 86_400.0).round() as i64;
    let date = SERIAL_START.checked_add(jiff::Span::new().days(days.trunc() as i64));
    let time =
        Time::midnight().saturating_add(jiff::SignedDuration::from_secs(seconds.min(86_399)));
    let clock = (seconds > 0).then_some(Clock {
        time,
        ends_day: false,
        offset: None,
    });
    Some(Read {
        date: date.ok()?,
        clock,
    })
}

/// Whether a day stands before a time of day that is none: `2026/01/05 25:30`.
pub(crate) fn has_wrong_clock(text: &str, dialect: &Dialect) -> bool {
    let parts = text.find([' ', 'T']).map(|at| text.split_at(at));
    parts.is_some_and(|(day, rest)| {
        rest.contains(|c: char| c.is_ascii_digit())
            && days(day, dialect, false).is_some()
            && clock(rest).is_none()
    })
}

fn unambiguous(text: &str) -> Option<Read> {
    let (date, rest) = day(text).or_else(|| named(text))?;
    let rest = without_weekday(rest);
    if rest.is_empty() {
        return Some(Read::day(date));
    }
    Some(Read {
        date,
        clock: Some(clock(rest)?),
    })
}

/// A day in a form that can mean one day only, and the text after it.
fn day(text: &str) -> Option<(Date, &str)> {
    if let Some((year, rest)) = digits(text, 1, 8) {
        let length = text.len() - rest.len();
        match length {
            8 => return Some((date(year / 10_000, year / 100 % 100, year % 100)?, rest)),
            4 => return month_and_day(i32::try_from(year).ok()?, rest),
            1 | 2 => {
                let (month, rest) = digits(rest.strip_prefix('.')?, 1, 2)?;
                let (full_year, after) = digits(rest.strip_prefix('.')?, 4, 4)?;
                return Some((date(full_year, month, year)?, after));
            }
            _ => return None,
        }
    }
    let (before, rest) = ERAS.iter().find_map(|(kanji, sign, initial, before)| {
        text.strip_prefix(kanji)
            .or_else(|| text.strip_prefix(sign))
            .or_else(|| text.strip_prefix(initial))
            .map(|rest| (*before, rest))
    })?;
    let (year, rest) = match rest.strip_prefix('元') {
        Some(rest) => (1, rest),
        None => digits(rest, 1, 2)?,
    };
    month_and_day(before + i32::try_from(year).ok()?, rest)
}

fn month_and_day(year: i32, rest: &str) -> Option<(Date, &str)> {
    let mark = rest.chars().next()?;
    let (month, rest) = digits(&rest[mark.len_utf8()..], 1, 2)?;
    let rest = match mark {
        '年' => rest.strip_prefix('月')?,
        '-' | '/' | '.' => rest.strip_prefix(mark)?,
        _ => return None,
    };
    let (day, rest) = digits(rest, 1, 2)?;
    let rest = if mark == '年' {
        rest.strip_prefix('日')?
    } else {
        rest
    };
    Some((date(u32::try_from(year).ok()?, month, day)?, rest))
}

/// Behind a day: `(火)`.
fn without_weekday(rest: &str) -> &str {
    let inside = rest.trim_start().strip_prefix('(');
    inside
        .and_then(|inside| inside.split_once(')'))
        .filter(|(word, _)| !word.is_empty() && word.chars().all(char::is_alphabetic))
        .map_or(rest, |(_, after)| after)
}

fn date(year: u32, month: u32, day: u32) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()
}

#[cfg(test)]
mod tests;
