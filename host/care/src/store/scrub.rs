//! What leads to one person: found in texts and bytes however it is spelled, and removed from texts.

use std::collections::{BTreeMap, BTreeSet};

use super::second_look::SecondLook;
use super::spelling::{Spelling, folded, has_no_blanks};

/// Replaces what leads to a person in texts that remain.
const BLANK: &str = "[forgotten]";
/// A value with fewer characters than this is found by chance.
const CHARACTERS_MIN: usize = 5;
/// The same in a script whose characters are syllables or words.
const SYLLABLES_MIN: usize = 3;
/// A longer one is a whole text, not a name.
const VALUE_MAX_CHARS: usize = 80;
/// A bare number shorter than this is found by chance in texts.
const NUMBER_MIN_CHARS: usize = 8;
/// How many digits at the end of a telephone number are looked for: those that no prefix changes.
const PHONE_DIGITS: usize = 9;

/// German characters, and how they are written without them.
const UMLAUTS: [(char, &str); 3] = [('ä', "ae"), ('ö', "oe"), ('ü', "ue")];

/// What leads to one person: their id, and values of personal columns that no other person has.
#[derive(Clone, Debug)]
pub(crate) struct Scrub {
    id: String,
    id_folded: Vec<char>,
    is_in_texts: bool,
    values: BTreeMap<String, Value>,
    /// Parts of names, and values that are too short to be found alone: they count where something else
    /// in the same row leads to the person.
    short: BTreeMap<String, Value>,
}

/// A value of a personal column, as it is looked for.
#[derive(Clone, Debug)]
struct Value {
    /// Its spellings, without blanks.
    spellings: BTreeSet<Vec<char>>,
    /// The last digits of a telephone number.
    phone: Option<Vec<char>>,
    /// Whether a genitive `s` may follow.
    is_name: bool,
}

impl Value {
    fn of(value: &str) -> Self {
        let is_name = !value.chars().any(|c| c.is_numeric() || c == '@');
        let mut orders = vec![value.to_lowercase()];
        let words: Vec<&str> = value.split_whitespace().collect();
        if let ([first, last], true) = (words.as_slice(), is_name) {
            orders.push(format!("{last} {first}").to_lowercase());
        }
        let mut spellings = BTreeSet::new();
        for order in orders {
            spellings.insert(folded(&order));
            if is_name {
                let written = UMLAUTS
                    .iter()
                    .fold(order.clone(), |text, (character, written)| {
                        text.replace(*character, written)
                    });
                let character = UMLAUTS.iter().fold(order, |text, (character, written)| {
                    text.replace(*written, &character.to_string())
                });
                spellings.extend([folded(&written), folded(&character)]);
            }
        }
        Self {
            phone: phone(value),
            spellings,
            is_name,
        }
    }

    /// How many characters a match has, and whether each is a syllable or a word of its own.
    fn is_long(&self) -> bool {
        let longest = self.spellings.iter().max_by_key(|one| one.len());
        longest.is_some_and(|characters| {
            let syllables = characters.iter().filter(|one| has_no_blanks(**one)).count();
            characters.len() >= CHARACTERS_MIN || syllables >= SYLLABLES_MIN
        })
    }

    fn find(&self, text: &Spelling<'_>) -> Vec<(usize, usize)> {
        let spellings = self.spellings.iter();
        let mut found: Vec<_> = spellings
            .flat_map(|characters| text.find(characters, self.is_name))
            .collect();
        if let Some(digits) = &self.phone {
            found.extend(text.find_number(digits));
        }
        found
    }
}

/// The last digits of what may be a telephone number: digits and what is written between them, but no
/// date.
fn phone(value: &str) -> Option<Vec<char>> {
    let characters = folded(value);
    let digits: Vec<char> = characters
        .iter()
        .copied()
        .filter(char::is_ascii_digit)
        .collect();
    let is_number = characters
        .iter()
        .all(|one| one.is_ascii_digit() || "-.()/+".contains(*one));
    let is_date = digits.len() == 8 && characters.len() == 10;
    let from = digits.len().saturating_sub(PHONE_DIGITS);
    let last = digits.get(from..).unwrap_or_default();
    (is_number && !is_date && last.len() >= NUMBER_MIN_CHARS).then(|| last.to_vec())
}

impl Scrub {
    /// A person by their id alone.
    pub(crate) fn new(id: &str) -> Self {
        let is_number = id.chars().all(char::is_numeric);
        Self {
            id: id.to_owned(),
            id_folded: folded(id),
            is_in_texts: !is_number || id.chars().count() >= NUMBER_MIN_CHARS,
            values: BTreeMap::new(),
            short: BTreeMap::new(),
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Whether a text is the id, in any spelling.
    pub(crate) fn is_id(&self, text: &str) -> bool {
        text == self.id || folded(text) == self.id_folded
    }

    /// Whether the id is looked for inside of longer texts; a short number is not.
    pub(crate) fn is_in_texts(&self) -> bool {
        self.is_in_texts
    }

    /// Adds a value, unless it is a whole text. One that is too short to lead to one person counts only
    /// beside something that does.
    pub(crate) fn add(&mut self, value: &str) {
        let value = value.trim();
        let count = value.chars().count();
        if !(2..=VALUE_MAX_CHARS).contains(&count) || self.is_id(value) {
            return;
        }
        let known = Value::of(value);
        match known.is_long() {
            true => {
                if known.is_name {
                    let parts = value.split_whitespace().filter(|part| *part != value);
                    parts.for_each(|part| self.add_short(part));
                }
                self.values.insert(value.to_owned(), known);
            }
            false => self.add_short(value),
        }
    }

    fn add_short(&mut self, value: &str) {
        let count = value.chars().count();
        let least = if value.is_ascii() { 3 } else { 2 };
        if count >= least && value.chars().all(char::is_alphabetic) {
            self.short.insert(value.to_owned(), Value::of(value));
        }
    }

    /// Whether there is a value beside the id.
    pub(crate) fn has_values(&self) -> bool {
        !self.values.is_empty()
    }

    /// The values that a text contains, each with whether the text is nothing else.
    pub(crate) fn values_in(&self, text: &str) -> Vec<(String, bool)> {
        let spelling = Spelling::of(text);
        let whole = spelling.folded();
        let found = self.values.iter();
        let found = found.filter(|(_, value)| !value.find(&spelling).is_empty());
        found
            .map(|(value, known)| (value.clone(), known.spellings.contains(&whole)))
            .collect()
    }

    /// Removes a value that others have too.
    pub(crate) fn drop_shared(&mut self, value: &str) {
        self.values.remove(value);
    }

    /// The same by another matcher, for what the search may be blind to.
    pub(crate) fn second_look(&self) -> SecondLook {
        let values = self.values.keys().map(String::as_str);
        let id = Some(self.id.as_str()).filter(|_| self.is_in_texts);
        SecondLook::new(values.chain(id))
    }

    /// Whether a text leads to the person.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        text == self.id || self.leads(&Spelling::of(text))
    }

    fn leads(&self, text: &Spelling<'_>) -> bool {
        let id = || !text.find(&self.id_folded, false).is_empty();
        let mut values = self.values.values();
        text.folded() == self.id_folded
            || self.is_in_texts && id()
            || values.any(|value| !value.find(text).is_empty())
    }

    /// Whether bytes hold the id.
    pub(crate) fn is_in_bytes(&self, bytes: &[u8]) -> bool {
        self.is_in_texts && has(bytes, self.id.as_bytes())
    }

    /// Whether the key of a record has the id as one of its values.
    pub(super) fn is_in_key(&self, key: &str) -> bool {
        values(key).is_some_and(|values| values.values().any(|value| self.is_id(value)))
    }

    /// The key of a record with `label` in the place of the id.
    pub(super) fn replaced_key(&self, key: &str, label: &str) -> Option<String> {
        let mut values = values(key)?;
        for value in values.values_mut().filter(|value| self.is_id(value)) {
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
        if self.is_id(text) {
            return Some(label.to_owned());
        }
        let spelling = Spelling::of(text);
        if !self.leads(&spelling) {
            return None;
        }
        let mut places: Vec<(usize, usize, &str)> = Vec::new();
        if self.is_in_texts {
            let ids = spelling.find(&self.id_folded, false).into_iter();
            places.extend(ids.map(|(from, to)| (from, to, label)));
        }
        for value in self.values.values().chain(self.short.values()) {
            let found = value.find(&spelling).into_iter();
            places.extend(found.map(|(from, to)| (from, to, BLANK)));
        }
        // The longest first: a name may be a part of an address.
        places.sort_by_key(|(from, to, _)| (*from, std::cmp::Reverse(*to)));
        let (mut clean, mut end) = (String::with_capacity(text.len()), 0);
        for (from, to, instead) in places {
            if from >= end {
                clean.push_str(text.get(end..from).unwrap_or_default());
                clean.push_str(instead);
            }
            end = end.max(to);
        }
        clean.push_str(text.get(end..).unwrap_or_default());
        Some(clean)
    }
}

/// The values of the key of a record, by column.
fn values(key: &str) -> Option<BTreeMap<String, String>> {
    serde_json::from_str(key).ok()
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
    fn a_person_is_removed_in_every_spelling() {
        let mut scrub = Scrub::new("C-000434");
        for value in [
            "霧島谷 千鶴",
            "Jörg Müller",
            "João",
            "+81 90-3123-4567",
            "J.Mueller@Mail.example",
        ] {
            scrub.add(value);
        }
        for (text, clean) in [
            ("霧島谷千鶴さんの電話", "[forgotten]さんの電話"),
            (
                "連絡先はj.mueller@mail.exampleです",
                "連絡先は[forgotten]です",
            ),
            (
                "Herr MUELLER JOERG kam, Müllers Schuhe blieben",
                "Herr [forgotten] kam, [forgotten] Schuhe blieben",
            ),
            ("bei Jorg Muller", "bei [forgotten]"),
            (
                "c-000434の千鶴さんとMüller",
                "[forgotten]の[forgotten]さんと[forgotten]",
            ),
            ("電話 090-3123-4567 まで", "電話 [forgotten] まで"),
            ("0081 90 3123 4567", "[forgotten]"),
            ("o JOAO ligou", "o [forgotten] ligou"),
        ] {
            let found = scrub.without(text);
            let expected = (text != clean).then_some(clean);
            if text.contains("JOAO") {
                assert_eq!(found, None, "four characters alone are found by chance");
                let beside = scrub.without("c-000434: o JOAO ligou");
                assert_eq!(beside.as_deref(), Some("[forgotten]: o [forgotten] ligou"));
            } else {
                assert_eq!(found.as_deref(), expected, "{text}");
            }
        }
    }

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
            clean("c-0007: HONIGTAU, URSCHLA (de)").as_deref(),
            Some("[forgotten]: [forgotten] (de)"),
            "two letters are found by chance also beside what leads to them"
        );
        assert_eq!(
            scrub.values_in("Urschla Honigtau said"),
            [("Urschla Honigtau".to_owned(), false)]
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
