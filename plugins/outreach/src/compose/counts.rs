//! Counts over all messages of an incident, and the final decision on each message.

use std::collections::{BTreeMap, BTreeSet};

use crate::compose::draft::Draft;
use crate::message::reasons::{OVERRIDDEN_BY_RECALL, Reason, Weight};
use crate::message::row::Message;
use crate::rules::settings::Settings;

#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Messages that are not suppressed, by incident.
    of_incident: BTreeMap<String, u64>,
    /// The same by incident and index of the template.
    of_template: BTreeMap<String, BTreeMap<usize, u64>>,
    /// Distinct remedies by incident and purpose: of the other people, and of important ones.
    remedies: BTreeMap<(String, &'static str), [BTreeSet<Option<String>>; 2]>,
}

impl Counts {
    pub(crate) fn add(&mut self, draft: &Draft) {
        let message = &draft.message;
        let incident = || message.incident.clone();
        if message.weight() != Weight::Suppress {
            *self.of_incident.entry(incident()).or_default() += 1;
            if let Some(template) = draft.template {
                let templates = self.of_template.entry(incident()).or_default();
                *templates.entry(template).or_default() += 1;
            }
        }
        if message.customer_id.is_some() {
            let offered = self.remedies.entry((incident(), message.purpose));
            let [others, important] = offered.or_default();
            let side = if message.important { important } else { others };
            if !side.contains(&draft.remedy) {
                side.insert(draft.remedy.clone());
            }
        }
    }

    /// Adds the reasons that depend on the other messages of the incident.
    pub(crate) fn apply(&self, draft: &mut Draft, settings: &Settings) {
        let message = &mut draft.message;
        let templates = self.of_template.get(&message.incident);
        let same = draft
            .template
            .and_then(|template| templates?.get(&template));
        message.recipients = same.copied().unwrap_or(0);
        if message.weight() == Weight::Suppress {
            return;
        }
        let mut reasons = Vec::new();
        let mut review = |code, what: String| reasons.push(Reason::new(code, Weight::Review, what));
        let all = self.of_incident.get(&message.incident).copied();
        let all = all.unwrap_or(0);
        if all > settings.review_over {
            let most = settings.review_over;
            let what = format!("{all} people of this incident are written to, more than {most}");
            review("large-send", what);
        }
        if let Some(phrase) = &draft.exclusive
            && message.recipients > settings.same_body_max
        {
            let many = message.recipients;
            let what = format!("{phrase:?} is untrue when {many} people get the same text");
            review("exclusive-wording", what);
        }
        // Everybody is owed the same remedy: where important people are offered another one than the
        // rest, all messages of the incident are reviewed.
        let key = (message.incident.clone(), message.purpose);
        let differs = |[others, important]: &[BTreeSet<Option<String>>; 2]| {
            !others.is_empty() && !important.is_empty() && others != important
        };
        if self.remedies.get(&key).is_some_and(differs) {
            let what =
                "important customers of this incident are offered another remedy than the rest";
            review("remedy-unequal", what.to_string());
        }
        message.reasons.extend(reasons);
    }
}

/// Completes a message: a recall that waits, or that a rule for advertisements concerns, gets an alert;
/// a held or suppressed message has no time; the heaviest reasons come first.
pub(crate) fn finish(draft: Draft) -> Message {
    let mut message = draft.message;
    let waits = matches!(message.weight(), Weight::Hold | Weight::Review);
    if let Some(deadline) = draft
        .recall_deadline
        .filter(|_| message.weight() != Weight::Suppress)
    {
        let overridden: BTreeSet<&str> = message
            .reasons
            .iter()
            .map(|reason| reason.code)
            .filter(|code| OVERRIDDEN_BY_RECALL.contains(code))
            .collect();
        let overridden: Vec<&str> = overridden.into_iter().collect();
        let what = match (waits, overridden.is_empty()) {
            (true, _) => Some(format!(
                "a safety recall waits for a person, decide before {deadline}"
            )),
            (false, false) => Some(format!(
                "a safety recall must be sent by {deadline}, whatever {} would require",
                overridden.join(", ")
            )),
            (false, true) => None,
        };
        let alert = what.map(|what| Reason::new("alert", Weight::Note, what));
        message.reasons.extend(alert);
    }
    if matches!(message.weight(), Weight::Hold | Weight::Suppress) {
        message.earliest_at = None;
    }
    message.reasons.sort_by(|one, two| {
        (two.weight, one.code, &one.sentence).cmp(&(one.weight, two.code, &two.sentence))
    });
    message.reasons.dedup();
    message
}
