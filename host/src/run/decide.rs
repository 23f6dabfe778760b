//! What people decide on reviews and on messages without a receipt, and whether they may.

use serde::Serialize;

use super::error::RunError;
use super::review::{Review, hash};
use crate::diagnostic::nearest;
use crate::project::people::People;
use crate::warehouse::{Decision, MessageKey, Outcome, Verdict, Warehouse, people};

/// A message whose receipt never came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unknown {
    /// A hash of its key.
    pub id: String,
    /// Which message.
    pub key: MessageKey,
    /// When it was handed to the sink, in UTC.
    pub at: String,
}

/// A decision as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked<'a> {
    /// What.
    pub verdict: Verdict,
    /// By whom.
    pub by: &'a str,
    /// From which account of the machine.
    pub login: &'a str,
    /// To whom it is given, or what became of the message.
    pub to: Option<&'a str>,
    /// Why.
    pub note: &'a str,
}

/// Writes a person's decision on a review down, when they may take it.
///
/// # Errors
/// [`RunError::MayNotDecide`] says why they may not.
pub async fn decide(
    people: &People,
    warehouse: &Warehouse,
    review: &Review,
    asked: &Asked<'_>,
) -> Result<(), RunError> {
    known(people, asked)?;
    match (asked.verdict, asked.to) {
        (Verdict::Approve, _) => may_approve(people, review, asked.by)?,
        (Verdict::Assign, Some(to)) => {
            let to = Asked {
                by: to,
                login: "",
                ..asked.clone()
            };
            somebody(people, &to)?;
        }
        _ => {}
    }
    let about = format!("{} by {}", review.incident, review.template);
    write(warehouse, &review.id, about, asked).await
}

/// The messages of which nobody knows whether they left, oldest first.
///
/// # Errors
/// What the ledger says.
pub async fn unknown(warehouse: &Warehouse) -> Result<Vec<Unknown>, RunError> {
    let open = warehouse.ledger().open_intents(None).await?;
    let unknown = open.into_iter().map(|intent| {
        let key = &intent.key;
        let parts = [&key.incident, &key.customer, &key.template_version];
        Unknown {
            id: hash(parts.into_iter().map(String::as_str)),
            key: intent.key.clone(),
            at: intent.at,
        }
    });
    Ok(unknown.collect())
}

/// Writes down what a person found out about a message without receipt: it arrived, or it is lost
/// and owed again.
///
/// # Errors
/// [`RunError::MayNotDecide`], or what the ledger says.
pub async fn settle(
    people: &People,
    warehouse: &Warehouse,
    message: &Unknown,
    arrived: bool,
    asked: &Asked<'_>,
) -> Result<(), RunError> {
    known(people, asked)?;
    let (outcome, word) = match arrived {
        true => (Outcome::Accepted, "arrived"),
        false => (Outcome::Failed, "lost"),
    };
    let claim = warehouse.claim("review settle").await?;
    let told = format!("{word}, says {}", asked.by);
    let receipt = [(message.key.clone(), outcome, told)];
    // The decision first: a receipt without it would have no author.
    let key = &message.key;
    let about = format!(
        "{} to {} of {}",
        key.template_version, key.customer, key.incident
    );
    let asked = Asked {
        to: Some(word),
        ..asked.clone()
    };
    write(warehouse, &message.id, about, &asked).await?;
    Ok(warehouse.ledger().receipt(&claim, &receipt).await?)
}

async fn write(
    warehouse: &Warehouse,
    review: &str,
    about: String,
    asked: &Asked<'_>,
) -> Result<(), RunError> {
    let decision = Decision {
        at: String::new(),
        verdict: asked.verdict,
        review: review.to_owned(),
        about,
        by: asked.by.to_owned(),
        login: asked.login.to_owned(),
        to: asked.to.map(str::to_owned),
        note: asked.note.to_owned(),
    };
    Ok(people::decisions::decide(warehouse, &decision).await?)
}

fn refused(by: &str, what: String, near: Vec<String>) -> RunError {
    RunError::MayNotDecide {
        by: by.to_owned(),
        what,
        near,
    }
}

/// Whether a name is one of the pipeline's people; any is where it names nobody.
fn somebody(people: &People, asked: &Asked<'_>) -> Result<(), RunError> {
    if people.people.is_empty() || people.people.contains_key(asked.by) {
        return Ok(());
    }
    let near = nearest(asked.by, people.people.keys().map(String::as_str));
    let near = near.into_iter().map(str::to_owned).collect();
    let what = "pipeline.toml has no such name under [people]".to_owned();
    Err(refused(asked.by, what, near))
}

/// Whether somebody decides from their own account.
fn known(people: &People, asked: &Asked<'_>) -> Result<(), RunError> {
    somebody(people, asked)?;
    let person = people.people.get(asked.by);
    match person.and_then(|person| person.login.as_deref()) {
        Some(login) if login != asked.login => {
            let what = format!("they decide as `{login}`, and this is `{}`", asked.login);
            Err(refused(asked.by, what, Vec::new()))
        }
        _ => Ok(()),
    }
}

/// Four eyes, and the limits of a role.
fn may_approve(people: &People, review: &Review, by: &str) -> Result<(), RunError> {
    let no = |what: String| Err(refused(by, what, Vec::new()));
    if review.written_by.contains(by) {
        return no(format!(
            "they wrote {}; somebody else must look",
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
