//! One target becomes one draft: contact, template, text, time, and all reasons.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tsugi_plugin::Error;

use crate::checks::fatigue::Fatigue;
use crate::checks::frequency::Planned;
use crate::checks::timing::{self, TimingRequest};
use crate::checks::{CheckInput, advertising, contact, frequency, history, offers, purposes};
use crate::message::reasons::{Reason, Weight};
use crate::message::row::Message;
use crate::people::person::Person;
use crate::people::records::PersonRecords;
use crate::people::totals::SendTotals;
use crate::rules::settings::Settings;
use crate::rules::zones::Zones;
use crate::targets::purpose::Purpose;
use crate::targets::target::Target;
use crate::templates::library::{Library, TemplateQuery};
use crate::templates::open_fields::OpenFields;
use crate::templates::pictures::Assets;
use crate::templates::template::Template;
use crate::templates::wording::WordFinder;

/// A message before the counts over all messages of its incident are known.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) message: Message,
    /// Index of the template in the library.
    pub(crate) template: Option<usize>,
    /// A phrase that claims the message is for one person alone.
    pub(crate) exclusive: Option<String>,
    /// The deadline of a safety recall, or of a message that contains one.
    pub(crate) recall_deadline: Option<Timestamp>,
    /// The remedy that the person is offered.
    pub(crate) remedy: Option<String>,
}

/// What all drafts share.
#[derive(Debug)]
pub(crate) struct Composer {
    pub(crate) settings: Settings,
    pub(crate) totals: SendTotals,
    pub(crate) library: Library,
    pub(crate) open_fields: OpenFields,
    pub(crate) assets: Assets,
    pub(crate) words: WordFinder,
}

/// What earlier drafts hand on to later ones.
#[derive(Debug, Default)]
pub(crate) struct DraftState {
    zones: Zones,
    /// Advertisements composed so far, by person.
    planned: BTreeMap<String, Vec<Planned>>,
}

impl Composer {
    /// Applies every rule to one target, so that the message has all reasons.
    pub(crate) fn draft(
        &self,
        target: &Target,
        records: &PersonRecords,
        state: &mut DraftState,
    ) -> Result<Draft, Error> {
        let (found, mut reasons) = contact::find(target, records);
        let unknown = Person::default();
        let input = CheckInput {
            target,
            person: found.unwrap_or(&unknown),
            records,
            totals: &self.totals,
            settings: &self.settings,
        };
        let fatigue = Fatigue::of(&input);
        reasons.extend(purposes::reasons(&input));
        reasons.extend(contact::staff_hold(&input));
        reasons.extend(target.review_because());
        reasons.extend(advertising::reasons(&input, fatigue));
        reasons.extend(offers::reasons(&input));
        let (chosen, notes) = self.choose(&input);
        reasons.extend(notes);
        let template = chosen.map(|(_, template)| template);
        reasons.extend(history::reasons(&input, template));
        let mut message = heading(&input, template);
        message.fatigue = found.map(|_| fatigue.name());
        let mut exclusive = None;
        if let Some(template) = template {
            exclusive = self.write(&input, template, &mut message, &mut reasons)?;
        }
        let deadline = timing::deadline(&input).unwrap_or_else(|unreadable| {
            let what = format!(
                "known_at is {unreadable:?}, which is no time, so the deadline counts from this run"
            );
            reasons.push(Reason::new("known-at-unreadable", Weight::Review, what));
            self.settings.as_of
        });
        match target.remedy_value() {
            Ok(value) => message.remedy_value = value,
            Err(reason) => reasons.push(reason),
        }
        message.earliest_at = self.earliest(&input, deadline, state, &mut reasons);
        message.reasons = reasons;
        let stated = target.stated;
        let has_recall = stated.purpose == Purpose::SafetyRecall || stated.with_recall;
        Ok(Draft {
            message,
            template: chosen.map(|(index, _)| index),
            exclusive,
            recall_deadline: has_recall.then_some(deadline),
            remedy: target.values.get("remedy").cloned(),
        })
    }

    fn choose(&self, input: &CheckInput<'_>) -> (Option<(usize, &Template)>, Vec<Reason>) {
        let (target, person) = (input.target, input.person);
        let mut reasons = Vec::new();
        let mut languages = Vec::new();
        match &person.language {
            Some(own) => {
                languages.push(own.clone());
                languages.extend(own.split_once('-').map(|(primary, _)| primary.to_string()));
            }
            None => {
                let assumed = self.settings.country_languages.get(&person.country);
                let language = assumed.unwrap_or(&self.settings.default_language);
                let what = format!("this person's language is not known, {language} is assumed");
                reasons.push(Reason::new("language-assumed", Weight::Note, what));
                languages.push(language.clone());
            }
        }
        languages.push(self.settings.default_language.clone());
        languages.dedup();
        if target.template_ids.len() > 1 {
            let names: Vec<&str> = target.template_ids.iter().map(String::as_str).collect();
            let what = format!("the targets name several templates: {}", names.join(", "));
            reasons.push(Reason::new("template-ambiguous", Weight::Review, what));
            return (None, reasons);
        }
        let (chosen, more) = self.library.choose(&TemplateQuery {
            purpose: target.stated.purpose,
            id: target.template_ids.first().map(String::as_str),
            languages: &languages,
            certainty: target.certainty,
            channel: person.channel.as_deref(),
        });
        reasons.extend(more);
        (chosen, reasons)
    }

    /// The earliest moment, and whether one more advertisement exceeds a cap. A suppressed message
    /// gets no moment and does not count against the caps.
    fn earliest(
        &self,
        input: &CheckInput<'_>,
        deadline: Timestamp,
        state: &mut DraftState,
        reasons: &mut Vec<Reason>,
    ) -> Option<Timestamp> {
        let suppresses = |reason: &Reason| reason.weight == Weight::Suppress;
        if reasons.iter().any(suppresses) {
            return None;
        }
        let stated = input.target.stated;
        let request = TimingRequest {
            person: input.person,
            purpose: match stated.with_recall {
                true => Purpose::SafetyRecall,
                false => stated.purpose,
            },
            deadline,
        };
        let timing = timing::find(&request, &self.settings, &mut state.zones);
        reasons.extend(timing.reasons);
        let (Some(at), Some(zone)) = (timing.earliest, &timing.zone) else {
            return timing.earliest;
        };
        let id = input.target.key.customer_id.clone();
        let planned = state.planned.entry(id).or_default();
        let over = frequency::reason(input, at, zone, planned);
        let stopped = over.as_ref().is_some_and(suppresses);
        if over.is_none() && !stated.purpose.is_notice() {
            planned.push((at, input.person.channel.clone()));
        }
        reasons.extend(over);
        (!stopped).then_some(at)
    }
}

/// The columns that are known before the text is rendered.
fn heading(input: &CheckInput<'_>, template: Option<&Template>) -> Message {
    let (target, person) = (input.target, input.person);
    let brand = |name: &str| template.and_then(|template| template.brand.get(name).cloned());
    let id = &target.key.customer_id;
    let may_reach = person.addressable && person.from_order;
    Message {
        incident: target.key.incident.clone(),
        customer_id: (!id.is_empty()).then(|| id.clone()),
        order_id: target.values.get("order_id").cloned(),
        certainty: target.certainty.name(),
        purpose: target.stated.purpose.name(),
        template_id: template.map(|template| template.id.clone()),
        template_version: template.map(|template| template.version.clone()),
        channel: person.channel.clone(),
        address: person.address.clone().filter(|_| may_reach),
        language: template.map(|template| template.language.clone()),
        sender: brand("sender"),
        sender_address: brand("sender_address"),
        contact: brand("contact"),
        refusal_link: brand("refusal_link"),
        owner: person.owner.clone(),
        written_by: template.and_then(|template| template.written_by.clone()),
        important: person.important,
        ..Message::default()
    }
}
