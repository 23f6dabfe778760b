//! The rows of a delivery of messages: the columns that such a table must have, read into values.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute::{cast, concat_batches};
use datafusion::arrow::datatypes::{DataType, Float64Type, TimeUnit, TimestampMillisecondType};

use super::error::CareError;
use crate::store;
use crate::store::forgotten::Forgotten;
use tsugi_core::name::TableName;
use tsugi_pipeline::query::Vars;
use tsugi_pipeline::run::{
    ColumnKind, DeliveryRow, DeliveryTable, Published, RequiredColumn, RunError, content_hashes,
};
use tsugi_pipeline::store::MessageKey;

/// The columns that identify a message for a sink.
const KEY: [&str; 4] = ["incident", "customer_id", "template_id", "template_version"];

/// Columns that tell why a message is sent, and change from run to run while the message does not. All
/// others are what an approval is bound to.
const BOOKKEEPING: [&str; 6] = [
    "content_hash",
    "decision",
    "fatigue",
    "reason_codes",
    "reasons",
    "recipients",
];

/// Columns that a review shows by themselves.
const SHOWN: [&str; 5] = ["subject", "body", "channel", "language", "fields_used"];

/// The columns of a table that is delivered as messages.
pub(super) const COLUMNS: &[RequiredColumn] = &[
    column("incident", ColumnKind::Id, "what the message is about"),
    column("customer_id", ColumnKind::Id, "the recipient"),
    column("template_id", ColumnKind::Id, "the template of the text"),
    column("template_version", ColumnKind::Id, "its version"),
    column(
        "decision",
        ColumnKind::Text,
        "`send`, `hold`, `review` or `suppress`",
    ),
    column("address", ColumnKind::Text, "where it goes, or null"),
    column("subject", ColumnKind::Text, "its subject line, or null"),
    column("body", ColumnKind::Text, "its text, or null"),
    column(
        "earliest_at",
        ColumnKind::Moment,
        "the moment before which it does not leave",
    ),
    column(
        "written_by",
        ColumnKind::Text,
        "the author of the text, or null",
    ),
    column(
        "purpose",
        ColumnKind::Text,
        "`safety_recall`, `service_notice` or another one",
    ),
    column("channel", ColumnKind::Text, "how it is sent, or null"),
    column(
        "important",
        ColumnKind::Boolean,
        "whether the customer is an important one",
    ),
    column(
        "remedy_value",
        ColumnKind::Number,
        "the worth of the remedy, or null",
    ),
];

const fn column(name: &'static str, kind: ColumnKind, doc: &'static str) -> RequiredColumn {
    RequiredColumn { name, kind, doc }
}

/// The purpose of a message, as far as delivering goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Purpose {
    /// A person may get hurt: no rule made for advertisements holds it back.
    Recall,
    /// Owed to the buyer.
    Notice,
    /// Everything else, and every message without a known purpose.
    Advertisement,
}

impl Purpose {
    fn of(written: Option<&str>) -> Self {
        match written {
            Some("safety_recall") => Self::Recall,
            Some("service_notice") => Self::Notice,
            _ => Self::Advertisement,
        }
    }
}

/// One message, beside its key and content.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) key: MessageKey,
    pub(super) content_hash: String,
    /// Its subject line and its text.
    pub(super) text: String,
    pub(super) purpose: Purpose,
    pub(super) channel: Option<String>,
    pub(super) decision: String,
    /// In milliseconds since 1970; none where it is not known.
    pub(super) earliest_ms: Option<i64>,
    /// The author of the text, where known.
    pub(super) written_by: Option<String>,
    /// Whether the customer is one for whom a person must look first.
    pub(super) important: bool,
    /// The worth of the remedy, in the money of the pipeline.
    pub(super) remedy_value: Option<f64>,
}

/// The table of a delivery of messages, sorted by incident and customer.
pub(super) struct Messages {
    pub(super) table: DeliveryTable,
    /// By their row in the table.
    pub(super) by_row: BTreeMap<u32, Message>,
    /// Rows without a recipient or a text.
    pub(super) without_recipient: u64,
    /// Rows to forgotten persons.
    pub(super) forgotten: u64,
}

impl Messages {
    /// Reads the published table of a delivery.
    pub(super) async fn read(
        published: &Published<'_>,
        table: &TableName,
        project: &str,
    ) -> Result<Self, CareError> {
        let warehouse = published.warehouse;
        if !warehouse.snapshot().await?.tables.contains_key(table) {
            let project = project.to_owned();
            return Err(RunError::NotPublished { project }.into());
        }
        let sql = format!("SELECT * FROM {table} ORDER BY incident, customer_id");
        let answered = published.query_rows(&Vars::default(), &sql).await;
        let answer = answered.map_err(|error| RunError::NotDeliverable {
            table: table.clone(),
            what: error.to_string(),
        })?;
        let rows = concat_batches(&answer.schema, &answer.rows);
        let rows = rows.map_err(|e| RunError::Host(e.to_string()))?;
        let by_row = messages(table, &rows)?;
        let without_recipient = (rows.num_rows() - by_row.len()) as u64;
        let forgotten = store::forgotten::load_forgotten(warehouse).await?;
        Ok(Self::new(rows, by_row, without_recipient, &forgotten))
    }

    /// Takes out messages to forgotten persons, but for warnings of a danger.
    fn new(
        batch: RecordBatch,
        mut by_row: BTreeMap<u32, Message>,
        without_recipient: u64,
        forgotten: &Forgotten,
    ) -> Self {
        let all = by_row.len();
        by_row.retain(|_, message| {
            let is_forgotten = forgotten.find(&message.key.customer).is_some();
            if is_forgotten {
                // The ledger knows them by this label since they were forgotten.
                message.key.customer = forgotten.label(&message.key.customer);
            }
            !is_forgotten || message.purpose == Purpose::Recall
        });
        let rows = by_row.iter().map(|(row, message)| DeliveryRow {
            row: *row,
            key: message.key.clone().into(),
            content_hash: message.content_hash.clone(),
        });
        Self {
            table: DeliveryTable {
                rows: rows.collect(),
                batch,
                key: KEY.map(String::from).into(),
            },
            without_recipient,
            forgotten: (all - by_row.len()) as u64,
            by_row,
        }
    }

    /// What a sink gets of a row beside what a review shows by itself, by column; nulls left out.
    pub(super) fn beside(&self, row: u32) -> BTreeMap<String, String> {
        let schema = self.table.batch.schema();
        let names = schema.fields().iter().map(|field| field.name());
        let others = names.filter(|name| {
            let known = KEY.iter().chain(&BOOKKEEPING).chain(&SHOWN);
            !known.into_iter().any(|one| one == name)
        });
        let values = others.filter_map(|name| Some((name.clone(), self.text(row, name)?)));
        values.collect()
    }

    /// One column of a row as text; none where it is null or does not exist.
    pub(super) fn text(&self, row: u32, column: &str) -> Option<String> {
        let column = cast(self.table.batch.column_by_name(column)?, &DataType::Utf8).ok()?;
        let strings = column.as_string::<i32>();
        let row = usize::try_from(row).ok()?;
        (row < strings.len() && !strings.is_null(row)).then(|| strings.value(row).to_owned())
    }
}

/// The columns of a table of messages.
struct Columns {
    incidents: ArrayRef,
    customers: ArrayRef,
    templates: ArrayRef,
    versions: ArrayRef,
    decisions: ArrayRef,
    subjects: ArrayRef,
    bodies: ArrayRef,
    earliest: ArrayRef,
    writers: ArrayRef,
    purposes: ArrayRef,
    channels: ArrayRef,
    important: ArrayRef,
    worth: ArrayRef,
}

impl Columns {
    fn of(table: &TableName, rows: &RecordBatch) -> Result<Self, RunError> {
        let column = |name: &str, kind: &DataType| -> Result<ArrayRef, RunError> {
            let wrong = |what: String| RunError::NotDeliverable {
                table: table.clone(),
                what,
            };
            let found = rows.column_by_name(name);
            let found = found.ok_or_else(|| wrong(format!("it has no column `{name}`")))?;
            cast(found, kind).map_err(|error| wrong(format!("the column `{name}`: {error}")))
        };
        let text = |name: &str| column(name, &DataType::Utf8);
        Ok(Self {
            incidents: text("incident")?,
            customers: text("customer_id")?,
            templates: text("template_id")?,
            versions: text("template_version")?,
            decisions: text("decision")?,
            subjects: text("subject")?,
            bodies: text("body")?,
            earliest: column(
                "earliest_at",
                &DataType::Timestamp(TimeUnit::Millisecond, None),
            )?,
            writers: text("written_by")?,
            purposes: text("purpose")?,
            channels: text("channel")?,
            important: column("important", &DataType::Boolean)?,
            worth: column("remedy_value", &DataType::Float64)?,
        })
    }

    /// One row; none without a recipient or a text: the pipeline's SQL counts those.
    fn message(&self, row: usize, content_hash: String) -> Option<Message> {
        let (subject, body) = (text(&self.subjects, row), text(&self.bodies, row)?);
        let earliest = self.earliest.as_primitive::<TimestampMillisecondType>();
        let important = self.important.as_boolean();
        let worth = self.worth.as_primitive::<Float64Type>();
        let id = text(&self.templates, row)?;
        let version = text(&self.versions, row)?;
        Some(Message {
            key: MessageKey {
                incident: text(&self.incidents, row)?,
                customer: text(&self.customers, row)?,
                template_version: format!("{id}@{version}"),
            },
            purpose: Purpose::of(text(&self.purposes, row).as_deref()),
            channel: text(&self.channels, row),
            decision: text(&self.decisions, row)?,
            content_hash,
            text: format!("{}\n{body}", subject.unwrap_or_default()),
            earliest_ms: (!earliest.is_null(row)).then(|| earliest.value(row)),
            written_by: text(&self.writers, row),
            // A customer of whom it is not known counts as important.
            important: important.is_null(row) || important.value(row),
            remedy_value: (!worth.is_null(row)).then(|| worth.value(row)),
        })
    }
}

fn text(column: &ArrayRef, row: usize) -> Option<String> {
    let strings = column.as_string::<i32>();
    (!strings.is_null(row)).then(|| strings.value(row).to_owned())
}

fn messages(table: &TableName, rows: &RecordBatch) -> Result<BTreeMap<u32, Message>, RunError> {
    let columns = Columns::of(table, rows)?;
    let mut messages = BTreeMap::new();
    let mut keys = BTreeSet::new();
    let hashes = content_hashes(rows, &BOOKKEEPING)?;
    for (row, content_hash) in hashes.into_iter().enumerate() {
        let number = u32::try_from(row).unwrap_or(u32::MAX);
        let Some(message) = columns.message(row, content_hash) else {
            continue;
        };
        let key = &message.key;
        if !keys.insert(key.clone()) {
            return Err(RunError::DuplicateKey {
                table: table.clone(),
                key: format!(
                    "incident = {}, customer_id = {}, template = {}",
                    key.incident, key.customer, key.template_version
                ),
                fix: format!(
                    "let `{table}` have one row for each incident, customer_id, template_id and \
                     template_version"
                ),
            });
        }
        messages.insert(number, message);
    }
    Ok(messages)
}
