//! What the send ledger knows of the messages that were handed over: how each ended, how fast they went.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use ducklake::sqlite::{moment, moment_text};

use super::intents::{Ledger, MessageKey, OpenIntent, Outcome};
use crate::name::DeliveryName;
use crate::store::error::WarehouseError;

impl Ledger<'_> {
    /// How the last attempt of each message ended, in their order: none when there was no attempt,
    /// none inside when it has no receipt.
    ///
    /// # Errors
    /// Database errors.
    pub async fn outcomes<'k>(
        &self,
        keys: impl Iterator<Item = &'k MessageKey>,
    ) -> Result<Vec<Option<Option<Outcome>>>, WarehouseError> {
        let mut connection = self.state.read().await?;
        let mut outcomes = Vec::new();
        for key in keys {
            let recorded = self.last(&mut connection, key).await?;
            outcomes.push(recorded.map(|recorded| recorded.receipt.map(|receipt| receipt.outcome)));
        }
        Ok(outcomes)
    }

    /// Every template, with its version, of which some message was accepted, and how many were
    /// in the largest send of it: those about one incident.
    ///
    /// # Errors
    /// Database errors.
    pub async fn largest_sends(&self) -> Result<BTreeMap<String, u64>, WarehouseError> {
        let sends: Vec<(String, i64)> = sqlx::query_as(
            "SELECT template_version, max(messages) FROM (
                SELECT template_version, count(*) AS messages FROM intent
                WHERE outcome = 'accepted' GROUP BY template_version, incident)
             GROUP BY template_version",
        )
        .fetch_all(self.state.pool())
        .await
        .map_err(|source| self.state.failed("list what was sent", source))?;
        let sends = sends.into_iter();
        Ok(sends
            .map(|(template, most)| (template, u64::try_from(most).unwrap_or(0)))
            .collect())
    }

    /// When the messages of a delivery were written down, from a moment on, in UTC, oldest first.
    ///
    /// # Errors
    /// Database errors.
    pub async fn pace_since(
        &self,
        delivery: &DeliveryName,
        since: DateTime<Utc>,
    ) -> Result<Vec<DateTime<Utc>>, WarehouseError> {
        let rows: Vec<String> = sqlx::query_scalar(
            "SELECT intended_at FROM intent JOIN delivery_run USING (run_id)
             WHERE delivery = ? AND intended_at >= ? ORDER BY intended_at",
        )
        .bind(delivery.as_str())
        .bind(moment_text(since))
        .fetch_all(self.state.pool())
        .await
        .map_err(|source| self.state.failed("count what was sent lately", source))?;
        rows.iter()
            .map(|at| {
                let damaged = || self.state.damaged(format!("an intent is of `{at}`"));
                Ok(moment(at).ok_or_else(damaged)?)
            })
            .collect()
    }

    /// The intents without a receipt, of one delivery or of all, oldest first: after a crash nobody
    /// knows of them whether they were sent.
    ///
    /// # Errors
    /// Database errors.
    pub async fn open_intents(
        &self,
        delivery: Option<&DeliveryName>,
    ) -> Result<Vec<OpenIntent>, WarehouseError> {
        let rows: Vec<(String, String, String, String, String, i64, String)> = sqlx::query_as(
            "SELECT incident, customer, template_version, content_hash, run_id, sequence, intended_at
             FROM intent LEFT JOIN delivery_run USING (run_id)
             WHERE outcome IS NULL AND (?1 IS NULL OR delivery IS NULL OR delivery = ?1)
             ORDER BY intended_at, incident, customer, template_version",
        )
        .bind(delivery.map(DeliveryName::as_str))
        .fetch_all(self.state.pool())
        .await
        .map_err(|source| self.state.failed("list the open intents", source))?;
        rows.into_iter()
            .map(
                |(incident, customer, template_version, content_hash, run, sequence, at)| {
                    let sequence = u32::try_from(sequence).map_err(|_| {
                        self.state
                            .damaged(format!("an intent has the sequence {sequence}"))
                    })?;
                    let key = MessageKey {
                        incident,
                        customer,
                        template_version,
                    };
                    Ok(OpenIntent {
                        key,
                        content_hash,
                        run,
                        sequence,
                        at,
                    })
                },
            )
            .collect()
    }
}
