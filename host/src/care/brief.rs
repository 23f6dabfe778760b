//! One customer, or one incident, at the moment of contact: a row of a published table, found by
//! its key without opening a plugin or planning a query.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::array::{Array as _, AsArray as _, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;

use crate::name::TableName;
use crate::run::RunError;
use crate::warehouse::Snapshot;

/// The schema of the tables that are asked, and their names.
const SCHEMA: &str = "frontline";
const CUSTOMERS: &str = "customer_brief";
const INCIDENTS: &str = "incident_brief";
/// By what else a customer is found: rows of `kind`, `value` and `customer_id`.
const LOOKUP: &str = "lookup";

/// What a brief is found by.
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
pub fn brief(snapshot: &Snapshot, key: Key, value: &str) -> Result<Vec<BriefRow>, RunError> {
    let value = value.trim();
    match key {
        Key::Customer => rows(snapshot, CUSTOMERS, "customer_id", value),
        Key::Incident => rows(snapshot, INCIDENTS, "incident", value),
        Key::Phone => customers(snapshot, "phone", &digits(value)),
        Key::Serial => customers(snapshot, "serial", value),
    }
}

/// The briefs of the customers that the look-up table lists for a value.
fn customers(snapshot: &Snapshot, kind: &str, value: &str) -> Result<Vec<BriefRow>, RunError> {
    let mut found = BTreeSet::new();
    for row in rows(snapshot, LOOKUP, "value", value)? {
        let row: BTreeMap<String, String> = row.into_iter().collect();
        if row.get("kind").is_some_and(|own| own == kind) {
            found.extend(row.get("customer_id").cloned());
        }
    }
    let mut briefs = Vec::new();
    for customer in found {
        briefs.extend(rows(snapshot, CUSTOMERS, "customer_id", &customer)?);
    }
    Ok(briefs)
}

fn rows(
    snapshot: &Snapshot,
    table: &str,
    column: &str,
    value: &str,
) -> Result<Vec<BriefRow>, RunError> {
    let name = TableName::try_new(SCHEMA, table).map_err(|e| RunError::Host(e.to_string()))?;
    texts(&snapshot.find(&name, column, value)?)
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

/// The digits of a phone number as typed: full width, with separators, with `+` or `00` before the
/// country.
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
