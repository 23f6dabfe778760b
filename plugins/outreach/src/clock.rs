//! Time as the recipient lives it: instants, clock times, zones, the zones of a country.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
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

/// The calendar day of an instant in UTC.
pub fn day(at: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(at).date()
}

/// Reads a time of day, `21:00`.
pub fn parse_time(text: &str) -> Option<Time> {
    text.trim().parse().ok()
}

/// The instant of a local clock time, not before `at`. A clock time that the day skips
/// (spring) is the moment of the skip; one that the day repeats (autumn) is the first that
/// has not passed.
pub fn instant_of(local: DateTime, zone: &TimeZone, at: Timestamp) -> Option<Timestamp> {
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
