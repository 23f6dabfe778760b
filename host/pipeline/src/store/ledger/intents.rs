//! The send ledger: an intent is written before a row is handed to a sink, its receipt after. Every
//! write is on the disk before it returns, so that a crash or a second run never sends twice.

use ducklake::Claim;
use ducklake::sqlite::{Database, now_text};
use serde::{Deserialize, Serialize};
use sqlx::Sqlite;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};

use super::chain::LedgerWrite;
use super::key::LedgerKey;
use super::signer::Signing;
use crate::store::error::WarehouseError;
use crate::store::warehouse::Warehouse;
use tsugi_core::name::{DeliveryName, RunId};

impl Warehouse {
    /// The send ledger.
    ///
    /// # Errors
    /// Those of [`Warehouse::ledger_database`].
    pub async fn ledger(&self) -> Result<Ledger<'_>, WarehouseError> {
        Ok(Ledger {
            database: self.ledger_database().await?,
            signing: self.signing(),
        })
    }
}

/// A row about to be handed to a sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// The key of the row.
    pub key: LedgerKey,
    /// A hash of all that the receiver would see.
    pub content_hash: String,
    /// The delivery run that sends it.
    pub run: RunId,
    /// The batch of that run.
    pub sequence: u32,
}

/// What a sink made of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The sink accepted it.
    Accepted,
    /// It certainly did not leave; it may be tried again.
    Failed,
}

impl Outcome {
    fn text(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Failed => "failed",
        }
    }
}

/// The answer of the ledger to an intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intended {
    /// Recorded now: for the first time, after a failed attempt, or because a record has changed
    /// since it was accepted. Send it.
    New,
    /// The same content was accepted before: do not send.
    Already(RowReceipt),
    /// An earlier intent has no receipt: it may have been sent. Do not send before the sink or a
    /// person has settled it ([`Ledger::receipt`]).
    Open(RecordedIntent),
    /// The key has another content, which was accepted or may have been: do not send.
    ContentDiffers {
        /// The intent in the ledger.
        recorded: RecordedIntent,
    },
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowReceipt {
    /// What became of the row.
    pub outcome: Outcome,
    /// The words of the sink: a message id, a reason.
    pub detail: String,
    /// In UTC.
    pub at: String,
}

/// An intent in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedIntent {
    /// The key of the row.
    pub key: LedgerKey,
    /// The hash of its content.
    pub content_hash: String,
    /// The delivery run that wrote it, as text: it may be of any age.
    pub run: String,
    /// The batch of that run.
    pub sequence: u32,
    /// When it was written, in UTC.
    pub at: String,
    /// Whether its sink contradicted what the host saw of it, so that only a person settles it.
    pub is_disputed: bool,
}

/// The last attempt to send a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastAttempt {
    /// The hash of the content that was sent.
    pub content_hash: String,
    /// How it ended; none without a receipt.
    pub outcome: Option<Outcome>,
}

/// The statements of one table of attempts. Messages and records have a table each, for keys of
/// their own; the order of parameters is that of [`LedgerKey::parts`].
pub(super) struct Statements {
    last: &'static str,
    write: &'static str,
    receipt: &'static str,
    pub(super) dispute: &'static str,
}

const MESSAGES: Statements = Statements {
    last: "SELECT content_hash, run_id, sequence, intended_at, outcome, detail, receipt_at, attempt FROM intent
           WHERE incident = ? AND customer = ? AND template_version = ? ORDER BY attempt DESC LIMIT 1",
    write: "INSERT INTO intent(incident, customer, template_version, attempt, content_hash, run_id, sequence, intended_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    receipt: "UPDATE intent SET outcome = ?, detail = ?, receipt_at = ?
              WHERE incident = ? AND customer = ? AND template_version = ? AND attempt = ?",
    dispute: "UPDATE intent SET detail = ?
              WHERE incident = ? AND customer = ? AND template_version = ? AND attempt = ?",
};

const RECORDS: Statements = Statements {
    last: "SELECT content_hash, run_id, sequence, intended_at, outcome, detail, receipt_at, attempt FROM record_intent
           WHERE delivery = ? AND key = ? ORDER BY attempt DESC LIMIT 1",
    write: "INSERT INTO record_intent(delivery, key, attempt, content_hash, run_id, sequence, intended_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)",
    receipt: "UPDATE record_intent SET outcome = ?, detail = ?, receipt_at = ?
              WHERE delivery = ? AND key = ? AND attempt = ?",
    dispute: "UPDATE record_intent SET detail = ?
              WHERE delivery = ? AND key = ? AND attempt = ?",
};

pub(super) fn statements(key: &LedgerKey) -> &'static Statements {
    match key {
        LedgerKey::Message(_) => &MESSAGES,
        LedgerKey::Record(_) => &RECORDS,
    }
}

pub(super) type Prepared<'q> = Query<'q, Sqlite, SqliteArguments>;

pub(super) fn bind_key<'q>(query: Prepared<'q>, key: &'q LedgerKey) -> Prepared<'q> {
    key.parts().into_iter().fold(query, Query::bind)
}

/// The ledger of a warehouse. Writing takes the claim: two deliveries at once cannot be.
#[derive(Clone, Copy, Debug)]
pub struct Ledger<'a> {
    pub(super) database: &'a Database,
    pub(super) signing: &'a Signing,
}

type Row = (
    String,
    String,
    i64,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    i64,
);

impl Ledger<'_> {
    /// Writes a batch of intents down and says for each whether it may be sent. All are on the
    /// disk before this returns; none is when it fails. One answer an intent, in their order.
    ///
    /// # Errors
    /// Database errors.
    pub async fn intend(
        &self,
        _claim: &Claim,
        intents: &[Intent],
    ) -> Result<Vec<Intended>, WarehouseError> {
        let mut ledger = self.write().await?;
        let mut answers = Vec::with_capacity(intents.len());
        for intent in intents {
            let recorded = self.last(ledger.connection(), &intent.key).await?;
            let (answer, attempt) = match recorded {
                None => (Intended::New, Some(1)),
                Some(recorded) => answer(intent, recorded),
            };
            if let Some(attempt) = attempt {
                self.write_intent(ledger.connection(), intent, attempt)
                    .await?;
            }
            answers.push(answer);
        }
        ledger.commit("intents").await?;
        Ok(answers)
    }

    /// Says which delivery the intents of a run belong to. It is on the disk before this returns.
    ///
    /// # Errors
    /// Database errors.
    pub(crate) async fn begin_delivery(
        &self,
        _claim: &Claim,
        run: RunId,
        delivery: &DeliveryName,
    ) -> Result<(), WarehouseError> {
        let mut ledger = self.write().await?;
        sqlx::query("INSERT OR IGNORE INTO delivery_run(run_id, delivery) VALUES (?, ?)")
            .bind(run.to_string())
            .bind(delivery.as_str())
            .execute(ledger.connection())
            .await
            .map_err(|source| self.database.failed("begin a delivery", source))?;
        ledger.commit("delivery").await
    }

    /// A transaction that ends with a link of the chain.
    pub(super) async fn write(&self) -> Result<LedgerWrite<'_>, WarehouseError> {
        LedgerWrite::begin(self.database, self.signing.signer()?).await
    }

    async fn write_intent(
        &self,
        connection: &mut SqliteConnection,
        intent: &Intent,
        attempt: i64,
    ) -> Result<(), WarehouseError> {
        bind_key(sqlx::query(statements(&intent.key).write), &intent.key)
            .bind(attempt)
            .bind(&intent.content_hash)
            .bind(intent.run.to_string())
            .bind(i64::from(intent.sequence))
            .bind(now_text())
            .execute(connection)
            .await
            .map_err(|source| self.database.failed("write an intent", source))?;
        Ok(())
    }

    /// The last attempt of a row.
    pub(super) async fn last(
        &self,
        connection: &mut SqliteConnection,
        key: &LedgerKey,
    ) -> Result<Option<Recorded>, WarehouseError> {
        let query = sqlx::query_as(statements(key).last);
        let query = key
            .parts()
            .into_iter()
            .fold(query, |query, part| query.bind(part));
        let row: Option<Row> = query
            .fetch_optional(connection)
            .await
            .map_err(|source| self.database.failed("look an intent up", source))?;
        row.map(
            |(content_hash, run, sequence, at, outcome, detail, receipt_at, attempt)| {
                let sequence = u32::try_from(sequence).map_err(|_| {
                    self.database
                        .damaged(format!("an intent has the sequence {sequence}"))
                })?;
                let is_noted = detail.is_some();
                let receipt = outcome
                    .map(|outcome| {
                        Ok::<_, WarehouseError>(RowReceipt {
                            outcome: self.parsed(&outcome)?,
                            detail: detail.unwrap_or_default(),
                            at: receipt_at.unwrap_or_default(),
                        })
                    })
                    .transpose()?;
                let is_disputed = receipt.is_none() && is_noted;
                let intent = RecordedIntent {
                    is_disputed,
                    key: key.clone(),
                    content_hash,
                    run,
                    sequence,
                    at,
                };
                Ok(Recorded {
                    intent,
                    receipt,
                    attempt,
                })
            },
        )
        .transpose()
    }

    fn parsed(&self, text: &str) -> Result<Outcome, WarehouseError> {
        match text {
            "accepted" => Ok(Outcome::Accepted),
            "failed" => Ok(Outcome::Failed),
            other => Err(self
                .database
                .damaged(format!("a receipt has the outcome `{other}`"))
                .into()),
        }
    }

    /// Writes down what became of rows, all or none. The same receipt may come twice.
    ///
    /// # Errors
    /// [`WarehouseError::NoIntent`] for a row without intent,
    /// [`WarehouseError::ReceiptDiffers`] when the attempt already ended in another way.
    pub async fn receipt(
        &self,
        _claim: &Claim,
        receipts: &[(LedgerKey, Outcome, String)],
    ) -> Result<(), WarehouseError> {
        let mut ledger = self.write().await?;
        for (key, outcome, detail) in receipts {
            let recorded = self.last(ledger.connection(), key).await?.ok_or_else(|| {
                WarehouseError::NoIntent {
                    key: key.to_string(),
                }
            })?;
            match recorded.receipt {
                Some(receipt) if receipt.outcome == *outcome => continue,
                Some(receipt) => {
                    return Err(WarehouseError::ReceiptDiffers {
                        key: key.to_string(),
                        recorded: receipt.outcome.text().to_owned(),
                        given: outcome.text().to_owned(),
                    });
                }
                None => {}
            }
            let query = sqlx::query(statements(key).receipt)
                .bind(outcome.text())
                .bind(detail)
                .bind(now_text());
            bind_key(query, key)
                .bind(recorded.attempt)
                .execute(ledger.connection())
                .await
                .map_err(|source| self.database.failed("write a receipt", source))?;
        }
        ledger.commit("receipts").await
    }
}

/// The last attempt of a row.
pub(super) struct Recorded {
    pub(super) intent: RecordedIntent,
    pub(super) receipt: Option<RowReceipt>,
    pub(super) attempt: i64,
}

/// The answer to an intent whose key is known, and the number of the attempt to write.
fn answer(intent: &Intent, recorded: Recorded) -> (Intended, Option<i64>) {
    let Recorded {
        intent: earlier,
        receipt,
        attempt,
    } = recorded;
    match receipt {
        // Nothing was sent, so that a corrected content may be sent as well.
        Some(RowReceipt {
            outcome: Outcome::Failed,
            ..
        }) => (Intended::New, Some(attempt + 1)),
        // A record replaces what the system has under its key.
        Some(_)
            if matches!(intent.key, LedgerKey::Record(_))
                && earlier.content_hash != intent.content_hash =>
        {
            (Intended::New, Some(attempt + 1))
        }
        _ if earlier.content_hash != intent.content_hash => {
            (Intended::ContentDiffers { recorded: earlier }, None)
        }
        Some(receipt) => (Intended::Already(receipt), None),
        None => (Intended::Open(earlier), None),
    }
}
