//! `score_sentiment((SELECT …), model => (SELECT …))`: texts scored by a model that was trained here.

use std::sync::Arc;

use tsugi_plugin::{
    Batch, BatchBuilder, Column, Error, Inputs, Row, Schema, Streamed, TableCall, TableSignature,
    Value,
};

use super::{lang_column, with_added};
use crate::model::{Model, Written};

const TEXTS: usize = 0;
const MODEL: usize = 1;

/// Adds the score of a model to each row.
pub struct ScoreSentimentTable {
    returns: Schema,
    lang: Option<&'static str>,
    model: Option<Model>,
}

/// A row of the model.
#[derive(Row)]
struct ModelRow<'a> {
    section: Option<&'a str>,
    name: Option<&'a str>,
    label: Option<&'a str>,
    value: Option<f64>,
}

impl<'a> From<ModelRow<'a>> for Written<'a> {
    fn from(row: ModelRow<'a>) -> Self {
        Self {
            section: row.section.unwrap_or_default(),
            name: row.name.unwrap_or_default(),
            label: row.label.unwrap_or_default(),
            value: row.value.unwrap_or(f64::NAN),
        }
    }
}

impl Streamed for ScoreSentimentTable {
    fn signature() -> TableSignature {
        TableSignature::new(
            "score_sentiment",
            "Scores texts by a model from train_sentiment.",
        )
        .port(
            "texts",
            Schema::new().utf8("text").nullable(),
            "The texts; a column `lang` or `language` is used, all columns are handed on.",
        )
        .rows::<ModelRow<'_>>("model", "All rows that train_sentiment gave.")
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let texts = call
            .input(TEXTS)
            .cloned()
            .unwrap_or_else(|| Arc::new(Schema::new()));
        let added = Schema::new()
            .f64("score")
            .nullable()
            .utf8("predicted")
            .nullable();
        let added = added
            .f64("probability")
            .nullable()
            .f64("coverage")
            .nullable();
        Ok(Self {
            returns: with_added(&texts, &added, "score_sentiment")?,
            lang: lang_column(&texts),
            model: None,
        })
    }

    fn returns(&self) -> Schema {
        self.returns.clone()
    }

    fn ready(&mut self, sides: &Inputs) -> Result<(), Error> {
        let rows = sides.read::<ModelRow<'_>>(MODEL)?;
        let written: Result<Vec<_>, Error> = rows.map(|row| row.map(Written::from)).collect();
        let model = Model::new(&written?);
        self.model = Some(model.map_err(|error| Error::config("bad-model", error.to_string()))?);
        Ok(())
    }

    fn next(&mut self, rows: Batch) -> Result<Option<Batch>, Error> {
        let Some(model) = &mut self.model else {
            return Err(Error::defect("no-model", "texts came before the model"));
        };
        let texts = rows.utf8("text")?;
        let langs = self.lang.map(|name| rows.utf8(name)).transpose()?;
        let columns: Vec<Column<'_>> = rows.columns().collect();
        let mut out = BatchBuilder::new(&self.returns);
        for row in 0..rows.rows() {
            let lang = langs
                .as_ref()
                .and_then(|langs| langs.get(row))
                .unwrap_or_default();
            let scored = texts.get(row).and_then(|text| model.score(text, lang));
            let added = match scored {
                Some(scored) => [
                    Value::Float(scored.score),
                    Value::Text(scored.label),
                    Value::Float(scored.probability),
                    Value::Float(scored.coverage),
                ],
                None => [Value::Null, Value::Null, Value::Null, Value::Null],
            };
            out.row(columns.iter().map(|column| column.value(row)).chain(added))?;
        }
        out.finish().map(Some)
    }
}
