//! n-grams whose share of the texts rises in a segment: what people have begun to say.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::BuildHasherDefault;

use crate::grams::{Reader, Sizes};
use crate::words::WordHasher;
use tsugi_statistics::multiple::benjamini_hochberg;
use tsugi_statistics::tails::hypergeometric_upper;

/// What can be a term.
const SIZES: Sizes = Sizes {
    characters: (2, 4),
    words: (1, 3),
    inside: None,
};
const TEXT_MAX_BYTES: usize = 64_000_000;
const ONE_TEXT_MAX_BYTES: usize = 4_000;
const SEGMENTS_MAX: usize = 10_000;
/// Different n-grams of one segment, and tests in all.
const GRAMS_MAX: usize = 3_000_000;
const TESTS_MAX: usize = 2_000_000;
/// Terms of a segment that are compared with one another.
const COMPARED_MAX: usize = 2_000;
/// How much of an example is shown.
const EXAMPLE_CHARACTERS: usize = 120;

type Counts<T> = HashMap<u64, T, BuildHasherDefault<WordHasher>>;

/// More than one instance can hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TooMuch(String);

impl fmt::Display for TooMuch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; take fewer texts or smaller segments", self.0)
    }
}

impl std::error::Error for TooMuch {}

/// The arguments of `rising_terms`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// The share of false discoveries that is accepted.
    pub alpha: f64,
    /// Texts, recent and earlier together, in which a term must stand to be tested.
    pub minimum: u32,
    /// Terms given of each segment.
    pub limit: usize,
}

/// A term that rose.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rising {
    /// The segment; none when texts have none.
    pub segment: Option<String>,
    /// The n-gram in folded form: small letters, hiragana for katakana.
    pub term: String,
    /// Texts that hold it, and all texts, recent and earlier.
    pub recent: (u32, u32),
    /// See `recent`.
    pub earlier: (u32, u32),
    /// Fisher's exact test, one side.
    pub p: f64,
    /// After Benjamini and Hochberg over all tests of all segments.
    pub q: f64,
    /// How many tests that were.
    pub tested: usize,
    /// The beginning of a recent text that holds it.
    pub example: String,
}

#[derive(Clone, Copy)]
struct Text {
    begin: u32,
    end: u32,
    lang: u16,
    recent: bool,
}

/// Takes texts in, then finds what rose.
#[derive(Default)]
pub(crate) struct Finder {
    text: String,
    langs: Vec<String>,
    segments: BTreeMap<Option<String>, Vec<Text>>,
}

struct Test {
    segment: u32,
    hash: u64,
    recent: u32,
    all: u32,
    p: f64,
}

impl Finder {
    /// Adds a text; `lang` is a BCP 47 tag or blank.
    ///
    /// # Errors
    /// When the texts or the segments are more than can be held.
    pub(crate) fn push(
        &mut self,
        text: &str,
        lang: &str,
        segment: Option<String>,
        recent: bool,
    ) -> Result<(), TooMuch> {
        let end = text.floor_char_boundary(ONE_TEXT_MAX_BYTES.min(text.len()));
        let begin = self.text.len();
        self.text.push_str(text.get(..end).unwrap_or(text));
        if self.text.len() > TEXT_MAX_BYTES {
            return Err(TooMuch(format!(
                "the texts are longer than {TEXT_MAX_BYTES} bytes together"
            )));
        }
        let known = self.langs.iter().position(|known| known == lang);
        let at = known.unwrap_or_else(|| {
            // Languages are few; a column that holds something else is read as if it were empty.
            let name = if self.langs.len() < 200 { lang } else { "" };
            self.langs.push(name.to_owned());
            self.langs.len() - 1
        });
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let text = Text {
            begin: place(begin),
            end: place(self.text.len()),
            lang: u16::try_from(at).unwrap_or_default(),
            recent,
        };
        self.segments.entry(segment).or_default().push(text);
        if self.segments.len() > SEGMENTS_MAX {
            return Err(TooMuch(format!(
                "there are more than {SEGMENTS_MAX} segments"
            )));
        }
        Ok(())
    }

    /// Tests every n-gram of every segment that stands in enough texts, and gives those that rose.
    ///
    /// Which n-grams are tested depends on how often they stand in recent and earlier texts together, never on when: so
    /// the choice does not lean to those that rose.
    ///
    /// # Errors
    /// When the n-grams are more than can be held.
    pub(crate) fn finish(self, options: Options) -> Result<Vec<Rising>, TooMuch> {
        let mut reader = Reader::default();
        let mut tests: Vec<Test> = Vec::new();
        for (segment, texts) in (0..).zip(self.segments.values()) {
            self.test(segment, texts, options, &mut reader, &mut tests)?;
        }
        tests.sort_unstable_by(|one, other| {
            let by_place = (one.segment, one.hash).cmp(&(other.segment, other.hash));
            one.p.total_cmp(&other.p).then(by_place)
        });
        let tested = tests.len();
        let chances: Vec<f64> = tests.iter().map(|test| test.p).collect();
        let q = benjamini_hochberg(&chances, tested as u64);
        let rose = q.iter().take_while(|q| **q <= options.alpha).count();
        let mut by_segment: BTreeMap<u32, Vec<(Test, f64)>> = BTreeMap::new();
        for (test, q) in tests.into_iter().zip(q).take(rose) {
            let of = by_segment.entry(test.segment).or_default();
            if of.len() < COMPARED_MAX {
                of.push((test, q));
            }
        }
        let mut found = Vec::new();
        for (at, (segment, texts)) in (0..).zip(&self.segments) {
            if let Some(rose) = by_segment.remove(&at) {
                let mut named = self.named(segment.as_ref(), texts, rose, tested, &mut reader);
                drop_parts(&mut named);
                named.truncate(options.limit);
                found.append(&mut named);
            }
        }
        Ok(found)
    }

    fn read<'r>(&self, text: &Text, reader: &'r mut Reader) -> &'r [crate::grams::Gram] {
        let lang = self
            .langs
            .get(usize::from(text.lang))
            .map_or("", String::as_str);
        reader.read(self.shown(text), lang, SIZES)
    }

    fn shown(&self, text: &Text) -> &str {
        let span = text.begin as usize..text.end as usize;
        self.text.get(span).unwrap_or_default()
    }

    fn test(
        &self,
        segment: u32,
        texts: &[Text],
        options: Options,
        reader: &mut Reader,
        tests: &mut Vec<Test>,
    ) -> Result<(), TooMuch> {
        let mut counts = Counts::<[u32; 2]>::default();
        for text in texts {
            for gram in self.read(text, reader) {
                counts.entry(gram.hash).or_default()[usize::from(text.recent)] += 1;
            }
            if counts.len() > GRAMS_MAX {
                return Err(TooMuch(format!(
                    "one segment holds more than {GRAMS_MAX} different n-grams"
                )));
            }
        }
        let recent_texts = u64::from(sides(texts)[0]);
        for (hash, [earlier, recent]) in counts {
            let all = earlier + recent;
            if all >= options.minimum {
                tests.push(Test {
                    segment,
                    hash,
                    recent,
                    all,
                    p: hypergeometric_upper(
                        recent.into(),
                        recent_texts,
                        all.into(),
                        texts.len() as u64,
                    ),
                });
            }
        }
        if tests.len() > TESTS_MAX {
            return Err(TooMuch(format!(
                "more than {TESTS_MAX} n-grams would be tested; raise minimum"
            )));
        }
        Ok(())
    }

    /// The terms with their text and an example, most certain first.
    fn named(
        &self,
        segment: Option<&String>,
        texts: &[Text],
        rose: Vec<(Test, f64)>,
        tested: usize,
        reader: &mut Reader,
    ) -> Vec<Rising> {
        let wanted: Counts<usize> = (0..)
            .zip(&rose)
            .map(|(at, (test, _))| (test.hash, at))
            .collect();
        let mut names: Vec<Option<(String, String)>> = vec![None; rose.len()];
        for text in texts.iter().filter(|text| text.recent) {
            let grams = self.read(text, reader).to_vec();
            for gram in grams {
                let slot = wanted.get(&gram.hash).and_then(|&at| names.get_mut(at));
                let Some(slot) = slot else { continue };
                let shown = || self.shown(text).chars().take(EXAMPLE_CHARACTERS).collect();
                // The first in the order of the alphabet, so that the order of the rows does not matter.
                match slot {
                    Some((_, example)) if example.as_str() <= self.shown(text) => {}
                    _ => *slot = Some((reader.name(gram), shown())),
                }
            }
        }
        let [recent_texts, earlier_texts] = sides(texts);
        let named = rose.into_iter().zip(names).filter_map(|((test, q), name)| {
            let (term, example) = name?;
            Some(Rising {
                segment: segment.cloned(),
                term,
                recent: (test.recent, recent_texts),
                earlier: (test.all - test.recent, earlier_texts),
                p: test.p,
                q,
                tested,
                example,
            })
        });
        named.collect()
    }
}

/// Recent and earlier texts.
fn sides(texts: &[Text]) -> [u32; 2] {
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let recent = texts.iter().filter(|text| text.recent).count();
    [count(recent), count(texts.len() - recent)]
}

/// Leaves out a term that is part of a longer one which is nearly as frequent: it says nothing of its own.
fn drop_parts(terms: &mut Vec<Rising>) {
    let whole: Vec<(String, u32)> = terms
        .iter()
        .map(|term| (term.term.clone(), term.recent.0))
        .collect();
    terms.retain(|term| {
        !whole.iter().any(|(longer, hits)| {
            longer.len() > term.term.len()
                && u64::from(*hits) * 10 >= u64::from(term.recent.0) * 9
                && longer.contains(&term.term)
        })
    });
}
