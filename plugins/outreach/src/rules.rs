//! What a pipeline sets for a run: the clock, thresholds, languages, and the rules as rows.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::cell::Cell;
use crate::clock;
use crate::fault::Fault;
use crate::people::Person;
use crate::purpose::Purpose;
use crate::rulebook::Rulebook;
use crate::target::Target;

/// Every option of `compose`: name, Arrow format, required, meaning.
pub const OPTIONS: &[(&str, &str, bool, &str)] = &[
    (
        "as_of",
        "u",
        true,
        "the moment to compose for, ISO 8601; a date means its midnight in UTC",
    ),
    (
        "rules_on",
        "u",
        false,
        "the day whose rules hold, to try rules that are not in force yet; the day of as_of",
    ),
    (
        "default_language",
        "u",
        false,
        "language to fall back to; en",
    ),
    (
        "country_languages",
        "u",
        false,
        "language to assume by country where none is known: JP=ja, DE=de",
    ),
    (
        "review_over",
        "l",
        false,
        "an incident with more recipients than this waits for a person; 200",
    ),
    (
        "same_body_max",
        "l",
        false,
        "above this many recipients no wording may claim to be for one person; 5",
    ),
];

/// The rules of one run. Human approval is not among them: that is the host's.
#[derive(Debug)]
pub struct Rules {
    /// The moment that is composed for.
    pub as_of: Timestamp,
    /// Its day in UTC.
    pub day: Date,
    /// The day whose rules hold.
    pub rules_on: Date,
    /// Language to fall back to.
    pub default_language: String,
    /// Language to assume by country where a person's own is not known.
    pub country_languages: BTreeMap<String, String>,
    /// More recipients in an incident than this go to a person.
    pub review_over: u64,
    /// More recipients of one text than this make "only for you" untrue.
    pub same_body_max: u64,
    /// Windows, caps, laws and words, as rows.
    pub book: Rulebook,
}

impl Rules {
    /// Reads the options that were given by name.
    pub fn parse(options: &[(String, Cell)]) -> Result<Rules, Fault> {
        for (name, _) in options {
            if !OPTIONS.iter().any(|known| known.0 == name) {
                return Err(bad(name, "is not an option of compose"));
            }
        }
        let given = |name: &str| -> Option<String> {
            let found = options.iter().find(|option| option.0 == name);
            found.and_then(|option| option.1.text())
        };
        let as_of = instant(given("as_of"))?;
        let day = clock::day(as_of);
        let rules_on = match given("rules_on") {
            None => day,
            Some(text) => clock::parse_date(&text)
                .ok_or_else(|| bad("rules_on", &format!("is {text:?}, which is no date")))?,
        };
        Ok(Rules {
            as_of,
            day,
            rules_on,
            default_language: given("default_language")
                .unwrap_or_else(|| "en".into())
                .to_lowercase(),
            country_languages: languages(given("country_languages"))?,
            review_over: count(given("review_over"), "review_over", 200)?,
            same_body_max: count(given("same_body_max"), "same_body_max", 5)?,
            book: Rulebook::default(),
        })
    }

    /// The moment before which a safety recall must be on its way: so many hours after the
    /// recall was decided (`known_at` of the target), or after the run's clock where nobody says
    /// when that was. `Err` holds what cannot be read.
    pub fn deadline(&self, target: &Target, person: &Person) -> Result<Timestamp, String> {
        let hours = self
            .book
            .count("deadline_hours", &person.place(Purpose::SafetyRecall));
        let later = SignedDuration::from_hours(i64::try_from(hours).unwrap_or(24));
        let from = match target.values.get("known_at") {
            None => self.as_of,
            Some(text) => clock::parse_instant(text).ok_or_else(|| text.clone())?,
        };
        Ok(from.checked_add(later).unwrap_or(from))
    }
}

/// Reads the option `as_of`.
pub fn instant(given: Option<String>) -> Result<Timestamp, Fault> {
    let written = given.ok_or_else(|| bad("as_of", "is required"))?;
    clock::parse_instant(&written).ok_or_else(|| {
        bad(
            "as_of",
            &format!("is {written:?}, which is no ISO 8601 time"),
        )
    })
}

fn bad(option: &str, what: &str) -> Fault {
    let names: Vec<&str> = OPTIONS.iter().map(|option| option.0).collect();
    Fault::new(
        "bad-option",
        format!("{option} {what}"),
        format!(
            "the options are {}; windows and caps are rows of rules",
            names.join(", ")
        ),
    )
}

fn count(given: Option<String>, name: &str, default: u64) -> Result<u64, Fault> {
    match given {
        None => Ok(default),
        Some(text) => text.parse().map_err(|_| {
            bad(
                name,
                &format!("is {text:?}, which is no whole number from 0 on"),
            )
        }),
    }
}

fn languages(given: Option<String>) -> Result<BTreeMap<String, String>, Fault> {
    let mut found = BTreeMap::new();
    for pair in given
        .unwrap_or_default()
        .split([',', ' '])
        .filter(|pair| !pair.is_empty())
    {
        let (country, language) = pair.split_once('=').ok_or_else(|| {
            bad(
                "country_languages",
                &format!("has {pair:?}, which is not like JP=ja"),
            )
        })?;
        found.insert(
            country.trim().to_ascii_uppercase(),
            language.trim().to_lowercase(),
        );
    }
    Ok(found)
}
