//! Training step by step, so that no step is long: first each part is held out in turn, then all texts are used.

use super::fit::{Fitted, fit};
use super::labels::{LabelError, Labels};
use super::matrix::{FOLDS, Matrix};
use super::measure::{Measured, Outcome, measure, wilson};
use super::{Examples, LEXICON, Method, TooMuch};

/// A row of a model as a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What kind of row it is: `setting`, `label`, `bias`, `lexicon`, `weight`, `fold`, `held_out` or `calibration`.
    pub section: &'static str,
    /// The setting, the n-gram, or the figure.
    pub name: String,
    /// The label that the value belongs to.
    pub label: Option<String>,
    pub value: f64,
    /// How many texts it rests on.
    pub texts: Option<u64>,
}

/// A training under way.
pub struct Training {
    labels: Labels,
    matrix: Matrix,
    method: Method,
    strength: f64,
    next_fold: u8,
    outcomes: Vec<Outcome>,
    skipped: u64,
}

/// Why a training cannot begin.
#[derive(Clone, Debug, PartialEq)]
pub enum TrainError {
    /// The labels cannot be learned from.
    Labels(LabelError),
    /// There is too much to learn from.
    TooMuch(TooMuch),
}

impl Training {
    /// Reads the texts. `skipped` counts those without text or label.
    ///
    /// # Errors
    /// When the labels cannot be learned from, or the texts are too many.
    pub fn new(
        examples: Examples,
        method: Method,
        strength: f64,
        skipped: u64,
    ) -> Result<Self, TrainError> {
        let labels = Labels::new(&examples.counts()).map_err(TrainError::Labels)?;
        let matrix = examples
            .matrix(|label| labels.index(label).unwrap_or_default())
            .map_err(TrainError::TooMuch)?;
        Ok(Self {
            labels,
            matrix,
            method,
            strength,
            next_fold: 0,
            outcomes: Vec::new(),
            skipped,
        })
    }

    /// Does the next step; none when all is done. The last step gives the model.
    pub fn step(&mut self) -> Option<Vec<Row>> {
        match self.next_fold {
            fold if fold < FOLDS => {
                self.next_fold += 1;
                Some(self.hold_out(fold))
            }
            FOLDS => {
                self.next_fold += 1;
                let fitted = fit(
                    &self.matrix,
                    self.labels.rows.len(),
                    self.method,
                    self.strength,
                    None,
                );
                let measured = measure(&self.outcomes, self.labels.rows.len(), FOLDS);
                let mut rows = self.settings(&measured);
                self.held_out(&measured, &mut rows);
                self.weights(&fitted, &mut rows);
                Some(rows)
            }
            _ => None,
        }
    }

    fn hold_out(&mut self, fold: u8) -> Vec<Row> {
        let labels = self.labels.rows.len();
        let fitted = fit(&self.matrix, labels, self.method, self.strength, Some(fold));
        let mut outcomes = Vec::new();
        for row in 0..self.matrix.rows() {
            if self.matrix.folds.get(row) != Some(&fold) {
                continue;
            }
            let mut margins = Vec::new();
            fitted.margins(&self.matrix, row, self.method, &mut margins);
            let label = self.matrix.labels.get(row).map_or(0, |&l| usize::from(l));
            outcomes.push(Outcome {
                fold,
                label,
                margins,
            });
        }
        let own = measure(&outcomes, labels, FOLDS);
        self.outcomes.append(&mut outcomes);
        let name = format!("{}", fold + 1);
        vec![figure(
            "fold",
            &name,
            share(own.right, own.texts),
            own.texts,
        )]
    }

    fn settings(&self, measured: &Measured) -> Vec<Row> {
        let texts = self.matrix.rows() as u64;
        let setting = |name: &str, label: Option<&str>, value: f64| Row {
            section: "setting",
            name: name.to_owned(),
            label: label.map(str::to_owned),
            value,
            texts: None,
        };
        let mut rows = vec![
            setting("method", Some(self.method.name()), 1.0),
            setting("strength", None, self.strength),
            setting("temperature", None, measured.temperature),
            setting("texts", None, texts as f64),
            setting("texts_skipped", None, self.skipped as f64),
        ];
        rows.extend(self.labels.rows.iter().map(|(label, place, texts)| Row {
            section: "label",
            name: label.clone(),
            label: Some(label.clone()),
            value: *place,
            texts: Some(*texts),
        }));
        rows
    }

    fn held_out(&self, measured: &Measured, rows: &mut Vec<Row>) {
        let (right, texts) = (measured.right, measured.texts);
        let [low, high] = wilson(right, texts);
        let most = measured.labels.iter().map(|counts| counts[0]).max();
        for (name, value) in [
            ("accuracy", share(right, texts)),
            ("accuracy_low", low),
            ("accuracy_high", high),
            ("most_common_label", share(most.unwrap_or_default(), texts)),
            ("log_loss", measured.log_loss),
            ("calibration_error", measured.calibration_error()),
        ] {
            rows.push(figure("held_out", name, value, texts));
        }
        for ((label, ..), &[is, said, both]) in self.labels.rows.iter().zip(&measured.labels) {
            for (name, of) in [("recall", is), ("precision", said)] {
                let mut row = figure("held_out", name, share(both, of), of);
                row.label = Some(label.clone());
                rows.push(row);
            }
        }
        for (at, bin) in measured
            .bins
            .iter()
            .enumerate()
            .filter(|(_, bin)| bin.texts > 0)
        {
            let name = format!(
                "0.{at} to {}",
                if at == 9 {
                    "1.0".to_owned()
                } else {
                    format!("0.{}", at + 1)
                }
            );
            for (figure_name, sum) in [("predicted", bin.predicted), ("right", bin.right as f64)] {
                let mut row = figure("calibration", &name, sum / bin.texts as f64, bin.texts);
                row.label = Some(figure_name.to_owned());
                rows.push(row);
            }
        }
    }

    fn weights(&self, fitted: &Fitted, rows: &mut Vec<Row>) {
        // With two labels the one margin leans to the better label.
        let skip = if self.labels.rows.len() == 2 { 1 } else { 0 };
        let labels = self.labels.rows.iter().skip(skip).map(|(label, ..)| label);
        let fitted = fitted.weights.iter().zip(&fitted.bias).zip(&fitted.lexicon);
        for (label, ((weights, bias), lexicon)) in labels.zip(fitted) {
            let row = |section, name: &str, value| Row {
                section,
                name: name.to_owned(),
                label: Some(label.clone()),
                value,
                texts: None,
            };
            rows.push(row("bias", "", *bias));
            if self.method.uses_lexicon() {
                let said = LEXICON.iter().zip(lexicon);
                rows.extend(said.map(|(name, value)| row("lexicon", name, *value)));
            }
            let named = self.matrix.names.iter().zip(weights);
            let weighty = named.filter(|(_, weight)| **weight != 0.0);
            rows.extend(weighty.map(|(name, weight)| row("weight", name, f64::from(*weight))));
        }
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    part as f64 / whole as f64
}

fn figure(section: &'static str, name: &str, value: f64, texts: u64) -> Row {
    Row {
        section,
        name: name.to_owned(),
        label: None,
        value,
        texts: Some(texts),
    }
}
