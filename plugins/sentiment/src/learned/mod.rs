//! Models of sentiment that are shipped: learned from labelled texts whose licences allow it (see NOTICE), one a language.
//!
//! `examples/train_models` makes them; it reads texts by [`features`], as scoring does.

pub mod features;
mod hashes;

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::language::Language;
use features::{Feature, Reader, Table};

/// What a file of weights begins with; the last character counts the layouts.
const MAGIC: &[u8; 4] = b"TSM1";
/// Bytes before the weights: the magic and [`Settings`] as little-endian 32-bit numbers.
const HEAD_BYTES: usize = 4 + 4 * 6;

/// What a model holds beside its weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// What a weight of 1 in the table stands for.
    pub unit: f32,
    /// What a lexicon score of 1 adds to the margin, and one of -1 takes from it.
    pub lexicon: [f32; 2],
    /// What is added to the margin of every text.
    pub bias: f32,
    /// Margins nearer to 0 are not decided.
    pub undecided: f32,
    /// How fast a margin becomes certain.
    pub slope: f32,
}

/// A shipped model.
#[derive(Clone, Debug)]
pub struct Model<'a> {
    settings: Settings,
    /// How much more certain n-grams must be where the lexicon knows no word.
    alone: f64,
    weights: &'a Table,
}

/// The shipped model of a language.
#[must_use]
pub(crate) fn of(language: Language) -> Option<Model<'static>> {
    let file: &'static [u8] = match language {
        Language::English => include_bytes!("models/en.bin"),
        Language::Japanese => include_bytes!("models/ja.bin"),
        Language::German => include_bytes!("models/de.bin"),
        Language::Chinese => include_bytes!("models/zh.bin"),
        Language::Portuguese => include_bytes!("models/pt.bin"),
        _ => return None,
    };
    Some(Model {
        alone: alone(language),
        ..Model::parse(file)?
    })
}

/// How much more certain n-grams must be where the lexicon knows no word: plain facts have a margin too.
#[must_use]
pub fn alone(language: Language) -> f64 {
    match language {
        Language::English => 0.05,
        Language::Chinese => 0.03,
        Language::German => 0.08,
        Language::Portuguese => 0.27,
        _ => 0.1,
    }
}

/// The least score of praise where the lexicon knows no word. German has no texts of customers to learn from, and loses
/// more praise than facts below any; short praise in Japanese is weak (サイコーです).
#[must_use]
pub(crate) fn weak(language: Language) -> f64 {
    match language {
        Language::English => 0.15,
        Language::German | Language::Japanese => 0.0,
        _ => 0.1,
    }
}

/// What the n-grams of a text count for. In a short one, some twelve words, a denial or a contrast turns all that was
/// said, which n-grams do not see.
#[must_use]
pub fn share(grams: u32, turned: bool) -> f64 {
    if turned && grams <= SHORT_GRAMS {
        TURNED_SHARE
    } else {
        1.0
    }
}

/// Calls `f` with a reader that keeps its memory from text to text.
pub(crate) fn with_reader<T>(f: impl FnOnce(&mut Reader) -> T) -> T {
    thread_local! {
        static READER: RefCell<Reader> = RefCell::default();
    }
    READER.with_borrow_mut(f)
}

/// What a model found in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Found {
    /// Above 0 for a good text.
    pub margin: f64,
    /// How many n-grams the text has, and how many of them have a weight.
    pub grams: u32,
    /// Of these.
    pub known: u32,
}

impl Settings {
    /// The head of a file of weights.
    #[must_use]
    pub fn head(&self) -> Vec<u8> {
        let [good, bad] = self.lexicon;
        let numbers = [self.unit, good, bad, self.bias, self.undecided, self.slope];
        let numbers = numbers.iter().flat_map(|number| number.to_le_bytes());
        MAGIC.iter().copied().chain(numbers).collect()
    }
}

impl<'a> Model<'a> {
    /// A model from its file; none when it is not one.
    #[must_use]
    pub fn parse(file: &'a [u8]) -> Option<Self> {
        let (head, weights) = file.split_at_checked(HEAD_BYTES)?;
        head.strip_prefix(MAGIC)?;
        let weights = weights.try_into().ok()?;
        let mut numbers = head.get(MAGIC.len()..)?.chunks_exact(4).map(|bytes| {
            let bytes = bytes.first_chunk::<4>().copied().unwrap_or_default();
            f32::from_le_bytes(bytes)
        });
        let mut next = || numbers.next().filter(|number| number.is_finite());
        let settings = Settings {
            unit: next()?,
            lexicon: [next()?, next()?],
            bias: next()?,
            undecided: next()?,
            slope: next()?,
        };
        Some(Self {
            settings,
            alone: 0.0,
            weights,
        })
    }

    /// What the n-grams of `text` say, without the lexicon; how many of them have a weight is counted if `known`.
    #[must_use]
    pub fn find(&self, reader: &mut Reader, text: &str, language: Language, known: bool) -> Found {
        let found = if known {
            reader.weigh::<true>(text, language, self.weights)
        } else {
            reader.weigh::<false>(text, language, self.weights)
        };
        let scale = f64::from(self.settings.unit) / f64::from(found.grams.max(1)).sqrt();
        Found {
            margin: f64::from(found.sum) * scale,
            grams: found.grams,
            known: found.known,
        }
    }

    /// How many weights are not 0.
    #[must_use]
    pub fn weights(&self) -> usize {
        self.weights.iter().filter(|weight| **weight != 0).count()
    }

    fn weight(&self, feature: Feature) -> i8 {
        self.weights
            .get(feature.place as usize)
            .map_or(0, |&byte| byte as i8)
    }

    /// The margin of a text with what the lexicon says of it.
    #[must_use]
    pub fn margin(&self, found: f64, lexicon: Option<f64>) -> f64 {
        let said = lexicon.unwrap_or_default();
        let [good, bad] = self.settings.lexicon.map(f64::from);
        found + f64::from(self.settings.bias) + said.max(0.0) * good - (-said).max(0.0) * bad
    }

    /// The score of a margin, -1 to 1; none when neither the n-grams nor the lexicon decide.
    #[must_use]
    pub fn score(&self, margin: f64, lexicon: Option<f64>) -> Option<f64> {
        let (undecided, slope) = (
            f64::from(self.settings.undecided),
            f64::from(self.settings.slope),
        );
        let undecided = undecided + if lexicon.is_none() { self.alone } else { 0.0 };
        let beyond = margin.abs() - undecided;
        if beyond >= 0.0 {
            let sure = (beyond * slope).tanh();
            return Some((NEUTRAL + (1.0 - NEUTRAL) * sure).copysign(margin));
        }
        lexicon.map(|_| NEUTRAL * margin / undecided * 0.99)
    }

    /// Up to `most` words of the text that speak for the side of `margin`, by their places in the original text.
    #[must_use]
    pub fn words(
        &self,
        reader: &mut Reader,
        text: &str,
        language: Language,
        margin: f64,
        most: usize,
    ) -> Vec<(usize, usize)> {
        let mut sums: BTreeMap<(u32, u32), i64> = BTreeMap::new();
        let unspaced = matches!(language, Language::Japanese | Language::Chinese);
        let mut grams = Vec::new();
        reader.read(text, language, |feature| {
            grams.push((feature.begin, feature.end, i64::from(self.weight(feature))));
        });
        let folded = reader.folded();
        for &(begin, end, weight) in grams.iter().filter(|gram| gram.2 != 0) {
            let span = if unspaced {
                // A single character says too little of why.
                (end - begin > 3).then_some((begin, end))
            } else {
                word_around(folded.text(), begin, end)
            };
            if let Some(span) = span {
                *sums.entry(span).or_default() += weight;
            }
        }
        let side = if margin < 0.0 { -1 } else { 1 };
        let mut order: Vec<(i64, (u32, u32))> = sums
            .into_iter()
            .map(|(span, sum)| (-sum * side, span))
            .filter(|(sum, _)| *sum < 0)
            .collect();
        order.sort_unstable();
        let mut chosen: Vec<(u32, u32)> = Vec::new();
        for (_, span) in order {
            if chosen.len() == most {
                break;
            }
            if chosen.iter().all(|c| span.1 <= c.0 || span.0 >= c.1) {
                chosen.push(span);
            }
        }
        chosen.sort_unstable();
        let origin = |at: u32| folded.origin(at as usize);
        let places = chosen.into_iter();
        places
            .map(|(from, to)| (origin(from), origin(to)))
            .collect()
    }
}

/// The word that an n-gram lies in; none when it lies in several, or in none.
fn word_around(text: &str, begin: u32, end: u32) -> Option<(u32, u32)> {
    let (begin, end) = (begin as usize, end as usize);
    let bytes = text.as_bytes();
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'\'' || *byte >= 0x80;
    let gram = bytes.get(begin..end)?;
    let skipped = gram.iter().position(is_word)?;
    let begin = begin + skipped;
    let gram = gram.get(skipped..)?;
    let length = gram.iter().rposition(is_word)? + 1;
    if !gram.get(..length)?.iter().all(is_word) {
        return None;
    }
    let before = bytes.get(..begin)?.iter().rev();
    let from = begin - before.take_while(|byte| is_word(byte)).count();
    let behind = bytes.get(begin..)?.iter();
    let to = begin + behind.take_while(|byte| is_word(byte)).count();
    Some((u32::try_from(from).ok()?, u32::try_from(to).ok()?))
}

const SHORT_GRAMS: u32 = 260;
const TURNED_SHARE: f64 = 0.3;
/// A score beyond this has a sign.
const NEUTRAL: f64 = 0.05;
