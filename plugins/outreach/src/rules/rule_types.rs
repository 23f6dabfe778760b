//! The types of rules, and how the value of each is parsed.

use jiff::civil::Weekday;
use regex_lite::Regex;

use crate::rules::caps::Cap;
use crate::rules::hours::{self, Hours};
use crate::rules::normalize::normalize;

/// The consent that advertising needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConsentRegime {
    /// A consent with proof.
    OptIn,
    /// A consent with proof that was confirmed from the address itself.
    DoubleOptIn,
    /// No refusal on record.
    OptOut,
}

/// An offer that a better one of the same kind replaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Upgrade {
    pub(crate) kind: String,
    /// Terms that were promised first.
    pub(crate) from: String,
    /// Terms to honour now.
    pub(crate) to: String,
}

/// The parsed value of a rule.
#[derive(Debug, Clone)]
pub(crate) enum RuleValue {
    Hours(Hours),
    Cap(Cap),
    Count(u64),
    /// From 0 to 1.
    Share(f64),
    /// WordFinder, as written.
    Text(String),
    Pattern(Box<Regex>),
    Day(Weekday),
    ConsentRegime(ConsentRegime),
    Upgrade(Upgrade),
}

#[derive(Debug)]
pub(crate) struct RuleType {
    /// The value of the column `rule`.
    pub(crate) name: &'static str,
    /// Examples of its value, for errors.
    pub(crate) form: &'static str,
    /// A rule of this type needs `version`, `valid_from` and `source`.
    pub(crate) sourced: bool,
    parse: fn(&str) -> Option<RuleValue>,
}

impl RuleType {
    pub(crate) fn named(name: &str) -> Option<&'static RuleType> {
        RULE_TYPES.iter().find(|rule_type| rule_type.name == name)
    }

    /// None where the value is not of this type.
    pub(crate) fn parse(&self, value: &str) -> Option<RuleValue> {
        (self.parse)(value.trim())
    }
}

const fn rule(
    name: &'static str,
    form: &'static str,
    parse: fn(&str) -> Option<RuleValue>,
) -> RuleType {
    RuleType {
        name,
        form,
        sourced: false,
        parse,
    }
}

const fn law(
    name: &'static str,
    form: &'static str,
    parse: fn(&str) -> Option<RuleValue>,
) -> RuleType {
    RuleType {
        name,
        form,
        sourced: true,
        parse,
    }
}

pub(crate) const RULE_TYPES: &[RuleType] = &[
    rule("window", "08:00-21:00, mon-fri 09:00-18:00, always", hours),
    rule("quiet", "mon-fri 07:00-09:30", hours),
    rule("cap", "1/day, 3/week, 8/month, 4/6 days", |text| {
        Cap::parse(text).map(RuleValue::Cap)
    }),
    rule("week_start", "monday", |text| {
        hours::weekday(text).map(RuleValue::Day)
    }),
    rule("deadline_hours", "24", |text| {
        count(text).filter(|hours| matches!(hours, RuleValue::Count(0..=8784)))
    }),
    law("law", "the law by its name", text),
    law("consent", "opt-in, double-opt-in, opt-out", regime),
    rule("holdout", "10 %", share),
    rule("complaint_rate_max", "0.3 %", share),
    rule("complaint_days", "30", count),
    rule("complaint_sends_min", "1000", count),
    rule("fatigue_inactive_days", "180", count),
    rule("fatigue_recent_days", "30", count),
    rule("fatigue_recent_sends", "6", count),
    rule("sms_segments_max", "6", count),
    rule("restricted", "guarantee, /free +of +charge/", pattern),
    rule("softening", "precautionary", text),
    rule("exclusive", "only for you", text),
    rule("health", "pregnan", text),
    rule("recall_heading", "Product safety recall", text),
    rule("image_domain", "images.morihane.example", text),
    rule("logo_sha256", "64 hexadecimal digits", sha256),
    rule("logo_width_min_px", "200", count),
    rule(
        "offer_upgrade",
        "membership: 50 % for 1 month -> 50 % for 3 months",
        upgrade,
    ),
];

fn hours(text: &str) -> Option<RuleValue> {
    Hours::parse(text).map(RuleValue::Hours)
}

fn text(text: &str) -> Option<RuleValue> {
    (!text.is_empty()).then(|| RuleValue::Text(text.to_string()))
}

fn count(text: &str) -> Option<RuleValue> {
    text.parse().ok().map(RuleValue::Count)
}

/// Parses `10 %` or `0.1`.
fn share(text: &str) -> Option<RuleValue> {
    let share = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().ok()? / 100.0,
        None => text.parse().ok()?,
    };
    (0.0..=1.0)
        .contains(&share)
        .then_some(RuleValue::Share(share))
}

fn pattern(text: &str) -> Option<RuleValue> {
    let inside = text
        .strip_prefix('/')
        .and_then(|rest| rest.strip_suffix('/'));
    match inside {
        // Texts are normalised to lower case and narrow forms before they are matched.
        Some(inside) => Regex::new(inside)
            .ok()
            .map(Box::new)
            .map(RuleValue::Pattern),
        None => (!normalize(text).is_empty()).then(|| RuleValue::Text(text.to_string())),
    }
}

fn sha256(text: &str) -> Option<RuleValue> {
    let text = text.to_ascii_lowercase();
    let plain = text.len() == 64 && text.chars().all(|at| at.is_ascii_hexdigit());
    plain.then_some(RuleValue::Text(text))
}

fn regime(text: &str) -> Option<RuleValue> {
    let regime = match text {
        "opt-in" => ConsentRegime::OptIn,
        "double-opt-in" => ConsentRegime::DoubleOptIn,
        "opt-out" => ConsentRegime::OptOut,
        _ => return None,
    };
    Some(RuleValue::ConsentRegime(regime))
}

fn upgrade(text: &str) -> Option<RuleValue> {
    let (kind, terms) = text.split_once(':')?;
    let (from, to) = terms.split_once("->")?;
    let part = |text: &str| {
        Some(text.trim())
            .filter(|part| !part.is_empty())
            .map(str::to_string)
    };
    Some(RuleValue::Upgrade(Upgrade {
        kind: part(kind)?,
        from: part(from)?,
        to: part(to)?,
    }))
}
