//! The rules of a run that a pipeline may set: clock, windows, caps, thresholds, languages.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::time;

use crate::cell::Cell;
use crate::clock::{self, Quiet};
use crate::fault::Fault;

/// Every option of `compose`: name, Arrow format, required, meaning.
pub const OPTIONS: &[(&str, &str, bool, &str)] = &[
    (
        "as_of",
        "u",
        true,
        "the moment to compose for, ISO 8601; a date means its midnight in UTC",
    ),
    (
        "quiet_from",
        "u",
        false,
        "last local time of the evening at which a message may go; 21:00",
    ),
    (
        "quiet_to",
        "u",
        false,
        "first local time of the morning at which a message may go; 08:00",
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
    (
        "cap_per_day",
        "l",
        false,
        "advertisements to one person in a calendar day, all channels; 1",
    ),
    (
        "cap_per_week",
        "l",
        false,
        "advertisements to one person in an ISO week, all channels; 3",
    ),
    (
        "recall_deadline_hours",
        "l",
        false,
        "a safety recall is never timed later than this; 24",
    ),
];

/// The rules of one run. Human approval is not among them: that is the host's.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// The moment that is composed for.
    pub as_of: Timestamp,
    /// Hours in which nobody is disturbed.
    pub quiet: Quiet,
    /// Language to fall back to.
    pub default_language: String,
    /// Language to assume by country where a person's own is not known.
    pub country_languages: BTreeMap<String, String>,
    /// More recipients in an incident than this go to a person.
    pub review_over: u64,
    /// More recipients of one text than this make "only for you" untrue.
    pub same_body_max: u64,
    /// Advertisements in a calendar day.
    pub cap_per_day: u64,
    /// Advertisements in an ISO week.
    pub cap_per_week: u64,
    /// The moment before which a safety recall must be on its way.
    pub recall_deadline: Timestamp,
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
        let written = given("as_of").ok_or_else(|| bad("as_of", "is required"))?;
        let as_of = clock::parse_instant(&written).ok_or_else(|| {
            bad(
                "as_of",
                &format!("is {written:?}, which is no ISO 8601 time"),
            )
        })?;
        let hours = count(given("recall_deadline_hours"), "recall_deadline_hours", 24)?;
        let deadline = i64::try_from(hours)
            .ok()
            .filter(|hours| *hours <= 24 * 366)
            .and_then(|hours| {
                as_of
                    .checked_add(jiff::SignedDuration::from_hours(hours))
                    .ok()
            });
        Ok(Rules {
            as_of,
            quiet: quiet(given("quiet_from"), given("quiet_to"))?,
            default_language: given("default_language")
                .unwrap_or_else(|| "en".into())
                .to_lowercase(),
            country_languages: languages(given("country_languages"))?,
            review_over: count(given("review_over"), "review_over", 200)?,
            same_body_max: count(given("same_body_max"), "same_body_max", 5)?,
            cap_per_day: count(given("cap_per_day"), "cap_per_day", 1)?,
            cap_per_week: count(given("cap_per_week"), "cap_per_week", 3)?,
            recall_deadline: deadline
                .ok_or_else(|| bad("recall_deadline_hours", "is more than a year of hours"))?,
        })
    }
}

fn bad(option: &str, what: &str) -> Fault {
    let names: Vec<&str> = OPTIONS.iter().map(|option| option.0).collect();
    Fault::new(
        "bad-option",
        format!("compose: {option} {what}"),
        format!("the options are {}", names.join(", ")),
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

fn quiet(from: Option<String>, to: Option<String>) -> Result<Quiet, Fault> {
    let read = |given: Option<String>, name: &str, default| match given {
        None => Ok(default),
        Some(text) => clock::parse_time(&text)
            .ok_or_else(|| bad(name, &format!("is {text:?}, which is no time like 21:00"))),
    };
    let quiet = Quiet {
        from: read(from, "quiet_from", time(21, 0, 0, 0))?,
        to: read(to, "quiet_to", time(8, 0, 0, 0))?,
    };
    if quiet.from == quiet.to {
        return Err(bad(
            "quiet_from",
            "equals quiet_to, which leaves open whether day or night is meant",
        ));
    }
    Ok(quiet)
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
