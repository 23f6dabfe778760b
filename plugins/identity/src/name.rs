//! Names of people: one form, their parts, and how alike two of them are.

use crate::romaji::{from_kana, loose};
use crate::text::{Script, edits, folded};

const TITLES: [&str; 17] = [
    "mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "dipl", "ing", "med", "sr", "sra",
    "sir", "sama", "san", "md",
];
const HONORIFICS: [&str; 7] = ["様", "さま", "さん", "殿", "氏", "先生", "御中"];

/// A name that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Name {
    /// The name in one form: kanji and kana without blanks, other scripts as words.
    pub whole: String,
    pub script: Option<Script>,
    pub family: String,
    pub given: String,
    /// Family and given name in loose Latin letters; both empty when how the name is read is not known. A reading
    /// without parts is in `reading_family` whole.
    pub reading_family: String,
    pub reading_given: String,
}

/// How alike two names are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Likeness {
    Same,
    /// Written in another script, but read the same.
    SameReading,
    /// The same family name, and one given name is the first letter of the other.
    Initial,
    /// A letter or two apart in the family name.
    FamilyTypo,
    /// A letter apart inside a given name of some length: a slip.
    GivenSlip,
    /// A letter apart in the given name: a slip, or brother and sister (Martin and Martina).
    GivenTypo,
    /// A letter apart in both names, or in one of them with their order changed.
    BothTypo,
    /// One of them is the family name or the given name of the other alone.
    Part,
    /// Other kanji that are read the same.
    Homophone,
    /// The same kanji, read otherwise.
    OtherReading,
    /// The same given name, another family name.
    SameGiven,
    /// They cannot be compared: a name is missing, or written in another script without its reading.
    Unknown,
    /// The same family name, another given name.
    SameFamily,
    Different,
}

/// `text` in the form in which two writings of one name are equal; none when nothing remains.
#[must_use]
pub(crate) fn normalize(text: &str) -> Option<String> {
    Name::read(text, "").map(|name| name.whole)
}

impl Name {
    /// Reads a name and, where it is known, how it is read (kana, or Latin script).
    #[must_use]
    pub(crate) fn read(text: &str, reading: &str) -> Option<Self> {
        let Some((words, family_first)) = words(text) else {
            // Only the reading is known: it is the name.
            return if reading.trim().is_empty() {
                None
            } else {
                Self::read(reading, "")
            };
        };
        let script = Script::of(&words.join(" "));
        let (family, given) = parts(&words, family_first);
        let glue = if script == Script::Alphabet { " " } else { "" };
        let ordered = if family_first && script == Script::Alphabet && words.len() > 1 {
            format!("{given} {family}")
        } else {
            words.join(glue)
        };
        let mut name = Self {
            whole: ordered,
            script: Some(script),
            family,
            given,
            ..Self::default()
        };
        name.take_reading(reading);
        Some(name)
    }

    fn take_reading(&mut self, reading: &str) {
        let (family, given) = match words(reading) {
            Some((words, first)) => parts(
                &words,
                first || Script::of(&words.join(" ")) == Script::Kana,
            ),
            None if self.script != Some(Script::Kanji) => (self.family.clone(), self.given.clone()),
            None => return,
        };
        let latin = |part: &str| match Script::of(part) {
            Script::Kana => from_kana(part),
            _ => loose(part),
        };
        (self.reading_family, self.reading_given) = (latin(&family), latin(&given));
    }

    /// The reading in one piece, family name first.
    #[must_use]
    pub(crate) fn reading(&self) -> String {
        format!("{}{}", self.reading_family, self.reading_given).replace(' ', "")
    }

    fn reading_reversed(&self) -> String {
        format!("{}{}", self.reading_given, self.reading_family).replace(' ', "")
    }

    fn same_reading(&self, other: &Self) -> Option<bool> {
        let (own, theirs) = (self.reading(), other.reading());
        if own.is_empty() || theirs.is_empty() {
            return None;
        }
        // Family and given name in Latin script come in either order.
        Some(own == theirs || own == other.reading_reversed())
    }

    /// How alike this name and `other` are.
    #[must_use]
    pub(crate) fn likeness(&self, other: &Self) -> Likeness {
        let reading = self.same_reading(other);
        if self.script != other.script {
            return match reading {
                Some(true) => Likeness::SameReading,
                Some(false) => self.by_reading(other),
                None => Likeness::Unknown,
            };
        }
        let kanji = self.script == Some(Script::Kanji);
        if self.whole == other.whole {
            return if kanji && reading == Some(false) {
                Likeness::OtherReading
            } else {
                Likeness::Same
            };
        }
        if kanji {
            return match reading {
                Some(true) => Likeness::Homophone,
                _ => self.by_kanji(other),
            };
        }
        if reading == Some(true) {
            return Likeness::Same;
        }
        self.by_reading(other)
    }

    /// Of names in kana and another script, or whose reading is known.
    fn by_reading(&self, other: &Self) -> Likeness {
        let (family, given) = (&self.reading_family, &self.reading_given);
        let (their_family, their_given) = (&other.reading_family, &other.reading_given);
        if given.is_empty() || their_given.is_empty() {
            let most = if self.reading().len() >= 8 { 1 } else { 0 };
            if edits(&self.reading(), &other.reading(), most) <= most {
                return Likeness::GivenTypo;
            }
            let (whole, [own, theirs]) = if given.is_empty() {
                (family, [their_family, their_given])
            } else {
                (their_family, [family, given])
            };
            let is_part =
                |part: &str| nearly(whole, part) == Some(0) || nearly(whole, part) == Some(1);
            return if is_part(own) || is_part(theirs) {
                Likeness::Part
            } else {
                Likeness::Different
            };
        }
        let initial = |one: &str, other: &str| one.chars().count() == 1 && other.starts_with(one);
        if family == their_family {
            let initial = initial(given, their_given) || initial(their_given, given);
            let most = if given.len().min(their_given.len()) >= 7 {
                2
            } else {
                1
            };
            return match edits(given, their_given, most) {
                0 => Likeness::Same,
                _ if initial => Likeness::Initial,
                1 if is_slip(given, their_given) => Likeness::GivenSlip,
                1 | 2 if given.len() >= 3 && edits(given, their_given, most) <= most => {
                    Likeness::GivenTypo
                }
                _ => Likeness::SameFamily,
            };
        }
        let slips = if family.len().max(their_family.len()) >= 8 {
            2
        } else {
            1
        };
        let near = edits(family, their_family, slips) <= slips && family.len() >= 4;
        match (given == their_given, near) {
            (true, true) => Likeness::FamilyTypo,
            (true, false) => Likeness::SameGiven,
            _ => {
                let slips = |one: [&str; 2]| {
                    Some(nearly(one[0], their_family)? + nearly(one[1], their_given)?)
                };
                let swapped = slips([given, family]).is_some_and(|slips| slips <= 1);
                if swapped || slips([family, given]).is_some() {
                    Likeness::BothTypo
                } else {
                    Likeness::Different
                }
            }
        }
    }

    fn by_kanji(&self, other: &Self) -> Likeness {
        let split = |name: &Self| !name.given.is_empty();
        if split(self) != split(other) {
            let (parts, whole) = if split(self) {
                (self, &other.whole)
            } else {
                (other, &self.whole)
            };
            if *whole == parts.family || *whole == parts.given {
                return Likeness::Part;
            }
            return match (
                whole.strip_prefix(&parts.family),
                whole.strip_suffix(&parts.given),
            ) {
                (Some(given), _) if !given.is_empty() => Likeness::SameFamily,
                (_, Some(family)) if !family.is_empty() => Likeness::SameGiven,
                _ => Likeness::Different,
            };
        }
        if split(self) {
            return match (self.family == other.family, self.given == other.given) {
                (true, _) => Likeness::SameFamily,
                (_, true) => Likeness::SameGiven,
                _ => Likeness::Different,
            };
        }
        // 山田太郎 without a blank: family and given name mostly have two kanji each.
        let (own, theirs): (Vec<char>, Vec<char>) =
            (self.whole.chars().collect(), other.whole.chars().collect());
        let front = own.iter().zip(&theirs).take_while(|(a, b)| a == b).count();
        let back = own
            .iter()
            .rev()
            .zip(theirs.iter().rev())
            .take_while(|(a, b)| a == b)
            .count();
        match (front >= 2, back >= 2) {
            (true, _) => Likeness::SameFamily,
            (_, true) => Likeness::SameGiven,
            _ => Likeness::Different,
        }
    }
}

/// Whether two given names that are a letter apart begin and end alike: names of brothers and sisters mostly differ there.
fn is_slip(one: &str, other: &str) -> bool {
    let ends = |name: &str| {
        let mut characters = name.chars();
        (characters.next(), characters.next_back())
    };
    one.chars().count().min(other.chars().count()) >= 5 && ends(one) == ends(other)
}

/// How many slips lie between two parts of a name, none when more than one, or when a part is too short for one.
fn nearly(one: &str, other: &str) -> Option<usize> {
    let is_long = one.chars().count().min(other.chars().count()) >= 4;
    let slips = edits(one, other, 1);
    (!one.is_empty() && (slips == 0 || slips == 1 && is_long)).then_some(slips)
}

/// Short forms of companies and what they stand for.
const COMPANIES: [(&str, &str); 8] = [
    ("(株)", "株式会社"),
    ("㈱", "株式会社"),
    ("（株）", "株式会社"),
    ("(有)", "有限会社"),
    ("㈲", "有限会社"),
    ("（有）", "有限会社"),
    ("(同)", "合同会社"),
    ("（同）", "合同会社"),
];

/// Whether the last word is a family name that only looks like the title: Sam San, but Tanaka-san.
fn is_family_san(text: &str) -> bool {
    let Some((before, last)) = text.trim().rsplit_once(' ') else {
        return false;
    };
    last.starts_with('S') && last.len() <= 4 && !before.trim().contains(' ')
}

/// The words of a name without titles, and whether its family name is first.
fn words(text: &str) -> Option<(Vec<String>, bool)> {
    let mut text = text.to_owned();
    for (short, long) in COMPANIES {
        if text.contains(short) {
            text = text.replace(short, long);
        }
    }
    let text = text.as_str();
    let keeps_san = is_family_san(text);
    let (front, comma, behind) = match text.split_once([',', '，']) {
        Some((front, behind)) if !folded(front).is_empty() && !folded(behind).is_empty() => {
            (front, true, behind)
        }
        _ => (text, false, ""),
    };
    let mut family_first = comma;
    let mut list: Vec<String> = Vec::new();
    for (at, half) in [front, behind].into_iter().enumerate() {
        let plain = folded(half);
        let words = plain.split(' ').filter(|word| {
            !word.is_empty()
                && (!TITLES.contains(word) || (keeps_san && matches!(*word, "san" | "sama")))
        });
        let words: Vec<&str> = words.collect();
        if comma && at == 0 {
            // What precedes the comma is the family name, be it of several words.
            list.push(words.join(" "));
        } else {
            list.extend(words.into_iter().map(str::to_owned));
        }
    }
    if Script::of(&list.join(" ")) != Script::Alphabet {
        family_first = true;
        if let Some(last) = list.last_mut() {
            for honorific in HONORIFICS {
                if let Some(bare) = last.strip_suffix(honorific) {
                    // さん may be the whole of a name that is only kana.
                    if bare.chars().count() >= 2 || bare.is_empty() {
                        *last = bare.to_owned();
                        break;
                    }
                }
            }
        }
    }
    list.retain(|word| !word.is_empty());
    (!list.is_empty()).then_some((list, family_first))
}

/// Family and given name; a name of one word is all family name.
fn parts(words: &[String], family_first: bool) -> (String, String) {
    match words {
        [] => (String::new(), String::new()),
        [one] => (one.clone(), String::new()),
        [first, rest @ ..] if family_first => {
            (first.clone(), rest.first().cloned().unwrap_or_default())
        }
        [first, .., last] => (last.clone(), first.clone()),
    }
}

#[cfg(test)]
mod tests;
