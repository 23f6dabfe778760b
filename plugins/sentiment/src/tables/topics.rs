//! `topics((SELECT …), rules => (SELECT …), model => (SELECT …))`: the columns in and out of the topic search.

use std::sync::Arc;

use tsugi_plugin::{
    Batch, BatchBuilder, Column, DataType, Error, Inputs, Row, Schema, Streamed, TableCall,
    TableSignature, Value,
};

use super::{lang_column, with_added};
use crate::model::Written;
use crate::topics::learned::TopicModel;
use crate::topics::{Found, RuleRow, Rules, Scratch};

const TEXTS: usize = 0;
const RULES: usize = 1;
const MODEL: usize = 2;

/// Gives a row for each topic found in each text, with the text's own columns.
pub struct TopicsTable {
    returns: Schema,
    lang: Option<&'static str>,
    keep_negated: bool,
    /// Topics are also found by a model, and `probability` is added.
    has_model: bool,
    rules: Option<Rules>,
    model: Option<TopicModel>,
    scratch: Scratch,
}

/// A row of the model.
#[derive(Row)]
struct ModelRow<'a> {
    section: Option<&'a str>,
    name: Option<&'a str>,
    topic: Option<&'a str>,
    value: Option<f64>,
}

impl<'a> From<ModelRow<'a>> for Written<'a> {
    fn from(row: ModelRow<'a>) -> Self {
        Self {
            section: row.section.unwrap_or_default(),
            name: row.name.unwrap_or_default(),
            label: row.topic.unwrap_or_default(),
            value: row.value.unwrap_or(f64::NAN),
        }
    }
}

impl Streamed for TopicsTable {
    fn signature() -> TableSignature {
        let rules = Schema::new()
            .utf8("topic")
            .nullable()
            .utf8("defect")
            .nullable();
        TableSignature::new("topics", "The topics of each text, by rules that are a table and by a model.")
            .port(
                "texts",
                Schema::new().utf8("text").nullable(),
                "The texts; a column `lang` or `language` is used, all columns are handed on.",
            )
            .optional_port(
                "rules",
                rules,
                "Topic and defect, and optionally severity, lang, part, exclude and max_gap; alternatives by |.",
            )
            .optional_rows::<ModelRow<'_>>(
                "model",
                "All rows that train_topics gave: topics that it finds are given too, with `probability`.",
            )
            .option("keep_negated", DataType::Bool, "Also give topics that the text denies, with `negated` true.")
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let texts = call
            .input(TEXTS)
            .cloned()
            .unwrap_or_else(|| Arc::new(Schema::new()));
        let has_model = call.input(MODEL).is_some();
        if !has_model && call.input(RULES).is_none() {
            let what = "topics() has neither rules nor a model";
            return Err(Error::config("no-rules", what)
                .detail("write rules => (SELECT * FROM …), model => (SELECT * FROM …), or both"));
        }
        let added = Schema::new()
            .utf8("topic")
            .utf8("severity")
            .nullable()
            .utf8("part")
            .nullable();
        let mut added = added.utf8("defect").utf8("snippet").bool("negated");
        if has_model {
            added = added.f64("probability").nullable();
        }
        Ok(Self {
            lang: lang_column(&texts),
            returns: with_added(&texts, &added, "topics")?,
            keep_negated: matches!(call.option("keep_negated"), Value::Bool(true)),
            has_model,
            rules: None,
            model: None,
            scratch: Scratch::default(),
        })
    }

    fn returns(&self) -> Schema {
        self.returns.clone()
    }

    fn ready(&mut self, sides: &Inputs) -> Result<(), Error> {
        let mut rows = Vec::new();
        for batch in sides.batches(RULES) {
            read_rules(batch, &mut rows)?;
        }
        let rules =
            Rules::new(rows).map_err(|error| Error::config("bad-rule", error.to_string()))?;
        self.rules = Some(rules);
        if self.has_model {
            let rows = sides.read::<ModelRow<'_>>(MODEL)?;
            let written: Result<Vec<_>, Error> = rows.map(|row| row.map(Written::from)).collect();
            let model = TopicModel::new(&written?);
            let model = model.map_err(|error| Error::config("bad-model", error.to_string()))?;
            self.model = Some(model);
        }
        Ok(())
    }

    fn next(&mut self, rows: Batch) -> Result<Option<Batch>, Error> {
        let Some(rules) = &self.rules else {
            return Err(Error::defect("no-rules", "texts came before the rules"));
        };
        let texts = rows.utf8("text")?;
        let langs = self.lang.map(|name| rows.utf8(name)).transpose()?;
        let columns: Vec<Column<'_>> = rows.columns().collect();
        let mut out = BatchBuilder::new(&self.returns);
        for row in 0..rows.rows() {
            let Some(text) = texts.get(row) else { continue };
            let lang = langs
                .as_ref()
                .and_then(|langs| langs.get(row))
                .unwrap_or_default();
            let found = rules.find(text, lang, &mut self.scratch);
            let mut push = |found: &Found<'_>, probability: Option<f64>| {
                let probability = probability.map_or(Value::Null, Value::Float);
                let probability = self.has_model.then_some(probability);
                let own = columns.iter().map(|column| column.value(row));
                out.row(own.chain(values(found)).chain(probability))
            };
            let learned = match &mut self.model {
                Some(model) => model.find(text, lang),
                None => Vec::new(),
            };
            for found in &found {
                let known = learned.iter().find(|own| own.topic == found.topic);
                if self.keep_negated || !found.negated {
                    push(found, known.map(|known| known.probability))?;
                }
            }
            // What the rules find denied is not given because of the words that stand in it.
            let further: Vec<(String, f64)> = learned
                .iter()
                .filter(|own| own.is_given && found.iter().all(|found| found.topic != own.topic))
                .map(|own| (own.topic.to_owned(), own.probability))
                .collect();
            for (topic, probability) in further {
                let Some(model) = &self.model else { continue };
                let (defect, snippet) = model.reason(text, &topic);
                let found = Found {
                    severity: rules.severity(&topic),
                    topic: &topic,
                    part: None,
                    defect,
                    snippet,
                    negated: false,
                };
                push(&found, Some(probability))?;
            }
        }
        if out.rows() == 0 {
            Ok(None)
        } else {
            out.finish().map(Some)
        }
    }
}

fn values<'a>(found: &'a Found<'_>) -> [Value<'a>; 6] {
    let text = |text: &'a str| {
        if text.is_empty() {
            Value::Null
        } else {
            Value::Text(text)
        }
    };
    [
        Value::Text(found.topic),
        text(found.severity),
        found.part.as_deref().map_or(Value::Null, Value::Text),
        Value::Text(&found.defect),
        Value::Text(&found.snippet),
        Value::Bool(found.negated),
    ]
}

fn read_rules<'b>(batch: &'b Batch, rows: &mut Vec<RuleRow<'b>>) -> Result<(), Error> {
    let optional = |name: &str| {
        let there = batch.schema().index_of(name).is_some();
        there.then(|| batch.column(name)).transpose()
    };
    let text = |column: Option<Column<'b>>, row: usize| match column.map(|column| column.value(row))
    {
        Some(Value::Text(text)) => text,
        _ => "",
    };
    let [topic, defect] = [Some(batch.column("topic")?), Some(batch.column("defect")?)];
    let [severity, lang] = [optional("severity")?, optional("lang")?];
    let [part, exclude, max_gap] = [
        optional("part")?,
        optional("exclude")?,
        optional("max_gap")?,
    ];
    for row in 0..batch.rows() {
        let max_gap = max_gap.map_or(Value::Null, |column| column.value(row));
        rows.push(RuleRow {
            topic: text(topic, row),
            severity: text(severity, row),
            lang: text(lang, row),
            part: text(part, row),
            defect: text(defect, row),
            exclude: text(exclude, row),
            max_gap: gap(&max_gap).map_err(|what| {
                Error::config(
                    "bad-rule",
                    format!(
                        "topic rule {}: max_gap is {what}; write a whole number or nothing",
                        rows.len() + 1
                    ),
                )
            })?,
        });
    }
    Ok(())
}

/// A gap as a number of any type, or as text where the rules come from a file of texts.
fn gap(value: &Value<'_>) -> Result<Option<u32>, String> {
    let number = match value {
        Value::Null => return Ok(None),
        Value::Text(text) if text.trim().is_empty() => return Ok(None),
        Value::Text(text) => text.trim().parse().ok(),
        value => value.number(),
    };
    match number {
        Some(number) if (0.0..=100_000.0).contains(&number) && number.fract() == 0.0 => {
            Ok(Some(number as u32))
        }
        _ => Err(value
            .text()
            .map_or_else(String::new, |text| format!("`{text}`"))),
    }
}
