//! Whether the consents on record allow an advertisement.

use crate::checks::CheckInput;
use crate::message::reasons::{Reason, Weight};
use crate::people::consents::Consent;
use crate::rules::rule_types::ConsentRegime;

/// The reason for or against an advertisement to a person without a refusal in force. `weight` is
/// that of a reason against it.
pub(crate) fn reason(input: &CheckInput<'_>, weight: Weight, law: &str) -> Reason {
    let settings = input.settings;
    let is_covering = |consent: &&Consent| {
        let channel = consent.channel.is_none() || consent.channel == input.person.channel;
        channel && consent.at.is_some_and(|at| at <= settings.as_of)
    };
    let all = input.records.consents.iter();
    let latest = all
        .filter(is_covering)
        .max_by_key(|consent| (consent.at, !consent.is_granted(), consent.proof.is_none()));
    let regime = settings.rulebook.regime(&input.advertising_scope());
    let is_enough = |consent: &Consent| match regime {
        ConsentRegime::DoubleOptIn => consent.state == "confirmed",
        _ => consent.is_granted(),
    };
    let (code, weight, what) = match latest {
        _ if regime == ConsentRegime::OptOut => (
            "consent-opt-out",
            Weight::Note,
            "no refusal is on record, which is enough".to_string(),
        ),
        None => (
            "consent-missing",
            weight,
            "no consent to advertising on this channel is on record".to_string(),
        ),
        Some(consent) if !is_enough(consent) => (
            "consent-unconfirmed",
            weight,
            "the consent to advertising was never confirmed".to_string(),
        ),
        Some(consent) => match &consent.proof {
            None => (
                "consent-unproven",
                weight,
                "the consent to advertising has no proof on record".to_string(),
            ),
            Some(proof) => (
                "consent-granted",
                Weight::Note,
                format!("this person agreed to advertising on this channel, proof {proof}"),
            ),
        },
    };
    Reason::new(code, weight, format!("{what} ({law})"))
}
