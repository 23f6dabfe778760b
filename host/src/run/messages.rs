//! Messages as a delivery sees them: the rows of its published table, each with its key.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array};
use datafusion::arrow::compute::{cast, concat_batches, take_record_batch};
use datafusion::arrow::datatypes::{DataType, Float64Type, TimeUnit, TimestampMillisecondType};
use tokio::runtime::Handle;

use super::ask::ask;
use super::error::RunError;
use super::open::Open;
use crate::name::TableName;
use crate::plan::DeliveryStep;
use crate::query::Vars;
use crate::warehouse::{MessageKey, Warehouse, people};

/// What a message is for, as far as delivering goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Somebody may get hurt: no rule made for advertisements holds it.
    Recall,
    /// Owed to the buyer.
    Notice,
    /// Everything else, and whatever does not say what it is.
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

/// One row of the table that is delivered.
#[derive(Debug, Clone)]
pub(super) struct Message {
    /// Its row in [`Messages::rows`].
    pub(super) row: u32,
    pub(super) key: MessageKey,
    pub(super) template: String,
    pub(super) purpose: Purpose,
    pub(super) channel: Option<String>,
    pub(super) decision: String,
    pub(super) content_hash: String,
    /// In milliseconds since 1970; none where nothing can be said.
    pub(super) earliest_ms: Option<i64>,
    /// Who wrote the text, where that is known.
    pub(super) written_by: Option<String>,
    /// Whether the person is one for whom somebody must look first.
    pub(super) important: bool,
    /// What the remedy is worth, in the money of the pipeline.
    pub(super) remedy_value: Option<f64>,
    /// Whether the person asked to be forgotten, and it warns of no danger.
    refused: bool,
}

/// The table that is delivered, sorted by incident and customer.
pub(super) struct Messages {
    pub(super) rows: RecordBatch,
    pub(super) all: Vec<Message>,
    /// Rows that name nobody to write to.
    pub(super) nobody: u64,
    /// Rows for persons who asked to be forgotten.
    pub(super) forgotten: u64,
}

impl Messages {
    /// Reads the published table of a delivery.
    pub(super) async fn read(
        open: &Open,
        delivery: &DeliveryStep,
        warehouse: &Warehouse,
        query: &Handle,
    ) -> Result<Self, RunError> {
        let snapshot = warehouse.snapshot().await?;
        if !snapshot.tables.contains_key(&delivery.from) {
            let project = open.project.folder.display().to_string();
            return Err(RunError::NotPublished { project });
        }
        let sql = format!(
            "SELECT * FROM {} ORDER BY incident, customer_id",
            delivery.from
        );
        let answered = ask(&open.session, warehouse, &Vars::default(), &sql, query).await;
        let answer = answered.map_err(|error| RunError::NotDeliverable {
            table: delivery.from.clone(),
            what: error.to_string(),
        })?;
        let rows = concat_batches(&answer.schema, &answer.rows);
        let rows = rows.map_err(|e| RunError::Host(e.to_string()))?;
        let mut all = messages(&delivery.from, &rows)?;
        let forgotten = people::forgotten::forgotten(warehouse).await?;
        let nobody = (rows.num_rows() - all.len()) as u64;
        let mut messages = Self {
            rows,
            all: Vec::new(),
            nobody,
            forgotten: 0,
        };
        for message in &mut all {
            if forgotten.find(&message.key.customer).is_some() {
                // The ledger knows them by this name since they were forgotten.
                message.key.customer = forgotten.label(&message.key.customer);
                // A warning of a danger reaches even who asked to be forgotten.
                message.refused = message.purpose != Purpose::Recall;
            }
        }
        all.retain(|message| !message.refused);
        messages.forgotten = (messages.rows.num_rows() - all.len()) as u64 - nobody;
        messages.all = all;
        Ok(messages)
    }

    /// One column of a message as text; nothing where it is null or not there.
    pub(super) fn text(&self, message: &Message, column: &str) -> Option<String> {
        let column = cast(self.rows.column_by_name(column)?, &DataType::Utf8).ok()?;
        let strings = column.as_string::<i32>();
        let row = usize::try_from(message.row).ok()?;
        (row < strings.len() && !strings.is_null(row)).then(|| strings.value(row).to_owned())
    }

    /// The rows of some messages, in the order of the table.
    pub(super) fn pick(&self, some: &[&Message]) -> Result<RecordBatch, RunError> {
        let rows = UInt32Array::from_iter_values(some.iter().map(|message| message.row));
        take_record_batch(&self.rows, &rows).map_err(|e| RunError::Host(e.to_string()))
    }
}

fn messages(table: &TableName, rows: &RecordBatch) -> Result<Vec<Message>, RunError> {
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
    let (incidents, customers) = (text("incident")?, text("customer_id")?);
    let (templates, versions) = (text("template_id")?, text("template_version")?);
    let (decisions, hashes) = (text("decision")?, text("content_hash")?);
    let earliest = column(
        "earliest_at",
        &DataType::Timestamp(TimeUnit::Millisecond, None),
    )?;
    let earliest = earliest.as_primitive::<TimestampMillisecondType>();
    let writers = text("written_by")?;
    let (purposes, channels) = (text("purpose")?, text("channel")?);
    let important = column("important", &DataType::Boolean)?;
    let important = important.as_boolean();
    let worth = column("remedy_value", &DataType::Float64)?;
    let worth = worth.as_primitive::<Float64Type>();
    let value = |column: &ArrayRef, row: usize| {
        let strings = column.as_string::<i32>();
        (!strings.is_null(row)).then(|| strings.value(row).to_owned())
    };
    let mut out: Vec<Message> = Vec::with_capacity(rows.num_rows());
    let mut seen = BTreeSet::new();
    for row in 0..rows.num_rows() {
        let whole = (
            value(&incidents, row),
            value(&customers, row),
            value(&templates, row),
            value(&versions, row),
            value(&decisions, row),
            value(&hashes, row),
        );
        // A row without a person or a text is a decision about nobody: counted by SQL, not sent.
        let (Some(incident), Some(customer), Some(id), Some(version), Some(decision), Some(hash)) =
            whole
        else {
            continue;
        };
        let template = format!("{id}@{version}");
        let key = MessageKey {
            incident,
            customer,
            template_version: template.clone(),
        };
        if !seen.insert(key.clone()) {
            let what = format!(
                "{} hears twice of {} by {template}",
                key.customer, key.incident
            );
            return Err(RunError::NotDeliverable {
                table: table.clone(),
                what,
            });
        }
        out.push(Message {
            row: u32::try_from(row).unwrap_or(u32::MAX),
            key,
            template,
            purpose: Purpose::of(value(&purposes, row).as_deref()),
            channel: value(&channels, row),
            decision,
            content_hash: hash,
            earliest_ms: (!earliest.is_null(row)).then(|| earliest.value(row)),
            written_by: value(&writers, row),
            // Where nobody says that a person is not important, they are.
            important: important.is_null(row) || important.value(row),
            remedy_value: (!worth.is_null(row)).then(|| worth.value(row)),
            refused: false,
        });
    }
    Ok(out)
}

/// Columns of a table as the sink will see them.
pub(super) fn sink_fields(rows: &RecordBatch) -> arrow::datatypes::Fields {
    use crate::sandbox::plain;
    let schema = rows.schema();
    let fields = schema
        .fields()
        .iter()
        .map(|field| match plain(field.data_type()) {
            Some(kind) => Arc::new(field.as_ref().clone().with_data_type(kind)),
            None => Arc::clone(field),
        });
    fields.collect::<Vec<_>>().into()
}
