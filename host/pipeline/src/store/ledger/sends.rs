//! What the send ledger knows of the rows that were handed over: how each ended, how fast they went.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{DateTime, Utc};
use ducklake::Claim;
use ducklake::sqlite::{moment, moment_text};

use super::intents::{LastAttempt, Ledger, RecordedIntent, bind_key, statements};
use super::key::{LedgerKey, MessageKey, RecordKey};
use crate::store::error::WarehouseError;
use tsugi_core::name::DeliveryName;

impl Ledger<'_> {
    pub fn file(&self) -> &Path {
        self.database.path()
    }

    /// How many rows were ever handed over: a number that only grows.
    ///
    /// # Errors
    /// Database errors.
    pub async fn entries(&self) -> Result<u64, WarehouseError> {
        let entries: i64 = sqlx::query_scalar(
            "SELECT (SELECT count(*) FROM intent) + (SELECT count(*) FROM record_intent)",
        )
        .fetch_one(self.database.pool())
        .await
        .map_err(|source| self.database.failed("count what was sent", source))?;
        Ok(u64::try_from(entries).unwrap_or(0))
    }

    /// The runs that handed rows over.
    ///
    /// # Errors
    /// Database errors.
    pub async fn runs(&self) -> Result<BTreeSet<String>, WarehouseError> {
        let runs: Vec<String> = sqlx::query_scalar(
            "SELECT run_id FROM delivery_run UNION SELECT run_id FROM intent UNION SELECT run_id FROM record_intent",
        )
        .fetch_all(self.database.pool())
        .await
        .map_err(|source| self.database.failed("list the runs", source))?;
        Ok(runs.into_iter().collect())
    }

    /// The last attempt of each row, in their order; none where there was none.
    ///
    /// # Errors
    /// Database errors.
    pub async fn attempts<'k>(
        &self,
        keys: impl Iterator<Item = &'k LedgerKey>,
    ) -> Result<Vec<Option<LastAttempt>>, WarehouseError> {
        let mut connection = self.database.read().await?;
        let mut attempts = Vec::new();
        for key in keys {
            let recorded = self.last(&mut connection, key).await?;
            attempts.push(recorded.map(|recorded| LastAttempt {
                content_hash: recorded.intent.content_hash,
                outcome: recorded.receipt.map(|receipt| receipt.outcome),
            }));
        }
        Ok(attempts)
    }

    /// Notes for rows without a receipt why they have none: what their sink says contradicts what the
    /// host saw. Such a row is never sent again before a person has settled it.
    ///
    /// # Errors
    /// [`WarehouseError::NoIntent`] for a row without intent.
    pub(crate) async fn dispute(
        &self,
        _claim: &Claim,
        rows: &[(LedgerKey, String)],
    ) -> Result<(), WarehouseError> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut ledger = self.write().await?;
        for (key, why) in rows {
            let recorded = self.last(ledger.connection(), key).await?.ok_or_else(|| {
                WarehouseError::NoIntent {
                    key: key.to_string(),
                }
            })?;
            if recorded.receipt.is_some() {
                continue;
            }
            bind_key(sqlx::query(statements(key).dispute).bind(why), key)
                .bind(recorded.attempt)
                .execute(ledger.connection())
                .await
                .map_err(|source| self.database.failed("note a contradiction", source))?;
        }
        ledger.commit("contradictions").await
    }

    /// When the intents of a delivery were written, from a moment on, in UTC, oldest first.
    ///
    /// # Errors
    /// Database errors.
    pub(crate) async fn pace_since(
        &self,
        delivery: &DeliveryName,
        since: DateTime<Utc>,
    ) -> Result<Vec<DateTime<Utc>>, WarehouseError> {
        let rows: Vec<String> = sqlx::query_scalar(
            "SELECT intended_at FROM (
                SELECT run_id, intended_at FROM intent
                UNION ALL SELECT run_id, intended_at FROM record_intent)
             JOIN delivery_run USING (run_id)
             WHERE delivery_run.delivery = ? AND intended_at >= ? ORDER BY intended_at",
        )
        .bind(delivery.as_str())
        .bind(moment_text(since))
        .fetch_all(self.database.pool())
        .await
        .map_err(|source| self.database.failed("count what was sent lately", source))?;
        rows.iter()
            .map(|at| {
                let damaged = || self.database.damaged(format!("an intent is of `{at}`"));
                Ok(moment(at).ok_or_else(damaged)?)
            })
            .collect()
    }

    /// The intents without a receipt, of one delivery or of all, oldest first: after a crash it is
    /// not known whether they were sent.
    ///
    /// # Errors
    /// Database errors.
    pub async fn open_intents(
        &self,
        delivery: Option<&DeliveryName>,
    ) -> Result<Vec<RecordedIntent>, WarehouseError> {
        type Row = (
            String,
            String,
            Option<String>,
            String,
            String,
            i64,
            String,
            bool,
        );
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT a, b, c, content_hash, run_id, sequence, intended_at, disputed FROM (
                SELECT incident AS a, customer AS b, template_version AS c,
                       content_hash, run_id, sequence, intended_at, detail IS NOT NULL AS disputed
                FROM intent WHERE outcome IS NULL
                UNION ALL SELECT delivery, key, NULL, content_hash, run_id, sequence, intended_at,
                       detail IS NOT NULL
                FROM record_intent WHERE outcome IS NULL)
             LEFT JOIN delivery_run USING (run_id)
             WHERE ?1 IS NULL OR delivery IS NULL OR delivery = ?1
             ORDER BY intended_at, a, b, c",
        )
        .bind(delivery.map(DeliveryName::as_str))
        .fetch_all(self.database.pool())
        .await
        .map_err(|source| self.database.failed("list the open intents", source))?;
        rows.into_iter()
            .map(
                |(first, second, third, content_hash, run, sequence, at, is_disputed)| {
                    let sequence = u32::try_from(sequence).map_err(|_| {
                        self.database
                            .damaged(format!("an intent has the sequence {sequence}"))
                    })?;
                    let key = match third {
                        Some(template_version) => LedgerKey::Message(MessageKey {
                            incident: first,
                            customer: second,
                            template_version,
                        }),
                        None => RecordKey::from_canonical(first, second).into(),
                    };
                    Ok(RecordedIntent {
                        key,
                        content_hash,
                        run,
                        sequence,
                        at,
                        is_disputed,
                    })
                },
            )
            .collect()
    }
}
