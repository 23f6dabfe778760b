//! Instants, dates and clock times as texts and rows state them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};

/// Parses an instant in ISO 8601. Without an offset it is UTC; a date is its midnight.
pub(crate) fn parse_instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    let local: DateTime = text.parse().ok()?;
    TimeZone::UTC.to_timestamp(local).ok()
}

/// Parses a date, or the date part of a date and time.
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    text.trim()
        .parse::<DateTime>()
        .ok()
        .map(|at| at.date())
        .or_else(|| parse_instant(text).map(|at| TimeZone::UTC.to_datetime(at).date()))
}

/// The calendar day of an instant in UTC.
pub(crate) fn day(at: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(at).date()
}

/// Parses a time of day such as `21:00`.
pub(crate) fn parse_time(text: &str) -> Option<Time> {
    text.trim().parse().ok()
}

/// The instant of a local clock time. A time skipped in spring is the moment of the skip; of a time
/// that comes twice in autumn it is the first that is not before `at`.
pub(crate) fn instant_of(local: DateTime, zone: &TimeZone, at: Timestamp) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { .. } => ambiguous.compatible().ok(),
        AmbiguousOffset::Gap { .. } => {
            let after = ambiguous.later().ok()?;
            zone.preceding(after)
                .next()
                .map(|change| change.timestamp())
        }
        AmbiguousOffset::Fold { .. } => {
            let first = ambiguous.earlier().ok()?;
            match first >= at {
                true => Some(first),
                false => ambiguous.later().ok(),
            }
        }
    }
}
