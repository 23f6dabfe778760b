//! Reviews: one text for one audience, why a person must look at it, and what people decided.
//!
//! What must be looked at is decided here, from the published rows and the ledger. No plugin and
//! no pipeline setting can lower it; both can only ask for more.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;

use super::error::RunError;
use super::messages::{Message, Messages};
use super::open::Open;
use crate::plan::DeliveryStep;
use crate::warehouse::{MessageKey, Verdict, Warehouse, people};

/// Messages of one text to more people than this always wait for a person.
pub const REVIEW_OVER: usize = 200;
/// A send that is so many times the largest that this text has seen is out of the ordinary.
const UNUSUAL_TIMES: u64 = 3;
/// How many letters of an id are shown and must be typed.
const SHOWN: usize = 8;

/// What is shown of an id.
pub fn short(id: &str) -> &str {
    id.get(..SHOWN).unwrap_or(id)
}

/// Where a review stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Nobody needs to look.
    Free,
    /// A person must look first.
    Waiting,
    /// A person said yes.
    Approved,
    /// A person said no.
    Rejected,
}

impl Standing {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

/// What one person confirms at once: one text for one audience.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Review {
    /// The hash of all texts and all recipients: an edit of either makes another review.
    pub id: String,
    /// The delivery.
    pub delivery: String,
    /// The incident.
    pub incident: String,
    /// The template and its version.
    pub template: String,
    /// How many messages.
    pub messages: usize,
    /// How many of them go to important customers.
    pub important: usize,
    /// What the dearest remedy in them is worth.
    pub remedy_most: Option<f64>,
    /// Who wrote the text; none of them may approve it.
    pub written_by: BTreeSet<String>,
    /// Why a person must look; empty when nobody must.
    pub why: Vec<String>,
    /// Where it stands.
    pub standing: Standing,
    /// Who decided last.
    pub decided_by: Option<String>,
    /// Who was asked to look.
    pub assigned_to: Option<String>,
}

impl Review {
    /// Whether a message is one of it.
    pub(super) fn covers(&self, key: &MessageKey) -> bool {
        self.incident == key.incident && self.template == key.template_version
    }
}

/// One message as a reviewer reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// To whom.
    pub customer: String,
    /// Over which channel.
    pub channel: Option<String>,
    /// In which language.
    pub language: Option<String>,
    /// What compose decided.
    pub decision: String,
    /// All its reasons.
    pub reasons: Option<String>,
    /// How much the person has been advertised to of late, and whether they answer.
    pub fatigue: Option<String>,
    /// What it says of the person, with the right to say so.
    pub fields_used: Option<String>,
    /// One line.
    pub subject: Option<String>,
    /// The words.
    pub body: Option<String>,
}

/// Every text and audience of a delivery, with why a person must look at it and who has.
///
/// # Errors
/// When the table cannot be read or delivered.
pub async fn reviews(
    open: &Open,
    delivery: &DeliveryStep,
    warehouse: &Warehouse,
    query: &Handle,
) -> Result<Vec<Review>, RunError> {
    let messages = Messages::read(open, delivery, warehouse, query).await?;
    grouped(&messages.all, delivery.name.as_str(), warehouse).await
}

/// The messages of a review, as they would go out.
///
/// # Errors
/// When the table cannot be read or delivered.
pub async fn letters(
    open: &Open,
    delivery: &DeliveryStep,
    review: &Review,
    warehouse: &Warehouse,
    query: &Handle,
) -> Result<Vec<Letter>, RunError> {
    let messages = Messages::read(open, delivery, warehouse, query).await?;
    let of_it = meant(&messages.all).filter(|message| review.covers(&message.key));
    let letters = of_it.map(|message| {
        let text = |column: &str| messages.text(message, column);
        Letter {
            customer: message.key.customer.clone(),
            channel: text("channel"),
            language: text("language"),
            decision: message.decision.clone(),
            reasons: text("reasons"),
            fatigue: text("fatigue"),
            fields_used: text("fields_used"),
            subject: text("subject"),
            body: text("body"),
        }
    });
    Ok(letters.collect())
}

fn meant(all: &[Message]) -> impl Iterator<Item = &Message> {
    all.iter()
        .filter(|message| matches!(message.decision.as_str(), "send" | "review"))
}

/// Reviews of all messages that are meant to go out.
pub(super) async fn grouped(
    all: &[Message],
    delivery: &str,
    warehouse: &Warehouse,
) -> Result<Vec<Review>, RunError> {
    let mut groups: BTreeMap<(&str, &str), Vec<&Message>> = BTreeMap::new();
    for message in meant(all) {
        groups
            .entry((&message.key.incident, &message.template))
            .or_default()
            .push(message);
    }
    let ledger = warehouse.ledger();
    let largest = ledger.largest_sends().await?;
    let mut reviews = Vec::new();
    for ((incident, template), group) in groups {
        let mut review = described(delivery, incident, template, &group);
        let messages = u64::try_from(group.len()).unwrap_or(u64::MAX);
        match largest.get(template) {
            None => review
                .why
                .push("a template that has never been sent".to_owned()),
            Some(most) if messages > most.saturating_mul(UNUSUAL_TIMES) => {
                let what =
                    format!("unusually many: {messages}, where the largest send so far was {most}");
                review.why.push(what);
            }
            Some(_) => {}
        }
        if !review.why.is_empty() {
            review.standing = Standing::Waiting;
        }
        for decision in people::decisions::decisions(warehouse, Some(&review.id)).await? {
            match decision.verdict {
                Verdict::Approve => review.standing = Standing::Approved,
                Verdict::Reject => review.standing = Standing::Rejected,
                Verdict::Assign => review.assigned_to = decision.to.clone(),
                Verdict::Settle => {}
            }
            if matches!(decision.verdict, Verdict::Approve | Verdict::Reject) {
                review.decided_by = Some(decision.by);
            }
        }
        reviews.push(review);
    }
    Ok(reviews)
}

/// A review as its messages tell it.
fn described(delivery: &str, incident: &str, template: &str, group: &[&Message]) -> Review {
    let count = |of: fn(&Message) -> bool| group.iter().filter(|message| of(message)).count();
    let mut why = Vec::new();
    let asked = count(|message| message.decision == "review");
    if asked > 0 {
        why.push(format!("{asked} messages ask for a person"));
    }
    let important = count(|message| message.important);
    if important > 0 {
        why.push(format!("{important} important customers"));
    }
    if group.len() > REVIEW_OVER {
        why.push(format!("more than {REVIEW_OVER} recipients"));
    }
    // Sorted, so that the order of rows does not matter.
    let texts: BTreeMap<&str, &str> = group
        .iter()
        .map(|message| (message.key.customer.as_str(), message.content_hash.as_str()))
        .collect();
    let all = texts.iter().flat_map(|(customer, text)| [*customer, *text]);
    let worth = group.iter().filter_map(|message| message.remedy_value);
    Review {
        id: hash([incident, template].into_iter().chain(all)),
        delivery: delivery.to_owned(),
        incident: incident.to_owned(),
        template: template.to_owned(),
        messages: group.len(),
        important,
        remedy_most: worth.reduce(f64::max),
        written_by: group
            .iter()
            .filter_map(|message| message.written_by.clone())
            .collect(),
        why,
        standing: Standing::Free,
        decided_by: None,
        assigned_to: None,
    }
}

/// SHA-256 over lines.
pub(super) fn hash<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for line in lines {
        hasher.update((line.len() as u64).to_le_bytes());
        hasher.update(line);
    }
    let digest = hasher.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
