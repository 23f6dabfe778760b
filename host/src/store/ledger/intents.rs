//! The send ledger: what was meant to be sent is written down before, what became of it after.
//! Every write is on the disk before it returns, so that a crash or a second run never sends twice.

use ducklake::Claim;
use ducklake::sqlite::{Database, now_text};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteConnection;

use crate::name::{DeliveryName, RunId};
use crate::store::error::WarehouseError;
use crate::store::warehouse::Warehouse;

impl Warehouse {
    /// The send ledger.
    pub fn ledger(&self) -> Ledger<'_> {
        Ledger {
            state: self.state(),
        }
    }
}

/// What makes two messages the same message: one person hears of one incident by one version of
/// one template once.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MessageKey {
    /// The incident.
    pub incident: String,
    /// The customer.
    pub customer: String,
    /// The template and its version.
    pub template_version: String,
}

/// A message about to be handed to a sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// Which message.
    pub key: MessageKey,
    /// A hash of all that the customer would read.
    pub content_hash: String,
    /// The run or delivery that sends it.
    pub run: RunId,
    /// The batch of that run it goes in.
    pub sequence: u32,
}

/// What a sink made of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The channel took it.
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

/// What the ledger says to an intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intended {
    /// Written down now, for the first time or after a failed attempt: send it.
    New,
    /// The same message was accepted before: do not send.
    Already(Receipt),
    /// An earlier intent has no receipt: nobody knows whether it was sent. Do not send before
    /// the sink or a person has told ([`Ledger::receipt`]).
    Open(OpenIntent),
    /// The key stands for another text, which was accepted or may have been: do not send.
    ContentDiffers {
        /// What stands in the ledger.
        recorded: OpenIntent,
    },
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// What the sink said.
    pub outcome: Outcome,
    /// Its own words: a message id, a reason.
    pub detail: String,
    /// When, in UTC.
    pub at: String,
}

/// An intent as it stands in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenIntent {
    /// Which message.
    pub key: MessageKey,
    /// The hash of its content.
    pub content_hash: String,
    /// The run or delivery that wrote it, as text: it may be of any age.
    pub run: String,
    /// The batch of that run.
    pub sequence: u32,
    /// When, in UTC.
    pub at: String,
}

/// The ledger of a warehouse. Writing takes the claim: two deliveries at once cannot be.
#[derive(Clone, Copy, Debug)]
pub struct Ledger<'a> {
    pub(super) state: &'a Database,
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
        let mut transaction = self.state.write().await?;
        let mut answers = Vec::with_capacity(intents.len());
        for intent in intents {
            let recorded = self.last(&mut transaction, &intent.key).await?;
            let (answer, attempt) = match recorded {
                None => (Intended::New, Some(1)),
                Some(recorded) => answer(intent, recorded),
            };
            if let Some(attempt) = attempt {
                self.write(&mut transaction, intent, attempt).await?;
            }
            answers.push(answer);
        }
        self.state.commit(transaction).await?;
        Ok(answers)
    }

    /// Says which delivery the intents of a run belong to. It is on the disk before this returns.
    ///
    /// # Errors
    /// Database errors.
    pub async fn begin_delivery(
        &self,
        _claim: &Claim,
        run: RunId,
        delivery: &DeliveryName,
    ) -> Result<(), WarehouseError> {
        sqlx::query("INSERT OR IGNORE INTO delivery_run(run_id, delivery) VALUES (?, ?)")
            .bind(run.to_string())
            .bind(delivery.as_str())
            .execute(self.state.pool())
            .await
            .map_err(|source| self.state.failed("begin a delivery", source))?;
        Ok(())
    }

    async fn write(
        &self,
        connection: &mut SqliteConnection,
        intent: &Intent,
        attempt: i64,
    ) -> Result<(), WarehouseError> {
        sqlx::query(
            "INSERT INTO intent(incident, customer, template_version, attempt, content_hash, run_id, sequence, intended_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&intent.key.incident)
        .bind(&intent.key.customer)
        .bind(&intent.key.template_version)
        .bind(attempt)
        .bind(&intent.content_hash)
        .bind(intent.run.to_string())
        .bind(i64::from(intent.sequence))
        .bind(now_text())
        .execute(connection)
        .await
        .map_err(|source| self.state.failed("write an intent", source))?;
        Ok(())
    }

    /// The last attempt of a message.
    pub(super) async fn last(
        &self,
        connection: &mut SqliteConnection,
        key: &MessageKey,
    ) -> Result<Option<Recorded>, WarehouseError> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT content_hash, run_id, sequence, intended_at, outcome, detail, receipt_at, attempt FROM intent
             WHERE incident = ? AND customer = ? AND template_version = ? ORDER BY attempt DESC LIMIT 1",
        )
        .bind(&key.incident)
        .bind(&key.customer)
        .bind(&key.template_version)
        .fetch_optional(connection)
        .await
        .map_err(|source| self.state.failed("look an intent up", source))?;
        row.map(
            |(content_hash, run, sequence, at, outcome, detail, receipt_at, attempt)| {
                let sequence = u32::try_from(sequence).map_err(|_| {
                    self.state
                        .damaged(format!("an intent has the sequence {sequence}"))
                })?;
                let receipt = outcome
                    .map(|outcome| {
                        Ok::<_, WarehouseError>(Receipt {
                            outcome: self.parsed(&outcome)?,
                            detail: detail.unwrap_or_default(),
                            at: receipt_at.unwrap_or_default(),
                        })
                    })
                    .transpose()?;
                let intent = OpenIntent {
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
                .state
                .damaged(format!("a receipt has the outcome `{other}`"))
                .into()),
        }
    }

    /// Writes down what became of messages, all or none. The same receipt may come twice.
    ///
    /// # Errors
    /// [`WarehouseError::NoIntent`] for a message without intent,
    /// [`WarehouseError::ReceiptDiffers`] when the attempt already ended in another way.
    pub async fn receipt(
        &self,
        _claim: &Claim,
        receipts: &[(MessageKey, Outcome, String)],
    ) -> Result<(), WarehouseError> {
        let mut transaction = self.state.write().await?;
        for (key, outcome, detail) in receipts {
            let recorded = self.last(&mut transaction, key).await?.ok_or_else(|| {
                WarehouseError::NoIntent {
                    incident: key.incident.clone(),
                    customer: key.customer.clone(),
                    template_version: key.template_version.clone(),
                }
            })?;
            match recorded.receipt {
                Some(receipt) if receipt.outcome == *outcome => continue,
                Some(receipt) => {
                    return Err(WarehouseError::ReceiptDiffers {
                        incident: key.incident.clone(),
                        customer: key.customer.clone(),
                        template_version: key.template_version.clone(),
                        recorded: receipt.outcome.text().to_owned(),
                        given: outcome.text().to_owned(),
                    });
                }
                None => {}
            }
            sqlx::query(
                "UPDATE intent SET outcome = ?, detail = ?, receipt_at = ?
                 WHERE incident = ? AND customer = ? AND template_version = ? AND attempt = ?",
            )
            .bind(outcome.text())
            .bind(detail)
            .bind(now_text())
            .bind(&key.incident)
            .bind(&key.customer)
            .bind(&key.template_version)
            .bind(recorded.attempt)
            .execute(&mut *transaction)
            .await
            .map_err(|source| self.state.failed("write a receipt", source))?;
        }
        Ok(self.state.commit(transaction).await?)
    }
}

/// The last attempt of a message, as it stands.
pub(super) struct Recorded {
    intent: OpenIntent,
    pub(super) receipt: Option<Receipt>,
    attempt: i64,
}

/// What to say to an intent whose key is known, and the number of the attempt to write.
fn answer(intent: &Intent, recorded: Recorded) -> (Intended, Option<i64>) {
    let Recorded {
        intent: earlier,
        receipt,
        attempt,
    } = recorded;
    match receipt {
        // Nothing left, so a corrected text may go out as well.
        Some(Receipt {
            outcome: Outcome::Failed,
            ..
        }) => (Intended::New, Some(attempt + 1)),
        _ if earlier.content_hash != intent.content_hash => {
            (Intended::ContentDiffers { recorded: earlier }, None)
        }
        Some(receipt) => (Intended::Already(receipt), None),
        None => (Intended::Open(earlier), None),
    }
}
