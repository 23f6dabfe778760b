//! The options of `compose`: clock, thresholds, languages, and the rules of the run.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::error::config_error;
use crate::input::cell::Cell;
use crate::rules::clock;
use crate::rules::rulebook::Rulebook;
use tsugi_plugin::Error;

/// Name, Arrow format, required, meaning.
pub(crate) const OPTIONS: &[(&str, &str, bool, &str)] = &[
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

/// Options and rules of one call. Approval by a person is not among them: the host decides it.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The moment to compose for.
    pub(crate) as_of: Timestamp,
    /// The day of `as_of` in UTC.
    pub(crate) day: Date,
    /// The day whose rules apply.
    pub(crate) rules_on: Date,
    pub(crate) default_language: String,
    /// Language by country, for people whose own is not known.
    pub(crate) country_languages: BTreeMap<String, String>,
    /// More recipients of an incident than this need a review.
    pub(crate) review_over: u64,
    /// With more recipients of one text than this, it may not claim to be for one person.
    pub(crate) same_body_max: u64,
    pub(crate) rulebook: Rulebook,
}

impl Settings {
    pub(crate) fn parse(options: &[(String, Cell)]) -> Result<Settings, Error> {
        for (name, _) in options {
            if !OPTIONS.iter().any(|known| known.0 == name) {
                return Err(bad(name, "is not an option of compose"));
            }
        }
        let text = |name: &str| -> Option<String> {
            let found = options.iter().find(|option| option.0 == name);
            found.and_then(|option| option.1.text())
        };
        let as_of = parse_as_of(text("as_of"))?;
        let day = clock::day(as_of);
        let rules_on = match text("rules_on") {
            None => day,
            Some(text) => clock::parse_date(&text)
                .ok_or_else(|| bad("rules_on", &format!("is {text:?}, which is no date")))?,
        };
        Ok(Settings {
            as_of,
            day,
            rules_on,
            default_language: text("default_language")
                .unwrap_or_else(|| "en".into())
                .to_lowercase(),
            country_languages: languages(text("country_languages"))?,
            review_over: count(text("review_over"), "review_over", 200)?,
            same_body_max: count(text("same_body_max"), "same_body_max", 5)?,
            rulebook: Rulebook::default(),
        })
    }
}

/// Parses the option `as_of`.
pub(crate) fn parse_as_of(text: Option<String>) -> Result<Timestamp, Error> {
    let text = text.ok_or_else(|| bad("as_of", "is required"))?;
    clock::parse_instant(&text)
        .ok_or_else(|| bad("as_of", &format!("is {text:?}, which is no ISO 8601 time")))
}

fn bad(option: &str, what: &str) -> Error {
    let names: Vec<&str> = OPTIONS.iter().map(|option| option.0).collect();
    config_error(
        "bad-option",
        format!("{option} {what}"),
        format!(
            "the options are {}; windows and caps are rows of rules",
            names.join(", ")
        ),
    )
}

fn count(text: Option<String>, name: &str, default: u64) -> Result<u64, Error> {
    match text {
        None => Ok(default),
        Some(text) => text.parse().map_err(|_| {
            bad(
                name,
                &format!("is {text:?}, which is no whole number from 0 on"),
            )
        }),
    }
}

fn languages(text: Option<String>) -> Result<BTreeMap<String, String>, Error> {
    let mut found = BTreeMap::new();
    for pair in text
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
