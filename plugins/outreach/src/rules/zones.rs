//! Time zones by IANA name, and the zones of a country.

use std::collections::BTreeMap;

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// Time zones from the rules compiled into the plugin, never from the machine.
#[derive(Debug)]
pub(crate) struct Zones {
    database: TimeZoneDatabase,
    found: BTreeMap<String, Option<TimeZone>>,
}

impl Default for Zones {
    fn default() -> Self {
        Zones {
            database: TimeZoneDatabase::bundled(),
            found: BTreeMap::new(),
        }
    }
}

impl Zones {
    /// None when the name is blank or unknown.
    pub(crate) fn get(&mut self, name: &str) -> Option<TimeZone> {
        let name = name.trim();
        if let Some(known) = self.found.get(name) {
            return known.clone();
        }
        let zone = match name.is_empty() {
            true => None,
            false => self
                .database
                .get(name)
                .ok()
                .filter(|zone| !zone.is_unknown()),
        };
        self.found.insert(name.to_string(), zone.clone());
        zone
    }

    /// Every inhabited zone of a country; empty when the country is not in the table.
    pub(crate) fn of_country(&mut self, country: &str) -> Vec<TimeZone> {
        let country = country.trim().to_ascii_uppercase();
        let names = COUNTRY_ZONES
            .iter()
            .find(|(code, _)| *code == country)
            .map_or(&[][..], |(_, names)| names);
        names.iter().filter_map(|name| self.get(name)).collect()
    }
}

/// Zones by country code, for recalls to people whose zone is not known.
/// Source: the zone table of the IANA time zone database.
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
