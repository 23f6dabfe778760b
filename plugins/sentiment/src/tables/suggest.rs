//! `suggest_topics((SELECT id, text, topic …))`: words and further texts that a person may accept for a topic.

use tsugi_plugin::{
    Batches, Collected, DataType, Error, Inputs, Record, Row, Schema, TableCall, TableSignature,
    Value, schema_of,
};

use super::{Language, label_text};
use crate::suggest::{Finder, Suggestion};

/// Learns from accepted texts what else may belong to their topics.
pub struct SuggestTopicsTable {
    limit: usize,
}

#[derive(Row)]
struct Text<'a> {
    id: Value<'a>,
    text: Option<&'a str>,
    topic: Option<&'a str>,
    #[row(optional)]
    lang: Option<Value<'a>>,
    #[row(optional)]
    language: Option<Value<'a>>,
}

#[derive(Record)]
struct SuggestedRow {
    topic: String,
    kind: String,
    id: Option<String>,
    words: String,
    score: f64,
    example: String,
}

impl From<Suggestion> for SuggestedRow {
    fn from(found: Suggestion) -> Self {
        let kind = if found.id.is_some() { "text" } else { "word" };
        Self {
            topic: found.topic,
            kind: kind.to_owned(),
            id: found.id,
            words: found.words,
            score: found.score,
            example: found.example,
        }
    }
}

impl Collected for SuggestTopicsTable {
    fn signature() -> TableSignature {
        TableSignature::new(
            "suggest_topics",
            "Words and further texts that may belong to a topic, learned from accepted ones, for a person to accept.",
        )
        .rows::<Text<'_>>(
            "texts",
            "All texts with their `id`; `topic` where one was accepted, else null; `lang` or `language` if there is one.",
        )
        .option("limit", DataType::I64, "Words, and texts, that are given of each topic (20).")
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let limit = call.integer("limit").unwrap_or(20);
        let Some(limit) = usize::try_from(limit)
            .ok()
            .filter(|n| (1..=10_000).contains(n))
        else {
            let what = format!("limit => {limit} is not 1 to 10000");
            return Err(Error::config("bad-option", what).at("/limit"));
        };
        Ok(Self { limit })
    }

    fn returns(&self) -> Schema {
        schema_of::<SuggestedRow>()
    }

    fn compute(&mut self, inputs: &Inputs) -> Result<Batches, Error> {
        let mut finder = Finder::default();
        for row in inputs.read::<Text<'_>>(0)? {
            let row = row?;
            let (Some(id), Some(text)) = (label_text(&row.id), row.text) else {
                continue;
            };
            let topic = row.topic.map(str::trim).filter(|topic| !topic.is_empty());
            let language = Language::of(row.lang, row.language);
            let pushed = finder.push(id, text, language.code(), topic.map(str::to_owned));
            pushed.map_err(|_| {
                let what =
                    "the texts are more than can be learned from at once; take those of fewer days";
                Error::give_up("too-many-texts", what)
            })?;
        }
        let rows = finder
            .finish(self.limit)
            .into_iter()
            .map(SuggestedRow::from);
        Ok(Batches::rows(rows.collect::<Vec<_>>()))
    }
}
