//! Time as the recipient lives it: zones, quiet windows, calendar days and weeks.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, ISOWeekDate, Time};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};

/// Reads an instant in ISO 8601. Without an offset it is taken as UTC; a date is its midnight.
pub fn parse_instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    let local: DateTime = text.parse().ok()?;
    TimeZone::UTC.to_timestamp(local).ok()
}

/// Reads a calendar date, also from the front of a date and time.
pub fn parse_date(text: &str) -> Option<Date> {
    text.trim()
        .parse::<DateTime>()
        .ok()
        .map(|at| at.date())
        .or_else(|| parse_instant(text).map(|at| TimeZone::UTC.to_datetime(at).date()))
}

/// Reads a time of day, `21:00`.
pub fn parse_time(text: &str) -> Option<Time> {
    text.trim().parse().ok()
}

/// The hours in which nobody is disturbed, in the recipient's own time.
///
/// Both ends are inclusive as stated: with 21:00 to 08:00 a message may go at 21:00:00 and at
/// 08:00:00 and at no moment between them. This is how 47 CFR 64.1200(c)(1) words its hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    /// Last moment of the evening at which a message may still go.
    pub from: Time,
    /// First moment of the morning at which a message may go again.
    pub to: Time,
}

impl Quiet {
    fn crosses_midnight(&self) -> bool {
        self.from > self.to
    }

    /// Whether a local time of day lies in the quiet hours.
    pub fn covers(&self, time: Time) -> bool {
        match self.crosses_midnight() {
            true => time > self.from || time < self.to,
            false => time > self.from && time < self.to,
        }
    }

    /// The first moment, from `at` on, outside the quiet hours of a zone.
    /// `None` only at the end of the calendar, where no later moment can be written.
    pub fn next_open(&self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let local = zone.to_datetime(at);
        if !self.covers(local.time()) {
            return Some(at);
        }
        let evening = self.crosses_midnight() && local.time() > self.from;
        let day = match evening {
            true => local.date().tomorrow().ok()?,
            false => local.date(),
        };
        instant_of(day.to_datetime(self.to), zone, at)
    }

    /// The first moment, from `at` on, outside the quiet hours of every one of the zones.
    pub fn next_open_everywhere(&self, at: Timestamp, zones: &[TimeZone]) -> Option<Timestamp> {
        let mut moment = at;
        // Each round moves past at least one zone's morning; two days hold all of them.
        for _ in 0..zones.len().saturating_mul(3).max(1) {
            let mut latest = moment;
            for zone in zones {
                latest = latest.max(self.next_open(moment, zone)?);
            }
            if latest == moment {
                return Some(moment);
            }
            moment = latest;
        }
        None
    }
}

/// The instant of a local clock time, not before `at`. A clock time that the day skips
/// (spring) is the moment of the skip; one that the day repeats (autumn) is the first that
/// has not passed.
fn instant_of(local: DateTime, zone: &TimeZone, at: Timestamp) -> Option<Timestamp> {
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

/// The calendar day and the ISO week of an instant in a zone.
pub fn day_and_week(at: Timestamp, zone: &TimeZone) -> (Date, (i16, i8)) {
    let date = zone.to_datetime(at).date();
    let week: ISOWeekDate = date.iso_week_date();
    (date, (week.year(), week.week()))
}

/// Time zones by IANA name, from the rules that are compiled in; never from the machine.
#[derive(Debug)]
pub struct Zones {
    rules: TimeZoneDatabase,
    seen: BTreeMap<String, Option<TimeZone>>,
}

impl Default for Zones {
    fn default() -> Self {
        Zones {
            rules: TimeZoneDatabase::bundled(),
            seen: BTreeMap::new(),
        }
    }
}

impl Zones {
    /// A zone by its IANA name; `None` when the name is blank or not known.
    pub fn get(&mut self, name: &str) -> Option<TimeZone> {
        let name = name.trim();
        if let Some(known) = self.seen.get(name) {
            return known.clone();
        }
        let zone = match name.is_empty() {
            true => None,
            false => self.rules.get(name).ok().filter(|zone| !zone.is_unknown()),
        };
        self.seen.insert(name.to_string(), zone.clone());
        zone
    }

    /// Every zone that people of a country live in; empty when the country is not in the table.
    pub fn of_country(&mut self, country: &str) -> Vec<TimeZone> {
        let country = country.trim().to_ascii_uppercase();
        let names = COUNTRY_ZONES
            .iter()
            .find(|(code, _)| *code == country)
            .map_or(&[][..], |(_, names)| names);
        names.iter().filter_map(|name| self.get(name)).collect()
    }
}

/// Zones by country code, for recalls to people whose zone is not known. Countries that are
/// not here are held for a person. Source: the zone table of the IANA time zone database.
const COUNTRY_ZONES: &[(&str, &[&str])] = &[
    ("AT", &["Europe/Vienna"]),
    ("BE", &["Europe/Brussels"]),
    ("CH", &["Europe/Zurich"]),
    ("CN", &["Asia/Shanghai", "Asia/Urumqi"]),
    ("CZ", &["Europe/Prague"]),
    ("DE", &["Europe/Berlin"]),
    ("DK", &["Europe/Copenhagen"]),
    ("ES", &["Europe/Madrid", "Atlantic/Canary"]),
    ("FR", &["Europe/Paris"]),
    ("GB", &["Europe/London"]),
    ("IE", &["Europe/Dublin"]),
    ("IT", &["Europe/Rome"]),
    ("JP", &["Asia/Tokyo"]),
    ("KR", &["Asia/Seoul"]),
    ("LI", &["Europe/Vaduz"]),
    ("LU", &["Europe/Luxembourg"]),
    ("NL", &["Europe/Amsterdam"]),
    ("PL", &["Europe/Warsaw"]),
    ("PT", &["Europe/Lisbon", "Atlantic/Azores"]),
    ("SE", &["Europe/Stockholm"]),
    ("SG", &["Asia/Singapore"]),
    ("TW", &["Asia/Taipei"]),
    (
        "US",
        &[
            "America/New_York",
            "America/Chicago",
            "America/Denver",
            "America/Phoenix",
            "America/Los_Angeles",
            "America/Anchorage",
            "Pacific/Honolulu",
            "America/Adak",
        ],
    ),
];
