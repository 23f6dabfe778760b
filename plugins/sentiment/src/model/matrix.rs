//! Labelled texts, and which n-grams stand in each of them.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::BuildHasherDefault;

use super::{LEXICON, SIZES, lexicon};
use crate::grams::{self, Gram, Reader};
use crate::words::WordHasher;

/// What training may hold at most, so that it stays inside the memory of an instance (256 MiB).
const TEXT_MAX_BYTES: usize = 48_000_000;
const ITEMS_MAX: usize = 16_000_000;
const LABELS_MAX: usize = 1_000;
/// A text is read to here; the rest of it is not kept.
const ONE_TEXT_MAX_BYTES: usize = 4_000;
/// While n-grams are counted, those seen once are forgotten whenever so many are held.
const COUNTED_MAX: usize = 1_500_000;
/// The most frequent n-grams that are learned from, and how many texts one must stand in.
const FEATURES_MAX: usize = 200_000;
pub(super) const TEXTS_MIN: u32 = 2;
/// Parts that are held out in turn.
pub(super) const FOLDS: u8 = 5;

type Counts<T> = HashMap<u64, T, BuildHasherDefault<WordHasher>>;

/// More texts than one instance can learn from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooMuch {
    what: String,
}

impl fmt::Display for TooMuch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; train on a sample of the texts", self.what)
    }
}

impl std::error::Error for TooMuch {}

#[derive(Clone, Copy, Debug)]
struct Example {
    begin: u32,
    end: u32,
    label: u16,
    lang: u16,
}

/// Labelled texts as they come in.
#[derive(Default, Debug)]
pub struct Examples {
    text: String,
    rows: Vec<Example>,
    labels: BTreeMap<String, u16>,
    langs: BTreeMap<String, u16>,
}

impl Examples {
    /// Adds a text with its label and its language (blank when it is not known).
    ///
    /// # Errors
    /// When all texts together are more than can be held.
    pub fn push(&mut self, text: &str, label: &str, lang: &str) -> Result<(), TooMuch> {
        let end = text.floor_char_boundary(ONE_TEXT_MAX_BYTES.min(text.len()));
        let text = text.get(..end).unwrap_or(text);
        let begin = self.text.len();
        if begin + text.len() > TEXT_MAX_BYTES {
            return Err(TooMuch {
                what: format!("the texts are longer than {TEXT_MAX_BYTES} bytes together"),
            });
        }
        let number = |names: &mut BTreeMap<String, u16>, name: &str| match names.get(name) {
            Some(&number) => Some(number),
            None if names.len() >= LABELS_MAX => None,
            None => {
                let number = u16::try_from(names.len()).ok()?;
                names.insert(name.to_owned(), number);
                Some(number)
            }
        };
        let label = number(&mut self.labels, label).ok_or_else(|| TooMuch {
            what: format!("there are more than {LABELS_MAX} different labels"),
        })?;
        let lang = number(&mut self.langs, lang).unwrap_or_default();
        self.text.push_str(text);
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.rows.push(Example {
            begin: place(begin),
            end: place(self.text.len()),
            label,
            lang,
        });
        Ok(())
    }

    /// How many texts carry each label.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, u64> {
        let mut counts = vec![0_u64; self.labels.len()];
        for row in &self.rows {
            if let Some(count) = counts.get_mut(usize::from(row.label)) {
                *count += 1;
            }
        }
        let count = |number: &u16| counts.get(usize::from(*number)).copied();
        self.labels
            .iter()
            .map(|(name, number)| (name.clone(), count(number).unwrap_or_default()))
            .collect()
    }

    fn text(&self, row: &Example) -> &str {
        let span = row.begin as usize..row.end as usize;
        self.text.get(span).unwrap_or_default()
    }

    /// The n-grams of all texts, in an order that does not depend on the order in which the texts came. `label_of` gives
    /// the place of a label by its name.
    ///
    /// # Errors
    /// When the texts hold more n-grams than can be held.
    pub(super) fn matrix(mut self, label_of: impl Fn(&str) -> usize) -> Result<Matrix, TooMuch> {
        let by_number = |names: &BTreeMap<String, u16>| {
            let mut list: Vec<(u16, String)> =
                names.iter().map(|(name, &n)| (n, name.clone())).collect();
            list.sort_unstable();
            list.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
        };
        let (labels, langs) = (by_number(&self.labels), by_number(&self.langs));
        let named = |list: &'_ [String], at: u16| {
            let name = list.get(usize::from(at)).map(String::as_str);
            name.unwrap_or_default().to_owned()
        };
        let mut rows = std::mem::take(&mut self.rows);
        rows.sort_by(|one, other| {
            let key = |row: &Example| (named(&langs, row.lang), named(&labels, row.label));
            let by_text = self.text(one).cmp(self.text(other));
            by_text.then_with(|| key(one).cmp(&key(other)))
        });
        let lang = |row: &Example| langs.get(usize::from(row.lang)).map_or("", String::as_str);
        let mut reader = Reader::default();
        let mut counts = Counts::<u32>::default();
        for row in &rows {
            for gram in reader.read(self.text(row), lang(row), SIZES) {
                *counts.entry(gram.hash).or_default() += 1;
            }
            if counts.len() > COUNTED_MAX {
                counts.retain(|_, count| *count > 1);
            }
        }
        let mut matrix = Matrix::over(chosen(counts));
        for row in &rows {
            let text = self.text(row);
            let grams = reader.read(text, lang(row), SIZES).to_vec();
            let label = label_of(&named(&labels, row.label));
            matrix.push(&grams, &reader, label, grams::hash(text))?;
            let known = lexicon(text, lang(row));
            matrix.lexicon.push(known.map(|value| value as f32));
        }
        Ok(matrix)
    }
}

/// The places of the n-grams that are learned from: the most frequent, in order of their hash.
fn chosen(counts: Counts<u32>) -> Counts<u32> {
    let mut often: Vec<(u32, u64)> = counts
        .iter()
        .filter(|(_, count)| **count >= TEXTS_MIN)
        .map(|(&hash, &count)| (count, hash))
        .collect();
    drop(counts);
    often.sort_unstable_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
    often.truncate(FEATURES_MAX);
    let mut hashes: Vec<u64> = often.into_iter().map(|(_, hash)| hash).collect();
    hashes.sort_unstable();
    (0..).zip(hashes).map(|(at, hash)| (hash, at)).collect()
}

/// Which n-grams stand in which text, by their places.
pub(super) struct Matrix {
    index: Counts<u32>,
    /// The text of each n-gram; filled when it is first met.
    pub names: Vec<String>,
    starts: Vec<u32>,
    items: Vec<u32>,
    /// All different n-grams of each text, those that are not learned from included.
    grams: Vec<u32>,
    /// What the lexicon says of each text.
    lexicon: Vec<[f32; LEXICON.len()]>,
    pub labels: Vec<u16>,
    /// The part that each text is held out with; the same text is always in the same part.
    pub folds: Vec<u8>,
}

impl Matrix {
    fn over(index: Counts<u32>) -> Self {
        Self {
            names: vec![String::new(); index.len()],
            index,
            starts: vec![0],
            items: Vec::new(),
            grams: Vec::new(),
            lexicon: Vec::new(),
            labels: Vec::new(),
            folds: Vec::new(),
        }
    }

    fn push(
        &mut self,
        grams: &[Gram],
        reader: &Reader,
        label: usize,
        text: u64,
    ) -> Result<(), TooMuch> {
        for &gram in grams {
            let Some(&at) = self.index.get(&gram.hash) else {
                continue;
            };
            self.items.push(at);
            if let Some(name) = self.names.get_mut(at as usize).filter(|n| n.is_empty()) {
                *name = reader.name(gram);
            }
        }
        if self.items.len() > ITEMS_MAX {
            return Err(TooMuch {
                what: format!("the texts hold more than {ITEMS_MAX} n-grams"),
            });
        }
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.starts.push(place(self.items.len()));
        self.grams.push(place(grams.len()));
        self.labels.push(u16::try_from(label).unwrap_or(u16::MAX));
        self.folds.push((text % u64::from(FOLDS)) as u8);
        Ok(())
    }

    pub(super) fn rows(&self) -> usize {
        self.labels.len()
    }

    /// The places of the n-grams of a text.
    pub(super) fn items(&self, row: usize) -> &[u32] {
        match (self.starts.get(row), self.starts.get(row + 1)) {
            (Some(&begin), Some(&end)) => self
                .items
                .get(begin as usize..end as usize)
                .unwrap_or_default(),
            _ => &[],
        }
    }

    /// What the lexicon says of a text.
    pub(super) fn lexicon(&self, row: usize) -> [f64; LEXICON.len()] {
        self.lexicon
            .get(row)
            .copied()
            .unwrap_or_default()
            .map(f64::from)
    }

    /// How many different n-grams a text has.
    pub(super) fn grams(&self, row: usize) -> usize {
        self.grams.get(row).map_or(0, |&grams| grams as usize)
    }
}
