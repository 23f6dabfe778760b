//! Messages as a delivery sees them: who, what, when, and whether a person must look first.
//!
//! What must be looked at by a person is decided here, from the published rows and the ledger.
//! No plugin and no pipeline setting can lower it; both can only ask for more.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array};
use datafusion::arrow::compute::{cast, concat_batches, take_record_batch};
use datafusion::arrow::datatypes::{DataType, TimeUnit, TimestampMillisecondType};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;

use super::ask::ask;
use super::error::RunError;
use super::open::Open;
use crate::name::TableName;
use crate::plan::DeliveryStep;
use crate::query::Vars;
use crate::warehouse::{MessageKey, Warehouse};

/// Messages of one text to more people than this always wait for a person.
pub const REVIEW_OVER: usize = 200;

/// One row of the table that is delivered.
#[derive(Debug, Clone)]
pub(super) struct Message {
    /// Its row in [`Messages::rows`].
    pub(super) row: u32,
    pub(super) key: MessageKey,
    pub(super) template: String,
    pub(super) decision: String,
    pub(super) content_hash: String,
    /// In milliseconds since 1970; none where nothing can be said.
    pub(super) earliest_ms: Option<i64>,
}

/// The table that is delivered, sorted by incident and customer.
pub(super) struct Messages {
    pub(super) rows: RecordBatch,
    pub(super) all: Vec<Message>,
    /// Rows that name nobody to write to.
    pub(super) nobody: u64,
}

/// What one person confirms at once: one text for one audience.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Review {
    /// Short for the hashes of text and audience; an edit of either makes another review.
    pub id: String,
    /// The incident.
    pub incident: String,
    /// The template and its version.
    pub template: String,
    /// How many messages.
    pub messages: usize,
    /// Why a person must look; empty when nobody must.
    pub why: Vec<String>,
    /// Hash of every text.
    pub content_hash: String,
    /// Hash of every recipient.
    pub audience_hash: String,
    /// Who has approved it.
    pub approved_by: Option<String>,
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
        let (schema, batches) = answered.map_err(|error| RunError::NotDeliverable {
            table: delivery.from.clone(),
            what: error.to_string(),
        })?;
        let rows = concat_batches(&schema, &batches).map_err(|e| RunError::Host(e.to_string()))?;
        let all = messages(&delivery.from, &rows)?;
        let nobody = (rows.num_rows() - all.len()) as u64;
        Ok(Self { rows, all, nobody })
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
            decision,
            content_hash: hash,
            earliest_ms: (!earliest.is_null(row)).then(|| earliest.value(row)),
        });
    }
    Ok(out)
}

/// Every text and audience of a delivery, with why a person must look at it and who has.
///
/// # Errors
/// When the table cannot be read or delivered.
pub async fn reviews(
    open: &Open,
    delivery: &DeliveryStep,
    warehouse: &Warehouse,
    query: &Handle,
) -> Result<Vec<Review>, RunError> {
    let messages = Messages::read(open, delivery, warehouse, query).await?;
    grouped(&messages.all, warehouse).await
}

/// Writes a person's yes down.
///
/// # Errors
/// What the ledger says.
pub async fn approve(
    warehouse: &Warehouse,
    review: &Review,
    by: &str,
    note: &str,
) -> Result<(), RunError> {
    let ledger = warehouse.ledger();
    Ok(ledger
        .approve(&review.content_hash, &review.audience_hash, by, note)
        .await?)
}

/// Reviews of all messages that are meant to go out.
pub(super) async fn grouped(
    all: &[Message],
    warehouse: &Warehouse,
) -> Result<Vec<Review>, RunError> {
    let mut groups: BTreeMap<(&str, &str), Vec<&Message>> = BTreeMap::new();
    for message in all
        .iter()
        .filter(|m| matches!(m.decision.as_str(), "send" | "review"))
    {
        groups
            .entry((&message.key.incident, &message.template))
            .or_default()
            .push(message);
    }
    let ledger = warehouse.ledger();
    let known = ledger.accepted_templates().await?;
    let mut reviews = Vec::new();
    for ((incident, template), group) in groups {
        let mut why = Vec::new();
        let asked = group
            .iter()
            .filter(|message| message.decision == "review")
            .count();
        if asked > 0 {
            why.push(format!("{asked} messages ask for a person"));
        }
        if group.len() > REVIEW_OVER {
            why.push(format!("more than {REVIEW_OVER} recipients"));
        }
        if !known.contains(template) {
            why.push("a template that has never been sent".to_owned());
        }
        let content_hash = hash(group.iter().map(|message| message.content_hash.as_str()));
        let audience_hash = hash(group.iter().map(|message| message.key.customer.as_str()));
        let approval = ledger.approval(&content_hash, &audience_hash).await?;
        let both = hash([content_hash.as_str(), audience_hash.as_str()].into_iter());
        reviews.push(Review {
            id: both.chars().take(8).collect(),
            incident: incident.to_owned(),
            template: template.to_owned(),
            messages: group.len(),
            why,
            content_hash,
            audience_hash,
            approved_by: approval.map(|approval| approval.by),
        });
    }
    Ok(reviews)
}

/// SHA-256 over sorted lines, so that the order of rows does not matter.
fn hash<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut lines: Vec<&str> = lines.collect();
    lines.sort_unstable();
    let mut hasher = Sha256::new();
    for line in lines {
        hasher.update((line.len() as u64).to_le_bytes());
        hasher.update(line);
    }
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
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
