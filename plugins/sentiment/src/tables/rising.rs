//! `rising_terms((SELECT text, segment, recent …))`: what people have begun to say.

use tsugi_plugin::{
    Batches, Collected, DataType, Error, Inputs, Record, Row, Schema, TableCall, TableSignature,
    Value, schema_of,
};

use super::{Language, label_text};
use crate::rising::{Finder, Options, Rising, TooMuch};

/// Finds terms whose share rose, by segment.
pub struct RisingTermsTable {
    options: Options,
}

/// A text of the period in question or of the one before it.
#[derive(Row)]
struct Text<'a> {
    text: Option<&'a str>,
    recent: Value<'a>,
    #[row(optional)]
    segment: Option<Value<'a>>,
    #[row(optional)]
    lang: Option<Value<'a>>,
    #[row(optional)]
    language: Option<Value<'a>>,
}

#[derive(Record)]
struct RisingRow {
    segment: Option<String>,
    term: String,
    recent_hits: i64,
    recent_texts: i64,
    earlier_hits: i64,
    earlier_texts: i64,
    recent_share: f64,
    earlier_share: f64,
    ratio: Option<f64>,
    p_value: f64,
    q_value: f64,
    tested: i64,
    example: String,
}

impl From<Rising> for RisingRow {
    fn from(found: Rising) -> Self {
        let share = |(hits, texts): (u32, u32)| f64::from(hits) / f64::from(texts.max(1));
        let (recent_share, earlier_share) = (share(found.recent), share(found.earlier));
        Self {
            segment: found.segment,
            term: found.term,
            recent_hits: found.recent.0.into(),
            recent_texts: found.recent.1.into(),
            earlier_hits: found.earlier.0.into(),
            earlier_texts: found.earlier.1.into(),
            recent_share,
            earlier_share,
            ratio: (earlier_share > 0.0).then(|| recent_share / earlier_share),
            p_value: found.p,
            q_value: found.q,
            tested: i64::try_from(found.tested).unwrap_or(i64::MAX),
            example: found.example,
        }
    }
}

fn too_much(error: TooMuch) -> Error {
    Error::give_up("too-many-texts", error.to_string())
}

impl Collected for RisingTermsTable {
    fn signature() -> TableSignature {
        TableSignature::new("rising_terms", "Words and phrases whose share of the texts rose, with the false discovery rate held.")
            .rows::<Text<'_>>(
                "texts",
                "Texts with `recent` (true for the period in question), and optionally `segment` and `lang` or `language`.",
            )
            .option("alpha", DataType::F64, "The share of false discoveries that is accepted (0.05).")
            .option("minimum", DataType::I64, "Texts that must hold a term for it to be tested (5).")
            .option("limit", DataType::I64, "Terms given of each segment, the surest first (50).")
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let alpha = call.number("alpha").unwrap_or(0.05);
        let minimum = call.integer("minimum").unwrap_or(5);
        let limit = call.integer("limit").unwrap_or(50);
        let wrong = |name: &str, what: String| {
            Err(Error::config("bad-option", format!("{name} => {what}")).at(format!("/{name}")))
        };
        if !(alpha > 0.0 && alpha <= 0.5) {
            return wrong("alpha", format!("{alpha} is not above 0 and at most 0.5"));
        }
        let (Some(minimum), Some(limit)) = (
            u32::try_from(minimum).ok().filter(|n| *n >= 2),
            usize::try_from(limit).ok().filter(|n| *n >= 1),
        ) else {
            return wrong(
                "minimum",
                format!("{minimum}, limit => {limit}: at least 2 and 1 are needed"),
            );
        };
        Ok(Self {
            options: Options {
                alpha,
                minimum,
                limit,
            },
        })
    }

    fn returns(&self) -> Schema {
        schema_of::<RisingRow>()
    }

    fn compute(&mut self, inputs: &Inputs) -> Result<Batches, Error> {
        let mut finder = Finder::default();
        for row in inputs.read::<Text<'_>>(0)? {
            let row = row?;
            let recent = match row.recent {
                Value::Null => continue,
                value => value.number().ok_or_else(|| {
                    Error::config("wrong-type", "column `recent` holds no truth values")
                        .detail("write a condition, such as `written_at >= $since AS recent`")
                })?,
            };
            let Some(text) = row.text else { continue };
            let segment = row.segment.and_then(|segment| label_text(&segment));
            let language = Language::of(row.lang, row.language);
            let pushed = finder.push(text, language.code(), segment, recent != 0.0);
            pushed.map_err(too_much)?;
        }
        let found = finder.finish(self.options).map_err(too_much)?;
        let rows: Vec<_> = found.into_iter().map(RisingRow::from).collect();
        Ok(Batches::rows(rows))
    }
}
