//! Dates and times as exports write them: ISO 8601, other forms that can mean one day only,
//! Japanese eras, and the patterns that a mapping states.

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::{Offset, TimeZone};

use crate::mapping::{DateForm, Dialect};
use crate::values::clock::{clock, digits, small};
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

/// A date and what stood behind it.
struct Read {
    date: Date,
    time: Option<Time>,
    offset: Option<Offset>,
}

/// The days since 1970-01-01 that `text` (trimmed, widths folded) means, if it means one.
pub fn days(text: &str, dialect: &Dialect, plain: bool) -> Option<i32> {
    let read = read(text, dialect, plain)?;
    let date = match (read.time, read.offset) {
        (Some(time), Some(offset)) => {
            let instant = offset
                .to_timestamp(DateTime::from_parts(read.date, time))
                .ok()?;
            dialect.zone.to_datetime(instant).date()
        }
        _ => read.date,
    };
    let midnight = Offset::UTC
        .to_timestamp(DateTime::from_parts(date, Time::midnight()))
        .ok()?;
    i32::try_from(midnight.as_second().div_euclid(SECONDS_A_DAY)).ok()
}

/// The microseconds since 1970-01-01T00:00Z that `text` (trimmed, widths folded) means. A
/// date alone means its midnight; without an offset the dialect's zone counts.
pub fn micros(text: &str, dialect: &Dialect, plain: bool) -> Option<i64> {
    let read = read(text, dialect, plain)?;
    let moment = DateTime::from_parts(read.date, read.time.unwrap_or(Time::midnight()));
    let instant = match read.offset {
        Some(offset) => offset.to_timestamp(moment).ok()?,
        None if dialect.zone == TimeZone::UTC => Offset::UTC.to_timestamp(moment).ok()?,
        None => dialect.zone.to_timestamp(moment).ok()?,
    };
    Some(instant.as_microsecond())
}

/// Whether a mapping's pattern can be used: it must read back the date it writes.
pub fn pattern_is_sound(pattern: &str) -> bool {
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
        DateForm::Unambiguous => None,
    })?;
    let (time, offset) = clock(time)?;
    Some(Read {
        date: read.date,
        time: Some(time),
        offset,
    })
}

fn by_pattern(pattern: &str, text: &str) -> Option<Read> {
    let parts = BrokenDownTime::parse(pattern, text).ok()?;
    Some(Read {
        date: parts.to_date().ok()?,
        time: parts.to_time().ok(),
        offset: parts.offset(),
    })
}

fn unambiguous(text: &str) -> Option<Read> {
    let (date, rest) = day(text).or_else(|| named(text))?;
    let rest = without_weekday(rest);
    if rest.is_empty() {
        return Some(Read {
            date,
            time: None,
            offset: None,
        });
    }
    let (time, offset) = clock(rest)?;
    Some(Read {
        date,
        time: Some(time),
        offset,
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
mod tests {
    use super::*;

    const DAY: i32 = 20_543; // 2026-03-31

    #[test]
    fn forms_that_mean_one_day() {
        let dialect = Dialect::default();
        let forms = [
            "2026-03-31",
            "2026/3/31",
            "2026.03.31",
            "20260331",
            "31.3.2026",
            "31.03.2026",
            "2026年3月31日",
            "令和8年3月31日",
            "R8.3.31",
            "㋿8年3月31日",
            "2026年3月31日(火) 午後2時5分",
            "2026/03/31 14時05分09秒",
            "2026-03-31 2:05 PM",
            "31. März 2026",
            "31-Mar-2026",
            "Mar 31, 2026 2:05:09 pm",
            "Tue, 31 Mar 2026 14:05:09 +0000",
            "31 de março de 2026",
            "31 mars 2026",
            "2026 March 31st",
            "2026-03-31 14:05",
            "2026-03-31T14:05:09.123456Z",
            "2026-03-31T00:30:00+00:00",
        ];
        for form in forms {
            assert_eq!(days(form, &dialect, false), Some(DAY), "{form}");
        }
        let wrong = [
            "",
            "03/31/2026",
            "31/3/2026",
            "2026-02-30",
            "2026-13-01",
            "2026-3",
            "2026-03-31x",
            "26-03-31",
            "99999999999999",
            "2026年3-31",
            "2026-03-31T25:00",
            "2026-03-31 10:00 +9",
            "R",
            "H99",
            "31 Smarch 2026",
            "31 March 26",
            "31 March",
            "31 March April 2026",
            "2026-03-31 13:05 PM",
            "2026-03-31 (火",
        ];
        for form in wrong {
            assert_eq!(days(form, &dialect, false), None, "{form}");
        }
        assert_eq!(
            days("平成元年1月8日", &dialect, false),
            days("1989-01-08", &dialect, false)
        );
        assert_eq!(days("1969-12-31", &dialect, false), Some(-1));
    }

    #[test]
    fn zones_and_offsets() {
        let tokyo = Dialect {
            zone: TimeZone::get("Asia/Tokyo").unwrap(),
            ..Dialect::default()
        };
        let noon = i64::from(DAY) * SECONDS_A_DAY * 1_000_000 + 12 * 3_600_000_000;
        assert_eq!(
            micros("2026-03-31 12:00", &Dialect::default(), false),
            Some(noon)
        );
        assert_eq!(micros("2026-03-31 21:00:00", &tokyo, false), Some(noon));
        assert_eq!(
            micros("2026-03-31T14:00:00+02:00", &tokyo, false),
            Some(noon)
        );
        assert_eq!(
            micros("2026-03-31T14:00:00.000250+0200", &tokyo, false),
            Some(noon + 250)
        );
        assert_eq!(
            days("2026-03-30T23:00:00Z", &tokyo, false),
            Some(DAY),
            "the day in Tokyo"
        );
        assert_eq!(
            micros("2026-03-31", &tokyo, false),
            Some(noon - 21 * 3_600_000_000)
        );
    }

    #[test]
    fn stated_patterns() {
        let dialect = Dialect {
            dates: vec![DateForm::Pattern("%d/%m/%Y".to_owned())],
            ..Dialect::default()
        };
        assert_eq!(days("31/03/2026", &dialect, false), Some(DAY));
        assert_eq!(days("03/31/2026", &dialect, false), None);
        assert_eq!(
            days("2026-03-31", &dialect, false),
            None,
            "only what the mapping states"
        );
        assert_eq!(
            micros("31/03/2026 00:00:01", &dialect, false),
            Some(i64::from(DAY) * SECONDS_A_DAY * 1_000_000 + 1_000_000)
        );
        assert!(
            pattern_is_sound("%d/%m/%Y")
                && pattern_is_sound("%m/%d/%Y %H:%M")
                && pattern_is_sound("%d %b %Y")
        );
        assert!(
            !pattern_is_sound("%d/%m")
                && !pattern_is_sound("dd.mm.yyyy")
                && !pattern_is_sound("%Q")
        );
    }
}
