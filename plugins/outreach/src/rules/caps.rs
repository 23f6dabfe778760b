//! Frequency caps by calendar days, weeks and months of the recipient's zone.

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

/// The period in which messages are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Period {
    /// A number of calendar days, today included.
    Days(i32),
    Week,
    Month,
}

/// The most messages in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cap {
    most: u64,
    period: Period,
}

impl Cap {
    /// Parses `1/day`, `3/week`, `8/month` or `4/6 days`.
    pub(crate) fn parse(text: &str) -> Option<Cap> {
        let (most, period) = text.split_once('/')?;
        let period = match period.trim().to_lowercase().as_str() {
            "day" => Period::Days(1),
            "week" => Period::Week,
            "month" => Period::Month,
            days => {
                let count = days.strip_suffix("days")?.trim().parse().ok()?;
                Period::Days(Some(count).filter(|count| (1..=366).contains(count))?)
            }
        };
        let most = most.trim().parse().ok()?;
        Some(Cap { most, period })
    }

    /// As rules write it.
    pub(crate) fn label(&self) -> String {
        match self.period {
            Period::Days(1) => format!("{}/day", self.most),
            Period::Days(days) => format!("{}/{days} days", self.most),
            Period::Week => format!("{}/week", self.most),
            Period::Month => format!("{}/month", self.most),
        }
    }

    /// How many of the moments share a period with `at`, when one more message would exceed the cap.
    /// Calendar days, not hours: a message at 23:50 and one at 00:10 are on different days.
    pub(crate) fn over(
        &self,
        at: Timestamp,
        moments: impl Iterator<Item = Timestamp>,
        zone: &TimeZone,
        week_start: Weekday,
    ) -> Option<u64> {
        let day = zone.to_datetime(at).date();
        let beside = moments
            .filter(|other| self.beside(day, zone.to_datetime(*other).date(), week_start))
            .count() as u64;
        (beside >= self.most).then_some(beside)
    }

    fn beside(&self, day: Date, other: Date, week_start: Weekday) -> bool {
        match self.period {
            Period::Days(days) => day
                .since(other)
                .is_ok_and(|span| span.get_days().abs() < days),
            Period::Week => match (week_of(day, week_start), week_of(other, week_start)) {
                (Some(one), Some(two)) => one == two,
                _ => false,
            },
            Period::Month => (day.year(), day.month()) == (other.year(), other.month()),
        }
    }
}

/// The first day of the week of a day.
fn week_of(day: Date, start: Weekday) -> Option<Date> {
    let back = start.until(day.weekday());
    day.checked_sub(jiff::Span::new().days(i64::from(back)))
        .ok()
}
