//! The texts that were sent, and in which numbers: what makes a text a known one.

use std::collections::{BTreeMap, BTreeSet};

use ducklake::Claim;

use super::tables::ledger;
use crate::known_text::KnownText;
use tsugi_pipeline::store::{MessageKey, Warehouse, WarehouseError};

/// A text that was sent.
#[derive(Clone, Debug)]
pub(crate) struct SentText {
    pub(crate) text: KnownText,
    /// How many messages about one incident said it, at most.
    pub(crate) largest: u64,
}

/// Every text that was sent.
///
/// # Errors
/// Database errors.
pub(crate) async fn load_texts(warehouse: &Warehouse) -> Result<Vec<SentText>, WarehouseError> {
    let ledger = ledger(warehouse).await?;
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT known_text.text, coalesce(max(messages), 0)
         FROM known_text LEFT JOIN sent_text ON sent_text.text = id GROUP BY id ORDER BY id",
    )
    .fetch_all(ledger.pool())
    .await
    .map_err(|source| ledger.failed("read which texts were sent", source))?;
    let text = |(text, largest): (String, i64)| SentText {
        text: KnownText::parse(&text),
        largest: u64::try_from(largest).unwrap_or(0),
    };
    Ok(rows.into_iter().map(text).collect())
}

/// The messages that were accepted.
///
/// # Errors
/// Database errors.
pub(crate) async fn sent_messages(
    warehouse: &Warehouse,
) -> Result<BTreeSet<MessageKey>, WarehouseError> {
    let ledger = ledger(warehouse).await?;
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT incident, customer, template_version FROM intent WHERE outcome = 'accepted'",
    )
    .fetch_all(ledger.pool())
    .await
    .map_err(|source| ledger.failed("list what was sent", source))?;
    let key = |(incident, customer, template_version)| MessageKey {
        incident,
        customer,
        template_version,
    };
    Ok(rows.into_iter().map(key).collect())
}

/// Records texts that were sent, with their messages by incident.
///
/// # Errors
/// Database errors.
pub(crate) async fn record_texts(
    warehouse: &Warehouse,
    _claim: &Claim,
    texts: &BTreeMap<String, BTreeMap<String, u64>>,
) -> Result<(), WarehouseError> {
    let ledger = ledger(warehouse).await?;
    let failed = |source| ledger.failed("record which texts were sent", source);
    let mut write = warehouse.write_ledger().await?;
    for (text, incidents) in texts {
        sqlx::query("INSERT OR IGNORE INTO known_text(text) VALUES (?)")
            .bind(text)
            .execute(write.connection())
            .await
            .map_err(failed)?;
        for (incident, messages) in incidents {
            sqlx::query(
                "INSERT INTO sent_text(text, incident, messages)
                 SELECT id, ?2, ?3 FROM known_text WHERE text = ?1
                 ON CONFLICT DO UPDATE SET messages = messages + excluded.messages",
            )
            .bind(text)
            .bind(incident)
            .bind(i64::try_from(*messages).unwrap_or(i64::MAX))
            .execute(write.connection())
            .await
            .map_err(failed)?;
        }
    }
    write.commit("texts").await
}
