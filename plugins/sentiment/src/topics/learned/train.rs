//! Training step by step, so that no step is long: each topic with each part held out in turn, then on all texts.

use std::fmt;

use super::examples::{Examples, FOLDS, Matrix, TooMuch};
use super::fit::fit;
use super::logistic;
use super::measure::{Counted, Outcome, calibrate, measure, threshold};

/// Fewer texts of a topic teach nothing that could be checked.
const TEXTS_MIN: u64 = 10;
/// A model is about so large at most.
const MODEL_MAX_BYTES: usize = 6_000_000;
/// What a weight takes in a model, its n-gram and topic included.
const WEIGHT_BYTES: usize = 60;

/// A row of a model as a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What kind of row it is: `setting`, `topic`, `held_out`, `bias` or `weight`.
    pub section: &'static str,
    /// The setting, the n-gram, or the figure.
    pub name: String,
    /// The topic that the value belongs to.
    pub topic: Option<String>,
    pub value: f64,
    /// How many texts it rests on.
    pub texts: Option<u64>,
}

/// How a model is trained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// How closely single texts are followed.
    pub strength: f64,
    /// The share of right ones that is wanted among the texts that are given a topic; none: what F1 is highest at.
    pub precision: Option<f64>,
}

/// No topic has texts enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooFew {
    /// Each topic with how many texts it has.
    pub topics: Vec<(String, u64)>,
}

impl fmt::Display for TooFew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.topics.first() {
            None => f.write_str("no text has a topic; accept some first"),
            Some((topic, texts)) => write!(
                f,
                "no topic has {TEXTS_MIN} texts with it and as many without it (`{topic}` has {texts}); accept further ones, and \
                 hand in texts without a topic too"
            ),
        }
    }
}

impl std::error::Error for TooFew {}

/// A training under way.
pub struct Training {
    matrix: Matrix,
    topics: Vec<(String, u64)>,
    too_few: Vec<(String, u64)>,
    setting: Setting,
    skipped: u64,
    keep: usize,
    next: usize,
    outcomes: Vec<Outcome>,
    all: Counted,
    sum_f1: f64,
}

impl Training {
    /// Reads the texts. `skipped` counts the rows without text.
    ///
    /// # Errors
    /// When there is too much to learn from, or no topic has texts enough.
    pub fn new(
        examples: Examples,
        setting: Setting,
        skipped: u64,
    ) -> Result<Result<Self, TooFew>, TooMuch> {
        let texts = examples.texts();
        let (topics, too_few): (Vec<_>, Vec<_>) = examples
            .counts()
            .iter()
            .map(|(topic, &count)| (topic.clone(), count))
            .partition(|(_, count)| *count >= TEXTS_MIN && texts - count >= TEXTS_MIN);
        if topics.is_empty() {
            return Ok(Err(TooFew { topics: too_few }));
        }
        let names: Vec<String> = topics.iter().map(|(topic, _)| topic.clone()).collect();
        Ok(Ok(Self {
            matrix: examples.matrix(&names)?,
            keep: MODEL_MAX_BYTES / WEIGHT_BYTES / topics.len(),
            topics,
            too_few,
            setting,
            skipped,
            next: 0,
            outcomes: Vec::new(),
            all: Counted::default(),
            sum_f1: 0.0,
        }))
    }

    /// Topics that have too few texts to be learned, with how many.
    #[must_use]
    pub fn too_few(&self) -> &[(String, u64)] {
        &self.too_few
    }

    /// Does the next step; none when all is done. Rows of the model come as they are ready.
    pub fn step(&mut self) -> Option<Vec<Row>> {
        let of_topic = usize::from(FOLDS) + 1;
        let (topic, part) = (self.next / of_topic, self.next % of_topic);
        self.next += 1;
        if topic > self.topics.len() {
            return None;
        }
        let Some((name, texts)) = self.topics.get(topic).cloned() else {
            self.next = of_topic * (self.topics.len() + 1);
            return Some(self.summary());
        };
        match u8::try_from(part) {
            Ok(fold) if fold < FOLDS => {
                self.hold_out(topic, fold);
                Some(Vec::new())
            }
            _ => Some(self.learn(topic, &name, texts)),
        }
    }

    fn hold_out(&mut self, topic: usize, fold: u8) {
        let fitted = fit(
            &self.matrix,
            topic,
            self.setting.strength,
            Some(fold),
            self.keep,
        );
        let rows = (0..self.matrix.rows()).filter(|&row| self.matrix.fold(row) == fold);
        self.outcomes.extend(rows.map(|row| Outcome {
            fold,
            margin: fitted.margin(&self.matrix, row),
            has: self.matrix.has(row, topic),
        }));
    }

    fn learn(&mut self, topic: usize, name: &str, texts: u64) -> Vec<Row> {
        let outcomes = std::mem::take(&mut self.outcomes);
        let counted = measure(&outcomes, self.setting.precision);
        self.all.add(counted);
        self.sum_f1 += counted.f1();
        let (slope, offset) = calibrate(&outcomes);
        // A margin that says nothing of the topic on texts held out says nothing at all.
        let least = threshold(&outcomes, self.setting.precision).filter(|_| slope > 0.0);
        let least = least.map_or(1.0, |least| logistic(slope * least + offset));
        let row = |section, figure: &str, value, texts| Row {
            section,
            name: figure.to_owned(),
            topic: Some(name.to_owned()),
            value,
            texts: Some(texts),
        };
        let mut rows = vec![
            row("topic", "threshold", least, texts),
            row("held_out", "precision", counted.precision(), counted.given),
            row("held_out", "recall", counted.recall(), counted.has),
            row("held_out", "f1", counted.f1(), counted.has),
        ];
        let fitted = fit(&self.matrix, topic, self.setting.strength, None, self.keep);
        rows.push(row("bias", "", slope * fitted.bias + offset, texts));
        let named = self.matrix.names.iter().zip(&fitted.weights);
        let weighty = named.filter(|(_, weight)| **weight != 0.0);
        rows.extend(weighty.map(|(gram, weight)| Row {
            texts: None,
            ..row("weight", gram, slope * f64::from(*weight), 0)
        }));
        rows
    }

    fn summary(&self) -> Vec<Row> {
        let texts = self.matrix.rows() as u64;
        let row = |section, name: &str, value| Row {
            section,
            name: name.to_owned(),
            topic: None,
            value,
            texts: Some(texts),
        };
        let mut rows = vec![
            row("setting", "strength", self.setting.strength),
            row("setting", "texts", texts as f64),
            row("setting", "rows_skipped", self.skipped as f64),
            row("held_out", "precision", self.all.precision()),
            row("held_out", "recall", self.all.recall()),
            row("held_out", "micro_f1", self.all.f1()),
            row(
                "held_out",
                "macro_f1",
                self.sum_f1 / self.topics.len().max(1) as f64,
            ),
        ];
        rows.extend(
            self.setting
                .precision
                .map(|least| row("setting", "precision", least)),
        );
        rows.extend(self.too_few.iter().map(|(topic, texts)| Row {
            topic: Some(topic.clone()),
            texts: Some(*texts),
            ..row("setting", "too_few_texts", *texts as f64)
        }));
        rows
    }
}
