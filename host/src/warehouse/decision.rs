//! Decisions of people about messages: every word of theirs stays, the last one holds.

use std::fmt;

use serde::Serialize;

use super::database::now_text;
use super::error::WarehouseError;
use super::ledger::Ledger;

/// What a person can decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// This text may go to this audience.
    Approve,
    /// It may not.
    Reject,
    /// Somebody else shall look.
    Assign,
    /// What became of one message whose receipt never came.
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

/// One decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// When, in UTC; what is given to [`Ledger::decide`] is replaced by the present moment.
    pub at: String,
    /// What.
    pub verdict: Verdict,
    /// On what: a text for an audience, or one message.
    pub review: String,
    /// In words: incident and template, or the message.
    pub about: String,
    /// Who decided, by name.
    pub by: String,
    /// From which account of the machine.
    pub login: String,
    /// To whom it was given, or what became of the message.
    pub to: Option<String>,
    /// Why.
    pub note: String,
}

impl Ledger<'_> {
    /// Writes a decision down. It is on the disk before this returns.
    ///
    /// # Errors
    /// What the database says.
    pub async fn decide(&self, decision: &Decision) -> Result<(), WarehouseError> {
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
        .execute(self.state.pool())
        .await
        .map_err(|source| self.state.failed("write a decision", source))?;
        Ok(())
    }

    /// Every decision, on one review or on all, oldest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn decisions(&self, review: Option<&str>) -> Result<Vec<Decision>, WarehouseError> {
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
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT at, verdict, review, about, decided_by, login, given_to, note FROM decision
             WHERE ?1 IS NULL OR review = ?1 ORDER BY sequence",
        )
        .bind(review)
        .fetch_all(self.state.pool())
        .await
        .map_err(|source| self.state.failed("read the decisions", source))?;
        let decisions =
            rows.into_iter()
                .map(|(at, verdict, review, about, by, login, to, note)| {
                    let known = Verdict::of(&verdict).ok_or_else(|| {
                        let what = format!("a decision says `{verdict}`");
                        self.state.damaged(what)
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
    }
}
