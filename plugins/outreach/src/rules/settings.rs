//! The options of `compose`: clock, thresholds, languages, and the rules of the run.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::error::config_error;
use crate::input::values::{Trimmed, owned};
use crate::rules::clock;
use crate::rules::rulebook::Rulebook;
use tsugi_plugin::{DataType, Error, TableCall};

/// Meaning of the option `as_of`.
pub(crate) const AS_OF: &str =
    "the moment to answer for, ISO 8601; a date means its midnight in UTC";

/// The options of `compose` beside `as_of`: name, type, meaning.
pub(crate) const OPTIONS: &[(&str, DataType, &str)] = &[
    (
        "rules_on",
        DataType::Utf8,
        "the day whose rules apply, to try rules that are not in force yet; the day of as_of",
    ),
    (
        "default_language",
        DataType::Utf8,
        "language to fall back to; en",
    ),
    (
        "country_languages",
        DataType::Utf8,
        "language to assume by country where none is known: JP=ja, DE=de",
    ),
    (
        "review_over",
        DataType::I64,
        "an incident with more recipients than this waits for a person; 200",
    ),
    (
        "same_body_max",
        DataType::I64,
        "above this many recipients no text may claim to be for one person; 5",
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
    pub(crate) fn parse(call: &TableCall) -> Result<Settings, Error> {
        let text = |name: &str| option(call, name);
        let as_of = parse_as_of(call)?;
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

/// An option as trimmed text; None when it is blank.
fn option(call: &TableCall, name: &str) -> Option<String> {
    owned(call.option(name).text().and_then(Trimmed::new))
}

/// Parses the option `as_of`.
pub(crate) fn parse_as_of(call: &TableCall) -> Result<Timestamp, Error> {
    let text = option(call, "as_of").ok_or_else(|| bad("as_of", "is required"))?;
    let what = format!("is {text:?}, which is no ISO 8601 time");
    clock::parse_instant(&text).ok_or_else(|| bad("as_of", &what))
}

fn bad(name: &str, what: &str) -> Error {
    let options = OPTIONS.iter().map(|option| option.0);
    let names: Vec<&str> = ["as_of"].into_iter().chain(options).collect();
    config_error(
        "bad-option",
        format!("{name} {what}"),
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
