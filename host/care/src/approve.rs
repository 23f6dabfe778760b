//! Approving messages: the decisions of people on reviews and on rows without a receipt, and who may
//! take them. Which messages wait for an approval is decided in review.rs.

use serde::Serialize;

use super::error::CareError;
use super::review::{Review, hash};
use crate::store;
use crate::store::decisions::{Decision, Verdict};
use crate::store::spelling::folded;
use tsugi_core::diagnostic::nearest;
use tsugi_pipeline::project::people::People;
use tsugi_pipeline::store::{LedgerKey, Outcome, Warehouse};

/// A row whose receipt never came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unknown {
    /// A hash of its key.
    pub id: String,
    /// What was sent to whom.
    pub key: LedgerKey,
    /// When it was handed to the sink, in UTC.
    pub at: String,
}

/// A decision that a person requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRequest<'a> {
    pub verdict: Verdict,
    /// The name of the person.
    pub by: &'a str,
    /// Their account on this machine.
    pub login: &'a str,
    /// The person to whom it is assigned, or what became of the message.
    pub to: Option<&'a str>,
    /// The reason in the person's words.
    pub note: &'a str,
}

pub(super) async fn decide(
    people: &People,
    warehouse: &Warehouse,
    review: &Review,
    request: &DecisionRequest<'_>,
) -> Result<(), CareError> {
    check_account(people, request.by, request.login)?;
    match (request.verdict, request.to) {
        (Verdict::Approve, _) => may_approve(people, review, request.by)?,
        (Verdict::Assign, Some(to)) => {
            check_named(people, to)?;
        }
        _ => {}
    }
    write(warehouse, &review.id, review.about(), request).await
}

pub(super) async fn unknown(warehouse: &Warehouse) -> Result<Vec<Unknown>, CareError> {
    let open = warehouse.ledger().await?.open_intents(None).await?;
    let unknown = open.into_iter().map(|intent| Unknown {
        id: hash(intent.key.parts().into_iter()),
        key: intent.key,
        at: intent.at,
    });
    Ok(unknown.collect())
}

pub(super) async fn settle(
    people: &People,
    warehouse: &Warehouse,
    message: &Unknown,
    arrived: bool,
    request: &DecisionRequest<'_>,
) -> Result<(), CareError> {
    check_account(people, request.by, request.login)?;
    let (outcome, word) = match arrived {
        true => (Outcome::Accepted, "arrived"),
        false => (Outcome::Failed, "lost"),
    };
    let claim = warehouse.claim("review settle").await?;
    let detail = format!("{word}, says {}", request.by);
    let receipt = [(message.key.clone(), outcome, detail)];
    // The decision first: a receipt without it would have no author.
    let about = match &message.key {
        LedgerKey::Message(key) => format!(
            "{} to {} of {}",
            key.template_version, key.customer, key.incident
        ),
        LedgerKey::Record(key) => format!("{} of {}", message.key, key.delivery()),
    };
    let request = DecisionRequest {
        to: Some(word),
        ..request.clone()
    };
    write(warehouse, &message.id, about, &request).await?;
    Ok(warehouse.ledger().await?.receipt(&claim, &receipt).await?)
}

async fn write(
    warehouse: &Warehouse,
    review: &str,
    about: String,
    request: &DecisionRequest<'_>,
) -> Result<(), CareError> {
    let decision = Decision {
        at: String::new(),
        verdict: request.verdict,
        review: review.to_owned(),
        about,
        by: request.by.to_owned(),
        login: request.login.to_owned(),
        to: request.to.map(str::to_owned),
        note: request.note.to_owned(),
    };
    Ok(store::decisions::record_decision(warehouse, &decision).await?)
}

fn refused(by: &str, what: String, near: Vec<String>) -> CareError {
    CareError::MayNotDecide {
        by: by.to_owned(),
        what,
        near,
    }
}

/// Whether a name is one of the pipeline's people; any is where it names no people.
fn check_named(people: &People, by: &str) -> Result<(), CareError> {
    if people.people.is_empty() || people.people.contains_key(by) {
        return Ok(());
    }
    let near = nearest(by, people.people.keys().map(String::as_str));
    let near = near.into_iter().map(str::to_owned).collect();
    let what = "pipeline.toml has no such name under [people]".to_owned();
    Err(refused(by, what, near))
}

/// Whether a person decides from their own account.
pub(super) fn check_account(people: &People, by: &str, account: &str) -> Result<(), CareError> {
    check_named(people, by)?;
    let person = people.people.get(by);
    match person.and_then(|person| person.login.as_deref()) {
        Some(login) if login != account => {
            let what = format!("they decide as `{login}`, and this is `{account}`");
            Err(refused(by, what, Vec::new()))
        }
        _ => Ok(()),
    }
}

/// The names in a text that may name several authors.
fn split(authors: &str) -> Vec<String> {
    let authors = authors.replace(" and ", ";").replace(" und ", ";");
    let names = authors.split([';', ',', '&', '/', '、', '\n']);
    let names = names.filter(|name| !name.trim().is_empty());
    names.map(str::to_owned).collect()
}

/// Whether a person is among the authors, in whatever spelling those are written.
fn wrote(review: &Review, by: &str) -> bool {
    let by = folded(by);
    let mut authors = review.written_by.iter();
    authors
        .any(|written| folded(written) == by || split(written).iter().any(|one| folded(one) == by))
}

/// The authors of a text who are none of the people that decide: where such a name is a spelling of one of
/// them, nothing keeps that person from approving it.
pub fn unknown_authors(people: &People, review: &Review) -> Vec<String> {
    if people.people.is_empty() {
        return Vec::new();
    }
    let names: Vec<_> = people.people.keys().map(|name| folded(name)).collect();
    let is_known = |written: &str| names.contains(&folded(written));
    let unknown = review
        .written_by
        .iter()
        .filter(|written| !is_known(written))
        .flat_map(|written| split(written).into_iter())
        .filter(|name| !is_known(name));
    unknown.map(|name| name.trim().to_owned()).collect()
}

/// Four eyes, and the limits of a role.
fn may_approve(people: &People, review: &Review, by: &str) -> Result<(), CareError> {
    let no = |what: String| Err(refused(by, what, Vec::new()));
    if wrote(review, by) {
        return no(format!(
            "they wrote {}; another person must look",
            review.template
        ));
    }
    let role = people.people.get(by).map(|person| &person.role);
    let Some((name, role)) = role.and_then(|role| people.roles.get_key_value(role)) else {
        return Ok(());
    };
    let messages = u64::try_from(review.messages).unwrap_or(u64::MAX);
    match (role.recipients_max, role.remedy_max, review.remedy_most) {
        (Some(most), _, _) if messages > most => {
            return no(format!(
                "{name} may approve {most} recipients, and these are {messages}"
            ));
        }
        (_, Some(most), Some(worth)) if worth > most as f64 => {
            return no(format!(
                "{name} may approve a remedy worth {most}, and this is {worth}"
            ));
        }
        _ => {}
    }
    if review.important > 0 && !role.important {
        let count = review.important;
        return no(format!(
            "{count} of these go to important customers, which {name} may not approve"
        ));
    }
    Ok(())
}
