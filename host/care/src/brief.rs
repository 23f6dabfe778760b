//! One customer, or one incident, at the moment of contact: a row of a published table, found by
//! its key without opening a plugin or planning a query.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::array::{Array as _, AsArray as _, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;

use super::error::CareError;
use tsugi_core::name::TableName;
use tsugi_pipeline::project::located::Located;
use tsugi_pipeline::project::tables::Tables;
use tsugi_pipeline::run::{ColumnKind, RequiredColumn, RunError};
use tsugi_pipeline::store::Snapshot;

/// The columns of a table with one row a customer, beside those that are shown.
const CUSTOMER_COLUMNS: &[RequiredColumn] = &[RequiredColumn {
    name: "customer_id",
    kind: ColumnKind::Text,
    doc: "the id by which a customer is found",
}];

/// The columns of a table with one row an incident, beside those that are shown.
const INCIDENT_COLUMNS: &[RequiredColumn] = &[RequiredColumn {
    name: "incident",
    kind: ColumnKind::Text,
    doc: "the id by which an incident is found",
}];

/// The columns of a table with what else leads to a customer.
const LOOKUP_COLUMNS: &[RequiredColumn] = &[
    RequiredColumn {
        name: "kind",
        kind: ColumnKind::Text,
        doc: "`phone` or `serial`",
    },
    RequiredColumn {
        name: "value",
        kind: ColumnKind::Text,
        doc: "the digits of a phone number, or a serial number",
    },
    RequiredColumn {
        name: "customer_id",
        kind: ColumnKind::Text,
        doc: "the customer whose it is",
    },
];

/// The columns of the tables that `[tables]` names for briefs, by key.
pub(super) const TABLES: &[(&str, &[RequiredColumn])] = &[
    ("customer_brief", CUSTOMER_COLUMNS),
    ("incident_brief", INCIDENT_COLUMNS),
    ("lookup", LOOKUP_COLUMNS),
];

/// What a brief is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BriefKey {
    /// The customer's own number.
    Customer,
    /// A phone number, written in any way.
    Phone,
    /// The number on a product.
    Serial,
    /// An incident, for a page that the staff reads.
    Incident,
}

impl BriefKey {
    /// As it is printed and logged.
    pub fn word(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Phone => "phone",
            Self::Serial => "serial",
            Self::Incident => "incident",
        }
    }
}

/// A row: its columns that have a value, with the value as text.
pub type BriefRow = Vec<(String, String)>;

/// Finds the rows of a customer or an incident. None when there is none; several when a phone is
/// shared.
///
/// # Errors
/// When the pipeline publishes no such tables, or they cannot be read.
pub fn brief(
    tables: &Tables,
    snapshot: &Snapshot,
    key: BriefKey,
    value: &str,
) -> Result<Vec<BriefRow>, CareError> {
    let value = value.trim();
    let named = |key: &'static str, table: &Option<Located<TableName>>| {
        let table = table.as_ref().map(|table| table.value.clone());
        table.ok_or(CareError::NoTable { key })
    };
    let customers = || named("customer_brief", &tables.customer_brief);
    let lookup = || named("lookup", &tables.lookup);
    match key {
        BriefKey::Customer => rows(snapshot, &customers()?, "customer_id", value),
        BriefKey::Incident => {
            let incidents = named("incident_brief", &tables.incident_brief)?;
            rows(snapshot, &incidents, "incident", value)
        }
        BriefKey::Phone => {
            let digits = tsugi_phone::digits(value);
            looked_up(snapshot, &lookup()?, &customers()?, "phone", &digits)
        }
        BriefKey::Serial => looked_up(snapshot, &lookup()?, &customers()?, "serial", value),
    }
}

/// The briefs of the customers that the look-up table lists for a value.
fn looked_up(
    snapshot: &Snapshot,
    lookup: &TableName,
    customers: &TableName,
    kind: &str,
    value: &str,
) -> Result<Vec<BriefRow>, CareError> {
    let mut found = BTreeSet::new();
    for row in rows(snapshot, lookup, "value", value)? {
        let row: BTreeMap<String, String> = row.into_iter().collect();
        if row.get("kind").is_some_and(|own| own == kind) {
            found.extend(row.get("customer_id").cloned());
        }
    }
    let mut briefs = Vec::new();
    for customer in found {
        briefs.extend(rows(snapshot, customers, "customer_id", &customer)?);
    }
    Ok(briefs)
}

fn rows(
    snapshot: &Snapshot,
    table: &TableName,
    column: &str,
    value: &str,
) -> Result<Vec<BriefRow>, CareError> {
    Ok(texts(&snapshot.table(table)?.find(column, value)?)?)
}

/// Rows as text without null and blank values.
fn texts(batches: &[RecordBatch]) -> Result<Vec<BriefRow>, RunError> {
    let mut rows = Vec::new();
    for batch in batches {
        let schema = batch.schema();
        let mut columns = Vec::with_capacity(batch.num_columns());
        for (field, column) in schema.fields().iter().zip(batch.columns()) {
            let texts = cast(column, &DataType::Utf8).map_err(|e| RunError::Host(e.to_string()))?;
            columns.push((field.name(), texts));
        }
        for row in 0..batch.num_rows() {
            let filled = columns.iter().filter_map(|(name, texts)| {
                let texts = texts.as_string::<i32>();
                let has_value = !texts.is_null(row) && !texts.value(row).is_empty();
                has_value.then(|| ((*name).clone(), texts.value(row).to_owned()))
            });
            rows.push(filled.collect());
        }
    }
    Ok(rows)
}
