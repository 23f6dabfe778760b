//! Deliveries of records: the rows of a table that pipeline.toml selects, each key and content once.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use datafusion::arrow::array::{Array as _, ArrayRef, AsArray as _, RecordBatch, StringArray};
use datafusion::arrow::compute::{cast, concat_batches};
use datafusion::arrow::datatypes::{DataType, TimeUnit, TimestampMillisecondType};

use super::content::content_hashes;
use super::policy::{Admitted, DeliveryPolicy};
use super::report::{DeliveryKind, DeliveryReport, Withheld};
use super::send::{DeliveryJob, deliver};
use super::table::{DeliveryRow, DeliveryTable};
use crate::plan::{DeliveryContract, RecordContract};
use crate::project::value::ConfigValue;
use crate::run::error::RunError;
use crate::run::guards::RowFilter;
use crate::run::published::Published;
use crate::store::{LedgerKey, RecordKey};
use tsugi_core::name::TableName;
use tsugi_core::name::VarName;

pub(in crate::run) async fn deliver_records(
    job: &DeliveryJob<'_>,
    published: &Published<'_>,
    filter: Option<Box<dyn RowFilter>>,
) -> Result<DeliveryReport, RunError> {
    let step = job.step;
    let DeliveryContract::Records(contract) = &step.contract else {
        let what = "it is a delivery of messages, which need their review".to_owned();
        let table = step.from.clone();
        return Err(RunError::NotDeliverable { table, what });
    };
    let vars = &job.open.project.vars;
    let selected = select(published, &step.from, contract, vars).await?;
    let (batch, withheld) = filtered(selected, filter)?;
    let (table, mut policy) = keyed(batch, step.name.as_str(), &step.from, contract)?;
    policy.withheld = Withheld {
        without_key: policy.withheld.without_key,
        ..withheld
    };
    deliver(job, &table, &mut policy).await
}

/// The rows for which `only_if` is true, in the order in which they leave, and how many there are
/// in all.
struct Selected {
    batch: RecordBatch,
    all: u64,
}

async fn select(
    published: &Published<'_>,
    from: &TableName,
    contract: &RecordContract,
    vars: &BTreeMap<VarName, ConfigValue>,
) -> Result<Selected, RunError> {
    let snapshot = published.warehouse.snapshot().await?;
    let Some(table) = snapshot.tables.get(from) else {
        let table = from.clone();
        let what = "it is not published yet; run the pipeline".to_owned();
        return Err(RunError::NotDeliverable { table, what });
    };
    let all = table.rows();
    let columns = contract.order_by.iter().chain(&contract.key);
    let order: Vec<String> = columns.map(|column| quoted(column)).collect();
    let condition = contract.only_if.as_deref().unwrap_or("true");
    let sql = format!(
        "SELECT * FROM {from} WHERE (\n{condition}\n) ORDER BY {}",
        order.join(", ")
    );
    let answer = published.query_rows(vars, &sql).await?;
    let batch = concat_batches(&answer.schema, &answer.rows)?;
    Ok(Selected { batch, all })
}

/// A name of a column as SQL writes it.
fn quoted(column: &str) -> String {
    format!("\"{}\"", column.replace('"', "\"\""))
}

/// Takes out the rows that may not leave, and counts them.
fn filtered(
    selected: Selected,
    filter: Option<Box<dyn RowFilter>>,
) -> Result<(RecordBatch, Withheld), RunError> {
    let suppressed = selected
        .all
        .saturating_sub(selected.batch.num_rows() as u64);
    let mut withheld = Withheld {
        suppressed,
        ..Withheld::default()
    };
    let Some(mut filter) = filter else {
        return Ok((selected.batch, withheld));
    };
    let batch = filter.rows(selected.batch)?;
    withheld.forgotten = filter.left_out().forgotten;
    Ok((batch, withheld))
}

/// Gives each row its key and the hash of its content.
fn keyed(
    batch: RecordBatch,
    delivery: &str,
    from: &TableName,
    contract: &RecordContract,
) -> Result<(DeliveryTable, RecordPolicy), RunError> {
    let mut keys = Vec::with_capacity(contract.key.len());
    for name in &contract.key {
        keys.push((name, texts(&batch, from, name)?));
    }
    let mut policy = RecordPolicy {
        withheld: Withheld::default(),
        not_before: contract
            .not_before
            .as_ref()
            .map(|column| moments(&batch, from, column))
            .transpose()?,
    };
    let mut hashes = content_hashes(&batch, &[])?.into_iter();
    let mut rows: Vec<DeliveryRow> = Vec::with_capacity(batch.num_rows());
    let mut first: BTreeMap<LedgerKey, u32> = BTreeMap::new();
    for (row, position) in (0..).zip(0..batch.num_rows()) {
        let content_hash = hashes.next().unwrap_or_default();
        let columns = keys.iter().map(|(name, texts)| {
            let value = texts.is_valid(position).then(|| texts.value(position));
            Some(((*name).clone(), value?.to_owned()))
        });
        let Some(columns) = columns.collect::<Option<BTreeMap<_, _>>>() else {
            policy.withheld.without_key += 1;
            continue;
        };
        let key = LedgerKey::from(RecordKey::new(delivery, &columns));
        if first.insert(key.clone(), row).is_some() {
            return Err(RunError::DuplicateKey {
                table: from.clone(),
                key: key.to_string(),
                fix: format!(
                    "let `{from}` have one row a key, or add a column to `key` of the delivery"
                ),
            });
        }
        rows.push(DeliveryRow {
            row,
            key,
            content_hash,
        });
    }
    let table = DeliveryTable {
        batch,
        key: contract.key.clone(),
        rows,
    };
    Ok((table, policy))
}

fn column<'b>(
    batch: &'b RecordBatch,
    from: &TableName,
    name: &str,
) -> Result<&'b ArrayRef, RunError> {
    let found = batch.column_by_name(name);
    found.ok_or_else(|| RunError::NotDeliverable {
        table: from.clone(),
        what: format!("as it is published it has no column `{name}`"),
    })
}

fn texts(batch: &RecordBatch, from: &TableName, name: &str) -> Result<StringArray, RunError> {
    let column = cast(column(batch, from, name)?, &DataType::Utf8)?;
    Ok(column.as_string::<i32>().clone())
}

/// The moments of a column in milliseconds since 1970; none where it is null.
fn moments(
    batch: &RecordBatch,
    from: &TableName,
    name: &str,
) -> Result<Vec<Option<i64>>, RunError> {
    let kind = DataType::Timestamp(TimeUnit::Millisecond, None);
    let column = cast(column(batch, from, name)?, &kind)?;
    let moments = column.as_primitive::<TimestampMillisecondType>();
    Ok(moments.iter().collect())
}

/// Admits every record whose moment has come.
struct RecordPolicy {
    withheld: Withheld,
    /// By position in the table; none where the delivery names no such column.
    not_before: Option<Vec<Option<i64>>>,
}

impl RecordPolicy {
    /// A row without a moment is not due.
    fn is_due(&self, row: &DeliveryRow, now_ms: i64) -> bool {
        let Some(moments) = &self.not_before else {
            return true;
        };
        let moment = moments.get(row.row as usize).copied().flatten();
        moment.is_some_and(|moment| moment <= now_ms)
    }
}

impl DeliveryPolicy for RecordPolicy {
    fn kind(&self) -> DeliveryKind {
        DeliveryKind::Records
    }

    fn admit<'t>(
        &self,
        rows: &'t [DeliveryRow],
        now: DateTime<Utc>,
    ) -> Result<Admitted<'t>, RunError> {
        let now_ms = now.timestamp_millis();
        let due = rows.iter().filter(|row| self.is_due(row, now_ms));
        let due: Vec<&DeliveryRow> = due.collect();
        let withheld = Withheld {
            held: (rows.len() - due.len()) as u64,
            ..self.withheld
        };
        Ok(Admitted {
            rows: due,
            withheld,
        })
    }
}
