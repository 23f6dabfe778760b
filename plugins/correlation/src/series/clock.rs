//! Periods of a series: days, weeks, months or plain numbers, counted so that the next is one more.

use crate::input::InputError;
use tsugi_plugin::Date;

/// How far apart two neighbouring periods are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Every {
    Day,
    /// Seven days.
    Week,
    /// A calendar month.
    Month,
}

impl Every {
    /// Reads the option `every`.
    ///
    /// # Errors
    /// [`InputError::BadOption`] for another word.
    pub(crate) fn parse(text: &str) -> Result<Self, InputError> {
        match text {
            "day" => Ok(Self::Day),
            "week" => Ok(Self::Week),
            "month" => Ok(Self::Month),
            _ => Err(InputError::BadOption {
                option: "every",
                given: format!("'{text}'"),
                reason: "it must be 'day', 'week' or 'month'".to_owned(),
            }),
        }
    }

    /// The day on which the period of a day begins: weeks on Monday, months on the first. Numbers
    /// are periods already.
    pub(crate) fn begin(self, when: When) -> When {
        let When::Day(date) = when else {
            return when;
        };
        let (year, month, _) = date.ymd();
        // 1970-01-05 was a Monday.
        let back = match self {
            Self::Day => 0,
            Self::Week => (date.0.rem_euclid(7) - 4).rem_euclid(7),
            Self::Month => return Date::from_ymd(year, month, 1).map_or(when, When::Day),
        };
        When::Day(Date(date.0.saturating_sub(back)))
    }

    /// Periods in a year, as R counts them.
    pub(crate) fn in_a_year(self) -> usize {
        match self {
            Self::Day => 365,
            Self::Week => 52,
            Self::Month => 12,
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }
}

/// A period as a row gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Number(i64),
    /// The day on which the period begins.
    Day(Date),
}

/// Turns periods into running numbers and back. All rows of a call must agree on their kind, and on
/// the weekday or the day of the month on which their periods begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    every: Every,
    kind: Option<Kind>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Numbers,
    /// Weekday from 0, or day of the month; 0 for days.
    Days {
        phase: i32,
    },
}

impl Clock {
    /// A clock that has not seen a period yet.
    pub(crate) fn new(every: Every) -> Self {
        Self { every, kind: None }
    }

    /// The running number of a period.
    ///
    /// # Errors
    /// [`InputError::BadPeriod`] when it is not like the periods before.
    pub(crate) fn number(&mut self, row: u64, when: When) -> Result<i64, InputError> {
        let (number, kind) = match when {
            When::Number(number) => (number, Kind::Numbers),
            When::Day(date) => {
                let (year, month, day) = date.ymd();
                match self.every {
                    Every::Day => (i64::from(date.0), Kind::Days { phase: 0 }),
                    Every::Week => {
                        let phase = date.0.rem_euclid(7);
                        (i64::from(date.0.div_euclid(7)), Kind::Days { phase })
                    }
                    Every::Month => {
                        let phase = day as i32;
                        let months = i64::from(year) * 12 + i64::from(month) - 1;
                        (months, Kind::Days { phase })
                    }
                }
            }
        };
        if *self.kind.get_or_insert(kind) != kind {
            return Err(InputError::BadPeriod {
                row,
                period: text_of(when),
                unit: self.every.unit(),
            });
        }
        Ok(number)
    }

    /// The period of a running number, as text: ISO 8601 for dates.
    pub(crate) fn text(&self, number: i64) -> String {
        let Some(Kind::Days { phase }) = self.kind else {
            return number.to_string();
        };
        let day = match self.every {
            Every::Day => i32::try_from(number).ok().map(Date),
            Every::Week => i32::try_from(number)
                .ok()
                .and_then(|weeks| weeks.checked_mul(7)?.checked_add(phase))
                .map(Date),
            Every::Month => i32::try_from(number.div_euclid(12)).ok().and_then(|year| {
                Date::from_ymd(year, number.rem_euclid(12) as u32 + 1, phase as u32)
            }),
        };
        day.map_or_else(|| number.to_string(), |day| day.to_string())
    }
}

fn text_of(when: When) -> String {
    match when {
        When::Number(number) => number.to_string(),
        When::Day(date) => date.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> When {
        When::Day(Date::parse(text).unwrap())
    }

    #[test]
    fn weeks_and_months_count_by_one_and_come_back() {
        for (every, first, second) in [
            (Every::Week, "2013-04-29", "2013-05-06"),
            (Every::Month, "2013-12-01", "2014-01-01"),
            (Every::Day, "2013-12-31", "2014-01-01"),
        ] {
            let mut clock = Clock::new(every);
            let one = clock.number(1, day(first)).unwrap();
            let two = clock.number(2, day(second)).unwrap();
            assert_eq!(two, one + 1);
            assert_eq!(
                (clock.text(one), clock.text(two)),
                (first.into(), second.into())
            );
        }
    }

    #[test]
    fn days_fall_into_their_periods() {
        assert_eq!(Every::Week.begin(day("2013-05-08")), day("2013-05-06"));
        assert_eq!(Every::Week.begin(day("2013-05-06")), day("2013-05-06"));
        assert_eq!(Every::Week.begin(day("1969-12-28")), day("1969-12-22"));
        assert_eq!(Every::Month.begin(day("2013-05-08")), day("2013-05-01"));
        assert_eq!(Every::Day.begin(day("2013-05-08")), day("2013-05-08"));
        assert_eq!(Every::Month.begin(When::Number(3)), When::Number(3));
    }

    #[test]
    fn periods_that_do_not_fit_together_are_refused() {
        let mut weeks = Clock::new(Every::Week);
        weeks.number(1, day("2013-04-29")).unwrap();
        let error = weeks.number(2, day("2013-05-08")).unwrap_err();
        assert_eq!(error.code(), "bad-period");
        assert!(error.to_string().contains("date_trunc('week'"), "{error}");
        assert!(weeks.number(3, When::Number(7)).is_err());
    }
}
