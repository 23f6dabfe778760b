//! Decisions of people about messages: each is recorded, the last one holds.

use std::fmt;

use ducklake::sqlite::now_text;
use futures::future::BoxFuture;
use serde::Serialize;

use super::tables::ledger;
use tsugi_pipeline::store::Warehouse;
use tsugi_pipeline::store::WarehouseError;

/// What a person can decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// This text may go to this audience.
    Approve,
    /// It may not.
    Reject,
    /// Another person shall decide.
    Assign,
    /// The outcome of one message whose receipt never came.
    Settle,
}

impl Verdict {
    fn text(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Assign => "assign",
            Self::Settle => "settle",
        }
    }

    fn of(text: &str) -> Option<Self> {
        [Self::Approve, Self::Reject, Self::Assign, Self::Settle]
            .into_iter()
            .find(|verdict| verdict.text() == text)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// When, in UTC; [`decide`] sets it to the present moment.
    pub at: String,
    pub verdict: Verdict,
    /// Id of the review: a text for an audience, or one message.
    pub review: String,
    /// What was decided on, in words: incident and template, or the message.
    pub about: String,
    /// Who decided, by name.
    pub by: String,
    /// The account of the machine.
    pub login: String,
    /// To whom it was assigned, or the outcome of the message.
    pub to: Option<String>,
    pub note: String,
}

/// Records a decision. It is on the disk before this returns.
///
/// # Errors
/// Database errors.
pub async fn record_decision(
    warehouse: &Warehouse,
    decision: &Decision,
) -> Result<(), WarehouseError> {
    let ledger = ledger(warehouse).await?;
    let mut write = warehouse.write_ledger().await?;
    sqlx::query(
        "INSERT INTO decision(at, verdict, review, about, decided_by, login, given_to, note)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(now_text())
    .bind(decision.verdict.text())
    .bind(&decision.review)
    .bind(&decision.about)
    .bind(&decision.by)
    .bind(&decision.login)
    .bind(&decision.to)
    .bind(&decision.note)
    .execute(write.connection())
    .await
    .map_err(|source| ledger.failed("write a decision", source))?;
    write.commit("decision").await
}

/// Every decision, on one review or on all, oldest first.
///
/// # Errors
/// Database errors.
pub fn load_decisions<'a>(
    warehouse: &'a Warehouse,
    review: Option<&'a str>,
) -> BoxFuture<'a, Result<Vec<Decision>, WarehouseError>> {
    Box::pin(async move {
        type Row = (
            String,
            String,
            String,
            String,
            String,
            String,
            Option<String>,
            String,
        );
        let ledger = ledger(warehouse).await?;
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT at, verdict, review, about, decided_by, login, given_to, note FROM decision
         WHERE ?1 IS NULL OR review = ?1 ORDER BY sequence",
        )
        .bind(review)
        .fetch_all(ledger.pool())
        .await
        .map_err(|source| ledger.failed("read the decisions", source))?;
        let decisions =
            rows.into_iter()
                .map(|(at, verdict, review, about, by, login, to, note)| {
                    let known = Verdict::of(&verdict).ok_or_else(|| {
                        let what = format!("a decision has the verdict `{verdict}`");
                        ledger.damaged(what)
                    })?;
                    Ok(Decision {
                        at,
                        verdict: known,
                        review,
                        about,
                        by,
                        login,
                        to,
                        note,
                    })
                });
        decisions.collect()
    })
}
