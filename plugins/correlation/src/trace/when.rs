//! When something was sent or arrived, known as far as it is written: an instant, a day, a month, a
//! year or not at all.

use tsugi_plugin::{Date, Timestamp};

const MICROS_PER_DAY: i64 = 86_400_000_000;
const MICROS_PER_MINUTE: i64 = 60_000_000;

/// A stretch of time, both ends included, in microseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// Not before this.
    pub first: i64,
    /// Not after this.
    pub last: i64,
}

impl Span {
    /// Nothing is known.
    pub(crate) const ANY: Self = Self {
        first: i64::MIN,
        last: i64::MAX,
    };

    pub(crate) fn day(date: Date) -> Self {
        Self::days(date, date)
    }

    pub(crate) fn instant(at: Timestamp) -> Self {
        Self {
            first: at.0,
            last: at.0,
        }
    }

    /// Reads `2026-03-31`, `2026-3-31`, `2026-03` or `2026`. A time of day counts when its zone follows
    /// it, as in `2026-03-31T00:30+09:00`; without one the day counts.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(minute) = zoned(text) {
            return Some(minute);
        }
        let day = text.split(['T', ' ']).next().unwrap_or_default();
        let mut parts = day.split('-').map(str::parse::<i32>);
        let year = parts.next()?.ok()?;
        let month = parts.next().transpose().ok()?;
        let day = parts.next().transpose().ok()?;
        if parts.next().is_some() || !(0..=9999).contains(&year) {
            return None;
        }
        let number = |part: Option<i32>| part.map(u32::try_from).transpose().ok();
        let (month, day) = (number(month)?, number(day)?);
        let first = Date::from_ymd(year, month.unwrap_or(1), day.unwrap_or(1))?;
        let after = match (month, day) {
            (_, Some(_)) => Date(first.0 + 1),
            (Some(12), None) | (None, None) => Date::from_ymd(year + 1, 1, 1)?,
            (Some(month), None) => Date::from_ymd(year, month + 1, 1)?,
        };
        Some(Self::days(first, Date(after.0 - 1)))
    }

    /// Whether something that arrived then may have left in `next`: it is not certain that it came
    /// later.
    pub(crate) fn may_precede(self, next: Self) -> bool {
        self.first <= next.last
    }

    fn days(first: Date, last: Date) -> Self {
        let start = |date: Date| i64::from(date.0).saturating_mul(MICROS_PER_DAY);
        Self {
            first: start(first),
            last: start(last).saturating_add(MICROS_PER_DAY - 1),
        }
    }

    /// As ISO 8601, as exact as it is known; none when it is not.
    pub(crate) fn text(self) -> Option<String> {
        if self == Self::ANY {
            return None;
        }
        if self.last - self.first < MICROS_PER_MINUTE {
            return Some(Timestamp(self.first).to_string());
        }
        let day = Timestamp(self.first).date().to_string();
        let days = (self.last - self.first) / MICROS_PER_DAY + 1;
        let digits = match days {
            1 => 10,
            2..=31 => 7,
            _ => 4,
        };
        day.get(..digits).map(str::to_owned)
    }
}

/// The minute of a text such as `2026-03-31T00:30:15Z` or `2026-03-31 00:30+09:00`, in UTC.
fn zoned(text: &str) -> Option<Span> {
    let day = Date::parse(text.get(..10)?)?;
    let rest = text.get(10..)?.strip_prefix(['T', 't', ' '])?;
    let at = rest.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = rest.split_at_checked(at)?;
    let minutes = |text: &str, hours_max: i64| {
        let (hours, minutes) = match text.split_once(':') {
            Some((hours, minutes)) => (hours, minutes.get(..2)?),
            None if text.len() == 4 => text.split_at_checked(2)?,
            None => (text, "00"),
        };
        let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
        let fits = (0..=hours_max).contains(&hours) && (0..60).contains(&minutes);
        fits.then_some(hours * 60 + minutes)
    };
    let ahead = match zone.as_bytes() {
        [b'Z' | b'z'] => 0,
        [b'+', ..] => minutes(zone.get(1..)?, 14)?,
        [b'-', ..] => -minutes(zone.get(1..)?, 14)?,
        _ => return None,
    };
    let of_day = minutes(clock.trim_end(), 23)? - ahead;
    let first = i64::from(day.0)
        .checked_mul(MICROS_PER_DAY)?
        .checked_add(of_day * MICROS_PER_MINUTE)?;
    let last = first.checked_add(MICROS_PER_MINUTE - 1)?;
    Some(Span { first, last })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_as_exact_as_they_are_written() {
        for (written, read) in [
            ("2013-9-9", Some("2013-09-09")),
            ("2013-12", Some("2013-12")),
            ("2013-02", Some("2013-02")),
            ("2013", Some("2013")),
            ("2013-12-31 23:10:00", Some("2013-12-31")),
            ("2014-01-01T08:10:30+09:00", Some("2013-12-31T23:10:00Z")),
            ("2013-12-31 23:10Z", Some("2013-12-31T23:10:00Z")),
            ("2013-12-31T18:10-0500", Some("2013-12-31T23:10:00Z")),
            ("2013-12-31T25:10Z", Some("2013-12-31")),
            ("2013-12-31T23:10+99:00", Some("2013-12-31")),
            ("2013-02-30", None),
            ("soon", None),
            ("2013-01-02-03", None),
            ("", None),
        ] {
            let text = Span::parse(written).and_then(Span::text);
            assert_eq!(text.as_deref(), read, "{written}");
        }
        assert_eq!(Span::ANY.text(), None);
        assert_eq!(
            Span::instant(Timestamp(0)).text().as_deref(),
            Some("1970-01-01T00:00:00Z")
        );
    }

    #[test]
    fn only_what_is_certainly_later_may_not_precede() {
        let span = |text| Span::parse(text).unwrap();
        assert!(span("2013-05-02").may_precede(span("2013-05-02")));
        assert!(!span("2013-05-03").may_precede(span("2013-05-02")));
        assert!(span("2013-05").may_precede(span("2013-05-02")));
        assert!(span("2013-05-30").may_precede(span("2013")));
        assert!(!span("2014").may_precede(span("2013-12")));
        // Half past midnight in Tokyo comes before four in the afternoon of the day before in London.
        assert!(span("2013-05-02T00:30+09:00").may_precede(span("2013-05-01T16:00Z")));
        assert!(!span("2013-05-01T16:00Z").may_precede(span("2013-05-02T00:30+09:00")));
        assert!(Span::ANY.may_precede(span("2013")) && span("2013").may_precede(Span::ANY));
    }
}
