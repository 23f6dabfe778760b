//! Models of sentiment that are learned from an organisation's own labels: n-grams with a weight each.

mod fit;
mod labels;
mod lbfgs;
mod matrix;
mod measure;
mod read;
mod train;

pub use labels::{LabelError, Labels};
pub use lbfgs::minimize;
pub use matrix::{Examples, TooMuch};
pub use measure::{Measured, Outcome};
pub use read::{BadModel, Model, Scored, Written};
pub use train::{Row, TrainError, Training};

use crate::grams::Sizes;

/// What a model looks at.
pub const SIZES: Sizes = Sizes {
    characters: (1, 3),
    words: (1, 2),
    inside: None,
};

/// What the lexicon says of a text beside its n-grams: how good, how bad, and whether it understood nothing. A few
/// hundred labels do not teach what `excellent` means; the lexicon knows it already.
pub const LEXICON: [&str; 3] = ["good", "bad", "unknown"];

fn lexicon(text: &str, lang: &str) -> [f64; 3] {
    match crate::score::score(text, lang) {
        Some(score) => [score.max(0.0), (-score).max(0.0), 0.0],
        None => [0.0, 0.0, 1.0],
    }
}

/// How the weights are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Logistic regression over n-grams that are scaled by their log-count ratio (Wang & Manning 2012, "Baselines and
    /// Bigrams"), each text to length 1.
    Logistic,
    /// Naive Bayes over whether an n-gram stands in a text, with one added to each count (Laplace).
    Bayes,
}

impl Method {
    /// Whether the lexicon counts beside the n-grams.
    fn uses_lexicon(self) -> bool {
        self == Self::Logistic
    }

    /// Its name in options and models.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Logistic => "logistic",
            Self::Bayes => "bayes",
        }
    }

    /// The method of this name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        [Self::Logistic, Self::Bayes]
            .into_iter()
            .find(|method| method.name() == name)
    }

    /// What the weights of a text with so many different n-grams are multiplied by.
    fn scale(self, grams: usize) -> f64 {
        match self {
            Self::Logistic => 1.0 / (grams.max(1) as f64).sqrt(),
            Self::Bayes => 1.0,
        }
    }
}

/// Shares of the labels from the margins of each (one margin where there are two labels), after division by the
/// temperature that makes them honest (Guo et al. 2017, "On Calibration of Modern Neural Networks").
fn probabilities(margins: &[f64], temperature: f64, out: &mut Vec<f64>) {
    let logistic = |margin: f64| 1.0 / (1.0 + (-margin / temperature).exp());
    out.clear();
    if let [margin] = margins {
        let last = logistic(*margin);
        out.extend([1.0 - last, last]);
        return;
    }
    out.extend(margins.iter().map(|&margin| logistic(margin).max(1e-12)));
    let sum: f64 = out.iter().sum();
    out.iter_mut().for_each(|share| *share /= sum);
}

/// The place of the largest share; of equal ones the first.
fn largest(shares: &[f64]) -> usize {
    let mut best = 0;
    for (at, share) in shares.iter().enumerate() {
        if *share > shares.get(best).copied().unwrap_or_default() {
            best = at;
        }
    }
    best
}
