//! Texts in one spelling, so that a person is found however their name, address or number is written:
//! width, case, accents, blanks, kinds of hyphen, katakana. Each character knows where it came from.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// A text in one spelling.
#[derive(Debug, Default)]
pub(super) struct Spelling<'t> {
    text: &'t str,
    characters: Vec<Character>,
}

/// A character with the bytes of the text that it stands for.
#[derive(Clone, Copy, Debug)]
struct Character {
    is: char,
    from: usize,
    to: usize,
}

impl<'t> Spelling<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let mut characters = Vec::with_capacity(text.len());
        let mut rest = text.char_indices().peekable();
        let mut whole = String::new();
        while let Some((from, first)) = rest.next() {
            let mut to = from + first.len_utf8();
            if first.is_ascii() && rest.peek().is_none_or(|(_, next)| next.is_ascii()) {
                if !is_blank(first) {
                    let is = first.to_ascii_lowercase();
                    characters.push(Character { is, from, to });
                }
                continue;
            }
            whole.clear();
            whole.push(first);
            while let Some((at, mark)) = rest.next_if(|(_, next)| is_mark(*next)) {
                whole.push(mark);
                to = at + mark.len_utf8();
            }
            let folded = fold(&whole);
            characters.extend(folded.map(|is| Character { is, from, to }));
        }
        Self { text, characters }
    }

    /// The characters alone.
    pub(super) fn folded(&self) -> Vec<char> {
        self.characters.iter().map(|one| one.is).collect()
    }

    /// Where a word stands that is not a part of a longer one, in bytes of the text. In a script
    /// without blanks between words it may stand anywhere. `may_inflect` allows the `s` of a genitive.
    pub(super) fn find(&self, word: &[char], may_inflect: bool) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(at) = self.next(word, from) {
            let end = at + word.len();
            let whole = self.is_apart(at, at.checked_sub(1)) && self.is_apart(end - 1, Some(end));
            let genitive = || {
                may_inflect
                    && self.is_apart(at, at.checked_sub(1))
                    && self.characters.get(end).is_some_and(|next| next.is == 's')
                    && self.is_apart(end, Some(end + 1))
            };
            let bounds = match (whole, whole || genitive()) {
                (true, _) => self.bytes(at, end),
                (false, true) => self.bytes(at, end + 1),
                (false, false) => None,
            };
            from = match bounds {
                Some(bounds) => {
                    found.push(bounds);
                    end
                }
                None => at + 1,
            };
        }
        found
    }

    fn next(&self, word: &[char], from: usize) -> Option<usize> {
        let first = word.first()?;
        let starts = self.characters.iter().enumerate().skip(from);
        let mut starts = starts.filter(|(_, one)| one.is == *first);
        let is_here = |at: usize| {
            let here = self.characters.get(at..at + word.len());
            here.is_some_and(|here| here.iter().zip(word).all(|(one, is)| one.is == *is))
        };
        starts.find(|(at, _)| is_here(*at)).map(|(at, _)| at)
    }

    fn bytes(&self, at: usize, end: usize) -> Option<(usize, usize)> {
        let (first, last) = (self.characters.get(at)?, self.characters.get(end - 1)?);
        Some((first.from, last.to))
    }

    /// Whether a character at the edge of a word and its neighbour belong to two words.
    fn is_apart(&self, edge: usize, neighbour: Option<usize>) -> bool {
        let neighbour = neighbour.and_then(|at| self.characters.get(at));
        let (Some(edge), Some(neighbour)) = (self.characters.get(edge), neighbour) else {
            return true;
        };
        let touch = edge.from == neighbour.to || edge.to == neighbour.from;
        let is_part = |one: &Character| one.is.is_alphanumeric();
        !touch
            || !is_part(edge)
            || !is_part(neighbour)
            || has_no_blanks(edge.is)
            || has_no_blanks(neighbour.is)
    }

    /// Where a number stands, whatever separates its digits and whichever prefix of a country or an
    /// area stands before the digits that are looked for.
    pub(super) fn find_number(&self, digits: &[char]) -> Vec<(usize, usize)> {
        let numbers = self.characters.iter().enumerate();
        let numbers: Vec<(usize, Character)> = numbers
            .filter(|(_, one)| one.is.is_ascii_digit())
            .map(|(at, one)| (at, *one))
            .collect();
        let mut found = Vec::new();
        for (start, here) in numbers.windows(digits.len().max(1)).enumerate() {
            let same = here.iter().zip(digits).all(|((_, one), is)| one.is == *is);
            let is_one = |pair: &[(usize, Character)]| match pair {
                [(before, one), (after, other)] => {
                    self.is_separated(*before, *after) && other.from.saturating_sub(one.to) <= 4
                }
                _ => true,
            };
            let (Some((_, first)), Some((last_at, last))) = (here.first(), here.last()) else {
                continue;
            };
            let ends = self
                .characters
                .get(last_at + 1)
                .is_none_or(|next| !next.is.is_ascii_digit() || next.from != last.to);
            if !same || !ends || !here.windows(2).all(is_one) {
                continue;
            }
            // A prefix of at most five digits, and a plus sign.
            let mut from = first.from;
            for back in 1..=5 {
                let pair = start
                    .checked_sub(back)
                    .and_then(|at| numbers.get(at..at + 2));
                match pair {
                    Some(pair @ [(_, before), _]) if is_one(pair) => from = before.from,
                    _ => break,
                }
            }
            let before = self.text.get(..from).unwrap_or_default();
            from -= before.len() - before.trim_end_matches(['+', '(', '＋', '（']).len();
            found.push((from, last.to));
        }
        found
    }

    /// Whether only what stands between the digits of a telephone number stands between two.
    fn is_separated(&self, one: usize, other: usize) -> bool {
        let between = self.characters.get(one + 1..other).unwrap_or_default();
        between.iter().all(|one| "-.()/+".contains(one.is))
    }
}

/// The characters of a word as they are looked for.
pub(crate) fn folded(word: &str) -> Vec<char> {
    Spelling::of(word).folded()
}

fn fold(whole: &str) -> impl Iterator<Item = char> {
    let plain = whole
        .nfkd()
        .filter(|one| !('\u{300}'..='\u{36f}').contains(one));
    let composed: String = plain.nfc().collect();
    let lower = composed.to_lowercase();
    let lower: String = lower
        .chars()
        .filter(|one| !('\u{300}'..='\u{36f}').contains(one))
        .collect();
    let mut folded = Vec::new();
    for one in lower.chars().filter(|one| !is_blank(*one)) {
        match one {
            'ß' => folded.extend(['s', 's']),
            'æ' => folded.extend(['a', 'e']),
            'œ' => folded.extend(['o', 'e']),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => folded.push('-'),
            '’' | '‘' | '`' | '´' => folded.push('\''),
            'ァ'..='ヶ' => folded.push(char::from_u32(u32::from(one) - 0x60).unwrap_or(one)),
            other => folded.push(other),
        }
    }
    folded.into_iter()
}

/// What may stand between two parts of a name, and what is not seen at all.
fn is_blank(one: char) -> bool {
    one.is_whitespace()
        || matches!(one, ',' | '、' | '・' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// What belongs to the character before it.
fn is_mark(one: char) -> bool {
    is_combining_mark(one) || matches!(one, '\u{ff9e}' | '\u{ff9f}' | '\u{1160}'..='\u{11ff}')
}

/// Whether a character is of a script that is written without blanks between words, or whose words
/// take endings without one.
pub(super) fn has_no_blanks(one: char) -> bool {
    matches!(u32::from(one),
        0x0e00..=0x0eff | 0x1000..=0x109f | 0x1100..=0x11ff | 0x1780..=0x17ff | 0x2e80..=0x2fdf
        | 0x3005..=0x3007 | 0x3040..=0x31ff | 0x3400..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff
        | 0x2_0000..=0x3_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_is_found_in_many_spellings() {
        // The word, a text, and what is found of it.
        let rows = [
            ("霧島谷 千鶴", "霧島谷千鶴さんの電話", "霧島谷千鶴"),
            ("霧島谷 千鶴", "お客様は霧島谷　千鶴です", "霧島谷　千鶴"),
            ("C-000434", "顧客C-000434の件", "C-000434"),
            ("C-000434", "顧客ｃ－０００４３４の件", "ｃ－０００４３４"),
            ("C-000434", "c\u{2011}000434.", "c\u{2011}000434"),
            ("ガト チズル", "ｶﾞﾄﾁｽﾞﾙ様", "ｶﾞﾄﾁｽﾞﾙ"),
            ("ガト チズル", "がと ちずるより", "がと ちずる"),
            ("Jürg Weiß", "JÜRG WEISS rief an", "JÜRG WEISS"),
            ("Jürg Weiß", "Ju\u{308}rg  Weiss", "Ju\u{308}rg  Weiss"),
            ("João Assunção", "o Joao Assuncao ligou", "Joao Assuncao"),
            (
                "honigtau@post.example",
                "an HONIGTAU@Post.Example.",
                "HONIGTAU@Post.Example",
            ),
            (
                "Urschla Honigtau",
                "Urschla Honigtaus Schuhe",
                "Urschla Honigtaus",
            ),
            ("김철수", "김철수는 왔다", "김철수"),
        ];
        for (word, text, expected) in rows {
            let found = Spelling::of(text).find(&folded(word), true);
            let found: Vec<&str> = found.iter().map(|(from, to)| &text[*from..*to]).collect();
            assert_eq!(found, [expected], "{word} in {text}");
        }
        for (word, text) in [
            ("C-000434", "C-0004341"),
            ("C-000434", "XC-000434"),
            ("Ines Tal", "ines talked"),
            ("Ines Tal", "mines tal"),
        ] {
            assert_eq!(
                Spelling::of(text).find(&folded(word), true),
                [],
                "{word} in {text}"
            );
        }
    }

    #[test]
    fn a_number_is_found_by_its_digits() {
        let digits: Vec<char> = "312345678".chars().collect();
        for (text, expected) in [
            ("tel 090-3123-45678.", "090-3123-45678"),
            ("+81 (90) 312.345.678 an", "+81 (90) 312.345.678"),
            (
                "電話は０９０３１２３４５６７８です",
                "０９０３１２３４５６７８",
            ),
        ] {
            let found = Spelling::of(text).find_number(&digits);
            let found: Vec<&str> = found.iter().map(|(from, to)| &text[*from..*to]).collect();
            assert_eq!(found, [expected], "{text}");
        }
        for text in ["3123456789", "31234567", "312 and 345 and 678"] {
            assert_eq!(Spelling::of(text).find_number(&digits), [], "{text}");
        }
    }
}
