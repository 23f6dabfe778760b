//! What leads to one person: found in texts and bytes, and removed from texts.

use std::collections::{BTreeMap, BTreeSet};

/// Replaces what leads to a person in texts that remain.
const BLANK: &str = "[forgotten]";
/// A value shorter than this is found by chance.
const VALUE_MIN_CHARS: usize = 5;
/// A longer one is a whole text, not a name.
const VALUE_MAX_CHARS: usize = 80;
/// A bare number shorter than this is found by chance in texts.
const NUMBER_MIN_CHARS: usize = 8;

/// What leads to one person: their id, and values of personal columns that no other person has.
#[derive(Clone, Debug)]
pub(crate) struct Scrub {
    id: String,
    is_in_texts: bool,
    values: BTreeSet<String>,
}

impl Scrub {
    /// A person by their id alone.
    pub(crate) fn new(id: &str) -> Self {
        let is_number = id.chars().all(|c| c.is_ascii_digit());
        Self {
            id: id.to_owned(),
            is_in_texts: !is_number || id.len() >= NUMBER_MIN_CHARS,
            values: BTreeSet::new(),
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Whether the id is looked for inside of longer texts; a short number is not.
    pub(crate) fn is_in_texts(&self) -> bool {
        self.is_in_texts
    }

    /// Adds a value, unless it is too short to lead to one person, or a whole text.
    pub(crate) fn add(&mut self, value: &str) {
        let value = value.trim();
        let length = value.chars().count();
        if (VALUE_MIN_CHARS..=VALUE_MAX_CHARS).contains(&length) && value != self.id {
            self.values.insert(value.to_owned());
        }
    }

    /// Whether there is a value beside the id.
    pub(crate) fn has_values(&self) -> bool {
        !self.values.is_empty()
    }

    /// The values that a text contains.
    pub(crate) fn values_in(&self, text: &str) -> Vec<String> {
        let found = self.values.iter();
        let found = found.filter(|value| find(text, value, 0).is_some());
        found.cloned().collect()
    }

    /// Removes a value that others have too.
    pub(crate) fn drop_shared(&mut self, value: &str) {
        self.values.remove(value);
    }

    /// Whether a text leads to the person.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        text == self.id
            || self.is_in_texts && find(text, &self.id, 0).is_some()
            || self
                .values
                .iter()
                .any(|value| find(text, value, 0).is_some())
    }

    /// Whether bytes hold the id.
    pub(crate) fn is_in_bytes(&self, bytes: &[u8]) -> bool {
        self.is_in_texts && has(bytes, self.id.as_bytes())
    }

    /// Whether the key of a record has the id as one of its values.
    pub(super) fn is_in_key(&self, key: &str) -> bool {
        values(key).is_some_and(|values| values.values().any(|value| *value == self.id))
    }

    /// The key of a record with `label` in the place of the id.
    pub(super) fn replaced_key(&self, key: &str, label: &str) -> Option<String> {
        let mut values = values(key)?;
        for value in values.values_mut().filter(|value| **value == self.id) {
            label.clone_into(value);
        }
        let clean = serde_json::to_string(&values).ok()?;
        self.replaced(&clean, label).or(Some(clean))
    }

    /// A text without what leads to the person; none when nothing in it does.
    pub(crate) fn without(&self, text: &str) -> Option<String> {
        self.replaced(text, BLANK)
    }

    /// A text with `label` instead of the id, and without the values; none when it has neither.
    pub(super) fn replaced(&self, text: &str, label: &str) -> Option<String> {
        if text == self.id {
            return Some(label.to_owned());
        }
        if !self.is_in(text) {
            return None;
        }
        let mut clean = match self.is_in_texts {
            true => replace(text, &self.id, label),
            false => text.to_owned(),
        };
        // The longest first: a name may be a part of an address.
        let mut values: Vec<&String> = self.values.iter().collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        for value in values {
            clean = replace(&clean, value, BLANK);
        }
        Some(clean)
    }
}

/// The values of the key of a record, by column.
fn values(key: &str) -> Option<BTreeMap<String, String>> {
    serde_json::from_str(key).ok()
}

/// Where a word begins that is not a part of a longer one.
fn find(text: &str, word: &str, from: usize) -> Option<usize> {
    let found = text.get(from..)?.match_indices(word);
    found.map(|(at, _)| from + at).find(|at| {
        let before = text
            .get(..*at)
            .and_then(|before| before.chars().next_back());
        let after = text
            .get(at + word.len()..)
            .and_then(|after| after.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

fn replace(text: &str, word: &str, label: &str) -> String {
    let (mut clean, mut from) = (String::with_capacity(text.len()), 0);
    while let Some(at) = find(text, word, from) {
        clean.push_str(text.get(from..at).unwrap_or_default());
        clean.push_str(label);
        from = at + word.len();
    }
    clean.push_str(text.get(from..).unwrap_or_default());
    clean
}

/// Whether bytes have a word that no further digit follows; what precedes it is unknown,
/// because values lie side by side.
fn has(bytes: &[u8], word: &[u8]) -> bool {
    let Some(first) = word.first() else {
        return false;
    };
    let starts = bytes.iter().enumerate().filter(|(_, byte)| *byte == first);
    starts.map(|(at, _)| at).any(|at| {
        let rest = bytes.get(at..).unwrap_or_default();
        rest.strip_prefix(word)
            .is_some_and(|after| !after.first().is_some_and(u8::is_ascii_digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_are_taken_out_and_parts_of_longer_ones_stay() {
        let mut scrub = Scrub::new("C-0007");
        scrub.add("Urschla Honigtau");
        scrub.add("de");
        scrub.add("honigtau@post.example");
        let clean = |text: &str| scrub.without(text);
        assert_eq!(clean("C-0007").as_deref(), Some("[forgotten]"));
        assert_eq!(
            clean("to C-0007 (Urschla Honigtau, honigtau@post.example)").as_deref(),
            Some("to [forgotten] ([forgotten], [forgotten])")
        );
        assert_eq!(clean("C-00071, XC-0007, Urschla, de"), None);
        assert_eq!(
            scrub.values_in("Urschla Honigtau said"),
            ["Urschla Honigtau"]
        );
        scrub.drop_shared("Urschla Honigtau");
        assert!(!scrub.is_in("Urschla Honigtau") && scrub.is_in("honigtau@post.example"));
        let short = Scrub::new("42");
        let key = r#"{"account":"42","day":"42 pairs"}"#;
        assert!(!short.is_in(key) && short.is_in_key(key));
        assert_eq!(
            short.replaced_key(key, "forgotten:1").as_deref(),
            Some(r#"{"account":"forgotten:1","day":"42 pairs"}"#)
        );
        assert!(short.is_in("42") && !short.is_in("42 pairs"));
        assert!(has(b"xC-0007sole", b"C-0007") && !has(b"C-00071", b"C-0007"));
    }
}
