//! One customer, or one incident, at the moment of contact: a row of a published table, found by
//! its key without opening a plugin.

use std::sync::Arc;

use datafusion::arrow::array::{Array as _, AsArray as _, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use tokio::runtime::Handle;

use super::error::RunError;
use super::execute::collected;
use super::load::plain_session;
use crate::name::TableName;
use crate::project::Project;
use crate::project::value::Value;
use crate::query::{Parsed, Session, Vars};
use crate::warehouse::{Snapshot, Warehouse};

/// The schema of the tables that are asked, and their names.
const SCHEMA: &str = "frontline";
const CUSTOMERS: &str = "customer_brief";
const INCIDENTS: &str = "incident_brief";
/// By what else a customer is found: rows of `kind`, `value` and `customer_id`.
const LOOKUP: &str = "lookup";

/// By what is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// The customer's own number.
    Customer,
    /// A phone number, written in any way.
    Phone,
    /// The number on a product.
    Serial,
    /// An incident, for a page that the staff reads.
    Incident,
}

impl Key {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Phone => "phone",
            Self::Serial => "serial",
            Self::Incident => "incident",
        }
    }
}

/// A row: columns that say something, with their words.
pub type Said = Vec<(String, String)>;

/// Finds what is known. Nothing when there is nobody; several when a phone is shared.
///
/// # Errors
/// When the pipeline publishes no such tables, or they cannot be read.
pub async fn brief(
    project: &Project,
    warehouse: &Warehouse,
    key: Key,
    value: &str,
    query: &Handle,
) -> Result<Vec<Said>, RunError> {
    let desk = Desk {
        session: Arc::new(plain_session(project)?),
        snapshot: warehouse.snapshot().await?,
        query,
    };
    match key {
        Key::Customer => desk.rows(CUSTOMERS, "customer_id", value).await,
        Key::Incident => desk.rows(INCIDENTS, "incident", value).await,
        Key::Phone => desk.customers("phone", &digits(value)).await,
        Key::Serial => desk.customers("serial", value.trim()).await,
    }
}

struct Desk<'d> {
    session: Arc<Session>,
    snapshot: Snapshot,
    query: &'d Handle,
}

impl Desk<'_> {
    async fn customers(&self, kind: &str, value: &str) -> Result<Vec<Said>, RunError> {
        let found = self
            .ask(
                LOOKUP,
                "SELECT DISTINCT customer_id FROM frontline.lookup WHERE kind = $kind AND value = $value ORDER BY 1",
                &[("kind", kind), ("value", value)],
            )
            .await?;
        let mut rows = Vec::new();
        for (_, customer) in said(&found)?.into_iter().flatten() {
            rows.extend(self.rows(CUSTOMERS, "customer_id", &customer).await?);
        }
        Ok(rows)
    }

    async fn rows(&self, table: &str, key: &str, value: &str) -> Result<Vec<Said>, RunError> {
        let sql = format!("SELECT * FROM {SCHEMA}.{table} WHERE {key} = $value");
        said(&self.ask(table, &sql, &[("value", value.trim())]).await?)
    }

    async fn ask(
        &self,
        table: &str,
        sql: &str,
        vars: &[(&str, &str)],
    ) -> Result<Vec<RecordBatch>, RunError> {
        let name = TableName::try_new(SCHEMA, table).map_err(|e| RunError::Host(e.to_string()))?;
        self.session.put(&name, self.snapshot.provider(&name)?);
        let mut parsed = Parsed::new("SQL", sql)?;
        let bound = vars.iter().filter_map(|(name, value)| {
            Some((name.parse().ok()?, Value::Text((*value).to_owned())))
        });
        parsed.bind(&bound.collect::<Vars>())?;
        let plan = self.session.plan(&parsed).await?;
        let physical = self.session.physical(&plan).await?;
        collected(self.query, Arc::clone(&self.session), physical).await
    }
}

/// Rows as words; what is null or blank says nothing and is left out.
fn said(batches: &[RecordBatch]) -> Result<Vec<Said>, RunError> {
    let mut rows = Vec::new();
    for batch in batches {
        let schema = batch.schema();
        let mut columns = Vec::with_capacity(batch.num_columns());
        for (field, column) in schema.fields().iter().zip(batch.columns()) {
            let words = cast(column, &DataType::Utf8).map_err(|e| RunError::Host(e.to_string()))?;
            columns.push((field.name(), words));
        }
        for row in 0..batch.num_rows() {
            let known = columns.iter().filter_map(|(name, words)| {
                let words = words.as_string::<i32>();
                let is_said = !words.is_null(row) && !words.value(row).is_empty();
                is_said.then(|| ((*name).clone(), words.value(row).to_owned()))
            });
            rows.push(known.collect());
        }
    }
    Ok(rows)
}

/// The digits of a phone number, however it is written: full width, with marks between, with `+`
/// or `00` before the country.
fn digits(typed: &str) -> String {
    let digits: String = typed
        .chars()
        .filter_map(|c| match c {
            '0'..='9' => Some(c),
            '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10),
            _ => None,
        })
        .collect();
    match digits.strip_prefix("00") {
        Some(rest) => rest.to_owned(),
        None => digits,
    }
}
