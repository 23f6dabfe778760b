//! Counts over the messages to all people: templates in use, complaint rates of channels.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use jiff::civil::Date;

use crate::people::history::HistoryEntry;
use crate::rules::clock;

#[derive(Debug, Default)]
pub(crate) struct SendTotals {
    /// Templates that have reached people: id, and version where the history has one.
    used: BTreeSet<(String, Option<String>)>,
    /// Advertisements and complaints about them, by channel and day in UTC.
    by_day: BTreeMap<(String, Date), (u64, u64)>,
}

impl SendTotals {
    pub(crate) fn add(&mut self, entry: &HistoryEntry) {
        let sent = &entry.sent;
        if let Some(at) = sent.at.filter(|_| sent.promotes) {
            let key = (sent.channel.clone().unwrap_or_default(), clock::day(at));
            let (sends, complaints) = self.by_day.entry(key).or_default();
            *sends += 1;
            *complaints += u64::from(entry.complained);
        }
        let template = (sent.template.clone(), sent.version.clone());
        self.used.insert(template);
    }

    /// Whether this version of a template, or one without a version, has reached people.
    pub(crate) fn has_used(&self, template: &str, version: &str) -> bool {
        let used = |version: Option<&str>| {
            let key = (template.to_string(), version.map(str::to_string));
            self.used.contains(&key)
        };
        used(None) || used(Some(version))
    }

    /// Advertisements on a channel and complaints about them, in a number of days up to a day.
    pub(crate) fn complaints(&self, channel: &str, day: Date, days: u64) -> (u64, u64) {
        let span = jiff::Span::new().days(i64::try_from(days).unwrap_or(i64::MAX).min(36_500));
        let after = day.checked_sub(span).unwrap_or(Date::MIN);
        let key = |day| (channel.to_string(), day);
        let inside = self
            .by_day
            .range((Bound::Excluded(key(after)), Bound::Included(key(day))));
        inside.fold((0, 0), |sum, (_, (sends, complaints))| {
            (sum.0 + sends, sum.1 + complaints)
        })
    }
}
