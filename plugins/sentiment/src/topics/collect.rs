//! The words of the rules that stand in a text: as they are written, and long ones with a slip of the keyboard.

use super::rules::{Rule, Rules, Term, Tongue, Use};
use super::scan::{Pieces, Scratch};
use super::span::{Span, around};
use super::spoken::Spoken;

/// A German word with a slip is at least so long.
const GERMAN_MIN: usize = 8;

/// A pattern in a text.
#[derive(Clone, Copy)]
struct Hit {
    pattern: usize,
    span: Span,
    /// The last character of the pattern.
    last: Option<char>,
    /// One edit lies between them.
    is_slip: bool,
}

impl Scratch {
    fn note(&mut self, used: Use, span: Span, tongue: Tongue) {
        if let Some(second) = used.piece {
            let pieces = self
                .pieces
                .entry(used.alternative)
                .or_insert_with(|| Pieces {
                    used,
                    tongue,
                    spans: [Vec::new(), Vec::new()],
                });
            if let Some(spans) = pieces.spans.get_mut(usize::from(second)) {
                spans.push(span);
            }
        } else if let Some(spans) = self.rules.get_mut(used.rule) {
            spans.add(span, tongue, used.role, used.marked);
        }
        self.touched.push(used.rule);
    }
}

impl Rules {
    /// All words of the rules that stand in the text, and long ones with a slip of the keyboard.
    pub(super) fn collect(&self, original: &str, lang: &str, scratch: &mut Scratch) {
        let folded = std::mem::take(&mut scratch.folded);
        let text = folded.text();
        let mut spoken = None;
        scratch.exact.clear();
        for found in self.find.find_overlapping_iter(text) {
            let spoken = spoken.get_or_insert_with(|| Spoken::of(original, lang));
            let span = Span {
                begin: found.start(),
                end: found.end(),
            };
            let last = text
                .get(..span.end)
                .and_then(|text| text.chars().next_back());
            let hit = Hit {
                pattern: found.pattern().as_usize(),
                span,
                last,
                is_slip: false,
            };
            if self.place(hit, text, spoken, scratch) {
                scratch.exact.push(span);
            }
        }
        scratch.exact.sort_unstable();
        for (begin, word) in long_words(text) {
            let span = Span {
                begin,
                end: begin + word.len(),
            };
            if around(&scratch.exact, span)
                .iter()
                .any(|exact| exact.overlaps(span))
            {
                continue;
            }
            for (pattern, length, term) in self.typos.find(word, &self.patterns) {
                let spoken = spoken.get_or_insert_with(|| Spoken::of(original, lang));
                let hit = Hit {
                    pattern,
                    span: Span {
                        begin,
                        end: begin + length,
                    },
                    last: term.chars().next_back(),
                    is_slip: true,
                };
                self.place(hit, text, spoken, scratch);
            }
        }
        scratch.folded = folded;
        scratch.touched.sort_unstable();
        scratch.touched.dedup();
    }

    /// Notes the terms of a pattern that was found; whether any fits.
    fn place(&self, hit: Hit, text: &str, spoken: &Spoken, scratch: &mut Scratch) -> bool {
        let span = hit.span;
        let before = text
            .get(..span.begin)
            .and_then(|text| text.chars().next_back());
        let behind = text.get(span.end..).unwrap_or_default();
        let mut is_any = false;
        for &term in self.pattern_terms.get(hit.pattern).into_iter().flatten() {
            let Some(term) = self
                .terms
                .get(term)
                .filter(|term| !hit.is_slip || may_slip(term, hit.span.end - hit.span.begin))
            else {
                continue;
            };
            let Some(more) = term.fits(before, behind, hit.last.unwrap_or(' ')) else {
                continue;
            };
            let span = Span {
                begin: span.begin,
                end: span.end + more,
            };
            let tongue = spoken.tongue(term.tongue);
            for used in &term.uses {
                let is_read = |rule: &Rule| spoken.includes(&rule.lang);
                if self.rules.get(used.rule).is_some_and(is_read) {
                    scratch.note(*used, span, tongue);
                    is_any = true;
                }
            }
        }
        is_any
    }
}

/// Words of letters of a kind that slips are looked for in, with their places.
fn long_words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let place = move |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    words
        .filter(|word| word.len() >= 5)
        .map(move |word| (place(word), word))
}

/// Words of two languages whose endings are known, from their beginning: all else has too many neighbours. German words
/// have more of them than English ones.
fn may_slip(term: &Term, length: usize) -> bool {
    let is_long = match term.tongue {
        Tongue::English => true,
        Tongue::German => length >= GERMAN_MIN,
        _ => false,
    };
    is_long && !term.open_begin
}
