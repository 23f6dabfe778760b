//! Labels that people give, and where each stands between bad and good.

use std::collections::BTreeMap;
use std::fmt;

/// More labels than this are categories, not a judgement.
const LABELS_MAX: usize = 10;
/// Fewer texts of a label teach nothing that could be checked.
const TEXTS_MIN: u64 = 10;
const WORDS: [(&str, f64); 18] = [
    ("positive", 1.0),
    ("pos", 1.0),
    ("good", 1.0),
    ("positiv", 1.0),
    ("positivo", 1.0),
    ("良い", 1.0),
    ("好評", 1.0),
    ("neutral", 0.0),
    ("neu", 0.0),
    ("mixed", 0.0),
    ("neutro", 0.0),
    ("普通", 0.0),
    ("negative", -1.0),
    ("neg", -1.0),
    ("bad", -1.0),
    ("negativ", -1.0),
    ("negativo", -1.0),
    ("悪い", -1.0),
];

/// The labels of a training table, from bad to good, with how many texts carry each.
#[derive(Clone, Debug, PartialEq)]
pub struct Labels {
    /// Name, place in -1..1, texts.
    pub rows: Vec<(String, f64, u64)>,
}

/// Labels that cannot be learned from.
#[derive(Clone, Debug, PartialEq)]
pub enum LabelError {
    /// A label that is neither a number nor a known word.
    Unknown(String),
    /// Another count of labels than 2 to 10.
    Count(usize),
    /// Too few texts of a label.
    Few(String, u64),
}

impl fmt::Display for LabelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(label) => write!(
                f,
                "the label `{label}` is neither a number nor positive, neutral or negative: give stars or one of these words"
            ),
            Self::Count(count) => write!(
                f,
                "{count} different labels; a model of sentiment takes 2 to {LABELS_MAX}"
            ),
            Self::Few(label, texts) => write!(
                f,
                "{texts} texts are labelled `{label}`; at least {TEXTS_MIN} of each label are needed"
            ),
        }
    }
}

impl std::error::Error for LabelError {}

impl Labels {
    /// Orders the labels found: numbers by their size, words by their meaning.
    ///
    /// # Errors
    /// When they are too few, too many, unknown, or one has too few texts.
    pub fn new(counts: &BTreeMap<String, u64>) -> Result<Self, LabelError> {
        if !(2..=LABELS_MAX).contains(&counts.len()) {
            return Err(LabelError::Count(counts.len()));
        }
        let numbers: Vec<Option<f64>> = counts.keys().map(|label| number(label)).collect();
        let mut rows = Vec::new();
        for ((label, &texts), found) in counts.iter().zip(&numbers) {
            let known = || {
                let lower = label.to_lowercase();
                WORDS.iter().find(|(word, _)| *word == lower).map(|w| w.1)
            };
            let place = if numbers.iter().all(Option::is_some) {
                *found
            } else {
                known()
            };
            let place = place.ok_or_else(|| LabelError::Unknown(label.clone()))?;
            if texts < TEXTS_MIN {
                return Err(LabelError::Few(label.clone(), texts));
            }
            rows.push((label.clone(), place, texts));
        }
        rows.sort_by(|one, other| one.1.total_cmp(&other.1).then_with(|| one.0.cmp(&other.0)));
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return Err(LabelError::Count(0));
        };
        let (low, high) = (first.1, last.1);
        if high <= low {
            return Err(LabelError::Count(1));
        }
        for row in &mut rows {
            row.1 = 2.0 * (row.1 - low) / (high - low) - 1.0;
        }
        Ok(Self { rows })
    }

    /// The place of a label in the order.
    #[must_use]
    pub fn index(&self, label: &str) -> Option<usize> {
        self.rows.iter().position(|(name, ..)| name == label)
    }
}

fn number(label: &str) -> Option<f64> {
    label.trim().parse().ok().filter(|n: &f64| n.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(labels: &[(&str, u64)]) -> BTreeMap<String, u64> {
        labels.iter().map(|&(l, n)| (l.to_owned(), n)).collect()
    }

    #[test]
    fn stars_and_words_find_their_places() {
        let stars = Labels::new(&counts(&[("1", 20), ("2", 20), ("5", 20), ("10", 20)])).unwrap();
        let places: Vec<f64> = stars.rows.iter().map(|row| row.1).collect();
        assert_eq!(places[0], -1.0);
        assert_eq!(stars.rows[3].0, "10");
        assert_eq!(places[3], 1.0);
        let words = Labels::new(&counts(&[("Positive", 20), ("negative", 20)])).unwrap();
        assert_eq!(words.index("negative"), Some(0));
    }

    #[test]
    fn what_cannot_be_learned_is_said() {
        let error = |labels: &[(&str, u64)]| Labels::new(&counts(labels)).unwrap_err();
        assert_eq!(error(&[("1", 20)]), LabelError::Count(1));
        assert_eq!(error(&[("1", 20), ("1.0", 20)]), LabelError::Count(1));
        assert_eq!(
            error(&[("1", 20), ("2", 9)]),
            LabelError::Few("2".into(), 9)
        );
        assert_eq!(
            error(&[("yes", 20), ("no", 20)]),
            LabelError::Unknown("no".into())
        );
    }
}
