//! Past messages that speak against a new one.

use crate::checks::CheckInput;
use crate::message::reasons::{Reason, Weight};
use crate::people::history::PastSend;
use crate::templates::template::Template;

/// Reasons from the messages that the person has, and from the use of the template.
pub(crate) fn reasons(input: &CheckInput<'_>, template: Option<&Template>) -> Vec<Reason> {
    let sends = &input.records.sends;
    let mut reasons = Vec::new();
    let is_later = |send: &PastSend| send.at.is_some_and(|at| at > input.settings.as_of);
    if sends.iter().any(is_later) {
        let what = "a message to this person is recorded later than this run's clock";
        reasons.push(Reason::new("clock-before-last-send", Weight::Review, what));
    }
    let unreadable = sends.iter().any(|send| send.promotes && send.at.is_none());
    if unreadable && !input.target.stated.purpose.is_notice() {
        let what = "a past message has no readable time, so the caps cannot be checked";
        reasons.push(Reason::new("history-unreadable", Weight::Review, what));
    }
    let Some(template) = template else {
        return reasons;
    };
    reasons.extend(earlier_sends(input, template));
    if !input.totals.has_used(&template.id, &template.version) {
        let what = format!("{} was never sent before", template.label());
        reasons.push(Reason::new("new-template", Weight::Review, what));
    }
    reasons.sort_by_key(|reason| reason.code);
    reasons.dedup();
    reasons
}

/// Reasons from earlier messages of the same template about this incident, or about an unnamed one.
fn earlier_sends(input: &CheckInput<'_>, template: &Template) -> Vec<Reason> {
    let incident = &input.target.key.incident;
    let of_template = input.records.sends.iter().filter(|send| {
        let same = send.incident.as_ref().is_none_or(|named| named == incident);
        same && send.template == template.id
    });
    let mut reasons = Vec::new();
    let mut earlier = false;
    for send in of_template {
        let same_version = send
            .version
            .as_ref()
            .is_none_or(|version| *version == template.version);
        let (code, weight, what) = match (same_version, send.uncertain) {
            (true, false) => (
                "already-sent",
                Weight::Suppress,
                "was sent to this person before",
            ),
            (true, true) => (
                "send-unknown",
                Weight::Review,
                "was handed over before and it is not known whether it arrived",
            ),
            (false, _) if earlier => continue,
            (false, _) => (
                "earlier-version-sent",
                Weight::Review,
                "is a newer version of a message this person has",
            ),
        };
        earlier |= !same_version;
        let what = format!("{} {what}", template.label());
        reasons.push(Reason::new(code, weight, what));
    }
    reasons
}
