//! A model read back from its table, and the scores it gives.

use std::collections::HashMap;
use std::fmt;
use std::hash::BuildHasherDefault;

use super::{LEXICON, Method, SIZES, largest, lexicon, probabilities};
use crate::grams::{self, Reader};
use crate::words::WordHasher;

/// More weights than any model that was trained here has.
const WEIGHTS_MAX: usize = 400_000;
const LABELS_MAX: usize = 10;

/// A row of a model as it comes back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Written<'a> {
    /// As in [`super::Row`].
    pub section: &'a str,
    /// As in [`super::Row`].
    pub name: &'a str,
    /// As in [`super::Row`].
    pub label: &'a str,
    /// As in [`super::Row`].
    pub value: f64,
}

/// Why a table is no model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadModel {
    what: String,
}

impl fmt::Display for BadModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}; give all rows of what train_sentiment made, of one training only",
            self.what
        )
    }
}

impl std::error::Error for BadModel {}

fn bad<T>(what: impl Into<String>) -> Result<T, BadModel> {
    Err(BadModel { what: what.into() })
}

/// A model that scores texts.
#[derive(Debug)]
pub struct Model {
    method: Method,
    temperature: f64,
    /// Names and places in -1..1, from bad to good.
    labels: Vec<(String, f64)>,
    bias: Vec<f64>,
    lexicon: Vec<[f64; LEXICON.len()]>,
    places: HashMap<u64, u32, BuildHasherDefault<WordHasher>>,
    /// For each n-gram one weight a margin.
    weights: Vec<f32>,
    reader: Reader,
    shares: Vec<f64>,
}

/// What a model says of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored<'m> {
    /// The mean of the labels' places, each by its share: -1 (bad) to 1 (good).
    pub score: f64,
    /// The likeliest label.
    pub label: &'m str,
    /// Its share.
    pub probability: f64,
    /// The share of the text's different n-grams that the model knows.
    pub coverage: f64,
}

impl Model {
    /// Reads a model.
    ///
    /// # Errors
    /// When rows are missing, doubled, out of bounds, or of two trainings.
    pub fn new<'a>(rows: &[Written<'a>]) -> Result<Self, BadModel> {
        let method = rows
            .iter()
            .filter(|r| r.section == "setting" && r.name == "method");
        let methods: Vec<Option<Method>> = method.map(|row| Method::of(row.label)).collect();
        let [Some(method)] = methods.as_slice() else {
            return bad(format!(
                "the model has {} rows that name its method",
                methods.len()
            ));
        };
        let setting = |name: &str| {
            let found = rows
                .iter()
                .find(|r| r.section == "setting" && r.name == name);
            found.map(|row| row.value)
        };
        let temperature = setting("temperature").unwrap_or_default();
        if !(0.01..=100.0).contains(&temperature) {
            return bad("the model has no temperature between 0.01 and 100");
        }
        let mut labels: Vec<(String, f64)> = rows
            .iter()
            .filter(|row| row.section == "label")
            .map(|row| (row.name.to_owned(), row.value))
            .collect();
        labels.sort_by(|one, other| one.1.total_cmp(&other.1).then_with(|| one.0.cmp(&other.0)));
        let sound = labels.iter().all(|(_, place)| (-1.0..=1.0).contains(place));
        if !(2..=LABELS_MAX).contains(&labels.len()) || !sound {
            return bad(format!("the model has {} usable labels", labels.len()));
        }
        let margins = if labels.len() == 2 { 1 } else { labels.len() };
        let mut model = Self {
            method: *method,
            temperature,
            bias: vec![f64::NAN; margins],
            lexicon: vec![[0.0; LEXICON.len()]; margins],
            labels,
            places: HashMap::default(),
            weights: Vec::new(),
            reader: Reader::default(),
            shares: Vec::new(),
        };
        for row in rows {
            model.take(row)?;
        }
        if model.bias.iter().any(|bias| !bias.is_finite()) || model.places.is_empty() {
            return bad("the model lacks a bias or its weights");
        }
        Ok(model)
    }

    fn take(&mut self, row: &Written<'_>) -> Result<(), BadModel> {
        if !matches!(row.section, "bias" | "lexicon" | "weight") {
            return Ok(());
        }
        let skipped = usize::from(self.labels.len() == 2);
        let at = self
            .labels
            .iter()
            .skip(skipped)
            .position(|(name, _)| name == row.label);
        let Some(margin) = at.filter(|_| row.value.is_finite()) else {
            return bad(format!(
                "the {} of `{}` for label `{}` cannot be used",
                row.section, row.name, row.label
            ));
        };
        let margins = self.bias.len();
        if row.section == "bias" {
            let Some(bias) = self.bias.get_mut(margin).filter(|bias| bias.is_nan()) else {
                return bad(format!("label `{}` has two biases", row.label));
            };
            *bias = row.value;
            return Ok(());
        }
        if row.section == "lexicon" {
            let place = LEXICON.iter().position(|name| *name == row.name);
            let own = self.lexicon.get_mut(margin);
            match own.zip(place).and_then(|(own, place)| own.get_mut(place)) {
                Some(weight) => *weight = row.value,
                None => return bad(format!("the lexicon has no part `{}`", row.name)),
            }
            return Ok(());
        }
        if self.weights.len() / margins >= WEIGHTS_MAX {
            return bad(format!("the model has more than {WEIGHTS_MAX} n-grams"));
        }
        let next = u32::try_from(self.weights.len() / margins).unwrap_or(u32::MAX);
        let place = *self.places.entry(grams::hash(row.name)).or_insert(next);
        if place == next {
            self.weights.resize(self.weights.len() + margins, 0.0);
        }
        let slot = self.weights.get_mut(place as usize * margins + margin);
        match slot {
            Some(weight) if *weight == 0.0 => *weight = row.value as f32,
            _ => return bad(format!("the n-gram `{}` has two weights", row.name)),
        }
        Ok(())
    }

    /// Scores a text; none when it holds nothing to read. `lang` is a BCP 47 tag or blank.
    pub fn score(&mut self, text: &str, lang: &str) -> Option<Scored<'_>> {
        let grams = self.reader.read(text, lang, SIZES);
        if grams.is_empty() {
            return None;
        }
        let margins = self.bias.len();
        let mut sums = vec![0.0_f64; margins];
        let mut known = 0_usize;
        for gram in grams {
            let Some(&place) = self.places.get(&gram.hash) else {
                continue;
            };
            known += 1;
            let begin = place as usize * margins;
            let own = self.weights.get(begin..begin + margins).unwrap_or_default();
            sums.iter_mut()
                .zip(own)
                .for_each(|(sum, &weight)| *sum += f64::from(weight));
        }
        let (scale, coverage) = (
            self.method.scale(grams.len()),
            known as f64 / grams.len() as f64,
        );
        let said = if self.method.uses_lexicon() {
            lexicon(text, lang)
        } else {
            [0.0; LEXICON.len()]
        };
        for ((sum, bias), weights) in sums.iter_mut().zip(&self.bias).zip(&self.lexicon) {
            let of_lexicon: f64 = weights
                .iter()
                .zip(&said)
                .map(|(weight, said)| weight * said)
                .sum();
            *sum = bias + scale * *sum + of_lexicon;
        }
        probabilities(&sums, self.temperature, &mut self.shares);
        let chosen = largest(&self.shares);
        let mean = self
            .labels
            .iter()
            .zip(&self.shares)
            .map(|((_, place), share)| place * share);
        Some(Scored {
            score: mean.sum::<f64>().clamp(-1.0, 1.0),
            label: self
                .labels
                .get(chosen)
                .map_or("", |(name, _)| name.as_str()),
            probability: self.shares.get(chosen).copied().unwrap_or_default(),
            coverage,
        })
    }
}
