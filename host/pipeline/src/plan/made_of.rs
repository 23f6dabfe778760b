//! What a table is made of, part by part: enough to say why it would be made again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::project::component::Digest;

/// What the name of a table that is read begins with.
pub(super) const INPUT: &str = "input ";
/// Longest value of a variable that is kept as it is.
const VALUE_CHARACTERS: usize = 60;

/// The parts of a fingerprint by name, each as a short text that changes with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct MadeOf(BTreeMap<String, String>);

impl MadeOf {
    /// Notes a part. Values of variables are kept, to be shown; of others their digest is enough.
    pub(super) fn note(&mut self, name: &str, value: &str) {
        let is_shown = name.starts_with('$') && value.chars().count() <= VALUE_CHARACTERS;
        let kept = match is_shown {
            true => value.to_owned(),
            false => Digest::of(value.as_bytes()).short(),
        };
        self.0.insert(name.to_owned(), kept);
    }

    /// The parts without the tables that are read.
    pub(super) fn own(&self) -> String {
        let own = self.0.iter().filter(|(name, _)| !name.starts_with(INPUT));
        own.map(|(name, kept)| format!("{name} {kept};")).collect()
    }

    /// What is other than it was, in words; tables that are read are left out, for they have their own.
    pub(crate) fn changes_since(&self, before: &Self) -> Vec<String> {
        let names = self.0.keys().chain(before.0.keys());
        let mut changed: Vec<&String> = names
            .filter(|name| self.0.get(*name) != before.0.get(*name))
            .collect();
        changed.sort();
        changed.dedup();
        let words = changed
            .into_iter()
            .filter_map(|name| words(name, before.0.get(name), self.0.get(name)));
        words.collect()
    }
}

/// The words for one part that differs.
fn words(name: &str, before: Option<&String>, now: Option<&String>) -> Option<String> {
    let (what, of) = name.split_once(' ').unwrap_or((name, ""));
    Some(match what {
        "input" => return None,
        "sql" => "its SQL".into(),
        "schema" | "column" => "its columns".into(),
        "view" => format!("the view {of}"),
        "function" => format!("the plugin that {of} is from"),
        "content" => "its content".into(),
        "type" => format!("the type of {of}"),
        "plugin" | "config" | "stream" => format!("the {what} of its source"),
        "retain" => "how long its rows are kept".into(),
        "made" | "format" => "another version of tsugi".into(),
        variable if variable.starts_with('$') => match (before, now) {
            (Some(before), Some(now)) => format!("{variable} was {before} and is {now}"),
            _ => format!("whether it uses {variable}"),
        },
        other => other.to_owned(),
    })
}
