//! How often one person may be advertised to: by calendar days, weeks and months of their own zone.

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

/// The stretch of a calendar in which messages are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stretch {
    /// So many calendar days, today the last of them.
    Days(i32),
    /// The calendar week.
    Week,
    /// The calendar month.
    Month,
}

/// At most so many messages in a stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cap {
    most: u64,
    stretch: Stretch,
}

impl Cap {
    /// Reads `1/day`, `3/week`, `8/month` or `4/6 days`.
    pub fn parse(text: &str) -> Option<Cap> {
        let (most, stretch) = text.split_once('/')?;
        let stretch = match stretch.trim().to_lowercase().as_str() {
            "day" => Stretch::Days(1),
            "week" => Stretch::Week,
            "month" => Stretch::Month,
            days => {
                let count = days.strip_suffix("days")?.trim().parse().ok()?;
                Stretch::Days(Some(count).filter(|count| (1..=366).contains(count))?)
            }
        };
        let most = most.trim().parse().ok()?;
        Some(Cap { most, stretch })
    }

    /// As it is written in rules.
    pub fn label(&self) -> String {
        match self.stretch {
            Stretch::Days(1) => format!("{}/day", self.most),
            Stretch::Days(days) => format!("{}/{days} days", self.most),
            Stretch::Week => format!("{}/week", self.most),
            Stretch::Month => format!("{}/month", self.most),
        }
    }

    /// How many of the moments count beside one more at `at`, where that is too many.
    /// Calendar days, not hours: a message at 23:50 and one at 00:10 are on different days.
    pub fn over(
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
        match self.stretch {
            Stretch::Days(days) => day
                .since(other)
                .is_ok_and(|span| span.get_days().abs() < days),
            Stretch::Week => match (week_of(day, week_start), week_of(other, week_start)) {
                (Some(one), Some(two)) => one == two,
                _ => false,
            },
            Stretch::Month => (day.year(), day.month()) == (other.year(), other.month()),
        }
    }
}

/// The first day of the week that holds a day.
fn week_of(day: Date, start: Weekday) -> Option<Date> {
    let back = start.until(day.weekday());
    day.checked_sub(jiff::Span::new().days(i64::from(back)))
        .ok()
}
