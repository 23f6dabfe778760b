//! Dates and times as exports write them: ISO 8601, other forms that can mean one day only,
//! Japanese eras, and the patterns that a mapping states.

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::{Offset, TimeZone};

use crate::mapping::{DateForm, Dialect};

/// Eras of the Japanese calendar: kanji, letter, and the year before the first.
/// Source: National Diet Library, list of era names.
const ERAS: [(&str, &str, i32); 5] = [
    ("令和", "R", 2018),
    ("平成", "H", 1988),
    ("昭和", "S", 1925),
    ("大正", "T", 1911),
    ("明治", "M", 1867),
];

const SECONDS_A_DAY: i64 = 86_400;

/// A date and what stood behind it.
struct Read {
    date: Date,
    time: Option<Time>,
    offset: Option<Offset>,
}

/// The days since 1970-01-01 that `text` (trimmed, widths folded) means, if it means one.
pub fn days(text: &str, dialect: &Dialect) -> Option<i32> {
    let read = read(text, dialect)?;
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
pub fn micros(text: &str, dialect: &Dialect) -> Option<i64> {
    let read = read(text, dialect)?;
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

fn read(text: &str, dialect: &Dialect) -> Option<Read> {
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
    let (date, rest) = day(text)?;
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
    let (before, rest) = ERAS.iter().find_map(|(kanji, letter, before)| {
        text.strip_prefix(kanji)
            .or_else(|| text.strip_prefix(letter))
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

/// `T14:05`, ` 14:05:09.123`, with or without `Z` or an offset behind it.
fn clock(text: &str) -> Option<(Time, Option<Offset>)> {
    let text = text.strip_prefix(['T', 't']).unwrap_or(text).trim_start();
    let (hour, rest) = digits(text, 1, 2)?;
    let (minute, mut rest) = digits(rest.strip_prefix(':')?, 2, 2)?;
    let (mut second, mut nanos) = (0, 0);
    if let Some(after) = rest.strip_prefix(':') {
        (second, rest) = digits(after, 2, 2)?;
        if let Some(after) = rest.strip_prefix(['.', ',']) {
            let (fraction, after) = digits(after, 1, 9)?;
            let length = rest.len() - after.len() - 1;
            nanos = fraction * 10_u32.pow(u32::try_from(9_usize.checked_sub(length)?).ok()?);
            rest = after;
        }
    }
    let time = Time::new(
        small(hour)?,
        small(minute)?,
        small(second)?,
        i32::try_from(nanos).ok()?,
    )
    .ok()?;
    Some((time, zone_offset(rest.trim_start())?))
}

/// The offset that `text` states, `Some(None)` when it states none, `None` when it is junk.
fn zone_offset(text: &str) -> Option<Option<Offset>> {
    if text.is_empty() {
        return Some(None);
    }
    if matches!(text, "Z" | "z" | "UTC" | "GMT") {
        return Some(Some(Offset::UTC));
    }
    let (sign, rest) = match text.strip_prefix('+') {
        Some(rest) => (1, rest),
        None => (-1, text.strip_prefix('-')?),
    };
    let (hours, minutes) = match (rest.len(), rest.split_once(':')) {
        (5, Some((hours, minutes))) => (digits(hours, 2, 2)?, digits(minutes, 2, 2)?),
        (4, None) => {
            let (both, rest) = digits(rest, 4, 4)?;
            ((both / 100, rest), (both % 100, rest))
        }
        _ => (digits(rest, 2, 2)?, (0, "")),
    };
    let ((hours, after), (minutes, behind)) = (hours, minutes);
    if !after.is_empty() || !behind.is_empty() || hours > 18 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * i32::try_from(hours * 3600 + minutes * 60).ok()?)
        .ok()
        .map(Some)
}

/// Between `least` and `most` digits at the start, no more digit behind them.
fn digits(text: &str, least: usize, most: usize) -> Option<(u32, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    if length < least || length > most {
        return None;
    }
    let (number, rest) = text.split_at(length);
    Some((number.parse().ok()?, rest))
}

fn date(year: u32, month: u32, day: u32) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()
}

fn small(number: u32) -> Option<i8> {
    i8::try_from(number).ok()
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
            "2026-03-31 14:05",
            "2026-03-31T14:05:09.123456Z",
            "2026-03-31T00:30:00+00:00",
        ];
        for form in forms {
            assert_eq!(days(form, &dialect), Some(DAY), "{form}");
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
        ];
        for form in wrong {
            assert_eq!(days(form, &dialect), None, "{form}");
        }
        assert_eq!(
            days("平成元年1月8日", &dialect),
            days("1989-01-08", &dialect)
        );
        assert_eq!(days("1969-12-31", &dialect), Some(-1));
    }

    #[test]
    fn zones_and_offsets() {
        let tokyo = Dialect {
            zone: TimeZone::get("Asia/Tokyo").unwrap(),
            ..Dialect::default()
        };
        let noon = i64::from(DAY) * SECONDS_A_DAY * 1_000_000 + 12 * 3_600_000_000;
        assert_eq!(micros("2026-03-31 12:00", &Dialect::default()), Some(noon));
        assert_eq!(micros("2026-03-31 21:00:00", &tokyo), Some(noon));
        assert_eq!(micros("2026-03-31T14:00:00+02:00", &tokyo), Some(noon));
        assert_eq!(
            micros("2026-03-31T14:00:00.000250+0200", &tokyo),
            Some(noon + 250)
        );
        assert_eq!(
            days("2026-03-30T23:00:00Z", &tokyo),
            Some(DAY),
            "the day in Tokyo"
        );
        assert_eq!(
            micros("2026-03-31", &tokyo),
            Some(noon - 21 * 3_600_000_000)
        );
    }

    #[test]
    fn stated_patterns() {
        let dialect = Dialect {
            dates: vec![DateForm::Pattern("%d/%m/%Y".to_owned())],
            ..Dialect::default()
        };
        assert_eq!(days("31/03/2026", &dialect), Some(DAY));
        assert_eq!(days("03/31/2026", &dialect), None);
        assert_eq!(
            days("2026-03-31", &dialect),
            None,
            "only what the mapping states"
        );
        assert_eq!(
            micros("31/03/2026 00:00:01", &dialect),
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
