//! Reasons that follow from the purpose of a message.

use crate::checks::CheckInput;
use crate::message::reasons::{Reason, Weight};

/// Reasons that the purpose gives: how it was stated, and the law of a notice.
pub(crate) fn reasons(input: &CheckInput<'_>) -> Vec<Reason> {
    let (target, stated) = (input.target, input.target.stated);
    let mut reasons = Vec::new();
    if stated.mixed {
        let (weight, what) = match stated.with_recall {
            true => (
                Weight::Review,
                "a safety recall must not carry an advertisement, send it by itself",
            ),
            false => (
                Weight::Note,
                "a notice mixed with an advertisement counts as an advertisement",
            ),
        };
        reasons.push(Reason::new("mixed-purpose", weight, what));
    }
    if target.separated {
        let what = format!(
            "other messages of this incident are dropped for this {}",
            stated.purpose.name()
        );
        reasons.push(Reason::new("purposes-separated", Weight::Note, what));
    }
    if !target.also_possible.is_empty() {
        let orders = target.also_possible.join(", ");
        let what = format!(
            "orders that are only possibly affected are not named in this message: {orders}"
        );
        reasons.push(Reason::new("also-possible", Weight::Review, what));
    }
    if stated.purpose.is_notice() {
        let also = match input.records.refuses_advertisements() {
            true => ", the refusal of advertisements on record does not bind it",
            false => "",
        };
        let scope = input.person.scope(stated.purpose);
        let law = input.settings.rulebook.law(&scope);
        let what = format!(
            "a {} needs no consent to advertising ({law}){also}",
            stated.purpose.name()
        );
        reasons.push(Reason::new("consent-not-needed", Weight::Note, what));
    }
    reasons
}
