//! The rules of a run: where and since when each applies, its source, and which one wins.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};

use crate::error::config_error;
use crate::input::values::{Trimmed, lower, owned};
use crate::rules::clock;
use crate::rules::defaults::{DEFAULTS, DefaultRule};
use crate::rules::hours::{Hours, OpenHours};
use crate::rules::rule_types::{ConsentRegime, RULE_TYPES, RuleType, RuleValue, Upgrade};
use crate::targets::purpose::{self, Purpose};
use tsugi_plugin::{Error, Row};

/// What a rule is looked up for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RuleScope<'a> {
    /// ISO 3166 code in upper case; blank when not known.
    pub(crate) country: &'a str,
    /// Lower case; blank when not known.
    pub(crate) channel: &'a str,
    pub(crate) purpose: Option<Purpose>,
    /// Lower case; blank when not known.
    pub(crate) language: &'a str,
}

/// One row of the relation `rules`.
#[derive(Debug, Row)]
pub(crate) struct RuleRow<'a> {
    rule: Option<Trimmed<'a>>,
    value: Option<Trimmed<'a>>,
    #[row(optional)]
    country: Option<Trimmed<'a>>,
    #[row(optional)]
    channel: Option<Trimmed<'a>>,
    #[row(optional)]
    purpose: Option<Trimmed<'a>>,
    #[row(optional)]
    language: Option<Trimmed<'a>>,
    #[row(optional)]
    valid_from: Option<Trimmed<'a>>,
    #[row(optional)]
    valid_to: Option<Trimmed<'a>>,
    #[row(optional)]
    version: Option<Trimmed<'a>>,
    #[row(optional)]
    source: Option<Trimmed<'a>>,
}

/// A rule of the relation `rules`, or a default.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// `name` of its [`RuleType`].
    type_name: &'static str,
    country: Option<String>,
    channel: Option<String>,
    purpose: Option<Purpose>,
    language: Option<String>,
    pub(crate) value: RuleValue,
    from: Option<Date>,
    to: Option<Date>,
    version: Option<String>,
    source: Option<String>,
    /// A rule of the relation wins over a default.
    is_default: bool,
}

/// All rules that apply on the day.
#[derive(Debug, Default)]
pub(crate) struct Rulebook {
    rules: Vec<Rule>,
    rows: usize,
}

impl Rule {
    fn parse(row: RuleRow<'_>, number: usize) -> Result<Rule, Error> {
        let place = format!("rules, row {number}");
        let wrong =
            |what: String, hint: String| config_error("bad-rule", format!("{place}: {what}"), hint);
        let name = lower(row.rule).unwrap_or_default();
        let rule_type = RuleType::named(&name).ok_or_else(|| {
            let names: Vec<&str> = RULE_TYPES.iter().map(|rule_type| rule_type.name).collect();
            wrong(
                format!("{name:?} is no type of rule"),
                format!("the types are {}", names.join(", ")),
            )
        })?;
        let value = owned(row.value).unwrap_or_default();
        let parsed = rule_type.parse(&value).ok_or_else(|| {
            wrong(
                format!("the value {value:?} cannot be read as {name}"),
                format!("write it like {}", rule_type.form),
            )
        })?;
        let day = |column: &str, text: Option<Trimmed<'_>>| {
            let Some(text) = text else { return Ok(None) };
            clock::parse_date(&text).map(Some).ok_or_else(|| {
                wrong(
                    format!("{column} is {:?}, which is no date", &*text),
                    "write it like 2026-04-01".into(),
                )
            })
        };
        let rule = Rule {
            type_name: rule_type.name,
            country: row.country.map(|text| text.to_ascii_uppercase()),
            channel: lower(row.channel),
            purpose: match row.purpose {
                Some(text) => Some(purpose::parse(&text, &place)?.purpose),
                None => None,
            },
            language: lower(row.language),
            value: parsed,
            from: day("valid_from", row.valid_from)?,
            to: day("valid_to", row.valid_to)?,
            version: owned(row.version),
            source: owned(row.source),
            is_default: false,
        };
        let unsourced = rule.version.is_none() || rule.from.is_none() || rule.source.is_none();
        match rule_type.sourced && unsourced {
            true => Err(wrong(
                format!("a rule of the type {name} must name its source"),
                "fill in version, valid_from and source".into(),
            )),
            false => Ok(rule),
        }
    }

    fn default(row: &DefaultRule) -> Option<Rule> {
        let (name, channel, purpose, language, value) = row;
        let text = |text: &str| (!text.is_empty()).then(|| text.to_string());
        let rule_type = RuleType::named(name)?;
        Some(Rule {
            type_name: rule_type.name,
            country: None,
            channel: text(channel),
            purpose: purpose::parse(purpose, "")
                .ok()
                .map(|stated| stated.purpose),
            language: text(language),
            value: rule_type.parse(value)?,
            from: None,
            to: None,
            version: None,
            source: None,
            is_default: true,
        })
    }

    /// How closely the rule names a scope; None where it does not apply.
    fn specificity(&self, scope: &RuleScope<'_>) -> Option<u32> {
        let country = match self.country.as_deref() {
            None => 0,
            Some(country) if country == scope.country => 6,
            Some("EU") if purpose::in_union(scope.country) => 5,
            Some(_) => return None,
        };
        let channel = match self.channel.as_deref() {
            None => 0,
            Some(channel) if channel == scope.channel => 3,
            Some(_) => return None,
        };
        let purpose = match self.purpose {
            None => 0,
            same if same == scope.purpose => 2,
            Some(_) => return None,
        };
        let primary = scope.language.split('-').next().unwrap_or_default();
        let language = match self.language.as_deref() {
            None => 0,
            Some(language) if language == scope.language || language == primary => 1,
            Some(_) => return None,
        };
        Some(country + channel + purpose + language)
    }

    pub(crate) fn applies(&self, scope: &RuleScope<'_>) -> bool {
        self.specificity(scope).is_some()
    }

    /// None where the rule is for every channel.
    pub(crate) fn channel(&self) -> Option<&str> {
        self.channel.as_deref()
    }

    /// None where the value is not a text.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            RuleValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a law with version, day and source, for a reason.
    pub(crate) fn cite(&self) -> String {
        let words = self.text().unwrap_or(self.type_name);
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
    pub(crate) fn add(&mut self, row: RuleRow<'_>) -> Result<(), Error> {
        self.rows += 1;
        self.rules.push(Rule::parse(row, self.rows)?);
        Ok(())
    }

    /// Removes what does not apply on a day and adds the defaults; called once all rows have come.
    pub(crate) fn close(&mut self, day: Date) {
        self.rules.retain(|rule| {
            rule.from.is_none_or(|from| from <= day) && rule.to.is_none_or(|to| day <= to)
        });
        let stated: BTreeSet<&str> = self.rules.iter().map(|rule| rule.type_name).collect();
        // All caps apply, so that default caps would tighten those of the pipeline.
        let defaults = DEFAULTS
            .iter()
            .filter(|row| row.0 != "cap" || !stated.contains("cap"));
        let defaults: Vec<Rule> = defaults.filter_map(Rule::default).collect();
        self.rules.extend(defaults);
    }

    /// The rule of a type that wins: one of the relation before a default, then the most specific,
    /// then the newest.
    pub(crate) fn one(&self, type_name: &str, scope: &RuleScope<'_>) -> Option<&Rule> {
        let fitting = self.rules.iter().filter(|rule| rule.type_name == type_name);
        fitting
            .filter_map(|rule| {
                Some((
                    (!rule.is_default, rule.specificity(scope)?, rule.from),
                    rule,
                ))
            })
            .max_by(|one, two| one.0.cmp(&two.0))
            .map(|(_, rule)| rule)
    }

    /// Every rule of a type that applies.
    pub(crate) fn all<'a>(
        &'a self,
        type_name: &'a str,
        scope: RuleScope<'a>,
    ) -> impl Iterator<Item = &'a Rule> {
        let fitting = self
            .rules
            .iter()
            .filter(move |rule| rule.type_name == type_name);
        fitting.filter(move |rule| rule.applies(&scope))
    }

    /// Every rule of a type for any scope.
    pub(crate) fn of(&self, type_name: &str) -> impl Iterator<Item = &Rule> {
        self.rules
            .iter()
            .filter(move |rule| rule.type_name == type_name)
    }

    pub(crate) fn open_hours<'a>(&'a self, scope: &RuleScope<'a>) -> Option<OpenHours<'a>> {
        let hours = |rule: &'a Rule| match &rule.value {
            RuleValue::Hours(hours) => Some(hours),
            _ => None,
        };
        let windows: Option<&Hours> = self.one("window", scope).and_then(hours);
        let quiet = self.all("quiet", *scope).filter_map(hours);
        Some(OpenHours {
            windows: windows?,
            quiet: quiet.collect(),
        })
    }

    /// 0 where the type has neither a rule nor a default.
    pub(crate) fn count(&self, type_name: &str, scope: &RuleScope<'_>) -> u64 {
        match self.one(type_name, scope).map(|rule| &rule.value) {
            Some(RuleValue::Count(count)) => *count,
            _ => 0,
        }
    }

    /// 0 where the type has neither a rule nor a default.
    pub(crate) fn share(&self, type_name: &str, scope: &RuleScope<'_>) -> f64 {
        match self.one(type_name, scope).map(|rule| &rule.value) {
            Some(RuleValue::Share(share)) => *share,
            _ => 0.0,
        }
    }

    pub(crate) fn regime(&self, scope: &RuleScope<'_>) -> ConsentRegime {
        match self.one("consent", scope).map(|rule| &rule.value) {
            Some(RuleValue::ConsentRegime(regime)) => *regime,
            _ => ConsentRegime::OptIn,
        }
    }

    pub(crate) fn week_start(&self, scope: &RuleScope<'_>) -> Weekday {
        match self.one("week_start", scope).map(|rule| &rule.value) {
            Some(RuleValue::Day(day)) => *day,
            _ => Weekday::Monday,
        }
    }

    pub(crate) fn upgrades(&self) -> impl Iterator<Item = &Upgrade> {
        self.of("offer_upgrade")
            .filter_map(|rule| match &rule.value {
                RuleValue::Upgrade(upgrade) => Some(upgrade),
                _ => None,
            })
    }

    /// The name of the law for a reason; no legal advice.
    pub(crate) fn law(&self, scope: &RuleScope<'_>) -> String {
        match self.one("law", scope) {
            Some(rule) => rule.cite(),
            None => "the law of the recipient's country, no rule names it".to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_a_rule() {
        for row in DEFAULTS {
            assert!(Rule::default(row).is_some(), "{row:?}");
        }
    }
}
