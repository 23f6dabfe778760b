//! Texts with the topics that people have said of them, and which n-grams stand in each.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::hash::BuildHasherDefault;

use super::{SIZES, scale};
use crate::grams::{self, Reader};
use crate::words::WordHasher;

/// What training may hold at most, so that it stays inside the memory of an instance (256 MiB).
const TEXTS_MAX_BYTES: usize = 32_000_000;
const ITEMS_MAX: usize = 16_000_000;
const TOPICS_MAX: usize = 200;
const ONE_TEXT_MAX_BYTES: usize = 4_000;
/// While n-grams are counted, those seen once are forgotten whenever so many are held.
const COUNTED_MAX: usize = 1_500_000;
/// The most frequent n-grams that are learned from, and how many texts one must stand in.
const FEATURES_MAX: usize = 200_000;
const TEXTS_MIN: u32 = 2;
/// Parts that are held out in turn.
pub(super) const FOLDS: u8 = 5;

type Counts = HashMap<u64, u32, BuildHasherDefault<WordHasher>>;

/// More than one instance can learn from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooMuch {
    what: String,
}

impl fmt::Display for TooMuch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for TooMuch {}

#[derive(Debug, Default)]
struct Example {
    text: String,
    lang: String,
    topics: BTreeSet<String>,
}

/// Labelled texts as they come in: a text of several topics once for each, one of none with no topic.
#[derive(Debug, Default)]
pub struct Examples {
    /// By id, so that the order of the rows does not matter.
    texts: BTreeMap<String, Example>,
    topics: BTreeMap<String, u64>,
    bytes: usize,
}

impl Examples {
    /// Adds a text with a topic, or none. Rows of one `id` are one text; without ids, rows of the same text are.
    ///
    /// # Errors
    /// When all texts together, or the topics, are more than can be held.
    pub fn push(
        &mut self,
        id: Option<&str>,
        text: &str,
        lang: &str,
        topic: Option<&str>,
    ) -> Result<(), TooMuch> {
        let text = text
            .get(..text.floor_char_boundary(ONE_TEXT_MAX_BYTES.min(text.len())))
            .unwrap_or(text);
        let key = id.unwrap_or(text);
        let example = match self.texts.get_mut(key) {
            Some(example) => example,
            None => self.texts.entry(key.to_owned()).or_insert_with(|| {
                self.bytes += text.len() + key.len();
                Example {
                    text: text.to_owned(),
                    lang: lang.to_owned(),
                    topics: BTreeSet::new(),
                }
            }),
        };
        // Two texts of one id: the same one is read whatever the order of the rows.
        if (text, lang) < (example.text.as_str(), example.lang.as_str()) {
            (example.text, example.lang) = (text.to_owned(), lang.to_owned());
        }
        if let Some(topic) = topic
            && example.topics.insert(topic.to_owned())
        {
            self.bytes += topic.len();
            *self.topics.entry(topic.to_owned()).or_default() += 1;
        }
        if self.bytes > TEXTS_MAX_BYTES {
            let what = format!(
                "the texts are longer than {TEXTS_MAX_BYTES} bytes together; train on a sample of them"
            );
            return Err(TooMuch { what });
        }
        if self.topics.len() > TOPICS_MAX {
            let what = format!(
                "there are more than {TOPICS_MAX} different topics; keep those that are frequent"
            );
            return Err(TooMuch { what });
        }
        Ok(())
    }

    /// How many texts have each topic, by its name.
    pub(super) fn counts(&self) -> &BTreeMap<String, u64> {
        &self.topics
    }

    pub(super) fn texts(&self) -> u64 {
        self.texts.len() as u64
    }

    /// The n-grams of all texts, and which of `topics` each has.
    pub(super) fn matrix(self, topics: &[String]) -> Result<Matrix, TooMuch> {
        let mut reader = Reader::default();
        let mut counts = Counts::default();
        for example in self.texts.values() {
            for gram in reader.read(&example.text, &example.lang, SIZES) {
                *counts.entry(gram.hash).or_default() += 1;
            }
            if counts.len() > COUNTED_MAX {
                counts.retain(|_, count| *count > 1);
            }
        }
        let mut matrix = Matrix::over(counts, self.texts.len());
        for example in self.texts.values() {
            matrix.push(example, topics, &mut reader)?;
        }
        Ok(matrix)
    }
}

/// Which n-grams stand in which text, by their places.
#[derive(Debug, Default)]
pub(super) struct Matrix {
    index: Counts,
    /// The text of each n-gram, and how rare it is: the logarithm of one text in how many holds it, plus 1.
    pub names: Vec<String>,
    pub rarity: Vec<f64>,
    starts: Vec<usize>,
    items: Vec<u32>,
    /// What the sum over each text is multiplied by.
    pub scales: Vec<f64>,
    /// The part that each text is held out with; the same text is always in the same part.
    pub folds: Vec<u8>,
    has: Vec<Vec<bool>>,
}

impl Matrix {
    fn over(counts: Counts, texts: usize) -> Self {
        let mut often: Vec<(u32, u64)> = counts
            .into_iter()
            .filter(|(_, count)| *count >= TEXTS_MIN)
            .map(|(hash, count)| (count, hash))
            .collect();
        often.sort_unstable_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
        often.truncate(FEATURES_MAX);
        let rarity = often
            .iter()
            .map(|(count, _)| ((1.0 + texts as f64) / (1.0 + f64::from(*count))).ln() + 1.0)
            .collect();
        Self {
            names: vec![String::new(); often.len()],
            rarity,
            index: (0..).zip(often).map(|(at, (_, hash))| (hash, at)).collect(),
            starts: vec![0],
            ..Self::default()
        }
    }

    fn push(
        &mut self,
        example: &Example,
        topics: &[String],
        reader: &mut Reader,
    ) -> Result<(), TooMuch> {
        let found = reader.read(&example.text, &example.lang, SIZES).to_vec();
        for gram in &found {
            let Some(&at) = self.index.get(&gram.hash) else {
                continue;
            };
            self.items.push(at);
            if let Some(name) = self.names.get_mut(at as usize).filter(|n| n.is_empty()) {
                *name = reader.name(*gram);
            }
        }
        if self.items.len() > ITEMS_MAX {
            let what =
                format!("the texts hold more than {ITEMS_MAX} n-grams; train on a sample of them");
            return Err(TooMuch { what });
        }
        self.starts.push(self.items.len());
        self.scales.push(scale(found.len()));
        self.folds
            .push((grams::hash(&example.text) % u64::from(FOLDS)) as u8);
        let has = topics.iter().map(|topic| example.topics.contains(topic));
        self.has.push(has.collect());
        Ok(())
    }

    pub(super) fn rows(&self) -> usize {
        self.has.len()
    }

    pub(super) fn items(&self, row: usize) -> &[u32] {
        match (self.starts.get(row), self.starts.get(row + 1)) {
            (Some(&begin), Some(&end)) => self.items.get(begin..end).unwrap_or_default(),
            _ => &[],
        }
    }

    pub(super) fn has(&self, row: usize, topic: usize) -> bool {
        let has = self.has.get(row).and_then(|has| has.get(topic));
        has.copied().unwrap_or_default()
    }

    pub(super) fn scale(&self, row: usize) -> f64 {
        self.scales.get(row).copied().unwrap_or(1.0)
    }

    pub(super) fn fold(&self, row: usize) -> u8 {
        self.folds.get(row).copied().unwrap_or_default()
    }
}
