//! Texts that were sent, as far as they were the same for everybody: a text is known when it says the
//! same, and only the words differ that differed between the people of one send.

use std::fmt::Write as _;

use super::slot::{GAP_SLACK_MAX, WordKinds, fits_gap};

/// Most words in the place of a word that differs between people: a longer passage is another text.
const GAP_MAX: usize = 8;
/// The share of words that the texts of one send have in common.
const COMMON_MIN: f64 = 0.6;
/// Marks a gap in what is stored; it stands in no text.
const GAP_MARK: char = '\u{f8ff}';

/// A word of a text, or a place where the people of one send have other words.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Word(String),
    Gap {
        /// Most words so far.
        words: usize,
        kinds: WordKinds,
    },
}

/// What the texts of one send have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KnownText {
    parts: Vec<Part>,
}

/// The words of a text: runs of characters and digits, and every other character by itself.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut is_open = false;
    for one in text.chars().filter(|one| *one != GAP_MARK) {
        let is_part = one.is_alphanumeric() && one.is_ascii()
            || one.is_alphabetic() && u32::from(one) < 0x0e00;
        match (is_part, words.last_mut()) {
            (true, Some(word)) if is_open => word.push(one),
            _ if one.is_whitespace() => {}
            _ => words.push(one.to_string()),
        }
        is_open = is_part;
    }
    words
}

impl KnownText {
    /// One text, word for word.
    pub(crate) fn new(words: &[String]) -> Self {
        let parts = words.iter().cloned().map(Part::Word).collect();
        Self { parts }
    }

    /// What is stored: the text with its gaps.
    pub(crate) fn stored(&self) -> String {
        let mut text = String::new();
        for part in &self.parts {
            text.push_str(if text.is_empty() { "" } else { " " });
            match part {
                Part::Word(word) => text.push_str(word),
                Part::Gap { words, kinds } => {
                    // Writing to a String cannot fail.
                    let _ = write!(text, "{GAP_MARK}{words}{}", kinds.stored());
                }
            }
        }
        text
    }

    pub(crate) fn parse(stored: &str) -> Self {
        let mut parts = Vec::new();
        for piece in stored.split_whitespace() {
            match piece.strip_prefix(GAP_MARK) {
                Some(gap) => {
                    let words = gap.trim_end_matches(WordKinds::MARKS);
                    parts.push(Part::Gap {
                        words: words.parse().unwrap_or(0),
                        kinds: WordKinds::parse(gap),
                    });
                }
                None => parts.extend(words(piece).into_iter().map(Part::Word)),
            }
        }
        Self { parts }
    }

    /// Whether a text says this, with few more words in the places where people differ.
    pub(crate) fn is(&self, text: &[String]) -> bool {
        self.fits(text, true)
    }

    fn fits(&self, text: &[String], with_more: bool) -> bool {
        // Where the text may go on after the parts so far.
        let mut at: Vec<usize> = vec![0];
        for part in &self.parts {
            let mut next = Vec::new();
            for from in at {
                match part {
                    Part::Word(word) if text.get(from) == Some(word) => next.push(from + 1),
                    Part::Word(_) => {}
                    Part::Gap { words, kinds } => {
                        // A sign within a name stands beside its words and counts for nothing.
                        let most = match with_more {
                            true => 2 * (words + GAP_SLACK_MAX),
                            false => *words,
                        };
                        for to in from..=(from + most).min(text.len()) {
                            let inside = text.get(from..to).unwrap_or_default();
                            if fits_gap(*words, *kinds, inside) {
                                next.push(to);
                            }
                        }
                    }
                }
            }
            next.sort_unstable();
            next.dedup();
            at = next;
        }
        at.contains(&text.len())
    }

    /// The passages of this that a text has not, each with what stands in its place; none when the two
    /// have too little in common. Where the people of a send differ, a text may differ.
    pub(crate) fn instead(&self, text: &[String]) -> Option<Vec<(String, String)>> {
        let pairs = common(&self.parts, text);
        if (pairs.len() as f64) < COMMON_MIN * self.parts.len() as f64 {
            return None;
        }
        let differing = self.differing(pairs, text).into_iter();
        let differing = differing.filter(|(before, other)| {
            let passage = Self {
                parts: before.to_vec(),
            };
            !passage.is(other)
        });
        let shown = differing.map(|(before, other)| {
            let words = before.iter().map(|part| match part {
                Part::Word(word) => word.as_str(),
                Part::Gap { .. } => "…",
            });
            (words.collect::<Vec<_>>().join(" "), other.join(" "))
        });
        Some(shown.collect())
    }

    /// What a text that says this has in the places where people differ, one after the other.
    pub(crate) fn slots(&self, text: &[String]) -> Vec<String> {
        let pairs = common(&self.parts, text);
        let differing = self.differing(pairs, text).into_iter();
        let is_slot = |before: &[Part]| before.iter().any(|part| matches!(part, Part::Gap { .. }));
        let slots = differing.filter(|(before, _)| is_slot(before));
        slots.map(|(_, other)| other.join(" ")).collect()
    }

    /// The parts and words between those that both have.
    fn differing<'a>(
        &'a self,
        pairs: Vec<(usize, usize)>,
        text: &'a [String],
    ) -> Vec<(&'a [Part], &'a [String])> {
        let (mut found, mut here, mut there) = (Vec::new(), 0, 0);
        let ends = std::iter::once((self.parts.len(), text.len()));
        for (part, word) in pairs.into_iter().chain(ends) {
            let before = self.parts.get(here..part).unwrap_or_default();
            found.push((before, text.get(there..word).unwrap_or_default()));
            (here, there) = (part + 1, word + 1);
        }
        found
    }

    /// Widens it to a text of the same send; none when the two have too little in common.
    fn with(&self, text: &[String]) -> Option<Self> {
        let pairs = common(&self.parts, text);
        let longer = self.parts.len().max(text.len()) as f64;
        if (pairs.len() as f64) < COMMON_MIN * longer {
            return None;
        }
        let mut parts = Vec::new();
        let (mut here, mut there) = (0, 0);
        let ends = std::iter::once((self.parts.len(), text.len()));
        for (part, word) in pairs.into_iter().chain(ends) {
            let before = self.parts.get(here..part).unwrap_or_default();
            let other = text.get(there..word).unwrap_or_default();
            if !before.is_empty() || !other.is_empty() {
                parts.push(gap(before, other)?);
            }
            parts.extend(self.parts.get(part).cloned());
            (here, there) = (part + 1, word + 1);
        }
        Some(Self { parts })
    }
}

/// The gap in the place of some parts and of other words; none when it would be a whole passage.
fn gap(before: &[Part], other: &[String]) -> Option<Part> {
    let (mut words, mut kinds) = (0, WordKinds::of(other));
    let mut plain = Vec::new();
    for part in before {
        match part {
            Part::Word(word) => {
                words += 1;
                plain.push(word.clone());
            }
            Part::Gap {
                words: more,
                kinds: others,
            } => {
                words += more;
                kinds = kinds.and(*others);
            }
        }
    }
    let kinds = kinds.and(WordKinds::of(&plain));
    let words = words.max(other.len());
    (words <= GAP_MAX).then_some(Part::Gap { words, kinds })
}

/// The longest common words of two texts, as pairs of their places.
fn common(parts: &[Part], text: &[String]) -> Vec<(usize, usize)> {
    let same = |at: usize, word: usize| match (parts.get(at), text.get(word)) {
        (Some(Part::Word(one)), Some(other)) => one == other,
        _ => false,
    };
    let width = text.len() + 1;
    let mut longest = vec![0_u32; (parts.len() + 1) * width];
    let length = |longest: &[u32], at: usize, word: usize| {
        longest.get(at * width + word).copied().unwrap_or(0)
    };
    for at in (0..parts.len()).rev() {
        for word in (0..text.len()).rev() {
            let value = match same(at, word) {
                true => length(&longest, at + 1, word + 1) + 1,
                false => length(&longest, at + 1, word).max(length(&longest, at, word + 1)),
            };
            if let Some(cell) = longest.get_mut(at * width + word) {
                *cell = value;
            }
        }
    }
    let (mut pairs, mut at, mut word) = (Vec::new(), 0, 0);
    while at < parts.len() && word < text.len() {
        if same(at, word) {
            pairs.push((at, word));
            (at, word) = (at + 1, word + 1);
        } else if length(&longest, at + 1, word) >= length(&longest, at, word + 1) {
            at += 1;
        } else {
            word += 1;
        }
    }
    pairs
}

/// Most different texts of one send that are remembered; what is beyond waits for a person again.
const TEXTS_MAX: usize = 100;
/// Longest text that is compared.
const WORDS_MAX: usize = 4000;

/// What the texts of one send have in common.
pub(crate) fn known_texts<'t>(texts: impl Iterator<Item = &'t [String]>) -> Vec<KnownText> {
    let mut known: Vec<KnownText> = Vec::new();
    for text in texts.filter(|text| text.len() <= WORDS_MAX) {
        if known.iter().any(|known| known.fits(text, false)) {
            continue;
        }
        let wider = known.iter_mut().find_map(|known| {
            *known = known.with(text)?;
            Some(())
        });
        if wider.is_none() && known.len() < TEXTS_MAX {
            known.push(KnownText::new(text));
        }
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(texts: &[&str]) -> Vec<KnownText> {
        let texts: Vec<Vec<String>> = texts.iter().map(|text| words(text)).collect();
        let known = known_texts(texts.iter().map(Vec::as_slice)).into_iter();
        known
            .map(|known| KnownText::parse(&known.stored()))
            .collect()
    }

    #[test]
    fn only_what_differed_between_people_may_differ() {
        let sent = [
            "Dear Aiko Sato, the sole of your Yuki Mid (order SO-1) may crack. Bring it back at shop.example.",
            "Dear Ben, the sole of your Yuki Mid (order SO-22) may crack. Bring it back at shop.example.",
            "霧島様、ご注文SO-1の靴底にひびが入ることがあります。お店へお持ちください。",
            "千鶴様、ご注文SO-22の靴底にひびが入ることがあります。お店へお持ちください。",
        ];
        let known = known(&sent);
        assert_eq!(known.len(), 2, "{known:?}");
        let is_known = |text: &str| known.iter().any(|known| known.is(&words(text)));
        for text in [
            sent[0],
            "Dear Maria da Silva, the sole of your Yuki Mid (order SO-333) may crack. Bring it back at shop.example.",
            "Dear Jean-Luc O'Neil, the sole of your Yuki Mid (order SO-4) may crack. Bring it back at shop.example.",
            "小林様、ご注文SO-9の靴底にひびが入ることがあります。お店へお持ちください。",
        ] {
            assert!(is_known(text), "{text}");
        }
        for text in [
            "Pay 500 EUR now.",
            "",
            "Dear Ben, the sole of your Yuki Mid (order SO-22) may crack. Bring it back at shop.example. Pay 500 EUR now.",
            "Dear Ben, the sole of your Yuki Mid (order SO-22) may crack. Bring it back at evil.example.",
            "Dear Ben, the sole of your Yuki Mid (order SO-22) may not crack. Bring it back at shop.example.",
            "Dear Ben, the sole of your Hoshi Low (order SO-22) may crack. Bring it back at shop.example.",
            "Dear https://evil.example, the sole of your Yuki Mid (order SO-1) may crack. Bring it back at shop.example.",
            "Dear evil.example, the sole of your Yuki Mid (order SO-1) may crack. Bring it back at shop.example.",
            "Dear evil．example／pay, the sole of your Yuki Mid (order SO-1) may crack. Bring it back at shop.example.",
            "Dear Call 0900 now, the sole of your Yuki Mid (order SO-1) may crack. Bring it back at shop.example.",
            "Dear CH9300762011623852957, the sole of your Yuki Mid (order SO-1) may crack. Bring it back at shop.example.",
            "Dear Closed,CallNow, the sole of your Yuki Mid (order SO-1) may crack. Bring it back at shop.example.",
            "Dear Your account is closed, the sole of your Yuki Mid (order SO-1) may crack. Bring it back at shop.example.",
            "Dear 𝐞𝐯𝐢𝐥, the sole of your Yuki Mid (order SO-1) may crack. Bring it back at shop.example.",
            "Dear Xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, the sole of your Yuki Mid (order SO-1) may crack. Bring it back at shop.example.",
            "Dear Ben, the sole of your Yuki Mid (order SO-pay) may crack. Bring it back at shop.example.",
            "Dear Ben pay 500 EUR to us today or lose it all, the sole of your Yuki Mid (order SO-22) may crack. Bring it back at shop.example.",
            "千鶴様、ご注文SO-22の靴底にひびが入ることはありません。お店へお持ちください。",
        ] {
            assert!(!is_known(text), "{text}");
        }
    }

    #[test]
    fn one_text_alone_is_known_word_for_word() {
        let known = known(&["Dear Ben, all is well."]);
        assert!(known[0].is(&words("Dear  Ben,\nall is well.")));
        assert!(!known[0].is(&words("Dear Aiko, all is well.")));
        assert_eq!(
            words("a\u{f8ff}9 b"),
            ["a9", "b"],
            "a text cannot write a gap"
        );
    }
}
