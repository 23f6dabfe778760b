//! `[deliveries.NAME]`: which rows of which table go to which sink, and when.

use serde::Serialize;

use super::error::ProjectError;
use super::located::Located;
use super::pipeline::Sink;
use super::written::{Section, Written};
use tsugi_core::diagnostic::{Place, nearest};
use tsugi_core::name::{DeliveryName, SinkName};

/// The highest rate that can be written.
const RATE_MAX: u64 = 1_000_000_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its name in pipeline.toml.
    pub name: DeliveryName,
    /// The table, as written; the plan resolves it.
    pub from: Located<String>,
    /// The sink, which exists.
    pub sink: SinkName,
    /// How fast rows may leave.
    pub rates: Rates,
    /// What the rows are, and which of them leave.
    pub contract: Contract,
    /// Where the delivery is written.
    pub place: Place,
}

/// What the rows of a delivery are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contract {
    /// Rows for a system: each key and content once.
    Records(Records),
    /// Messages to people: the columns are fixed, and none leaves without its review.
    Messages {
        /// The table that counts complaints.
        complaints: Option<Located<String>>,
    },
}

/// Which rows of a table are records, and when they leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Records {
    /// The columns that identify a row; at least one.
    pub key: Vec<Located<String>>,
    /// The columns in whose order rows leave; the key comes after them.
    pub order_by: Vec<Located<String>>,
    /// An SQL predicate: rows for which it is not true do not leave.
    pub only_if: Option<Located<String>>,
    /// The column with the moment before which a row does not leave.
    pub not_before: Option<Located<String>>,
}

/// How many rows a delivery may hand over in any minute, hour or day; any number where no rate is
/// written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Rates {
    /// In any 60 seconds.
    pub per_minute: Option<u64>,
    /// In any 60 minutes.
    pub(crate) per_hour: Option<u64>,
    /// In any 24 hours.
    pub per_day: Option<u64>,
}

/// A sink as deliveries need to know it while pipeline.toml is read.
pub(super) struct KnownSink {
    pub(super) name: SinkName,
    /// Why what it writes reaches people; none when it does not, or its plugin is broken.
    pub(super) reaches_people: Option<&'static str>,
}

impl KnownSink {
    pub(super) fn new(name: SinkName, sink: Option<&Sink>) -> Self {
        Self {
            name,
            reaches_people: sink.and_then(Sink::reaches_people),
        }
    }
}

pub(super) fn read(
    name: Option<DeliveryName>,
    section: &Section<'_, '_>,
    sinks: &[KnownSink],
) -> Option<Delivery> {
    let file = section.file();
    let from = section.required("from", "from = \"schema.table\"");
    let sink = section.required("sink", "sink = \"…\"");
    let sink = sink.and_then(|written| known_sink(section, sinks, &written));
    let rates = Rates {
        per_minute: section.number("per_minute", 1, RATE_MAX),
        per_hour: section.number("per_hour", 1, RATE_MAX),
        per_day: section.number("per_day", 1, RATE_MAX),
    };
    let contract = contract(section, sink);
    Some(Delivery {
        from: Located::new(file.text(), &from?),
        name: name?,
        sink: sink?.name.clone(),
        rates,
        contract: contract?,
        place: file.text().place(&section.span),
    })
}

fn known_sink<'s>(
    section: &Section<'_, '_>,
    sinks: &'s [KnownSink],
    written: &Written<String>,
) -> Option<&'s KnownSink> {
    let found = sinks
        .iter()
        .find(|sink| sink.name.as_str() == written.value);
    if found.is_none() {
        let near = nearest(&written.value, sinks.iter().map(|sink| sink.name.as_str()));
        let error = ProjectError::Unknown {
            what: "sink",
            name: written.value.clone(),
            nearest: near.into_iter().map(str::to_owned).collect(),
            otherwise: format!(
                "add a section `[sinks.{}]` with its `plugin`",
                written.value
            ),
        };
        section.file().find(&written.span, &error);
    }
    found
}

/// The kind of a delivery with the keys that belong to it.
fn contract(section: &Section<'_, '_>, sink: Option<&KnownSink>) -> Option<Contract> {
    let file = section.file();
    let kind = section.string("kind");
    let located = |written: Written<String>| Located::new(file.text(), &written);
    let complaints = section.string("complaints").map(located);
    let only_if = section.string("only_if").map(located);
    let not_before = section.string("not_before").map(located);
    let list = |key| {
        let columns = section.strings(key);
        refuse_twice(section, key, &columns);
        columns.into_iter().map(located).collect::<Vec<_>>()
    };
    let (key, order_by) = (list("key"), list("order_by"));
    match kind.as_ref().map_or("records", |kind| kind.value.as_str()) {
        "messages" => {
            for fixed in ["key", "order_by", "only_if", "not_before"] {
                if section.has(fixed) {
                    let what = format!("`{fixed}` of a delivery of messages");
                    let instead = "delete it: the columns of messages are fixed".into();
                    let error = ProjectError::NotSupported { what, instead };
                    file.find(&section.key_span(fixed), &error);
                }
            }
            Some(Contract::Messages { complaints })
        }
        "records" => {
            if let Some(KnownSink {
                name,
                reaches_people: Some(why),
            }) = sink
            {
                let error = ProjectError::ReachesPeople {
                    section: section.title(),
                    sink: name.to_string(),
                    why,
                };
                let at = if section.has("kind") { "kind" } else { "sink" };
                file.find(&section.key_span(at), &error);
                return None;
            }
            if complaints.is_some() {
                let what = "`complaints` of a delivery of records".to_owned();
                let instead = "delete it, or write `kind = \"messages\"`".into();
                let error = ProjectError::NotSupported { what, instead };
                file.find(&section.key_span("complaints"), &error);
            }
            if key.is_empty() {
                section.missing("key", "key = [\"id\"]");
                return None;
            }
            Some(Contract::Records(Records {
                key,
                order_by,
                only_if,
                not_before,
            }))
        }
        other => {
            let error = ProjectError::WrongValue {
                key: section.full("kind"),
                value: other.to_owned(),
                wanted: "`records` or `messages`".into(),
            };
            let span = kind.map_or_else(|| section.span.clone(), |kind| kind.span);
            file.find(&span, &error);
            None
        }
    }
}

/// Reports each column that a list of a delivery names again.
fn refuse_twice(section: &Section<'_, '_>, list: &str, columns: &[Written<String>]) {
    let file = section.file();
    for (at, column) in columns.iter().enumerate() {
        let mut earlier = columns.iter().take(at);
        if let Some(first) = earlier.find(|one| one.value == column.value) {
            let error = ProjectError::Twice {
                what: "the column",
                name: format!("{}` in `{}", column.value, section.full(list)),
                first: file.text().place(&first.span).to_string(),
                second: file.text().place(&column.span).to_string(),
            };
            file.find(&column.span, &error);
        }
    }
}
