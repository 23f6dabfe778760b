//! What staff promised, did, know or want held, as they noted it at the counter.

use ducklake::sqlite::now_text;
use serde::Serialize;

use super::tables::ledger;
use tsugi_pipeline::store::{Warehouse, WarehouseError};

/// What a note says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NoteKind {
    /// A remedy was promised.
    Promise,
    /// A remedy was given.
    Done,
    /// Something that staff know of the customer.
    Fact,
    /// Messages to the customer wait.
    Hold,
    /// They wait no longer.
    Release,
}

impl NoteKind {
    /// As it is stored and printed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Promise => "promise",
            Self::Done => "done",
            Self::Fact => "fact",
            Self::Hold => "hold",
            Self::Release => "release",
        }
    }

    fn of(text: &str) -> Option<Self> {
        [
            Self::Promise,
            Self::Done,
            Self::Fact,
            Self::Hold,
            Self::Release,
        ]
        .into_iter()
        .find(|kind| kind.word() == text)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StaffNote {
    /// When, in UTC; recording sets it to the present moment.
    pub at: String,
    pub kind: NoteKind,
    pub customer: String,
    /// The number on the receipt of the pair; none when the note is about the customer.
    pub serial: Option<String>,
    /// What the remedy is worth, in the money of the pipeline.
    pub value: Option<u64>,
    /// The last day of a hold, as 2026-03-31; none without an end.
    pub until: Option<String>,
    pub note: String,
    /// Who noted it, by name.
    pub by: String,
    /// The account of the machine.
    pub login: String,
}

/// Records a note. It is on the disk before this returns.
///
/// # Errors
/// Database errors.
pub(crate) async fn record_note(
    warehouse: &Warehouse,
    note: &StaffNote,
) -> Result<(), WarehouseError> {
    let ledger = ledger(warehouse).await?;
    let failed = |source| ledger.failed("write a note", source);
    // The argument has a bound far below.
    let value = note
        .value
        .map(|value| i64::try_from(value).unwrap_or(i64::MAX));
    let mut write = warehouse.write_ledger().await?;
    sqlx::query(
        "INSERT INTO note(at, kind, customer, serial, value, until, note, noted_by, login)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(now_text())
    .bind(note.kind.word())
    .bind(&note.customer)
    .bind(&note.serial)
    .bind(value)
    .bind(&note.until)
    .bind(&note.note)
    .bind(&note.by)
    .bind(&note.login)
    .execute(write.connection())
    .await
    .map_err(failed)?;
    write.commit("note").await
}

/// The notes about one customer, oldest first.
///
/// # Errors
/// Database errors.
pub(crate) async fn load_notes(
    warehouse: &Warehouse,
    customer: &str,
) -> Result<Vec<StaffNote>, WarehouseError> {
    type Row = (
        String,
        String,
        Option<String>,
        Option<i64>,
        Option<String>,
        String,
        String,
        String,
    );
    let ledger = ledger(warehouse).await?;
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT at, kind, serial, value, until, note, noted_by, login FROM note
         WHERE customer = ? ORDER BY sequence",
    )
    .bind(customer)
    .fetch_all(ledger.pool())
    .await
    .map_err(|source| ledger.failed("read the notes", source))?;
    let notes = rows
        .into_iter()
        .map(|(at, kind, serial, value, until, note, by, login)| {
            let known = NoteKind::of(&kind)
                .ok_or_else(|| ledger.damaged(format!("a note is of the kind `{kind}`")))?;
            Ok(StaffNote {
                at,
                kind: known,
                customer: customer.to_owned(),
                serial,
                value: value.and_then(|value| u64::try_from(value).ok()),
                until,
                note,
                by,
                login,
            })
        });
    notes.collect()
}
