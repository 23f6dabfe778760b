//! Stretches of a text and how far they stand apart.

use super::rules::Tongue;
use crate::fold::Folded;

/// What the end of a sentence between part and defect adds to their gap.
const SENTENCE_WORDS: u32 = 4;
const SENTENCE_CHARACTERS: u32 = 8;
/// Spans looked at on either side of another one.
pub(super) const NEIGHBOURS: usize = 6;

/// What a snippet shows on either side, and at most, in characters.
const SNIPPET_SIDE: usize = 24;
const SNIPPET_MAX: usize = 240;

/// A stretch of folded text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub begin: usize,
    pub end: usize,
}

impl Span {
    pub(super) fn overlaps(self, other: Self) -> bool {
        self.begin < other.end && other.begin < self.end
    }
}

/// Counts up to each byte of a text, so that any distance is one subtraction.
#[derive(Default, Debug)]
pub(super) struct Measure {
    words: Vec<u32>,
    characters: Vec<u32>,
    sentences: Vec<u32>,
}

impl Measure {
    pub(super) fn fill(&mut self, text: &str) {
        for counts in [&mut self.words, &mut self.characters, &mut self.sentences] {
            counts.clear();
            counts.reserve(text.len() + 1);
        }
        let (mut words, mut characters, mut sentences, mut in_word) = (0, 0, 0, false);
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            let starts = c.is_alphanumeric() && !in_word;
            in_word = c.is_alphanumeric() || (in_word && c == '\'');
            for _ in 0..c.len_utf8() {
                self.words.push(words);
                self.characters.push(characters);
                self.sentences.push(sentences);
            }
            words += u32::from(starts);
            characters += 1;
            let blank_follows = rest.peek().is_none_or(|next| next.is_whitespace());
            if matches!(c, '!' | '?' | '。' | '\n') || (c == '.' && blank_follows) {
                sentences += 1;
                words += SENTENCE_WORDS;
                characters += SENTENCE_CHARACTERS;
            }
        }
        self.words.push(words);
        self.characters.push(characters);
        self.sentences.push(sentences);
    }

    pub(super) fn gap(&self, one: Span, other: Span, tongue: Tongue) -> u32 {
        let (first, second) = if one.begin <= other.begin {
            (one, other)
        } else {
            (other, one)
        };
        let counts = if tongue == Tongue::Japanese {
            &self.characters
        } else {
            &self.words
        };
        let at = |place: usize| counts.get(place).copied().unwrap_or_default();
        at(second.begin).saturating_sub(at(first.end))
    }

    pub(super) fn same_sentence(&self, one: Span, other: Span) -> bool {
        self.sentences.get(one.begin) == self.sentences.get(other.begin)
    }
}

/// The few spans on either side of `span`; `spans` are in order.
pub(super) fn around(spans: &[Span], span: Span) -> &[Span] {
    let at = spans.partition_point(|other| other.begin < span.begin);
    spans
        .get(at.saturating_sub(NEIGHBOURS)..(at + NEIGHBOURS).min(spans.len()))
        .unwrap_or_default()
}

/// The place of a match in the original text, with a little around it, on one line.
pub(super) fn snippet(original: &str, folded: &Folded, part: Option<Span>, defect: Span) -> String {
    let begin = part.map_or(defect.begin, |part| part.begin.min(defect.begin));
    let end = part.map_or(defect.end, |part| part.end.max(defect.end));
    let (begin, end) = (folded.origin(begin), folded.origin(end));
    let before = original.get(..begin).unwrap_or_default();
    let from = before
        .char_indices()
        .rev()
        .nth(SNIPPET_SIDE - 1)
        .map_or(0, |(at, _)| at);
    let behind = original.get(end..).unwrap_or_default();
    let to = end
        + behind
            .char_indices()
            .nth(SNIPPET_SIDE)
            .map_or(behind.len(), |(at, _)| at);
    let shown = original.get(from..to).unwrap_or_default();
    shown
        .chars()
        .take(SNIPPET_MAX)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect::<String>()
        .trim()
        .to_owned()
}
