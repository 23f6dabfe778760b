//! `train_sentiment((SELECT text, label …))`: a model from an organisation's own labels.

use std::iter;

use tsugi_plugin::{
    Batch, Batches, Collected, DataType, Error, Inputs, Record, Row, Schema, TableCall,
    TableSignature, Value, schema_of,
};

use super::{Language, label_text};
use crate::model::{self, Examples, LabelError, Method, TooMuch, TrainError, Training};

const STRENGTH: f64 = 8.0;
/// Rows of the model in a batch at most.
const ROWS_MAX: usize = 4096;

/// Learns what n-grams say about labels; gives the model as rows.
pub struct TrainSentimentTable {
    method: Method,
    strength: f64,
    examples: Examples,
    skipped: u64,
}

#[derive(Row)]
struct Labelled<'a> {
    text: Option<&'a str>,
    label: Value<'a>,
    #[row(optional)]
    lang: Option<Value<'a>>,
    #[row(optional)]
    language: Option<Value<'a>>,
}

/// A row of the model.
#[derive(Record)]
struct ModelRow {
    section: String,
    name: String,
    label: Option<String>,
    value: f64,
    texts: Option<i64>,
}

impl From<model::Row> for ModelRow {
    fn from(row: model::Row) -> Self {
        Self {
            section: row.section.to_owned(),
            name: row.name,
            label: row.label,
            value: row.value,
            texts: row
                .texts
                .map(|texts| i64::try_from(texts).unwrap_or(i64::MAX)),
        }
    }
}

impl Collected for TrainSentimentTable {
    fn signature() -> TableSignature {
        TableSignature::new("train_sentiment", "A model of sentiment from labelled texts, as a table with its held-out accuracy.")
            .rows::<Labelled<'_>>(
                "texts",
                "Texts with a column `label` (stars, or positive, neutral, negative); a column `lang` or `language` is used.",
            )
            .option("method", DataType::Utf8, "`logistic` (regression) or `bayes` (logistic).")
            .option("strength", DataType::F64, "How much logistic regression follows single texts (8).")
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let name = call.text("method").unwrap_or("logistic");
        let method = Method::of(name).ok_or_else(|| {
            let message = format!("method => '{name}' is not known; write 'logistic' or 'bayes'");
            Error::config("bad-option", message).at("/method")
        })?;
        let strength = call.number("strength").unwrap_or(STRENGTH);
        if !(1e-3..=1e3).contains(&strength) {
            let message = format!("strength => {strength} is not between 0.001 and 1000");
            return Err(Error::config("bad-option", message).at("/strength"));
        }
        Ok(Self {
            method,
            strength,
            examples: Examples::default(),
            skipped: 0,
        })
    }

    fn returns(&self) -> Schema {
        schema_of::<ModelRow>()
    }

    /// Counts the n-grams of a batch; the texts themselves are not held.
    fn receive(&mut self, _port: usize, rows: Batch) -> Result<Option<Batch>, Error> {
        for row in rows.read::<Labelled<'_>>()? {
            let row = row?;
            let text = row.text.filter(|text| !text.trim().is_empty());
            let (Some(text), Some(label)) = (text, label_text(&row.label)) else {
                self.skipped += 1;
                continue;
            };
            let language = Language::of(row.lang, row.language);
            let pushed = self.examples.push(text, &label, language.code());
            pushed.map_err(too_many)?;
        }
        Ok(None)
    }

    fn compute(&mut self, _inputs: &Inputs) -> Result<Batches, Error> {
        let examples = std::mem::take(&mut self.examples);
        let training = Training::new(examples, self.method, self.strength, self.skipped);
        let mut training = training.map_err(|error| match error {
            TrainError::TooMuch(error) => too_many(error),
            TrainError::Labels(error @ LabelError::Few(..)) => {
                Error::give_up("too-few-texts", error.to_string())
            }
            TrainError::Labels(error) => Error::config("bad-label", error.to_string()),
        })?;
        // One step of the training a batch, and none in the call that reads the texts: no call is long.
        let steps = iter::from_fn(move || training.step());
        let rows = steps.flat_map(|rows| {
            let rows = rows.into_iter().map(|row| Some(ModelRow::from(row)));
            rows.chain(iter::once(None))
        });
        Ok(Batches::steps(ROWS_MAX, iter::once(None).chain(rows)))
    }
}

fn too_many(error: TooMuch) -> Error {
    Error::give_up("too-many-texts", error.to_string())
}
