//! The kinds of rules: how the value of each is read, and what holds where a pipeline says nothing.

use jiff::civil::Weekday;
use regex_lite::Regex;

use crate::caps::Cap;
use crate::hours::{self, Hours};
use crate::words;

/// What advertising needs of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Regime {
    /// A proven consent.
    OptIn,
    /// A proven consent that was confirmed from the address itself.
    DoubleOptIn,
    /// No refusal.
    OptOut,
}

/// An offer of a kind that was replaced by a better one, by somebody's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upgrade {
    /// Offers of one kind exclude each other.
    pub kind: String,
    /// What was promised first.
    pub from: String,
    /// What is honoured now.
    pub to: String,
}

/// The value of a rule, read.
#[derive(Debug, Clone)]
pub enum Matter {
    /// Hours of the week.
    Hours(Hours),
    /// A cap.
    Cap(Cap),
    /// A whole number.
    Count(u64),
    /// A share of all, from 0 to 1.
    Share(f64),
    /// Words, as written.
    Text(String),
    /// A pattern between slashes.
    Pattern(Box<Regex>),
    /// A day of the week.
    Day(Weekday),
    /// What consent is needed.
    Regime(Regime),
    /// An upgrade of an offer.
    Upgrade(Upgrade),
}

/// A kind of rule.
#[derive(Debug)]
pub struct Kind {
    /// As it stands in the column `rule`.
    pub name: &'static str,
    /// What its value looks like.
    pub form: &'static str,
    /// Every rule that fits holds; otherwise the one that says most about where it holds.
    pub many: bool,
    /// A version, a date and a source must stand beside it.
    pub sourced: bool,
    read: fn(&str) -> Option<Matter>,
}

impl Kind {
    /// The kind of this name.
    pub fn named(name: &str) -> Option<&'static Kind> {
        KINDS.iter().find(|kind| kind.name == name)
    }

    /// Reads a value.
    pub fn read(&self, value: &str) -> Option<Matter> {
        (self.read)(value.trim())
    }
}

const fn one(name: &'static str, form: &'static str, read: fn(&str) -> Option<Matter>) -> Kind {
    Kind {
        name,
        form,
        many: false,
        sourced: false,
        read,
    }
}

const fn many(name: &'static str, form: &'static str, read: fn(&str) -> Option<Matter>) -> Kind {
    Kind {
        name,
        form,
        many: true,
        sourced: false,
        read,
    }
}

const fn law(name: &'static str, form: &'static str, read: fn(&str) -> Option<Matter>) -> Kind {
    Kind {
        name,
        form,
        many: false,
        sourced: true,
        read,
    }
}

/// Every kind of rule.
pub const KINDS: &[Kind] = &[
    one("window", "08:00-21:00, mon-fri 09:00-18:00, always", hours),
    many("quiet", "mon-fri 07:00-09:30", hours),
    many("cap", "1/day, 3/week, 8/month, 4/6 days", |text| {
        Cap::parse(text).map(Matter::Cap)
    }),
    one("week_start", "monday", |text| {
        hours::weekday(text).map(Matter::Day)
    }),
    one("deadline_hours", "24", |text| {
        count(text).filter(|hours| matches!(hours, Matter::Count(0..=8784)))
    }),
    law("law", "the law by its name", text),
    law("consent", "opt-in, double-opt-in, opt-out", regime),
    one("holdout", "10 %", share),
    one("complaint_rate_max", "0.3 %", share),
    one("complaint_days", "30", count),
    one("complaint_sends_min", "1000", count),
    one("fatigue_inactive_days", "180", count),
    one("fatigue_recent_days", "30", count),
    one("fatigue_recent_sends", "6", count),
    many("restricted", "guarantee, /free +of +charge/", pattern),
    many("softening", "precautionary", text),
    many("exclusive", "only for you", text),
    many("health", "pregnan", text),
    one("recall_heading", "Product safety recall", text),
    many("image_domain", "images.morihane.example", text),
    many("logo_sha256", "64 hexadecimal digits", sha256),
    one("logo_width_min_px", "200", count),
    many(
        "offer_upgrade",
        "membership: 50 % for 1 month -> 50 % for 3 months",
        upgrade,
    ),
];

/// What holds where a pipeline says nothing: kind, channel, purpose, language, value.
pub const HOUSE: &[(&str, &str, &str, &str, &str)] = &[
    ("window", "", "", "", "08:00-21:00"),
    // A letter rings nobody out of bed.
    ("window", "post", "", "", "always"),
    ("cap", "", "advertisement", "", "1/day"),
    ("cap", "", "advertisement", "", "3/week"),
    ("week_start", "", "", "", "monday"),
    ("deadline_hours", "", "", "", "24"),
    ("consent", "", "advertisement", "", "opt-in"),
    ("holdout", "", "advertisement", "", "0 %"),
    // What large mailbox providers ask of those who write to many.
    ("complaint_rate_max", "", "", "", "0.3 %"),
    ("complaint_days", "", "", "", "30"),
    ("complaint_sends_min", "", "", "", "1000"),
    ("fatigue_inactive_days", "", "", "", "180"),
    ("fatigue_recent_days", "", "", "", "30"),
    ("fatigue_recent_sends", "", "", "", "6"),
    ("logo_width_min_px", "", "", "", "200"),
    // Regulation (EU) 2023/988 Art. 36(2)(a) in its languages, and its like in Japanese.
    ("recall_heading", "", "", "en", "Product safety recall"),
    ("recall_heading", "", "", "de", "Produktsicherheitsrückruf"),
    ("recall_heading", "", "", "ja", "製品安全リコール"),
];

fn hours(text: &str) -> Option<Matter> {
    Hours::parse(text).map(Matter::Hours)
}

fn text(text: &str) -> Option<Matter> {
    (!text.is_empty()).then(|| Matter::Text(text.to_string()))
}

fn count(text: &str) -> Option<Matter> {
    text.parse().ok().map(Matter::Count)
}

/// Reads `10 %` or `0.1`.
fn share(text: &str) -> Option<Matter> {
    let share = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().ok()? / 100.0,
        None => text.parse().ok()?,
    };
    (0.0..=1.0).contains(&share).then_some(Matter::Share(share))
}

fn pattern(text: &str) -> Option<Matter> {
    let inside = text
        .strip_prefix('/')
        .and_then(|rest| rest.strip_suffix('/'));
    match inside {
        // The text it is held against is in small letters and narrow forms.
        Some(inside) => Regex::new(inside).ok().map(Box::new).map(Matter::Pattern),
        None => (!words::normal(text).is_empty()).then(|| Matter::Text(text.to_string())),
    }
}

fn sha256(text: &str) -> Option<Matter> {
    let text = text.to_ascii_lowercase();
    let plain = text.len() == 64 && text.chars().all(|at| at.is_ascii_hexdigit());
    plain.then_some(Matter::Text(text))
}

fn regime(text: &str) -> Option<Matter> {
    let regime = match text {
        "opt-in" => Regime::OptIn,
        "double-opt-in" => Regime::DoubleOptIn,
        "opt-out" => Regime::OptOut,
        _ => return None,
    };
    Some(Matter::Regime(regime))
}

fn upgrade(text: &str) -> Option<Matter> {
    let (kind, terms) = text.split_once(':')?;
    let (from, to) = terms.split_once("->")?;
    let all = [kind.trim(), from.trim(), to.trim()];
    all.iter().all(|part| !part.is_empty()).then(|| {
        Matter::Upgrade(Upgrade {
            kind: all[0].to_string(),
            from: all[1].to_string(),
            to: all[2].to_string(),
        })
    })
}
