//! The place of a known text where people differ: what kinds of words may stand there, and how many.

/// How many more words than so far may stand in such a place.
const GAP_SLACK: usize = 1;
/// How many more of them where each character is a word, as in Japanese.
pub(super) const GAP_SLACK_MAX: usize = 3;
/// Longest word there, in characters.
const GAP_WORD_MAX: usize = 40;
/// Signs within names, which stand in any place of words.
const NAME_SIGNS: [&str; 6] = ["-", "'", "’", "・", "·", "゠"];

/// What kinds of words stood in a place so far: no other kind may stand there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct WordKinds {
    /// A part of a link or an address.
    address: bool,
    alphabetic: bool,
    digits: bool,
    signs: bool,
}

impl WordKinds {
    /// Each with the mark under which it is stored.
    pub(super) const MARKS: [char; 4] = ['@', 'l', 'd', 's'];

    pub(super) fn of(words: &[String]) -> Self {
        let any = |is: fn(char) -> bool| words.iter().any(|word| word.chars().any(is));
        let is_sign = |word: &String| {
            !NAME_SIGNS.contains(&word.as_str())
                && !word
                    .chars()
                    .all(|one| is_letter(one) || one.is_ascii_digit())
        };
        Self {
            address: has_address(words),
            alphabetic: any(is_letter),
            digits: any(|one| one.is_ascii_digit()),
            signs: words.iter().any(is_sign),
        }
    }

    fn flags(self) -> [bool; 4] {
        [self.address, self.alphabetic, self.digits, self.signs]
    }

    fn from_flags([address, alphabetic, digits, signs]: [bool; 4]) -> Self {
        Self {
            address,
            alphabetic,
            digits,
            signs,
        }
    }

    pub(super) fn stored(self) -> String {
        let marks = Self::MARKS.into_iter().zip(self.flags());
        marks.filter_map(|(mark, is)| is.then_some(mark)).collect()
    }

    /// Older ledgers hold whether there was an address, and nothing else.
    pub(super) fn parse(stored: &str) -> Self {
        let mut kinds = Self::from_flags(Self::MARKS.map(|mark| stored.contains(mark)));
        if !(kinds.alphabetic || kinds.digits || kinds.signs) {
            (kinds.alphabetic, kinds.digits, kinds.signs) = (true, true, true);
        }
        kinds
    }

    pub(super) fn and(self, other: Self) -> Self {
        let (one, other) = (self.flags(), other.flags());
        let [a, b, c, d] = one;
        let [e, f, g, h] = other;
        Self::from_flags([a || e, b || f, c || g, d || h])
    }

    fn has_all_of(self, other: Self) -> bool {
        let mut pairs = self.flags().into_iter().zip(other.flags());
        pairs.all(|(has, needed)| has || !needed)
    }
}

/// A letter of a script. Those that only look like those of another one are signs: mathematical ones, and
/// those of full or half width but kana.
fn is_letter(one: char) -> bool {
    let is_dressed = matches!(u32::from(one), 0x1d400..=0x1d7ff | 0xff01..=0xff5e);
    one.is_alphabetic() && !is_dressed
}

/// Whether words in the place of others lead somewhere: a link or an address.
fn has_address(words: &[String]) -> bool {
    let is_part = |word: &String| matches!(word.as_str(), "@" | "www" | "http" | "https");
    let is_slash = |pair: &[String]| pair.iter().all(|word| word == "/");
    words.iter().any(is_part) || words.windows(2).any(is_slash)
}

/// How many names or words there are: signs within names count for nothing, and what stands before an
/// apostrophe, as in O'Neil, is no word of its own.
fn counted(words: &[String]) -> usize {
    let is_elided = |at: usize| {
        let next = words.get(at + 1).map(String::as_str);
        let is_short = words.get(at).is_some_and(|word| word.chars().count() <= 2);
        is_short && matches!(next, Some("'" | "’"))
    };
    let counts = words.iter().enumerate();
    counts
        .filter(|(at, word)| !NAME_SIGNS.contains(&word.as_str()) && !is_elided(*at))
        .count()
}

/// Whether words may stand where others stood, as far as their length and kind go.
pub(super) fn fits_gap(words: usize, kinds: WordKinds, inside: &[String]) -> bool {
    let is_character = |word: &String| word.chars().count() == 1 && !word.is_ascii();
    let slack = match inside.iter().any(is_character) {
        true => GAP_SLACK_MAX,
        false => GAP_SLACK,
    };
    let is_short = |word: &String| word.chars().count() <= GAP_WORD_MAX;
    counted(inside) <= words + slack
        && inside.iter().all(is_short)
        && kinds.has_all_of(WordKinds::of(inside))
}
