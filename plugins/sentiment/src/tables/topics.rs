//! `topics((SELECT …), rules => (SELECT …))`: the columns in and out of the topic search.

use std::sync::Arc;

use tsugi_plugin::{
    Batch, BatchBuilder, Column, DataType, Error, Inputs, Schema, Streamed, TableCall,
    TableSignature, Value,
};

use super::{lang_column, with_added};
use crate::topics::{Found, RuleRow, Rules, Scratch};

const TEXTS: usize = 0;
const RULES: usize = 1;

/// Gives a row for each topic found in each text, with the text's own columns.
pub struct TopicsTable {
    returns: Schema,
    lang: Option<&'static str>,
    keep_negated: bool,
    rules: Option<Rules>,
    scratch: Scratch,
}

impl Streamed for TopicsTable {
    fn signature() -> TableSignature {
        let rules = Schema::new()
            .utf8("topic")
            .nullable()
            .utf8("defect")
            .nullable();
        TableSignature::new("topics", "The topics of each text, by rules that are a table.")
            .port(
                "texts",
                Schema::new().utf8("text").nullable(),
                "The texts; a column `lang` or `language` is used, all columns are handed on.",
            )
            .port(
                "rules",
                rules,
                "Topic and defect, and optionally severity, lang, part, exclude and max_gap; alternatives by |.",
            )
            .option("keep_negated", DataType::Bool, "Also give topics that the text denies, with `negated` true.")
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let texts = call
            .input(TEXTS)
            .cloned()
            .unwrap_or_else(|| Arc::new(Schema::new()));
        let added = Schema::new()
            .utf8("topic")
            .utf8("severity")
            .nullable()
            .utf8("part")
            .nullable();
        let added = added.utf8("defect").utf8("snippet").bool("negated");
        Ok(Self {
            lang: lang_column(&texts),
            returns: with_added(&texts, &added, "topics")?,
            keep_negated: matches!(call.option("keep_negated"), Value::Bool(true)),
            rules: None,
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
            for found in rules.find(text, lang, &mut self.scratch) {
                if self.keep_negated || !found.negated {
                    out.row(
                        columns
                            .iter()
                            .map(|column| column.value(row))
                            .chain(values(&found)),
                    )?;
                }
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
