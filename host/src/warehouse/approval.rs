//! Approvals: a person's yes to one text for one audience, which no setting replaces.

use super::database::now_text;
use super::error::WarehouseError;
use super::ledger::Ledger;

/// A person's yes to one text for one audience.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// A hash of the text.
    pub content_hash: String,
    /// A hash of who gets it.
    pub audience_hash: String,
    /// Who said yes.
    pub by: String,
    /// When, in UTC.
    pub at: String,
    /// What they noted.
    pub note: String,
}

impl Ledger<'_> {
    /// Writes a person's yes down. A second yes to the same text for the same audience replaces
    /// the first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn approve(
        &self,
        content_hash: &str,
        audience_hash: &str,
        by: &str,
        note: &str,
    ) -> Result<(), WarehouseError> {
        sqlx::query("INSERT OR REPLACE INTO approval VALUES (?, ?, ?, ?, ?)")
            .bind(content_hash)
            .bind(audience_hash)
            .bind(by)
            .bind(now_text())
            .bind(note)
            .execute(self.state.pool())
            .await
            .map_err(|source| self.state.failed("write an approval", source))?;
        Ok(())
    }

    /// The yes to one text for one audience, when there is one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn approval(
        &self,
        content_hash: &str,
        audience_hash: &str,
    ) -> Result<Option<Approval>, WarehouseError> {
        let row: Option<(String, String, String)> = sqlx::query_as(
            "SELECT approved_by, approved_at, note FROM approval WHERE content_hash = ? AND audience_hash = ?",
        )
        .bind(content_hash)
        .bind(audience_hash)
        .fetch_optional(self.state.pool())
        .await
        .map_err(|source| self.state.failed("look an approval up", source))?;
        Ok(row.map(|(by, at, note)| Approval {
            content_hash: content_hash.to_owned(),
            audience_hash: audience_hash.to_owned(),
            by,
            at,
            note,
        }))
    }
}
