//! One target becomes one draft: the contact, the text, the words, the time, the reasons.

use std::collections::BTreeMap;

use jiff::Timestamp;
use minijinja::value::Value;

use crate::clock::Zones;
use crate::judge;
use crate::library::{Library, Wanted};
use crate::message::Message;
use crate::people::{Books, Person};
use crate::purpose::Purpose;
use crate::reasons::{Reason, Weight};
use crate::rules::Rules;
use crate::target::{Certainty, Target};
use crate::template::Template;
use crate::timing;
use crate::wording;

/// A message with what the counting over all messages needs.
#[derive(Debug)]
pub struct Draft {
    /// The row, still without what depends on the others.
    pub message: Message,
    /// The place of the template in the library.
    pub text: Option<usize>,
    /// A phrase that claims the message is for one person alone.
    pub exclusive: Option<&'static str>,
    /// A safety recall, or a message that has one in it.
    pub urgent: bool,
}

/// What all drafts share, and what earlier drafts leave for later ones.
pub struct Desk<'a> {
    /// The rules of the run.
    pub rules: &'a Rules,
    /// People, consents, history, offers.
    pub books: &'a Books,
    /// The approved library.
    pub library: &'a Library,
    /// Zones seen so far.
    pub zones: Zones,
    /// Advertisements planned in this run, by person.
    pub planned: BTreeMap<String, Vec<Timestamp>>,
}

impl Desk<'_> {
    /// Thinks about one target. Every rule is asked, so that all reasons stand on the row.
    pub fn draft(&mut self, target: &Target) -> Draft {
        let stated = target.stated;
        let (found, mut reasons) = judge::addressee(target, self.books);
        let nobody = Person::default();
        let person = found.unwrap_or(&nobody);
        reasons.extend(judge::purpose_notes(target, &person.country, self.books));
        reasons.extend(judge::advertisement(
            target,
            person,
            self.books,
            self.rules.as_of,
        ));
        reasons.extend(judge::offers(target, self.books, self.rules.as_of));
        let (text, chosen) = self.choose(target, person);
        reasons.extend(chosen);
        let template = text.and_then(|place| self.library.get(place));
        reasons.extend(judge::history(
            target,
            template,
            self.books,
            self.rules.as_of,
        ));
        let mut message = self.heading(target, person, template);
        let mut exclusive = None;
        if let Some(template) = template {
            exclusive = self.write(target, person, template, &mut message, &mut reasons);
        }
        let urgent = stated.purpose == Purpose::SafetyRecall || stated.with_recall;
        message.earliest_at = self.time(target, person, &mut reasons);
        message.reasons = reasons;
        Draft {
            message,
            text,
            exclusive,
            urgent,
        }
    }

    fn choose(&self, target: &Target, person: &Person) -> (Option<usize>, Vec<Reason>) {
        let mut notes = Vec::new();
        let mut languages = Vec::new();
        match &person.language {
            Some(own) => {
                languages.push(own.clone());
                languages.extend(own.split_once('-').map(|(primary, _)| primary.to_string()));
            }
            None => {
                let assumed = self.rules.country_languages.get(&person.country);
                let language = assumed.unwrap_or(&self.rules.default_language);
                let what = format!("this person's language is not known, {language} is assumed");
                notes.push(Reason::new("language-assumed", Weight::Note, what));
                languages.push(language.clone());
            }
        }
        languages.push(self.rules.default_language.clone());
        languages.dedup();
        if target.template_ids.len() > 1 {
            let names: Vec<&str> = target.template_ids.iter().map(String::as_str).collect();
            let what = format!("the targets name several templates: {}", names.join(", "));
            notes.push(Reason::new("template-ambiguous", Weight::Review, what));
            return (None, notes);
        }
        let (text, more) = self.library.choose(&Wanted {
            purpose: target.stated.purpose,
            id: target.template_ids.first().map(String::as_str),
            languages: &languages,
            certainty: target.certainty,
        });
        notes.extend(more);
        (text, notes)
    }

    fn heading(&self, target: &Target, person: &Person, template: Option<&Template>) -> Message {
        let brand = |name: &str| template.and_then(|template| template.brand.get(name).cloned());
        let id = &target.key.customer_id;
        Message {
            incident: target.key.incident.clone(),
            customer_id: (!id.is_empty()).then(|| id.clone()),
            order_id: target.values.get("order_id").cloned(),
            certainty: target.certainty.name(),
            purpose: target.stated.purpose.name(),
            template_id: template.map(|template| template.id.clone()),
            template_version: template.map(|template| template.version.clone()),
            channel: person.channel.clone(),
            address: person.address.clone().filter(|_| person.addressable),
            language: template.map(|template| template.language.clone()),
            sender: brand("sender"),
            sender_address: brand("sender_address"),
            contact: brand("contact"),
            refusal_link: brand("refusal_link"),
            owner: person.owner.clone(),
            ..Message::default()
        }
    }

    /// Puts the permitted fields into the text and reads the words back. Returns a phrase
    /// that claims the text is for one person alone.
    fn write(
        &self,
        target: &Target,
        person: &Person,
        template: &Template,
        message: &mut Message,
        reasons: &mut Vec<Reason>,
    ) -> Option<&'static str> {
        reasons.extend(template.faults.iter().cloned());
        let (context, used, troubles) = context(target, person, template);
        message.fields_used = used.join(", ");
        let silent = !troubles.is_empty()
            || template
                .faults
                .iter()
                .any(|fault| fault.code.starts_with("field-"));
        reasons.extend(troubles);
        if silent {
            return None;
        }
        let rendered = match template.render(&context) {
            Ok(rendered) => rendered,
            Err(troubles) => {
                reasons.extend(troubles);
                return None;
            }
        };
        let said = wording::normal(&format!("{}\n{}", rendered.subject, rendered.body));
        for word in wording::forbidden(&said, &self.books.forbidden) {
            let what = format!("the message says {word:?}, which no message may");
            reasons.push(Reason::new("forbidden-word", Weight::Review, what));
        }
        if target.stated.purpose == Purpose::SafetyRecall
            && let Some(word) = wording::softened(&said)
        {
            let what = format!("{word:?} plays the risk down (Regulation (EU) 2023/988 Art. 36)");
            reasons.push(Reason::new("softened-risk", Weight::Review, what));
        }
        message.subject = Some(rendered.subject);
        message.body = Some(rendered.body);
        wording::exclusive(&said)
    }

    /// The earliest time, and for an advertisement whether one more is too many. What is
    /// suppressed gets no time and uses no place under the caps.
    fn time(
        &mut self,
        target: &Target,
        person: &Person,
        reasons: &mut Vec<Reason>,
    ) -> Option<Timestamp> {
        if suppressed(reasons) {
            return None;
        }
        let purpose = match target.stated.with_recall {
            true => Purpose::SafetyRecall,
            false => target.stated.purpose,
        };
        let timing = timing::find(person, purpose, self.rules, &mut self.zones);
        reasons.extend(timing.reasons);
        let (Some(at), Some(zone), false) = (timing.earliest, &timing.zone, purpose.is_notice())
        else {
            return timing.earliest;
        };
        let id = &target.key.customer_id;
        let sent = self.books.sends.get(id).map_or(&[][..], Vec::as_slice);
        let planned = self.planned.entry(id.clone()).or_default();
        match timing::over_cap(at, zone, sent, planned, self.rules) {
            Some(reason) => {
                reasons.push(reason);
                None
            }
            None => {
                planned.push(at);
                Some(at)
            }
        }
    }
}

fn suppressed(reasons: &[Reason]) -> bool {
    reasons
        .iter()
        .any(|reason| reason.weight == Weight::Suppress)
}

/// The values for the names that a text uses and may use, the `field=basis` pairs, and what
/// is missing or unsafe.
fn context(
    target: &Target,
    person: &Person,
    template: &Template,
) -> (BTreeMap<String, Value>, Vec<String>, Vec<Reason>) {
    let (mut values, mut used, mut troubles) = (BTreeMap::new(), Vec::new(), Vec::new());
    for (name, field) in &template.uses {
        if name == "possible" {
            values.insert(
                name.clone(),
                Value::from(target.certainty == Certainty::Possible),
            );
            used.push(format!("{name}={}", field.basis.name()));
            continue;
        }
        if name == "cause" && !target.values.contains_key("cause_confirmed_by") {
            let what = "no named person confirmed the cause (cause_confirmed_by is blank)";
            troubles.push(Reason::new("cause-unconfirmed", Weight::Review, what));
            continue;
        }
        let value = match name.as_str() {
            "name" => person.name.clone(),
            "certainty" => Some(target.certainty.name().to_string()),
            "language" => Some(template.language.clone()),
            _ => template
                .brand
                .get(name.as_str())
                .or_else(|| target.values.get(name))
                .cloned(),
        };
        match value {
            Some(value) if value.chars().any(char::is_control) => {
                let what = format!("{name} holds a line break or another control character");
                troubles.push(Reason::new("unsafe-field", Weight::Review, what));
            }
            Some(value) => {
                values.insert(name.clone(), Value::from(value));
                used.push(format!("{name}={}", field.basis.name()));
            }
            None if field.optional => {
                values.insert(name.clone(), Value::from(()));
            }
            None => {
                let what = format!("{} needs {name}, which is blank", template.label());
                troubles.push(Reason::new("missing-field", Weight::Review, what));
            }
        }
    }
    (values, used, troubles)
}
