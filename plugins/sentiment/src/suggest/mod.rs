//! What a person may accept next for a topic: words that stand in its accepted texts more than elsewhere, and further texts
//! that hold them.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasherDefault;

use crate::grams::{Gram, Reader, Sizes};
use crate::words::WordHasher;

const SIZES: Sizes = Sizes {
    characters: (2, 4),
    words: (1, 2),
    inside: None,
};
/// The prior of a word: as if it had been met so often on either side.
const PRIOR: f64 = 0.5;
/// Words below these scores are left out; where texts are ranked, weaker ones count as well.
const Z_WORD: f64 = 2.5;
const Z_TEXT: f64 = 1.5;
/// A word must stand in so many accepted texts.
const HITS_MIN: u32 = 2;
const TEXTS_MAX_BYTES: usize = 64_000_000;
const EXAMPLE_CHARACTERS: usize = 160;
/// So many words explain a text.
const REASONS: usize = 3;

type ByHash<T> = HashMap<u64, T, BuildHasherDefault<WordHasher>>;

/// More texts than can be held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

/// A word or a text that may belong to a topic.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Suggestion {
    pub topic: String,
    /// The text; none for a word.
    pub id: Option<String>,
    /// The word, or those for which the text was chosen.
    pub words: String,
    pub score: f64,
    /// The beginning of the text, or of an accepted one that holds the word.
    pub example: String,
}

struct Text {
    id: String,
    text: String,
    lang: String,
    topics: Vec<String>,
}

/// Takes texts in, then suggests.
#[derive(Default)]
pub(crate) struct Finder {
    /// By id, so that the order of the rows does not matter.
    texts: BTreeMap<String, Text>,
    bytes: usize,
}

/// What speaks for a topic: the weight of each n-gram, and how sure it is.
struct Weights(ByHash<(f64, f64)>);

impl Finder {
    /// Adds a text; a topic says that it was accepted for it. A text of several topics comes once for each.
    pub(crate) fn push(
        &mut self,
        id: String,
        text: &str,
        lang: &str,
        topic: Option<String>,
    ) -> Result<(), TooMany> {
        let known = self.texts.entry(id.clone()).or_insert_with(|| Text {
            id,
            text: text.chars().take(4_000).collect(),
            lang: lang.to_owned(),
            topics: Vec::new(),
        });
        self.bytes += known.text.len();
        known.topics.extend(topic);
        if self.bytes > TEXTS_MAX_BYTES {
            return Err(TooMany);
        }
        Ok(())
    }

    /// Up to `limit` words and `limit` texts a topic, the surest first.
    pub(crate) fn finish(self, limit: usize) -> Vec<Suggestion> {
        let texts: Vec<Text> = self.texts.into_values().collect();
        let mut reader = Reader::default();
        let mut all: ByHash<u32> = ByHash::default();
        let mut topics: BTreeMap<&str, (u32, ByHash<u32>)> = BTreeMap::new();
        for text in &texts {
            let grams = reader.read(&text.text, &text.lang, SIZES);
            for gram in grams {
                *all.entry(gram.hash).or_default() += 1;
            }
            for topic in &text.topics {
                let (count, hits) = topics.entry(topic).or_default();
                *count += 1;
                for gram in grams {
                    *hits.entry(gram.hash).or_default() += 1;
                }
            }
        }
        let mut suggestions = Vec::new();
        for (topic, (count, hits)) in &topics {
            let weights = Weights::of(*count, hits, texts.len() as u32, &all);
            suggestions.extend(words(topic, &weights, &texts, &mut reader, limit));
            suggestions.extend(further(topic, &weights, &texts, &mut reader, limit));
        }
        suggestions
    }
}

impl Weights {
    /// Log-odds of an n-gram in accepted texts against all others, and their z (Monroe, Colaresi & Quinn 2008, with a flat
    /// prior).
    fn of(count: u32, hits: &ByHash<u32>, texts: u32, all: &ByHash<u32>) -> Self {
        let mut weights = ByHash::default();
        for (hash, &hit) in hits {
            if hit < HITS_MIN {
                continue;
            }
            let others = f64::from(all.get(hash).copied().unwrap_or(hit) - hit);
            let (hit, count, texts) = (f64::from(hit), f64::from(count), f64::from(texts));
            let odds = |hits: f64, of: f64| ((hits + PRIOR) / (of - hits + PRIOR)).ln();
            let weight = odds(hit, count) - odds(others, texts - count);
            let z = weight / (1.0 / (hit + PRIOR) + 1.0 / (others + PRIOR)).sqrt();
            if z >= Z_TEXT {
                weights.insert(*hash, (weight, z));
            }
        }
        Self(weights)
    }

    fn get(&self, gram: Gram) -> Option<(f64, f64)> {
        self.0.get(&gram.hash).copied()
    }
}

fn shown(text: &str) -> String {
    text.chars().take(EXAMPLE_CHARACTERS).collect()
}

fn words(
    topic: &str,
    weights: &Weights,
    texts: &[Text],
    reader: &mut Reader,
    limit: usize,
) -> Vec<Suggestion> {
    let mut found: BTreeMap<String, (f64, String)> = BTreeMap::new();
    for text in texts
        .iter()
        .filter(|text| text.topics.iter().any(|own| own == topic))
    {
        for gram in reader.read(&text.text, &text.lang, SIZES).to_vec() {
            if let Some((_, z)) = weights.get(gram).filter(|(_, z)| *z >= Z_WORD) {
                found
                    .entry(reader.name(gram))
                    .or_insert_with(|| (z, shown(&text.text)));
            }
        }
    }
    let mut words: Vec<(String, (f64, String))> = found.into_iter().collect();
    words.sort_by(|one, other| other.1.0.total_cmp(&one.1.0).then(one.0.cmp(&other.0)));
    // A part of a longer word that is as sure says nothing of its own.
    let mut kept: Vec<(String, (f64, String))> = Vec::new();
    for word in words {
        let is_part = kept
            .iter()
            .any(|(known, _)| known.contains(&word.0) || word.0.contains(known.as_str()));
        if !is_part && kept.len() < limit {
            kept.push(word);
        }
    }
    let suggest = |(words, (score, example))| Suggestion {
        topic: topic.to_owned(),
        id: None,
        words,
        score,
        example,
    };
    kept.into_iter().map(suggest).collect()
}

fn further(
    topic: &str,
    weights: &Weights,
    texts: &[Text],
    reader: &mut Reader,
    limit: usize,
) -> Vec<Suggestion> {
    let mut found = Vec::new();
    for text in texts.iter().filter(|text| text.topics.is_empty()) {
        let grams = reader.read(&text.text, &text.lang, SIZES).to_vec();
        let mut reasons: Vec<(f64, Gram)> = Vec::new();
        let mut sum = 0.0;
        for gram in &grams {
            if let Some((weight, z)) = weights.get(*gram) {
                sum += weight;
                reasons.push((z, *gram));
            }
        }
        if sum <= 0.0 {
            continue;
        }
        reasons.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        let mut names: Vec<String> = Vec::new();
        for name in reasons.iter().map(|(_, gram)| reader.name(*gram)) {
            let is_part = names
                .iter()
                .any(|known| known.contains(&name) || name.contains(known.as_str()));
            if !is_part && names.len() < REASONS {
                names.push(name);
            }
        }
        found.push(Suggestion {
            topic: topic.to_owned(),
            id: Some(text.id.clone()),
            words: names.join(", "),
            score: sum / (grams.len() as f64).sqrt(),
            example: shown(&text.text),
        });
    }
    found.sort_by(|one, other| {
        other
            .score
            .total_cmp(&one.score)
            .then(one.id.cmp(&other.id))
    });
    found.truncate(limit);
    found
}
