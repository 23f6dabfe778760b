//! `train_topics((SELECT id, text, topic …))`: a model of topics from texts that people have sorted.

use std::iter;

use tsugi_plugin::{
    Batch, Batches, Collected, DataType, Error, Inputs, Record, Row, Schema, TableCall,
    TableSignature, Value, log, schema_of,
};

use super::{Language, label_text};
use crate::topics::learned::{self, Examples, Setting, TooMuch, Training};

const STRENGTH: f64 = 1.0;
/// Rows of the model in a batch at most.
const ROWS_MAX: usize = 4096;

/// Learns which n-grams speak for which topic; gives the model as rows.
pub struct TrainTopicsTable {
    setting: Setting,
    examples: Examples,
    skipped: u64,
}

#[derive(Row)]
struct Sorted<'a> {
    text: Option<&'a str>,
    topic: Option<&'a str>,
    #[row(optional)]
    id: Option<Value<'a>>,
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
    topic: Option<String>,
    value: f64,
    texts: Option<i64>,
}

impl From<learned::Row> for ModelRow {
    fn from(row: learned::Row) -> Self {
        Self {
            section: row.section.to_owned(),
            name: row.name,
            topic: row.topic,
            value: row.value,
            texts: row
                .texts
                .map(|texts| i64::try_from(texts).unwrap_or(i64::MAX)),
        }
    }
}

impl Collected for TrainTopicsTable {
    fn signature() -> TableSignature {
        TableSignature::new(
            "train_topics",
            "A model of topics from sorted texts, as a table with its precision and recall on texts held out.",
        )
        .rows::<Sorted<'_>>(
            "texts",
            "All sorted texts: a row a text and `topic`, null where a text has none; `id`, `lang` or `language` if there is one.",
        )
        .option("strength", DataType::F64, "How closely single texts are followed (1).")
        .option(
            "precision",
            DataType::F64,
            "The share of right ones that is wanted among the texts given a topic; without it the best F1.",
        )
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let strength = call.number("strength").unwrap_or(STRENGTH);
        if !(1e-3..=1e3).contains(&strength) {
            let message = format!("strength => {strength} is not between 0.001 and 1000");
            return Err(Error::config("bad-option", message).at("/strength"));
        }
        let precision = call.number("precision");
        if let Some(share) = precision.filter(|share| !(0.01..=0.999).contains(share)) {
            let message = format!("precision => {share} is not between 0.01 and 0.999");
            return Err(Error::config("bad-option", message).at("/precision"));
        }
        Ok(Self {
            setting: Setting {
                strength,
                precision,
            },
            examples: Examples::default(),
            skipped: 0,
        })
    }

    fn returns(&self) -> Schema {
        schema_of::<ModelRow>()
    }

    fn receive(&mut self, _port: usize, rows: Batch) -> Result<Option<Batch>, Error> {
        for row in rows.read::<Sorted<'_>>()? {
            let row = row?;
            let Some(text) = row.text.filter(|text| !text.trim().is_empty()) else {
                self.skipped += 1;
                continue;
            };
            let id = row.id.as_ref().and_then(label_text);
            let topic = row.topic.map(str::trim).filter(|topic| !topic.is_empty());
            let language = Language::of(row.lang, row.language);
            let pushed = self
                .examples
                .push(id.as_deref(), text, language.code(), topic);
            pushed.map_err(too_much)?;
        }
        Ok(None)
    }

    fn compute(&mut self, _inputs: &Inputs) -> Result<Batches, Error> {
        let examples = std::mem::take(&mut self.examples);
        let training = Training::new(examples, self.setting, self.skipped).map_err(too_much)?;
        let mut training =
            training.map_err(|error| Error::give_up("too-few-texts", error.to_string()))?;
        if let Some((topic, texts)) = training.too_few().first() {
            log::warn(&format!(
                "{} topics have too few texts to be learned (`{topic}` has {texts}); they are no part of the model",
                training.too_few().len()
            ));
        }
        // One step of the training a batch, and none in the call that reads the texts: no call is long.
        let steps = iter::from_fn(move || training.step());
        let rows = steps.flat_map(|rows| {
            let rows = rows.into_iter().map(|row| Some(ModelRow::from(row)));
            rows.chain(iter::once(None))
        });
        Ok(Batches::steps(ROWS_MAX, iter::once(None).chain(rows)))
    }
}

fn too_much(error: TooMuch) -> Error {
    Error::give_up("too-many-texts", error.to_string())
}
