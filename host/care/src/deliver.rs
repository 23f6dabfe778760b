//! Deliveries: no message leaves without its review, complaints stop advertisements, and no record
//! about a forgotten person leaves.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use tokio::runtime::Handle;

use super::complaints::Complaints;
use super::error::CareError;
use super::familiar::remember;
use super::messages::{Message, Messages, Purpose};
use super::review::{Review, ReviewState, grouped};
use super::rows::forgotten_filter;
use tsugi_core::name::TableName;
use tsugi_pipeline::plan::{DeliveryContract, DeliveryStep};
use tsugi_pipeline::run::{
    self, Admitted, DeliveryJob, DeliveryKind, DeliveryPolicy, DeliveryReport, DeliveryRow,
    OpenProject, Released, RowResult, RunError, Watch, Withheld,
};
use tsugi_pipeline::store::Warehouse;
use tsugi_sandbox::COMPLAINED;

pub(super) async fn deliver(
    open: &OpenProject,
    step: &DeliveryStep,
    warehouse: &Warehouse,
    query: &Handle,
    watch: &dyn Watch,
    dry_run: bool,
) -> Result<DeliveryReport, CareError> {
    let claim = warehouse.claim(&format!("deliver {}", step.name)).await?;
    let job = DeliveryJob {
        open,
        step,
        warehouse,
        claim: &claim,
        watch,
        dry_run,
    };
    let published = open.published(warehouse, query);
    let complaints = match &step.contract {
        DeliveryContract::Messages { complaints } => complaints.as_ref(),
        DeliveryContract::Records(_) => {
            let filter = forgotten_filter(open, warehouse).await?;
            return Ok(run::deliver_records(&job, &published, filter).await?);
        }
    };
    let messages = Messages::read(&published, &step.from, &open.shown_folder()).await?;
    let reviews = grouped(&messages, step.name.as_str(), warehouse).await?;
    let mut policy = MessagePolicy {
        table: &step.from,
        changed: open.changed_since(warehouse, &step.from).await?,
        voided: voided(&reviews),
        states: states(reviews),
        complaints: Complaints::read(&published, complaints).await?,
        messages: &messages,
        accepted: Vec::new(),
    };
    let delivered = run::deliver(&job, &messages.table, &mut policy).await;
    // Also of a delivery that failed: what has left is known.
    remember(warehouse, &claim, &policy.accepted).await?;
    let mut report = delivered?;
    report.changed = policy.changed;
    Ok(report)
}

/// The state of the review of each text, by incident and template.
fn states(reviews: Vec<Review>) -> BTreeMap<(String, String), ReviewState> {
    let states = reviews
        .into_iter()
        .map(|review| ((review.incident, review.template), review.state));
    states.collect()
}

/// Approvals that hold no more, in words.
fn voided(reviews: &[Review]) -> BTreeSet<String> {
    let voided = reviews.iter().filter_map(|review| {
        let (incident, template) = (&review.incident, &review.template);
        let why = review.voided.as_ref()?;
        Some(format!("{incident} by {template} waits again: {why}"))
    });
    voided.collect()
}

/// Admits messages that are approved, and holds advertisements back where people complain.
struct MessagePolicy<'m> {
    table: &'m TableName,
    messages: &'m Messages,
    /// What has changed since the messages were made.
    changed: BTreeSet<TableName>,
    /// Approvals that hold no more.
    voided: BTreeSet<String>,
    states: BTreeMap<(String, String), ReviewState>,
    complaints: Complaints,
    /// What a sink has accepted, and whether a person approved it.
    accepted: Vec<(&'m Message, bool)>,
}

impl<'m> MessagePolicy<'m> {
    fn message(&self, row: &DeliveryRow) -> Option<&'m Message> {
        self.messages.by_row.get(&row.row)
    }

    /// The state of the review of a message; one without a review waits.
    fn state(&self, message: &Message) -> ReviewState {
        let review = (
            message.key.incident.clone(),
            message.key.template_version.clone(),
        );
        let state = self.states.get(&review);
        state.copied().unwrap_or(ReviewState::Waiting)
    }

    /// Rows without a message count as advertisements, which leave last and are stopped first.
    fn purpose(&self, row: &DeliveryRow) -> Purpose {
        let message = self.message(row);
        message.map_or(Purpose::Advertisement, |message| message.purpose)
    }
}

impl DeliveryPolicy for MessagePolicy<'_> {
    fn kind(&self) -> DeliveryKind {
        DeliveryKind::Messages
    }

    fn admit<'t>(
        &self,
        rows: &'t [DeliveryRow],
        now: DateTime<Utc>,
    ) -> Result<Admitted<'t>, RunError> {
        let now_ms = now.timestamp_millis();
        let mut admitted = Admitted {
            rows: Vec::new(),
            withheld: Withheld {
                suppressed: self.messages.without_recipient,
                forgotten: self.messages.forgotten,
                ..Withheld::default()
            },
        };
        let withheld = &mut admitted.withheld;
        for row in rows {
            let Some(message) = self.message(row) else {
                withheld.suppressed += 1;
                continue;
            };
            match (message.decision.as_str(), self.state(message)) {
                ("send" | "review", ReviewState::Waiting) => withheld.waiting += 1,
                ("send" | "review", ReviewState::Rejected) => withheld.rejected += 1,
                // A person may have refused meanwhile; who may get hurt is warned all the same.
                ("send" | "review", ReviewState::Free | ReviewState::Approved)
                    if !self.changed.is_empty() && message.purpose != Purpose::Recall =>
                {
                    withheld.outdated += 1;
                }
                ("send" | "review", ReviewState::Free | ReviewState::Approved) => {
                    match message.earliest_ms.is_some_and(|at| at <= now_ms) {
                        true => admitted.rows.push(row),
                        false => withheld.held += 1,
                    }
                }
                ("hold", _) => withheld.held += 1,
                ("suppress", _) => withheld.suppressed += 1,
                (other, _) => {
                    let key = &message.key;
                    return Err(RunError::WrongRow {
                        table: self.table.clone(),
                        what: format!(
                            "`{other}` is not a decision, in the message to {} about {}",
                            key.customer, key.incident
                        ),
                        fix: format!(
                            "let `decision` of `{}` be `send`, `hold`, `review` or `suppress`",
                            self.table
                        ),
                    });
                }
            }
        }
        Ok(admitted)
    }

    /// Recalls first; advertisements that complaints stop are owed.
    fn release<'t>(&self, mut waiting: Vec<&'t DeliveryRow>) -> Released<'t> {
        waiting.sort_by_key(|row| self.purpose(row) != Purpose::Recall);
        let mut released = Released {
            alerts: self.voided.clone(),
            ..Released::default()
        };
        let is_recall = |row: &&DeliveryRow| self.purpose(row) == Purpose::Recall;
        if !self.changed.is_empty() && waiting.iter().any(is_recall) {
            let changed: Vec<String> = self.changed.iter().map(ToString::to_string).collect();
            let changed = changed.join(", ");
            let alert = format!("recalls leave although {changed} changed since the last run");
            released.alerts.insert(alert);
        }
        for row in waiting {
            let message = self.message(row);
            let reason = message.and_then(|message| self.complaints.reason_to_stop(message));
            match (reason, self.purpose(row)) {
                (Some(reason), Purpose::Advertisement) => {
                    released.owed += 1;
                    released.reasons.insert(reason);
                }
                (Some(reason), Purpose::Recall) => {
                    let alert = format!("recalls leave in spite of {reason}");
                    released.alerts.insert(alert);
                    released.rows.push(row);
                }
                _ => released.rows.push(row),
            }
        }
        released
    }

    /// Counts complaints; a new one may stop advertisements that wait.
    fn learn(&mut self, results: &[RowResult<'_>]) -> bool {
        let mut complained = false;
        for result in results {
            let Some(message) = self.message(result.row) else {
                continue;
            };
            match result.refused {
                None => {
                    let is_approved = self.state(message) == ReviewState::Approved;
                    self.accepted.push((message, is_approved));
                    self.complaints.note(message, false);
                }
                Some(COMPLAINED) => {
                    self.complaints.note(message, true);
                    complained |= message.purpose == Purpose::Advertisement;
                }
                Some(_) => {}
            }
        }
        complained
    }

    /// Recalls, which come first: the alert calls a person who knows what the channel bears.
    fn exempt_from_rates(&self, waiting: &[&DeliveryRow]) -> usize {
        let recalls = waiting
            .iter()
            .take_while(|row| self.purpose(row) == Purpose::Recall);
        recalls.count()
    }

    fn exempted(&self) -> &'static str {
        "recalls"
    }
}
