//! A model of topics read back from its table, and the topics it finds.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::BuildHasherDefault;

use super::{SIZES, logistic, scale};
use crate::grams::{self, Gram, Reader};
use crate::model::Written;
use crate::topics::span::{Span, snippet};
use crate::words::WordHasher;

/// More weights than any model that was trained here has.
const WEIGHTS_MAX: usize = 1_000_000;
const TOPICS_MAX: usize = 1_000;

/// Why a table is no model of topics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadTopicModel {
    what: String,
}

impl fmt::Display for BadTopicModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}; give all rows of what train_topics made, of one training only",
            self.what
        )
    }
}

impl std::error::Error for BadTopicModel {}

fn bad<T>(what: impl Into<String>) -> Result<T, BadTopicModel> {
    Err(BadTopicModel { what: what.into() })
}

/// A topic that a model finds in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned<'m> {
    /// Its name.
    pub topic: &'m str,
    /// How sure it is, by texts that were held out.
    pub probability: f64,
    /// Whether that is enough.
    pub is_given: bool,
}

#[derive(Debug, Default)]
struct Topic {
    name: String,
    threshold: f64,
    bias: Option<f64>,
}

/// A model that finds topics.
#[derive(Debug, Default)]
pub struct TopicModel {
    topics: Vec<Topic>,
    /// The weights of each n-gram, by the place of the topic.
    weights: HashMap<u64, Vec<(u32, f32)>, BuildHasherDefault<WordHasher>>,
    reader: Reader,
    grams: Vec<Gram>,
    sums: Vec<f64>,
}

impl TopicModel {
    /// Reads a model; `label` of a row is its topic.
    ///
    /// # Errors
    /// When rows are missing, doubled, out of bounds, or of two trainings.
    pub fn new(rows: &[Written<'_>]) -> Result<Self, BadTopicModel> {
        let mut model = Self::default();
        let mut places: BTreeMap<&str, u32> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.section == "topic") {
            if !(0.0..=1.0).contains(&row.value) {
                return bad(format!("the threshold of `{}` is no share", row.label));
            }
            let place = u32::try_from(model.topics.len()).unwrap_or(u32::MAX);
            if places.insert(row.label, place).is_some() {
                return bad(format!("the topic `{}` is there twice", row.label));
            }
            model.topics.push(Topic {
                name: row.label.to_owned(),
                threshold: row.value,
                bias: None,
            });
        }
        if model.topics.is_empty() || model.topics.len() > TOPICS_MAX {
            return bad(format!("the model has {} topics", model.topics.len()));
        }
        let mut count = 0;
        for row in rows
            .iter()
            .filter(|row| matches!(row.section, "bias" | "weight"))
        {
            count += 1;
            model.add(row, places.get(row.label).copied())?;
            if count > WEIGHTS_MAX {
                return bad(format!("the model has more than {WEIGHTS_MAX} weights"));
            }
        }
        match model.topics.iter().find(|topic| topic.bias.is_none()) {
            Some(topic) => bad(format!("the topic `{}` has no bias", topic.name)),
            None => Ok(model),
        }
    }

    fn add(&mut self, row: &Written<'_>, place: Option<u32>) -> Result<(), BadTopicModel> {
        let known = place.and_then(|at| Some((at, self.topics.get_mut(at as usize)?)));
        let Some((place, topic)) = known.filter(|_| row.value.is_finite()) else {
            return bad(format!(
                "the {} of `{}` for the topic `{}` cannot be used",
                row.section, row.name, row.label
            ));
        };
        if row.section == "bias" {
            return match topic.bias.replace(row.value) {
                None => Ok(()),
                Some(_) => bad(format!("the topic `{}` has two biases", row.label)),
            };
        }
        let weights = self.weights.entry(grams::hash(row.name)).or_default();
        if weights.iter().any(|(at, _)| *at == place) {
            return bad(format!(
                "the n-gram `{}` has two weights for `{}`",
                row.name, row.label
            ));
        }
        weights.push((place, row.value as f32));
        Ok(())
    }

    /// Every topic with how sure it is; none where there is nothing to read. `lang` is a BCP 47 tag or blank.
    pub fn find(&mut self, text: &str, lang: &str) -> Vec<Learned<'_>> {
        self.grams.clear();
        self.grams
            .extend_from_slice(self.reader.read(text, lang, SIZES));
        if self.grams.is_empty() {
            return Vec::new();
        }
        self.sums.clear();
        self.sums.resize(self.topics.len(), 0.0);
        for gram in &self.grams {
            for (place, weight) in self.weights.get(&gram.hash).into_iter().flatten() {
                if let Some(sum) = self.sums.get_mut(*place as usize) {
                    *sum += f64::from(*weight);
                }
            }
        }
        let scale = scale(self.grams.len());
        let margins = self.topics.iter().zip(&self.sums);
        let found = margins.map(|(topic, sum)| {
            let probability = logistic(topic.bias.unwrap_or_default() + scale * sum);
            Learned {
                topic: &topic.name,
                probability,
                is_given: topic.threshold < 1.0 && probability >= topic.threshold,
            }
        });
        found.collect()
    }

    /// The word of the text read last that spoke most for a topic, and the place around it.
    #[must_use]
    pub fn reason(&self, text: &str, topic: &str) -> (String, String) {
        let place = self.topics.iter().position(|known| known.name == topic);
        let weight = |gram: &Gram| {
            let weights = self.weights.get(&gram.hash).into_iter().flatten();
            let own = weights
                .filter(|(at, _)| Some(*at as usize) == place)
                .map(|(_, weight)| *weight);
            own.sum::<f32>()
        };
        let strongest = self
            .grams
            .iter()
            .map(|gram| (weight(gram), gram))
            .max_by(|one, other| one.0.total_cmp(&other.0).then(other.1.cmp(one.1)));
        let Some((_, gram)) = strongest else {
            return (String::new(), String::new());
        };
        let (begin, end) = self.reader.span(*gram);
        let folded = self.reader.folded();
        let word = text
            .get(folded.origin(begin)..folded.origin(end))
            .unwrap_or_default();
        (
            word.trim().to_owned(),
            snippet(text, folded, None, Span { begin, end }),
        )
    }
}
