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
    /// A letter apart in the given name: a slip, or brother and sister.
    GivenTypo,
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
            let near = edits(&self.reading(), &other.reading(), most) <= most;
            return if near {
                Likeness::GivenTypo
            } else {
                Likeness::Different
            };
        }
        let initial = |one: &str, other: &str| one.chars().count() == 1 && other.starts_with(one);
        if family == their_family {
            let initial = initial(given, their_given) || initial(their_given, given);
            return match edits(given, their_given, 1) {
                0 => Likeness::Same,
                _ if initial => Likeness::Initial,
                1 if given.len() >= 3 => Likeness::GivenTypo,
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
            _ => Likeness::Different,
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
mod tests {
    use super::*;

    #[test]
    fn one_name_has_one_form() {
        for (typed, form) in [
            ("髙橋　健太 様", "高橋健太"),
            ("ﾔﾏﾀﾞ ﾀﾛｳ", "やまだたろう"),
            ("YAMADA, Taro", "taro yamada"),
            ("Dr. Anna-Maria Müller", "anna maria mueller"),
            ("Herr Jürgen Groß", "juergen gross"),
            ("佐々木さん", "佐佐木"),
            ("山﨑 賢人", "山崎賢人"),
            ("（株）ヤマダ", "株式会社やまだ"),
            ("㈱ﾔﾏﾀﾞ", "株式会社やまだ"),
            ("Sam San", "sam san"),
            ("Tanaka-san", "tanaka"),
        ] {
            assert_eq!(normalize(typed).as_deref(), Some(form), "{typed}");
        }
        assert_eq!(normalize(" ・ "), None);
        assert_eq!(normalize("様"), None);
    }

    #[test]
    fn likeness_of_names() {
        let like = |one: [&str; 2], other: [&str; 2]| {
            let read = |[name, kana]: [&str; 2]| Name::read(name, kana).unwrap();
            let (one, other) = (read(one), read(other));
            assert_eq!(one.likeness(&other), other.likeness(&one));
            one.likeness(&other)
        };
        let plain = |one, other| like([one, ""], [other, ""]);
        assert_eq!(plain("渡邊 健", "渡辺健"), Likeness::Same);
        assert_eq!(plain("Taro Yamada", "Yamada, Taro"), Likeness::Same);
        assert_eq!(plain("Yamada Taro", "Taro YAMADA"), Likeness::Same);
        assert_eq!(
            like(["山田 太郎", "ヤマダ タロウ"], ["やまだ たろう", ""]),
            Likeness::SameReading
        );
        assert_eq!(
            like(["山田 太郎", "ヤマダ タロウ"], ["Taro Yamada", ""]),
            Likeness::SameReading
        );
        assert_eq!(plain("山田 太郎", "ヤマダ タロウ"), Likeness::Unknown);
        assert_eq!(
            like(["伊藤 誠", "イトウ マコト"], ["伊東 誠", "イトウ マコト"]),
            Likeness::Homophone
        );
        assert_eq!(
            like(
                ["田中 裕子", "タナカ ユウコ"],
                ["田中裕子", "タナカ ヒロコ"]
            ),
            Likeness::OtherReading
        );
        assert_eq!(plain("山田 花子", "鈴木 花子"), Likeness::SameGiven);
        assert_eq!(plain("山田花子", "鈴木花子"), Likeness::SameGiven);
        assert_eq!(plain("山田 翔", "鈴木翔"), Likeness::SameGiven);
        assert_eq!(plain("山田 翔", "山田翔太"), Likeness::SameFamily);
        assert_eq!(plain("山田 花子", "山田 太郎"), Likeness::SameFamily);
        assert_eq!(plain("Anna Weber", "Hanna Weber"), Likeness::GivenTypo);
        assert_eq!(plain("Anna Weber", "Anna Webre"), Likeness::FamilyTypo);
        assert_eq!(plain("A. Weber", "Anna Weber"), Likeness::Initial);
        assert_eq!(plain("Anna Weber", "Anna Koch"), Likeness::SameGiven);
        assert_eq!(plain("Anna Weber", "Paul Koch"), Likeness::Different);
    }
}
