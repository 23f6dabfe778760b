//! What a sink answered to a batch of messages, held against what the host saw leave.

use super::envelope::{Seen, Sight};
use super::hand::{Handed, StopReason};
use super::table::DeliveryRow;
use crate::store::Outcome;
use tsugi_sandbox::SendOutcome;

/// The code of a stop because of a contradiction.
const CONTRADICTION: &str = "contradiction";

/// Corrects what a sink says by what the host saw. A message that the host saw accepted is sent,
/// whatever the sink says; one that contradicts its receipt in another way has none, and a person must
/// find out. Either ends the delivery.
pub(super) fn reconcile<'t>(handed: &mut Handed<'t>, batch: &[&'t DeliveryRow], sight: Sight) {
    handed.contradictions = sight.refused;
    for (row, seen) in batch.iter().zip(&sight.rows) {
        let mut certain = handed.certain.iter();
        let at = certain.position(|(certain, _, _)| certain.row == row.row);
        let claimed = at.and_then(|at| handed.certain.get(at));
        let claimed = claimed.map(|(_, outcome, _)| *outcome);
        match judge(claimed, seen, sight.has_stored) {
            Judgement::Agreed => {}
            Judgement::Sent(words) => {
                if let Some(at) = at {
                    handed.certain.remove(at);
                    let code = handed.refused.remove(&row.row).unwrap_or_default();
                    handed.contradictions.insert(format!(
                        "the sink says that a message was not sent ({code}), and the channel accepted it"
                    ));
                }
                handed.certain.push((row, Outcome::Accepted, words));
                handed.owed.remove(&row.row);
                handed.unclear.retain(|unclear| unclear.row != row.row);
            }
            Judgement::Disputed(why) => {
                if let Some(at) = at {
                    handed.certain.remove(at);
                    handed.refused.remove(&row.row);
                }
                handed.owed.remove(&row.row);
                handed.unclear.retain(|unclear| unclear.row != row.row);
                handed.unclear.push(row);
                handed.disputed.push((row, why.to_owned()));
                handed.contradictions.insert(why.to_owned());
            }
        }
    }
    if handed.counts.is_some() {
        let (mut accepted, mut refused) = (0, 0);
        for (_, outcome, _) in &handed.certain {
            match outcome {
                Outcome::Accepted => accepted += 1,
                Outcome::Failed => refused += 1,
            }
        }
        handed.counts = Some((accepted, refused));
    }
    if !handed.contradictions.is_empty() && handed.failure.is_none() {
        handed.stop = Some(StopReason {
            code: CONTRADICTION.to_owned(),
            message: "the sink does not do what it says".to_owned(),
            wait: None,
        });
    }
}

/// What holds of one message.
#[derive(Debug, PartialEq, Eq)]
enum Judgement {
    /// The receipt, or that there is none.
    Agreed,
    /// The channel accepted it, with these words.
    Sent(String),
    /// It has no receipt, and may not be repeated.
    Disputed(&'static str),
}

fn judge(claimed: Option<Outcome>, seen: &Seen, has_stored: bool) -> Judgement {
    match (claimed, &seen.outcome) {
        (Some(Outcome::Accepted), None | Some(SendOutcome::NotSent)) if !has_stored => {
            Judgement::Disputed("the sink says that a message was sent, and nothing left")
        }
        (Some(Outcome::Accepted), Some(SendOutcome::Unknown(_))) => Judgement::Disputed(
            "the sink says that a message was sent, and the channel has not confirmed it",
        ),
        (Some(Outcome::Failed), Some(SendOutcome::Accepted(words))) => {
            Judgement::Sent(words.clone())
        }
        (Some(Outcome::Failed), Some(SendOutcome::Unknown(_))) => Judgement::Disputed(
            "the sink says that a message was not sent, and it may have arrived",
        ),
        (None, Some(SendOutcome::Accepted(words))) if seen.by_mail => {
            Judgement::Sent(words.clone())
        }
        (None, Some(SendOutcome::Unknown(_))) if seen.by_mail => {
            Judgement::Disputed("a mail may have arrived, and the sink does not say")
        }
        _ => Judgement::Agreed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_counts_as_far_as_the_host_saw_the_same() {
        use Outcome::{Accepted, Failed};
        let yes = SendOutcome::Accepted("250".into());
        let maybe = SendOutcome::Unknown("cut".into());
        let no = SendOutcome::NotSent;
        let sent = |words: &str| Judgement::Sent(words.into());
        // Claimed, seen, by mail, stored, and what follows: agreed, sent or disputed.
        let rows = [
            (Some(Accepted), Some(&yes), true, false, "agreed"),
            (Some(Accepted), None, false, true, "agreed"),
            (Some(Accepted), None, false, false, "disputed"),
            (Some(Accepted), Some(&no), true, false, "disputed"),
            (Some(Accepted), Some(&maybe), true, true, "disputed"),
            (Some(Failed), Some(&no), true, false, "agreed"),
            (Some(Failed), None, false, false, "agreed"),
            (Some(Failed), Some(&yes), true, false, "sent"),
            (Some(Failed), Some(&yes), false, false, "sent"),
            (Some(Failed), Some(&maybe), true, false, "disputed"),
            (None, Some(&yes), true, false, "sent"),
            (None, Some(&yes), false, false, "agreed"),
            (None, Some(&maybe), true, false, "disputed"),
            (None, Some(&maybe), false, false, "agreed"),
            (None, None, false, false, "agreed"),
        ];
        for (claimed, outcome, by_mail, has_stored, expected) in rows {
            let seen = Seen {
                outcome: outcome.cloned(),
                by_mail,
            };
            let word = match judge(claimed, &seen, has_stored) {
                Judgement::Agreed => "agreed",
                Judgement::Disputed(_) => "disputed",
                judgement => {
                    assert_eq!(judgement, sent("250"));
                    "sent"
                }
            };
            assert_eq!(
                word, expected,
                "{claimed:?} {outcome:?} {by_mail} {has_stored}"
            );
        }
    }
}
