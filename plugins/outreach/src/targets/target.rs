//! One target: a person, an incident, and what the message is about.

use std::collections::{BTreeMap, BTreeSet};

use crate::input::values::Trimmed;
use crate::message::reasons::{Reason, Weight};
use crate::targets::certainty::Certainty;
use crate::targets::purpose::StatedPurpose;

/// Rows with the same key become one message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) incident: String,
    /// Blank where the buyer is not known.
    pub(crate) customer_id: String,
    /// Blank where the buyer is known; otherwise each order is a message of its own.
    pub(crate) order_id: String,
}

/// What one row of the relation `targets` says beside its key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TargetRow<'a> {
    pub(crate) stated: StatedPurpose,
    pub(crate) certainty: Certainty,
    pub(crate) template_id: Option<Trimmed<'a>>,
    /// The other columns, where they are not blank.
    pub(crate) values: BTreeMap<&'a str, Trimmed<'a>>,
}

impl TargetRow<'_> {
    /// Blank where there is none.
    fn order_id(&self) -> &str {
        self.values.get("order_id").map_or("", |id| id)
    }
}

/// Everything that the rows of one key say.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) key: Key,
    pub(crate) stated: StatedPurpose,
    /// Rows of less urgent purposes were dropped.
    pub(crate) separated: bool,
    /// `Certain` when at least one row is.
    pub(crate) certainty: Certainty,
    /// Orders that are only possibly affected, where another one certainly is.
    pub(crate) also_possible: Vec<String>,
    /// Templates named by the rows; with several, a person decides.
    pub(crate) template_ids: BTreeSet<String>,
    /// The other columns as text, distinct values joined by `, `.
    pub(crate) values: BTreeMap<String, String>,
}

impl Target {
    /// Why the pipeline wants a person to look at the message, where it says so.
    pub(crate) fn review_because(&self) -> Option<Reason> {
        let why = self.values.get("review_because")?;
        Some(Reason::new("review-wanted", Weight::Review, why.clone()))
    }

    /// The largest remedy value of the rows, in the currency of the pipeline.
    pub(crate) fn remedy_value(&self) -> Result<Option<f64>, Reason> {
        let Some(written) = self.values.get("remedy_value") else {
            return Ok(None);
        };
        let amounts = written.split(", ").map(|amount| {
            let amount = amount.parse::<f64>().ok();
            amount.filter(|amount| amount.is_finite() && *amount >= 0.0)
        });
        let most = amounts
            .reduce(|most, next| Some(most?.max(next?)))
            .flatten();
        most.map(Some).ok_or_else(|| {
            let what = format!("remedy_value is {written:?}, which is no amount");
            Reason::new("remedy-unreadable", Weight::Review, what)
        })
    }
}

/// Joins the rows of one key; None when there are none. Rows of the most urgent purpose become the
/// message and the others are dropped. Where one row is certain, only certain rows fill the fields.
pub(crate) fn join(key: Key, rows: &BTreeSet<TargetRow<'_>>) -> Option<Target> {
    let first = rows.first()?;
    let urgent: Vec<&TargetRow<'_>> = rows
        .iter()
        .filter(|row| row.stated.purpose == first.stated.purpose)
        .collect();
    let certainty = urgent.iter().map(|row| row.certainty).min()?;
    let (stated, rest): (Vec<&TargetRow<'_>>, Vec<&TargetRow<'_>>) =
        urgent.iter().partition(|row| row.certainty == certainty);
    let named: BTreeSet<&str> = stated.iter().map(|row| row.order_id()).collect();
    let others: BTreeSet<&str> = rest
        .iter()
        .map(|row| row.order_id())
        .filter(|id| !named.contains(id))
        .collect();
    let mut sets: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, value) in stated.iter().flat_map(|row| &row.values) {
        sets.entry(name).or_default().insert(value);
    }
    let joined = sets.into_iter().map(|(name, values)| {
        let values: Vec<&str> = values.into_iter().collect();
        (name.to_string(), values.join(", "))
    });
    Some(Target {
        stated: StatedPurpose {
            mixed: urgent.iter().any(|row| row.stated.mixed),
            with_recall: urgent.iter().any(|row| row.stated.with_recall),
            ..first.stated
        },
        separated: urgent.len() < rows.len(),
        certainty,
        also_possible: others.into_iter().map(str::to_string).collect(),
        template_ids: urgent
            .iter()
            .filter_map(|row| row.template_id.as_deref().map(str::to_string))
            .collect(),
        values: joined.collect(),
        key,
    })
}
