//! `near_duplicates((SELECT id, text …))`: texts that are copies of one another but for a few words.

use tsugi_plugin::{
    Batches, Collected, DataType, Error, Inputs, Record, Row, Schema, TableCall, TableSignature,
    Value, schema_of,
};

use super::label_text;
use crate::copies::Finder;

/// Finds copied reviews, the same text on several platforms, and campaigns.
pub struct NearDuplicatesTable {
    likeness: f64,
    minimum: usize,
}

#[derive(Row)]
struct Text<'a> {
    id: Value<'a>,
    text: Option<&'a str>,
}

#[derive(Record)]
struct CopyRow {
    id: String,
    first_id: String,
    copies: i64,
    likeness: f64,
}

impl Collected for NearDuplicatesTable {
    fn signature() -> TableSignature {
        TableSignature::new(
            "near_duplicates",
            "Texts that are copies of one another but for a few words.",
        )
        .rows::<Text<'_>>("texts", "The texts, each with its `id`.")
        .option(
            "likeness",
            DataType::F64,
            "The share of pieces of five characters that two texts have in common (0.7).",
        )
        .option(
            "minimum",
            DataType::I64,
            "Characters that a text has at least; shorter ones are no copies (24).",
        )
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let likeness = call.number("likeness").unwrap_or(0.7);
        let minimum = call.integer("minimum").unwrap_or(24);
        if !(0.3..=1.0).contains(&likeness) {
            let what = format!("likeness => {likeness} is not 0.3 to 1");
            return Err(Error::config("bad-option", what).at("/likeness"));
        }
        let Some(minimum) = usize::try_from(minimum).ok().filter(|n| *n >= 5) else {
            let what = format!("minimum => {minimum} is not 5 or more");
            return Err(Error::config("bad-option", what).at("/minimum"));
        };
        Ok(Self { likeness, minimum })
    }

    fn returns(&self) -> Schema {
        schema_of::<CopyRow>()
    }

    fn compute(&mut self, inputs: &Inputs) -> Result<Batches, Error> {
        let mut finder = Finder::default();
        for row in inputs.read::<Text<'_>>(0)? {
            let row = row?;
            let (Some(id), Some(text)) = (label_text(&row.id), row.text) else {
                continue;
            };
            let pushed = finder.push(id, text, self.minimum);
            pushed.map_err(|_| {
                Error::give_up(
                    "too-many-texts",
                    "the texts are more than can be compared at once; take those of fewer days",
                )
            })?;
        }
        let rows = finder
            .finish(self.likeness)
            .into_iter()
            .map(|copy| CopyRow {
                id: copy.id,
                first_id: copy.first,
                copies: i64::try_from(copy.copies).unwrap_or(i64::MAX),
                likeness: copy.likeness,
            });
        Ok(Batches::rows(rows.collect::<Vec<_>>()))
    }
}
