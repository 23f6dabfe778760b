//! Rules for advertisements: refusal, consent, fatigue, pauses, complaints, holdouts. A safety recall is
//! never stopped by them; they are noted and call for a person.

use crate::checks::fatigue::Fatigue;
use crate::checks::{CheckInput, consent};
use crate::effect::holdout;
use crate::message::reasons::{Reason, Weight};
use crate::targets::purpose::Purpose;
use crate::targets::target::Target;

/// The weight of a rule for advertisements: none for a service notice, a note for a safety recall. An
/// advertisement mixed with a recall is reviewed and not dropped.
pub(crate) fn weight(target: &Target) -> Option<Weight> {
    match (target.stated.purpose, target.stated.with_recall) {
        (Purpose::ServiceNotice, _) => None,
        (Purpose::SafetyRecall, _) => Some(Weight::Note),
        (Purpose::Advertisement, true) => Some(Weight::Review),
        (Purpose::Advertisement, false) => Some(Weight::Suppress),
    }
}

/// Reasons from all rules but caps and hours, which need the moment of sending.
pub(crate) fn reasons(input: &CheckInput<'_>, fatigue: Fatigue) -> Vec<Reason> {
    let (person, settings) = (input.person, input.settings);
    let Some(weight) = weight(input.target) else {
        return Vec::new();
    };
    let promotes = input.target.stated.purpose == Purpose::Advertisement;
    let mut reasons = Vec::new();
    let law = settings.rulebook.law(&input.advertising_scope());
    if input.records.refuses_advertisements() {
        let what = format!("this person refused advertisements ({law})");
        reasons.push(Reason::new("refused", weight, what));
    } else if promotes {
        reasons.push(consent::reason(input, weight, &law));
    }
    if promotes && person.open_severe_incident {
        let what = "a severe incident is still open with this person";
        reasons.push(Reason::new("open-incident", weight, what));
    }
    if fatigue == Fatigue::OverSaturated {
        let what = "many advertisements lately, and a smaller share of them answered than before";
        reasons.push(Reason::new("over-saturated", weight, what));
    }
    if person.paused(settings.day) {
        let what = "this person requested a pause from advertisements";
        reasons.push(Reason::new("paused", weight, what));
    }
    reasons.extend(complaints(input, weight));
    if promotes {
        reasons.extend(held_out(input, weight));
    }
    reasons
}

/// Too large a share of the advertisements on this channel brought complaints.
fn complaints(input: &CheckInput<'_>, weight: Weight) -> Option<Reason> {
    let (rulebook, scope) = (&input.settings.rulebook, input.advertising_scope());
    let days = rulebook.count("complaint_days", &scope);
    let day = input.settings.day;
    let (sends, complaints) = input.totals.complaints(scope.channel, day, days);
    let most = rulebook.share("complaint_rate_max", &scope);
    let over = complaints > 0 && complaints as f64 >= most * sends as f64;
    (over && sends >= rulebook.count("complaint_sends_min", &scope)).then(|| {
        let what = format!(
            "{complaints} complaints about {sends} advertisements in {days} days, sending stops at {} %",
            most * 100.0
        );
        Reason::new("complaint-rate", weight, what)
    })
}

fn held_out(input: &CheckInput<'_>, weight: Weight) -> Option<Reason> {
    let (rulebook, target) = (&input.settings.rulebook, input.target);
    let share = rulebook.share("holdout", &input.advertising_scope());
    let experiment = target.values.get("experiment");
    let experiment = experiment.unwrap_or(&target.key.incident);
    holdout::holds(&target.key.customer_id, experiment, share).then(|| {
        let percent = share * 100.0;
        let what = format!("this person is held out of {experiment}, as {percent} % are");
        Reason::new("holdout", weight, what)
    })
}
