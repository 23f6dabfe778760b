//! Times of day and offsets as exports write them.

use jiff::civil::Time;
use jiff::tz::Offset;

/// A time of day and what stood with it.
pub(crate) struct Clock {
    pub time: Time,
    /// Written as 24:00: the midnight that ends the day.
    pub ends_day: bool,
    pub offset: Option<Offset>,
}

/// `T14:05`, ` 14:05:09.123`, `2:05 PM`, `14時5分`, `午後2時5分9秒`, with or without `Z` or an offset
/// behind it.
pub(crate) fn clock(text: &str) -> Option<Clock> {
    let text = text.strip_prefix(['T', 't']).unwrap_or(text).trim_start();
    let (mut half, text) = match (text.strip_prefix("午前"), text.strip_prefix("午後")) {
        (Some(rest), _) => (Some(0), rest),
        (_, Some(rest)) => (Some(12), rest),
        _ => (None, text),
    };
    let (hour, rest) = digits(text, 1, 2)?;
    let spoken = rest.strip_prefix('時');
    let (minute, mut rest) = match spoken {
        Some("") => (0, ""),
        Some(rest) => {
            digits(rest, 1, 2).and_then(|(n, rest)| Some((n, rest.strip_prefix('分')?)))?
        }
        None => digits(rest.strip_prefix(':')?, 2, 2)?,
    };
    let (mut second, mut nanos) = (0, 0);
    if spoken.is_some() && !rest.is_empty() {
        (second, rest) = digits(rest, 1, 2)?;
        rest = rest.strip_prefix('秒')?;
    } else if let Some(after) = rest.strip_prefix(':') {
        (second, rest) = digits(after, 2, 2)?;
        if let Some(after) = rest.strip_prefix(['.', ',']) {
            let (fraction, after) = digits(after, 1, 9)?;
            let length = rest.len() - after.len() - 1;
            nanos = fraction * 10_u32.pow(u32::try_from(9_usize.checked_sub(length)?).ok()?);
            rest = after;
        }
    }
    rest = rest.trim_start();
    if let (Some(mark), None) = (rest.get(..2), half) {
        let mark = mark.to_ascii_lowercase();
        if mark == "am" || mark == "pm" {
            half = Some(if mark == "am" { 0 } else { 12 });
            rest = rest.get(2..).unwrap_or("");
        }
    }
    let hour = match half {
        None => hour,
        Some(half) if hour <= 12 => hour % 12 + half,
        Some(_) => return None,
    };
    let ends_day = half.is_none() && (hour, minute, second, nanos) == (24, 0, 0, 0);
    let time = Time::new(
        small(if ends_day { 0 } else { hour })?,
        small(minute)?,
        small(second)?,
        i32::try_from(nanos).ok()?,
    )
    .ok()?;
    Some(Clock {
        time,
        ends_day,
        offset: zone_offset(rest.trim_start())?,
    })
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
pub(crate) fn digits(text: &str, least: usize, most: usize) -> Option<(u32, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    if length < least || length > most {
        return None;
    }
    let (number, rest) = text.split_at(length);
    Some((number.parse().ok()?, rest))
}

/// A number as calendars take it.
pub(crate) fn small(number: u32) -> Option<i8> {
    i8::try_from(number).ok()
}
