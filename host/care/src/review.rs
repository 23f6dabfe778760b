//! Reviews: one text for one audience, why a person must look at it, and what people decided.
//!
//! Which messages need a review is decided here, from the published rows and the ledger. No plugin
//! and no pipeline setting can lower it; both can only require more.

use std::collections::{BTreeMap, BTreeSet};
use tsugi_core::count::count;
use tsugi_core::digest::hex;

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;

use super::error::CareError;
use super::familiar::Familiar;
use super::known_text::{known_texts, words};
use super::messages::{Message, Messages};
use crate::store;
use crate::store::decisions::{Decision, Verdict};
use crate::store::texts::SentText;
use tsugi_pipeline::plan::DeliveryStep;
use tsugi_pipeline::run::OpenProject;
use tsugi_pipeline::store::{MessageKey, Warehouse};

/// How many characters of an id are shown.
const SHOWN: usize = 8;

/// The part of an id that is shown and can be typed.
pub fn short(id: &str) -> &str {
    id.get(..SHOWN).unwrap_or(id)
}

/// Whether a review lets its messages leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ReviewState {
    /// No person needs to look.
    Free,
    /// A person must look first.
    Waiting,
    /// A person approved it.
    Approved,
    /// A person rejected it.
    Rejected,
}

impl ReviewState {
    /// As it is printed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

/// What one person approves at once: one text for one audience.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Review {
    /// The hash of all texts and all recipients: an edit of either makes another review.
    pub id: String,
    /// The name of the delivery.
    pub delivery: String,
    /// What the text is about.
    pub incident: String,
    /// The template and its version: `sole-notice@1`.
    pub template: String,
    /// The number of messages.
    pub messages: usize,
    /// How many of them go to important customers.
    pub important: usize,
    /// The worth of the most valuable remedy in them.
    pub remedy_most: Option<f64>,
    /// The authors of the text; none of them may approve it.
    pub written_by: BTreeSet<String>,
    /// Why a person must look; empty when no person must.
    pub why: Vec<String>,
    /// Whether its messages may leave.
    pub state: ReviewState,
    /// The person who decided last.
    pub decided_by: Option<String>,
    /// The person to whom it was assigned last.
    pub assigned_to: Option<String>,
    /// Who approved what was of this incident and template before, and when, if it waits again.
    pub voided: Option<String>,
}

impl Review {
    /// What it is about, as decisions on it say.
    pub(super) fn about(&self) -> String {
        format!("{} by {}", self.incident, self.template)
    }

    /// Whether it covers a message.
    fn covers(&self, key: &MessageKey) -> bool {
        self.incident == key.incident && self.template == key.template_version
    }
}

/// One message as a reviewer reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MessageText {
    /// The id of the recipient.
    pub customer: String,
    /// Such as `email`.
    pub channel: Option<String>,
    /// Such as `en`.
    pub language: Option<String>,
    /// What `compose` decided: `send` or `review`.
    pub decision: String,
    /// The reasons of the decision.
    pub reasons: Option<String>,
    /// How many advertisements the customer got lately, and whether they respond.
    pub fatigue: Option<String>,
    /// The personal fields that the text uses, each with its legal basis.
    pub fields_used: Option<String>,
    /// The subject line.
    pub subject: Option<String>,
    /// The text without the subject line.
    pub body: Option<String>,
    /// Messages with one number say the same, but for the words that differ between people.
    pub variant: usize,
    /// The words that differ, in the order of the text.
    pub slots: Vec<String>,
    /// What else a sink gets of it, by column.
    pub beside: BTreeMap<String, String>,
    /// Whether this was sent before, to anybody.
    pub was_sent: bool,
    /// In a text that was never sent: passages of the nearest one that was, and what stands in their place.
    pub instead: Vec<(String, String)>,
    /// Whether another text of the review has the same `content_hash` in the table.
    pub shares_hash: bool,
}

pub(super) async fn reviews(
    open: &OpenProject,
    delivery: &DeliveryStep,
    warehouse: &Warehouse,
    query: &Handle,
) -> Result<Vec<Review>, CareError> {
    let published = open.published(warehouse, query);
    let messages = Messages::read(&published, &delivery.from, &open.shown_folder()).await?;
    grouped(&messages, delivery.name.as_str(), warehouse).await
}

pub(super) async fn message_texts(
    open: &OpenProject,
    delivery: &DeliveryStep,
    review: &Review,
    warehouse: &Warehouse,
    query: &Handle,
) -> Result<Vec<MessageText>, CareError> {
    let published = open.published(warehouse, query);
    let messages = Messages::read(&published, &delivery.from, &open.shown_folder()).await?;
    let covered = outgoing(&messages).filter(|(_, message)| review.covers(&message.key));
    let covered: Vec<(u32, &Message)> = covered.collect();
    let said: Vec<Vec<String>> = covered.iter().map(|(_, one)| words(&one.text)).collect();
    let variants = known_texts(said.iter().map(Vec::as_slice));
    let sent = store::texts::load_texts(warehouse).await?;
    let mut texts_by_hash: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (row, message) in &covered {
        if let Some(hash) = messages.text(*row, "content_hash") {
            texts_by_hash.entry(hash).or_default().insert(&message.text);
        }
    }
    let texts = covered
        .into_iter()
        .zip(&said)
        .map(|((row, message), said)| {
            let variant = variants.iter().position(|text| text.is(said));
            let text = |column: &str| messages.text(row, column);
            MessageText {
                customer: message.key.customer.clone(),
                channel: text("channel"),
                language: text("language"),
                decision: message.decision.clone(),
                reasons: text("reasons"),
                fatigue: text("fatigue"),
                fields_used: text("fields_used"),
                subject: text("subject"),
                body: text("body"),
                slots: variant
                    .and_then(|variant| variants.get(variant))
                    .map_or_else(Vec::new, |text| text.slots(said)),
                variant: variant.unwrap_or(variants.len()),
                beside: messages.beside(row),
                was_sent: sent.iter().any(|sent| sent.text.is(said)),
                instead: instead(&sent, said),
                shares_hash: text("content_hash").is_some_and(|hash| {
                    texts_by_hash
                        .get(&hash)
                        .is_some_and(|texts| texts.len() > 1)
                }),
            }
        });
    Ok(texts.collect())
}

/// What a text that was never sent says instead of the nearest one that was.
fn instead(sent: &[SentText], said: &[String]) -> Vec<(String, String)> {
    if sent.iter().any(|sent| sent.text.is(said)) {
        return Vec::new();
    }
    let differences = sent.iter().filter_map(|sent| sent.text.instead(said));
    differences.min_by_key(Vec::len).unwrap_or_default()
}

/// The messages that are meant to leave, with their rows.
fn outgoing(messages: &Messages) -> impl Iterator<Item = (u32, &Message)> {
    let all = messages.by_row.iter();
    all.filter(|(_, message)| matches!(message.decision.as_str(), "send" | "review"))
        .map(|(row, message)| (*row, message))
}

/// Reviews of all messages that are meant to leave.
pub(super) async fn grouped(
    messages: &Messages,
    delivery: &str,
    warehouse: &Warehouse,
) -> Result<Vec<Review>, CareError> {
    let mut groups: BTreeMap<(&str, &str), Vec<&Message>> = BTreeMap::new();
    for (_, message) in outgoing(messages) {
        let group = (
            message.key.incident.as_str(),
            message.key.template_version.as_str(),
        );
        groups.entry(group).or_default().push(message);
    }
    let familiar =
        Familiar::load(warehouse, outgoing(messages).map(|(_, message)| message)).await?;
    let decisions = store::decisions::load_decisions(warehouse, None).await?;
    let mut reviews = Vec::new();
    for ((incident, template), group) in groups {
        let mut review = described(delivery, incident, template, &group);
        review.why.extend(familiar.why(&group));
        if !review.why.is_empty() {
            review.state = ReviewState::Waiting;
        }
        for decision in decisions
            .iter()
            .filter(|decision| decision.review == review.id)
        {
            match decision.verdict {
                Verdict::Approve => review.state = ReviewState::Approved,
                Verdict::Reject => review.state = ReviewState::Rejected,
                Verdict::Assign => review.assigned_to = decision.to.clone(),
                Verdict::Settle => {}
            }
            if matches!(decision.verdict, Verdict::Approve | Verdict::Reject) {
                review.decided_by = Some(decision.by.clone());
            }
        }
        if review.state == ReviewState::Waiting {
            review.voided = voided(&review, &decisions);
        }
        reviews.push(review);
    }
    Ok(reviews)
}

/// The approval of another text or audience under the same incident and template, in words.
fn voided(review: &Review, decisions: &[Decision]) -> Option<String> {
    let about = review.about();
    let mut earlier = decisions.iter().rev();
    let approval = earlier.find(|one| one.verdict == Verdict::Approve && one.about == about)?;
    let day = approval.at.get(..10).unwrap_or(&approval.at);
    Some(format!(
        "text or audience changed since {} approved on {day}",
        approval.by
    ))
}

/// A review before anything is known of earlier sends and decisions.
fn described(delivery: &str, incident: &str, template: &str, group: &[&Message]) -> Review {
    let matching = |of: fn(&Message) -> bool| group.iter().filter(|message| of(message)).count();
    let mut why = Vec::new();
    let for_review = matching(|message| message.decision == "review");
    if for_review > 0 {
        why.push(format!(
            "{} marked for review",
            count(for_review, "message")
        ));
    }
    let important = matching(|message| message.important);
    if important > 0 {
        why.push(count(important, "important customer"));
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
        state: ReviewState::Free,
        decided_by: None,
        assigned_to: None,
        voided: None,
    }
}

/// SHA-256 over lines, each with its length.
pub(super) fn hash<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for line in lines {
        hasher.update((line.len() as u64).to_le_bytes());
        hasher.update(line);
    }
    hex(&hasher.finalize())
}
