//! One target becomes one draft: the contact, the text, the words, the time, the reasons.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::advert::{self, Planned};
use crate::clock::Zones;
use crate::digest;
use crate::fatigue::Fatigue;
use crate::filling::{self, Filled};
use crate::judge;
use crate::library::{Library, Wanted};
use crate::looks::{self, Assets};
use crate::message::Message;
use crate::open_fields::OpenFields;
use crate::people::{Books, Person};
use crate::purpose::Purpose;
use crate::reasons::{Reason, Weight};
use crate::rulebook::Place;
use crate::rules::Rules;
use crate::target::Target;
use crate::template::Template;
use crate::timing::{self, Wish};
use crate::words::{self, Class, Words};

/// A message with what the counting over all messages needs.
#[derive(Debug)]
pub struct Draft {
    /// The row, still without what depends on the others.
    pub message: Message,
    /// The place of the template in the library.
    pub text: Option<usize>,
    /// A phrase that claims the message is for one person alone.
    pub exclusive: Option<String>,
    /// A safety recall, or a message that has one in it: its deadline.
    pub urgent: Option<Timestamp>,
    /// What the person is worth to the brand, and the remedy offered.
    pub worth: (bool, Option<String>),
}

/// What all drafts share.
#[derive(Debug)]
pub struct Desk {
    /// The rules of the run.
    pub rules: Rules,
    /// People, consents, history, offers.
    pub books: Books,
    /// The approved library.
    pub library: Library,
    /// What partners wrote.
    pub open_fields: OpenFields,
    /// What is known of picture files.
    pub assets: Assets,
    /// Words that are looked for.
    pub words: Words,
}

/// What earlier drafts leave for later ones.
#[derive(Debug, Default)]
pub struct Pad {
    /// Zones seen so far.
    pub zones: Zones,
    /// Advertisements planned in this run, by person.
    pub planned: BTreeMap<String, Vec<Planned>>,
}

impl Desk {
    /// Thinks about one target. Every rule is asked, so that all reasons stand on the row.
    pub fn draft(&self, target: &Target, pad: &mut Pad) -> Draft {
        let stated = target.stated;
        let (rules, books) = (&self.rules, &self.books);
        let (found, mut reasons) = judge::addressee(target, books);
        let nobody = Person::default();
        let person = found.unwrap_or(&nobody);
        let ads = person.place(Purpose::Advertisement);
        let sends = books.sends.get(&target.key.customer_id);
        let sends = sends.map_or(&[][..], Vec::as_slice);
        let fatigue = Fatigue::of(sends, rules.as_of, &rules.book, &ads);
        reasons.extend(judge::purpose_notes(target, person, books, rules));
        reasons.extend(judge::staff(target, person, rules));
        reasons.extend(advert::judge(target, person, books, rules, fatigue));
        reasons.extend(judge::offers(target, books, rules));
        let (text, chosen) = self.choose(target, person);
        reasons.extend(chosen);
        let template = text.and_then(|place| self.library.get(place));
        reasons.extend(judge::history(target, template, books, rules.as_of));
        let mut message = heading(target, person, template);
        message.fatigue = found.map(|_| fatigue.name());
        let mut exclusive = None;
        if let Some(template) = template {
            exclusive = self.write(target, person, template, &mut message, &mut reasons);
        }
        let deadline = rules.deadline(target, person).unwrap_or_else(|unread| {
            let what = format!(
                "known_at is {unread:?}, which is no time, so the deadline counts from this run"
            );
            reasons.push(Reason::new("known-at-unreadable", Weight::Review, what));
            rules.as_of
        });
        match target.remedy_value() {
            Ok(value) => message.remedy_value = value,
            Err(reason) => reasons.push(reason),
        }
        message.earliest_at = self.time(target, person, deadline, pad, &mut reasons);
        message.reasons = reasons;
        let urgent = stated.purpose == Purpose::SafetyRecall || stated.with_recall;
        Draft {
            message,
            text,
            exclusive,
            urgent: urgent.then_some(deadline),
            worth: (person.important, target.values.get("remedy").cloned()),
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

    /// Puts the permitted fields into the text and reads the words back. Returns a phrase
    /// that claims the text is for one person alone.
    fn write(
        &self,
        target: &Target,
        person: &Person,
        template: &Template,
        message: &mut Message,
        reasons: &mut Vec<Reason>,
    ) -> Option<String> {
        reasons.extend(template.faults.iter().cloned());
        let place = Place {
            language: &template.language,
            ..person.place(target.stated.purpose)
        };
        let (filled, troubles) = self.fill(target, person, template, &place);
        message.fields_used = filled.used.join(", ");
        self.show(&filled, template, &place, message, reasons);
        let silent = !troubles.is_empty()
            || template
                .faults
                .iter()
                .any(|fault| fault.code.starts_with("field-"));
        reasons.extend(troubles);
        if silent {
            return None;
        }
        let recall = target.stated.purpose == Purpose::SafetyRecall;
        let heading = self
            .rules
            .book
            .one("recall_heading", &place)
            .and_then(|rule| rule.text());
        let rendered =
            match template.render(&filled.values, &filled.brand, heading.filter(|_| recall)) {
                Ok(rendered) => rendered,
                Err(troubles) => {
                    reasons.extend(troubles);
                    return None;
                }
            };
        let exclusive =
            self.read_back(&rendered.subject, &rendered.body, template, &place, reasons);
        message.subject = Some(rendered.subject);
        message.body = Some(rendered.body);
        exclusive
    }

    fn fill(
        &self,
        target: &Target,
        person: &Person,
        template: &Template,
        place: &Place<'_>,
    ) -> (Filled, Vec<Reason>) {
        let partner = person.owner.as_deref().unwrap_or_default();
        // A store or adviser speaks before the country as a whole.
        let written = |whose: &str, name: &str| {
            self.open_fields
                .get(whose, name, &template.id, &template.language)
        };
        let open = |name: &str| written(partner, name).or_else(|| written(&person.country, name));
        let (filled, mut troubles) = filling::fill(target, person, template, &open);
        for (name, value) in &filled.given {
            let said = words::normal(value);
            let found = self.words.found(&said, place);
            if found.iter().any(|(class, _)| *class == Class::Health) {
                let what = format!("{name} speaks of somebody's health, which no message may");
                troubles.push(Reason::new("health-word", template.fault_weight(), what));
            }
        }
        for (name, value) in &filled.opened {
            for url in looks::addresses(value) {
                let reason = looks::domain(&url, &self.rules.book, place, template.fault_weight());
                troubles.extend(reason.map(|reason| reason.about(name)));
            }
        }
        (filled, troubles)
    }

    /// What stands around the words: who writes, pictures, the way out of the list.
    fn show(
        &self,
        filled: &Filled,
        template: &Template,
        place: &Place<'_>,
        message: &mut Message,
        reasons: &mut Vec<Reason>,
    ) {
        let (book, weight) = (&self.rules.book, template.fault_weight());
        let brand = |name: &str| filled.brand.get(name).cloned();
        (message.sender, message.contact) = (brand("sender"), brand("contact"));
        if let Some(logo) = &template.logo {
            reasons.extend(self.assets.logo(logo, book, place, weight));
        }
        let pictures: Vec<&str> = template
            .logo
            .iter()
            .chain(&template.images)
            .map(String::as_str)
            .collect();
        reasons.extend(
            pictures
                .iter()
                .filter_map(|url| looks::domain(url, book, place, weight)),
        );
        message.images = (!pictures.is_empty()).then(|| pictures.join(" "));
        if place.channel == "email" && !template.stated.purpose.is_notice() {
            let id = message.customer_id.as_deref().unwrap_or_default();
            let token = digest::of([message.incident.as_str(), id, template.id.as_str()]);
            let link = template
                .brand
                .get("refusal_link")
                .map_or("", String::as_str);
            message.headers = looks::unsubscribe(link, token.get(..32).unwrap_or_default());
            if message.headers.is_none() {
                let what = format!(
                    "{} has no https address for one click of refusal",
                    template.label()
                );
                reasons.push(Reason::new("no-one-click", weight, what));
            }
        }
    }

    /// Reads what would be said, as the person would.
    fn read_back(
        &self,
        subject: &str,
        body: &str,
        template: &Template,
        place: &Place<'_>,
        reasons: &mut Vec<Reason>,
    ) -> Option<String> {
        let said = words::normal(&format!("{subject}\n{body}"));
        let recall =
            template.stated.purpose == Purpose::SafetyRecall || template.stated.with_recall;
        let mut exclusive = None;
        for (class, word) in self.words.found(&said, place) {
            match class {
                Class::Forbidden => {
                    let what = format!("the message says {word:?}, which no message may");
                    reasons.push(Reason::new("forbidden-word", Weight::Review, what));
                }
                Class::Restricted => {
                    let what = format!("the message says {word:?}, which a rule refuses");
                    reasons.push(Reason::new(
                        "restricted-word",
                        template.fault_weight(),
                        what,
                    ));
                }
                Class::Softening if recall => {
                    let what =
                        format!("{word:?} plays the risk down (Regulation (EU) 2023/988 Art. 36)");
                    reasons.push(Reason::new("softened-risk", Weight::Review, what));
                }
                Class::Exclusive => exclusive = exclusive.or(Some(word)),
                Class::Softening | Class::Health => {}
            }
        }
        let pictures = looks::addresses(body)
            .into_iter()
            .filter(|url| looks::is_picture(url));
        reasons.extend(pictures.filter_map(|url| {
            looks::domain(&url, &self.rules.book, place, template.fault_weight())
        }));
        exclusive
    }

    /// The earliest time, and whether one more advertisement is too many. What is suppressed gets
    /// no time and uses no place under the caps.
    fn time(
        &self,
        target: &Target,
        person: &Person,
        deadline: Timestamp,
        pad: &mut Pad,
        reasons: &mut Vec<Reason>,
    ) -> Option<Timestamp> {
        if reasons
            .iter()
            .any(|reason| reason.weight == Weight::Suppress)
        {
            return None;
        }
        let purpose = match target.stated.with_recall {
            true => Purpose::SafetyRecall,
            false => target.stated.purpose,
        };
        let wish = Wish {
            person,
            purpose,
            deadline,
        };
        let timing = timing::find(&wish, &self.rules, &mut pad.zones);
        reasons.extend(timing.reasons);
        let (Some(at), Some(zone)) = (timing.earliest, &timing.zone) else {
            return timing.earliest;
        };
        let planned = pad
            .planned
            .entry(target.key.customer_id.clone())
            .or_default();
        let over = advert::over_cap(at, zone, target, person, &self.books, planned, &self.rules);
        let stopped = over
            .as_ref()
            .is_some_and(|reason| reason.weight == Weight::Suppress);
        if over.is_none() && !target.stated.purpose.is_notice() {
            planned.push((at, person.channel.clone()));
        }
        reasons.extend(over);
        (!stopped).then_some(at)
    }
}

fn heading(target: &Target, person: &Person, template: Option<&Template>) -> Message {
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
        address: person
            .address
            .clone()
            .filter(|_| person.addressable && person.from_order),
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
