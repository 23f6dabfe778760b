//! Hours of the week as rules write them, and the next moment at which a message may be sent.

use jiff::Timestamp;
use jiff::civil::{DateTime, Time, Weekday};
use jiff::tz::TimeZone;

use crate::rules::clock::{self, instant_of};

/// Days searched for an open moment: more than a week, so that every weekday is among them.
const DAYS_MAX: usize = 9;
/// Rounds of the search for a moment that is open in several zones.
const ROUNDS_MAX: usize = 200;

/// Hours of a day, on some days of the week. A span over midnight belongs to the day on which it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    days: [bool; 7],
    from: Time,
    to: Time,
}

/// Spans of the week in the recipient's own time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hours(Vec<Span>);

/// Whether the first and last moment of a span are part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    Included,
    Excluded,
}

impl Hours {
    /// Parses `08:00-21:00`, `mon-fri 09:00-12:00, sat 10:00-14:00`, `sun always` or `always`. Days
    /// precede the span they are for.
    pub(crate) fn parse(text: &str) -> Option<Hours> {
        let spans: Option<Vec<Span>> = text.split(',').map(span).collect();
        spans.filter(|spans| !spans.is_empty()).map(Hours)
    }

    pub(crate) fn is_always(&self) -> bool {
        self.0
            .iter()
            .any(|span| span.days == [true; 7] && span.from == Time::MIN && span.to == Time::MAX)
    }

    fn cover(&self, at: DateTime, ends: Ends) -> bool {
        self.0.iter().any(|span| span.covers(at, ends))
    }
}

impl Span {
    fn covers(&self, at: DateTime, ends: Ends) -> bool {
        let (after, before) = match ends {
            Ends::Included => (at.time() >= self.from, at.time() <= self.to),
            Ends::Excluded => (at.time() > self.from, at.time() < self.to),
        };
        let today = self.on(at.date().weekday());
        match self.from > self.to {
            false => today && after && before,
            true => {
                let eve = at
                    .date()
                    .yesterday()
                    .is_ok_and(|eve| self.on(eve.weekday()));
                (today && after) || (eve && before)
            }
        }
    }

    fn on(&self, day: Weekday) -> bool {
        let place = usize::try_from(day.to_monday_zero_offset()).unwrap_or(0);
        self.days.get(place).copied().unwrap_or(false)
    }
}

fn span(text: &str) -> Option<Span> {
    let text = text.trim().to_lowercase();
    let (days, hours) = match text.split_once(' ') {
        Some((days, hours)) => (weekdays(days)?, hours.trim()),
        None => ([true; 7], text.as_str()),
    };
    if hours == "always" {
        return Some(Span {
            days,
            from: Time::MIN,
            to: Time::MAX,
        });
    }
    let (from, to) = hours.split_once('-')?;
    let from = clock::parse_time(from)?;
    let to = match to.trim() {
        "24:00" => Time::MAX,
        to => clock::parse_time(to)?,
    };
    // Two equal times could mean all day or no time at all.
    (from != to).then_some(Span { days, from, to })
}

/// Parses `mon`, `mon-fri` or `sat-mon`.
fn weekdays(text: &str) -> Option<[bool; 7]> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (mut day, last) = (weekday(first)?, weekday(last)?);
    let mut days = [false; 7];
    loop {
        let place = usize::try_from(day.to_monday_zero_offset()).ok()?;
        *days.get_mut(place)? = true;
        if day == last {
            return Some(days);
        }
        day = day.next();
    }
}

/// Parses the English name of a day or its first three characters.
pub(crate) fn weekday(text: &str) -> Option<Weekday> {
    let text = text.trim().to_lowercase();
    let names = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    let found = names
        .iter()
        .find(|(name, _)| *name == text || name.get(..3) == Some(text.as_str()));
    found.map(|(_, day)| *day)
}

/// Messages may be sent within the windows and outside the quiet hours.
///
/// Both ends of either are open moments, as 47 CFR 64.1200(c)(1) words its hours: with a window of
/// 08:00-21:00 a message may be sent at 08:00:00 and at 21:00:00, with quiet hours 22:00-06:00 at
/// 22:00:00 and at 06:00:00.
#[derive(Debug, Clone)]
pub(crate) struct OpenHours<'a> {
    pub(crate) windows: &'a Hours,
    pub(crate) quiet: Vec<&'a Hours>,
}

impl OpenHours<'_> {
    /// No hour is closed, so that the time zone has no effect.
    pub(crate) fn is_always(&self) -> bool {
        self.quiet.is_empty() && self.windows.is_always()
    }

    fn admit(&self, at: DateTime) -> bool {
        let quiet = self
            .quiet
            .iter()
            .any(|hours| hours.cover(at, Ends::Excluded));
        !quiet && self.windows.cover(at, Ends::Included)
    }

    /// The first open moment at or after `at`; None when there is none in a week.
    pub(crate) fn next(&self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let local = zone.to_datetime(at);
        if self.admit(local) {
            return Some(at);
        }
        let starts = self.windows.0.iter().map(|span| span.from);
        let ends = self
            .quiet
            .iter()
            .flat_map(|hours| &hours.0)
            .map(|span| span.to);
        let mut times: Vec<Time> = starts.chain(ends).chain([Time::MIN]).collect();
        times.sort_unstable();
        times.dedup();
        let mut day = local.date();
        for _ in 0..DAYS_MAX {
            let moments = times
                .iter()
                .filter_map(|time| instant_of(day.to_datetime(*time), zone, at));
            let open = moments
                .filter(|moment| *moment >= at && self.admit(zone.to_datetime(*moment)))
                .min();
            if open.is_some() {
                return open;
            }
            day = day.tomorrow().ok()?;
        }
        None
    }

    /// The first moment at or after `at` that is open in all zones.
    pub(crate) fn next_everywhere(&self, at: Timestamp, zones: &[TimeZone]) -> Option<Timestamp> {
        let mut moment = at;
        // Each round moves past the closed hours of at least one zone.
        for _ in 0..ROUNDS_MAX {
            let mut latest = moment;
            for zone in zones {
                latest = latest.max(self.next(moment, zone)?);
            }
            if latest == moment {
                return Some(moment);
            }
            moment = latest;
        }
        None
    }
}
