//! The table functions as SQL sees them, and what they share: columns that are looked for, handed on, or added.

mod copies;
mod rising;
mod score;
mod suggest;
mod topics;
mod train;
mod train_topics;

pub use copies::NearDuplicatesTable;
pub use rising::RisingTermsTable;
pub use score::ScoreSentimentTable;
pub use suggest::SuggestTopicsTable;
pub use topics::TopicsTable;
pub use train::TrainSentimentTable;
pub use train_topics::TrainTopicsTable;

use tsugi_plugin::{DataType, Error, Field, Schema, Value};

/// The language of a text, from whichever of the columns `lang` and `language` has texts.
struct Language<'a>(Option<&'a str>);

impl<'a> Language<'a> {
    fn of(lang: Option<Value<'a>>, language: Option<Value<'a>>) -> Self {
        let text = |value| match value {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        };
        Self(text(lang).or(text(language)))
    }

    /// Empty where it is not known.
    fn code(&self) -> &'a str {
        self.0.unwrap_or_default()
    }
}

/// Which column says the language of each text.
fn lang_column(schema: &Schema) -> Option<&'static str> {
    ["lang", "language"]
        .into_iter()
        .find(|name| is_text(schema, name))
}

fn is_text(schema: &Schema, name: &str) -> bool {
    let at = schema.index_of(name);
    at.and_then(|at| schema.fields().get(at))
        .is_some_and(|field: &Field| field.data_type == DataType::Utf8)
}

/// The columns of the input with those that are added; an error when a name is taken.
fn with_added(input: &Schema, added: &Schema, function: &str) -> Result<Schema, Error> {
    let taken = added
        .fields()
        .iter()
        .find(|field| input.index_of(&field.name).is_some());
    if let Some(Field { name, .. }) = taken {
        return Err(Error::config(
            "column-taken",
            format!(
                "the texts have a column `{name}`, which {function}() adds: give it another name (`{name} AS …`)"
            ),
        ));
    }
    Ok(input
        .fields()
        .iter()
        .chain(added.fields())
        .cloned()
        .collect())
}

/// A value as a text that stays the same whether a number came as a whole one, a fraction or a text.
fn label_text(value: &Value<'_>) -> Option<String> {
    let text = match value {
        Value::Bool(truth) => return Some(if *truth { "1" } else { "0" }.to_owned()),
        Value::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            format!("{number:.0}")
        }
        value => value.text()?.trim().to_owned(),
    };
    (!text.is_empty()).then_some(text)
}
