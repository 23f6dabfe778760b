//! The texts that were sent, and in which numbers: what makes a text a known one.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{TimeDelta, Utc};
use ducklake::Claim;
use ducklake::sqlite::{moment_text, now_text};

use super::tables::ledger;
use crate::known_text::KnownText;
use tsugi_pipeline::store::{MessageKey, Warehouse, WarehouseError};

/// A text that was sent.
#[derive(Clone, Debug)]
pub(crate) struct SentText {
    pub(crate) text: KnownText,
    /// How many messages about one incident said it, at most.
    pub(crate) largest: u64,
    /// How many messages said it lately and since a person looked at it last.
    pub(crate) unseen: u64,
}

/// For so long a message counts that left without a person.
const UNSEEN_FOR: TimeDelta = TimeDelta::days(30);

/// Messages that were accepted and say one text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    /// Their number by incident.
    pub(crate) incidents: BTreeMap<String, u64>,
    /// How many of them no person looked at.
    pub(crate) unseen: u64,
    /// Whether a person approved one of them.
    pub(crate) is_seen: bool,
}

/// Every text that was sent.
///
/// # Errors
/// Database errors.
pub(crate) async fn load_texts(warehouse: &Warehouse) -> Result<Vec<SentText>, WarehouseError> {
    let ledger = ledger(warehouse).await?;
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT k.text, coalesce((SELECT max(messages) FROM sent_text AS s WHERE s.text = k.id), 0),
           coalesce((SELECT sum(messages) FROM unseen_text AS u WHERE u.text = k.id AND u.at >= ?), 0)
         FROM known_text AS k ORDER BY k.id",
    )
    .bind(moment_text(Utc::now() - UNSEEN_FOR))
    .fetch_all(ledger.pool())
    .await
    .map_err(|source| ledger.failed("read which texts were sent", source))?;
    let text = |(text, largest, unseen): (String, i64, i64)| SentText {
        text: KnownText::parse(&text),
        largest: u64::try_from(largest).unwrap_or(0),
        unseen: u64::try_from(unseen).unwrap_or(0),
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

/// Records texts that were sent.
///
/// # Errors
/// Database errors.
pub(crate) async fn record_texts(
    warehouse: &Warehouse,
    _claim: &Claim,
    texts: &BTreeMap<String, Said>,
) -> Result<(), WarehouseError> {
    let ledger = ledger(warehouse).await?;
    let failed = |source| ledger.failed("record which texts were sent", source);
    let mut write = warehouse.write_ledger().await?;
    for (text, said) in texts {
        sqlx::query("INSERT OR IGNORE INTO known_text(text) VALUES (?)")
            .bind(text)
            .execute(write.connection())
            .await
            .map_err(failed)?;
        if said.is_seen {
            sqlx::query(
                "DELETE FROM unseen_text WHERE text = (SELECT id FROM known_text WHERE text = ?)",
            )
            .bind(text)
            .execute(write.connection())
            .await
            .map_err(failed)?;
        }
        if said.unseen > 0 {
            sqlx::query(
                "INSERT INTO unseen_text(text, at, messages) SELECT id, ?2, ?3 FROM known_text WHERE text = ?1",
            )
            .bind(text)
            .bind(now_text())
            .bind(i64::try_from(said.unseen).unwrap_or(i64::MAX))
            .execute(write.connection())
            .await
            .map_err(failed)?;
        }
        for (incident, messages) in &said.incidents {
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
