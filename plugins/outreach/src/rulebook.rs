//! The rules of a run as rows: where each holds, since when, from which source, and which one binds.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};

use crate::cell::Row;
use crate::clock;
use crate::fault::Fault;
use crate::hours::{Hours, OpenHours};
use crate::kinds::{HOUSE, KINDS, Kind, Matter, Regime, Upgrade};
use crate::purpose::{self, Purpose};

/// Where a rule is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place<'a> {
    /// Two letters, upper case; blank when not known.
    pub country: &'a str,
    /// Lower case; blank when not known.
    pub channel: &'a str,
    /// Absent where none is asked about.
    pub purpose: Option<Purpose>,
    /// Lower case; blank when not known.
    pub language: &'a str,
}

/// One row of the relation `rules`.
#[derive(Debug, Clone)]
pub struct Rule {
    kind: &'static str,
    country: Option<String>,
    channel: Option<String>,
    purpose: Option<Purpose>,
    language: Option<String>,
    /// What it says.
    pub matter: Matter,
    from: Option<Date>,
    to: Option<Date>,
    version: Option<String>,
    source: Option<String>,
    given: bool,
}

/// All rules that hold on the day.
#[derive(Debug, Default)]
pub struct Rulebook {
    rules: Vec<Rule>,
    rows: usize,
}

impl Rule {
    fn read(row: &Row<'_>, number: usize) -> Result<Rule, Fault> {
        let place = format!("rules, row {number}");
        let fault =
            |what: String, hint: String| Fault::new("bad-rule", format!("{place}: {what}"), hint);
        let name = row.text("rule").unwrap_or_default().to_lowercase();
        let kind = Kind::named(&name).ok_or_else(|| {
            let names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
            fault(
                format!("{name:?} is no kind of rule"),
                format!("the kinds are {}", names.join(", ")),
            )
        })?;
        let value = row.text("value").unwrap_or_default();
        let matter = kind.read(&value).ok_or_else(|| {
            fault(
                format!("the value {value:?} cannot be read as {name}"),
                format!("write it like {}", kind.form),
            )
        })?;
        let day = |column: &str| match row.text(column) {
            None => Ok(None),
            Some(text) => clock::parse_date(&text).map(Some).ok_or_else(|| {
                fault(
                    format!("{column} is {text:?}, which is no date"),
                    "write it like 2026-04-01".into(),
                )
            }),
        };
        let rule = Rule {
            kind: kind.name,
            country: row.text("country").map(|text| text.to_ascii_uppercase()),
            channel: row.text("channel").map(|text| text.to_lowercase()),
            purpose: match row.text("purpose") {
                Some(text) => Some(purpose::parse(&text, &place)?.purpose),
                None => None,
            },
            language: row.text("language").map(|text| text.to_lowercase()),
            matter,
            from: day("valid_from")?,
            to: day("valid_to")?,
            version: row.text("version"),
            source: row.text("source"),
            given: true,
        };
        let unsourced = rule.version.is_none() || rule.from.is_none() || rule.source.is_none();
        match kind.sourced && unsourced {
            true => Err(fault(
                format!("a rule of the kind {name} says where it comes from"),
                "fill in version, valid_from and source".into(),
            )),
            false => Ok(rule),
        }
    }

    fn house(
        row: &(
            &'static str,
            &'static str,
            &'static str,
            &'static str,
            &'static str,
        ),
    ) -> Option<Rule> {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_string());
        let kind = Kind::named(row.0)?;
        Some(Rule {
            kind: kind.name,
            country: None,
            channel: text(row.1),
            purpose: purpose::parse(row.2, "").ok().map(|stated| stated.purpose),
            language: text(row.3),
            matter: kind.read(row.4)?,
            from: None,
            to: None,
            version: None,
            source: None,
            given: false,
        })
    }

    /// How much a rule says about where it holds; `None` where it does not hold.
    fn fits(&self, place: &Place<'_>) -> Option<u32> {
        let country = match self.country.as_deref() {
            None => 0,
            Some(country) if country == place.country => 6,
            Some("EU") if purpose::in_union(place.country) => 5,
            Some(_) => return None,
        };
        let channel = match self.channel.as_deref() {
            None => 0,
            Some(channel) if channel == place.channel => 3,
            Some(_) => return None,
        };
        let purpose = match self.purpose {
            None => 0,
            same if same == place.purpose => 2,
            Some(_) => return None,
        };
        let spoken = place.language.split('-').next().unwrap_or_default();
        let language = match self.language.as_deref() {
            None => 0,
            Some(language) if language == place.language || language == spoken => 1,
            Some(_) => return None,
        };
        Some(country + channel + purpose + language)
    }

    /// The channel it is for; all when absent.
    pub fn channel(&self) -> Option<&str> {
        self.channel.as_deref()
    }

    /// Its words, where it has some.
    pub fn text(&self) -> Option<&str> {
        match &self.matter {
            Matter::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The words of a law with version, day and source, for a reason.
    pub fn cite(&self) -> String {
        let words = self.text().unwrap_or(self.kind);
        let since = self
            .from
            .map(|day| format!(" from {day}"))
            .unwrap_or_default();
        match (&self.version, &self.source) {
            (Some(version), Some(source)) => {
                format!("{words}, rule version {version}{since}, {source}")
            }
            _ => words.to_string(),
        }
    }
}

impl Rulebook {
    /// Takes a row in.
    pub fn add(&mut self, row: &Row<'_>) -> Result<(), Fault> {
        self.rows += 1;
        self.rules.push(Rule::read(row, self.rows)?);
        Ok(())
    }

    /// Keeps what holds on a day, and adds what the house says where the rows say nothing.
    pub fn settle(&mut self, day: Date) {
        self.rules.retain(|rule| {
            rule.from.is_none_or(|from| from <= day) && rule.to.is_none_or(|to| day <= to)
        });
        let given: BTreeSet<&str> = self.rules.iter().map(|rule| rule.kind).collect();
        // Caps of the house would tighten those of the pipeline; all else is only fallen back to.
        let house = HOUSE
            .iter()
            .filter(|row| row.0 != "cap" || !given.contains("cap"));
        let house: Vec<Rule> = house.filter_map(Rule::house).collect();
        self.rules.extend(house);
    }

    /// The rule of a kind that binds at a place: a given one before one of the house, then the
    /// one that says most about where it holds, then the newest.
    pub fn one(&self, kind: &str, place: &Place<'_>) -> Option<&Rule> {
        let fitting = self.rules.iter().filter(|rule| rule.kind == kind);
        fitting
            .filter_map(|rule| Some(((rule.given, rule.fits(place)?, rule.from), rule)))
            .max_by(|one, two| one.0.cmp(&two.0))
            .map(|(_, rule)| rule)
    }

    /// Every rule of a kind that holds at a place.
    pub fn all<'a>(&'a self, kind: &'a str, place: Place<'a>) -> impl Iterator<Item = &'a Rule> {
        let fitting = self.rules.iter().filter(move |rule| rule.kind == kind);
        fitting.filter(move |rule| rule.fits(&place).is_some())
    }

    /// Every rule of a kind, wherever it holds.
    pub fn of(&self, kind: &str) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.kind == kind)
    }

    /// Whether a rule holds at a place.
    pub fn holds(rule: &Rule, place: &Place<'_>) -> bool {
        rule.fits(place).is_some()
    }

    /// When messages may go at a place.
    pub fn open_hours<'a>(&'a self, place: &Place<'a>) -> Option<OpenHours<'a>> {
        let hours = |rule: &'a Rule| match &rule.matter {
            Matter::Hours(hours) => Some(hours),
            _ => None,
        };
        let windows: Option<&Hours> = self.one("window", place).and_then(hours);
        let quiet = self.all("quiet", *place).filter_map(hours);
        Some(OpenHours {
            windows: windows?,
            quiet: quiet.collect(),
        })
    }

    /// A number; 0 only where a kind has neither a rule nor a house rule.
    pub fn count(&self, kind: &str, place: &Place<'_>) -> u64 {
        match self.one(kind, place).map(|rule| &rule.matter) {
            Some(Matter::Count(count)) => *count,
            _ => 0,
        }
    }

    /// A share; 0 only where a kind has neither a rule nor a house rule.
    pub fn share(&self, kind: &str, place: &Place<'_>) -> f64 {
        match self.one(kind, place).map(|rule| &rule.matter) {
            Some(Matter::Share(share)) => *share,
            _ => 0.0,
        }
    }

    /// What consent advertising needs at a place.
    pub fn regime(&self, place: &Place<'_>) -> Regime {
        match self.one("consent", place).map(|rule| &rule.matter) {
            Some(Matter::Regime(regime)) => *regime,
            _ => Regime::OptIn,
        }
    }

    /// The day on which weeks begin.
    pub fn week_start(&self, place: &Place<'_>) -> Weekday {
        match self.one("week_start", place).map(|rule| &rule.matter) {
            Some(Matter::Day(day)) => *day,
            _ => Weekday::Monday,
        }
    }

    /// Upgrades of offers.
    pub fn upgrades(&self) -> impl Iterator<Item = &Upgrade> {
        self.of("offer_upgrade")
            .filter_map(|rule| match &rule.matter {
                Matter::Upgrade(upgrade) => Some(upgrade),
                _ => None,
            })
    }

    /// The law that a message is written under, for a reason. Names only, no legal advice.
    pub fn law(&self, place: &Place<'_>) -> String {
        match self.one("law", place) {
            Some(rule) => rule.cite(),
            None => "the law of the recipient's country, no rule names it".to_string(),
        }
    }
}
