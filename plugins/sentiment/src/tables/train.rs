//! `train_sentiment((SELECT text, label …))`: a model from an organisation's own labels.

use std::sync::Arc;

use tsugi_plugin::{
    Batch, DataType, Error, Pulled, Record, Rows, Schema, Table, TableCall, TableSignature,
    schema_of,
};

use super::{label_text, lang_column};
use crate::model::{Examples, LabelError, Method, Row, TrainError, Training};

const STRENGTH: f64 = 8.0;

enum Stage {
    Reading(Examples),
    Training(Box<Training>),
    Giving(Vec<Batch>),
}

/// Learns what n-grams say about labels; gives the model as rows.
pub struct TrainSentimentTable {
    lang: Option<&'static str>,
    method: Method,
    strength: f64,
    skipped: u64,
    stage: Stage,
    written: Rows<ModelRow>,
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

impl From<Row> for ModelRow {
    fn from(row: Row) -> Self {
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

impl Table for TrainSentimentTable {
    fn signature() -> TableSignature {
        TableSignature::new("train_sentiment", "A model of sentiment from labelled texts, as a table with its held-out accuracy.")
            .port(
                "texts",
                Schema::new().utf8("text").nullable(),
                "Texts with a column `label` (stars, or positive, neutral, negative); a column `lang` or `language` is used.",
            )
            .option("method", DataType::Utf8, "`logistic` (regression) or `bayes` (logistic).")
            .option("strength", DataType::F64, "How much logistic regression follows single texts (8).")
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let texts = call
            .input(0)
            .cloned()
            .unwrap_or_else(|| Arc::new(Schema::new()));
        texts.select(["text", "label"])?;
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
            lang: lang_column(&texts),
            method,
            strength,
            skipped: 0,
            stage: Stage::Reading(Examples::default()),
            written: Rows::new(),
        })
    }

    fn returns(&self) -> Schema {
        schema_of::<ModelRow>()
    }

    fn push(&mut self, _port: usize, rows: Batch) -> Result<(), Error> {
        let Stage::Reading(examples) = &mut self.stage else {
            return Err(Error::defect("closed-port", "texts came after their end"));
        };
        let (texts, labels) = (rows.utf8("text")?, rows.column("label")?);
        let langs = self.lang.map(|name| rows.utf8(name)).transpose()?;
        for row in 0..rows.rows() {
            let text = texts.get(row).filter(|text| !text.trim().is_empty());
            let (Some(text), Some(label)) = (text, label_text(&labels.value(row))) else {
                self.skipped += 1;
                continue;
            };
            let lang = langs.as_ref().and_then(|langs| langs.get(row));
            examples
                .push(text, &label, lang.unwrap_or_default())
                .map_err(|error| Error::give_up("too-many-texts", error.to_string()))?;
        }
        Ok(())
    }

    fn close(&mut self, _port: usize) -> Result<(), Error> {
        let Stage::Reading(examples) = &mut self.stage else {
            return Ok(());
        };
        let examples = std::mem::take(examples);
        let training = Training::new(examples, self.method, self.strength, self.skipped);
        self.stage = Stage::Training(Box::new(training.map_err(|error| match error {
            TrainError::TooMuch(error) => Error::give_up("too-many-texts", error.to_string()),
            TrainError::Labels(error @ LabelError::Few(..)) => {
                Error::give_up("too-few-texts", error.to_string())
            }
            TrainError::Labels(error) => Error::config("bad-label", error.to_string()),
        })?));
        Ok(())
    }

    /// Each pull does one step of the training and gives no row until the last, so that no call is long.
    fn pull(&mut self) -> Result<Pulled, Error> {
        let training = match &mut self.stage {
            Stage::Reading(_) => return Ok(Pulled::Need(0)),
            Stage::Giving(batches) => {
                return Ok(batches.pop().map_or(Pulled::Finished, Pulled::Batch));
            }
            Stage::Training(training) => training,
        };
        if let Some(rows) = training.step() {
            self.written.extend(rows.into_iter().map(ModelRow::from));
            return Ok(Pulled::Batch(
                tsugi_plugin::BatchBuilder::new(&self.returns()).finish()?,
            ));
        }
        let mut batches = std::mem::take(&mut self.written).into_batches();
        batches.reverse();
        self.stage = Stage::Giving(batches);
        self.pull()
    }
}
