//! The ledger as tables: what was sent and what came of it, and what the crate above keeps beside it.

use std::path::Path;

use sqlx::Row as _;

use LedgerColumn::{Integer, Moment, Text};

use super::database::FILE;
use crate::store::error::WarehouseError;
use crate::store::layout::ledger_folder;
use ducklake::sqlite::Database;

/// A table that models read, over rows of the ledger.
#[derive(Clone, Copy, Debug)]
pub struct LedgerTable {
    /// Its name in the schema `tsugi`.
    pub name: &'static str,
    /// The table of the ledger that it is made of; without it the answer is empty.
    pub of: &'static str,
    /// One SELECT of texts, in an order that does not change.
    pub sql: &'static str,
    /// The columns of that, in their order.
    pub columns: &'static [(&'static str, LedgerColumn)],
}

/// What a column of the ledger holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerColumn {
    Text,
    Integer,
    /// A moment in UTC.
    Moment,
}

/// The texts of a table, row by row.
pub(crate) type LedgerRows = Vec<Vec<Option<String>>>;

/// What sinks were handed, and their receipts: a row an attempt.
pub(crate) const SENT: [LedgerTable; 2] = [
    LedgerTable {
        name: "sends",
        of: "intent",
        sql: "SELECT d.delivery, i.incident, i.customer, i.template_version, CAST(i.attempt AS TEXT), i.run_id,
                CAST(i.sequence AS TEXT), substr(i.intended_at, 1, 26), coalesce(i.outcome, 'unknown'), i.detail,
                substr(i.receipt_at, 1, 26)
              FROM intent AS i LEFT JOIN delivery_run AS d USING (run_id)
              ORDER BY i.intended_at, i.incident, i.customer, i.template_version, i.attempt",
        columns: &[
            ("delivery", Text),
            ("incident", Text),
            ("customer_id", Text),
            ("template", Text),
            ("attempt", Integer),
            ("run", Text),
            ("batch", Integer),
            ("sent_at", Moment),
            ("outcome", Text),
            ("detail", Text),
            ("receipt_at", Moment),
        ],
    },
    LedgerTable {
        name: "records",
        of: "record_intent",
        sql: "SELECT delivery, key, CAST(attempt AS TEXT), run_id, CAST(sequence AS TEXT), substr(intended_at, 1, 26),
                coalesce(outcome, 'unknown'), detail, substr(receipt_at, 1, 26)
              FROM record_intent ORDER BY intended_at, delivery, key, attempt",
        columns: &[
            ("delivery", Text),
            ("key", Text),
            ("attempt", Integer),
            ("run", Text),
            ("batch", Integer),
            ("sent_at", Moment),
            ("outcome", Text),
            ("detail", Text),
            ("receipt_at", Moment),
        ],
    },
];

/// Rows of ledger tables from the folder of a warehouse, each in the order of its SELECT. Nothing is created:
/// where there is no ledger yet, every table is empty.
///
/// # Errors
/// Database errors.
pub(crate) async fn ledger_rows(
    folder: &Path,
    tables: &[LedgerTable],
) -> Result<Vec<LedgerRows>, WarehouseError> {
    let path = ledger_folder(folder).join(FILE);
    if !path.is_file() {
        return Ok(vec![Vec::new(); tables.len()]);
    }
    let database = Database::open(path).await?;
    let failed = |source| database.failed("read the ledger", source);
    // One state of the file for all tables.
    let mut transaction = database.read().await?;
    let mut answers = Vec::with_capacity(tables.len());
    for table in tables {
        let known: Option<i64> =
            sqlx::query_scalar("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?")
                .bind(table.of)
                .fetch_optional(&mut *transaction)
                .await
                .map_err(failed)?;
        let mut rows = LedgerRows::new();
        if known.is_some() {
            let found = sqlx::query(table.sql)
                .fetch_all(&mut *transaction)
                .await
                .map_err(failed)?;
            for row in found {
                // Whatever somebody put into the file: what was changed by hand is found by its entries.
                let cell = |at| row.try_get::<Option<Vec<u8>>, _>(at);
                let cells: Result<Vec<_>, sqlx::Error> =
                    (0..table.columns.len()).map(cell).collect();
                let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
                let cells = cells.map_err(failed)?.into_iter();
                rows.push(cells.map(|bytes| bytes.map(text)).collect());
            }
        }
        answers.push(rows);
    }
    drop(transaction);
    database.pool().close().await;
    Ok(answers)
}
