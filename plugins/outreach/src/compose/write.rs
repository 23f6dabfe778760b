//! The text of a draft: fields filled in, rendered, and read back for words, links and pictures.

use tsugi_plugin::Error;

use crate::checks::CheckInput;
use crate::compose::draft::Composer;
use crate::message::hash;
use crate::message::reasons::{Reason, Weight};
use crate::message::row::Message;
use crate::rules::normalize::normalize;
use crate::rules::rulebook::RuleScope;
use crate::targets::purpose::Purpose;
use crate::templates::fill::{FieldSources, FieldValues};
use crate::templates::links;
use crate::templates::render::Rendered;
use crate::templates::segments::segments;
use crate::templates::template::Template;
use crate::templates::wording::Class;

impl Composer {
    /// Renders the template into the message and adds reasons. Returns a phrase that claims the text
    /// is for one person alone.
    pub(super) fn write(
        &self,
        input: &CheckInput<'_>,
        template: &Template,
        message: &mut Message,
        reasons: &mut Vec<Reason>,
    ) -> Result<Option<String>, Error> {
        reasons.extend(template.faults.iter().cloned());
        let purpose = input.target.stated.purpose;
        let scope = RuleScope {
            language: &template.language,
            ..input.person.scope(purpose)
        };
        let (fields, field_faults) = self.fill(input, template, &scope)?;
        message.fields_used = fields.used.join(", ");
        self.add_surroundings(&fields, template, &scope, message, reasons);
        let is_about_field = |fault: &Reason| fault.code.starts_with("field-");
        let blocked = !field_faults.is_empty() || template.faults.iter().any(is_about_field);
        reasons.extend(field_faults);
        if blocked {
            return Ok(None);
        }
        let heading = self.settings.rulebook.one("recall_heading", &scope);
        let heading = heading.and_then(|rule| rule.text());
        let heading = heading.filter(|_| purpose == Purpose::SafetyRecall);
        match template.render(&fields.values, &fields.brand, heading) {
            Ok(rendered) => {
                let exclusive = self.read_back(&rendered, template, &scope, reasons)?;
                reasons.extend(self.length(&rendered.body, &scope));
                message.subject = Some(rendered.subject);
                message.body = Some(rendered.body);
                Ok(exclusive)
            }
            Err(faults) => {
                reasons.extend(faults);
                Ok(None)
            }
        }
    }

    fn fill(
        &self,
        input: &CheckInput<'_>,
        template: &Template,
        scope: &RuleScope<'_>,
    ) -> Result<(FieldValues, Vec<Reason>), Error> {
        let person = input.person;
        let partner = person.owner.as_deref().unwrap_or_default();
        let written = |by: &str, name: &str| {
            self.open_fields
                .get(by, name, &template.id, &template.language)
        };
        // The value of a store or adviser wins over that of the country.
        let open = |name: &str| written(partner, name).or_else(|| written(&person.country, name));
        let sources = FieldSources {
            target: input.target,
            person,
            template,
        };
        let (fields, mut faults) = sources.fill(&open);
        for (name, value) in &fields.free {
            let words = self.words.found(&normalize(value), scope)?;
            if words.iter().any(|(class, _)| *class == Class::Health) {
                let what = format!("{name} contains words about health, which no message may");
                faults.push(Reason::new("health-word", template.fault_weight(), what));
            }
        }
        for (name, value) in &fields.open {
            for url in links::addresses(value) {
                let fault = self.domain_fault(url, scope, template);
                faults.extend(fault.map(|fault| fault.about(name)));
            }
        }
        Ok((fields, faults))
    }

    fn domain_fault(
        &self,
        url: &str,
        scope: &RuleScope<'_>,
        template: &Template,
    ) -> Option<Reason> {
        links::domain_fault(url, &self.settings.rulebook, scope, template.fault_weight())
    }

    /// Adds what surrounds the text: sender, pictures, one click of refusal.
    fn add_surroundings(
        &self,
        fields: &FieldValues,
        template: &Template,
        scope: &RuleScope<'_>,
        message: &mut Message,
        reasons: &mut Vec<Reason>,
    ) {
        let (rulebook, weight) = (&self.settings.rulebook, template.fault_weight());
        let brand = |name: &str| fields.brand.get(name).cloned();
        (message.sender, message.contact) = (brand("sender"), brand("contact"));
        if let Some(logo) = &template.logo {
            reasons.extend(self.assets.logo_fault(logo, rulebook, scope, weight));
        }
        let pictures = template.logo.iter().chain(&template.images);
        let pictures: Vec<&str> = pictures.map(String::as_str).collect();
        let faults = pictures
            .iter()
            .filter_map(|url| self.domain_fault(url, scope, template));
        reasons.extend(faults);
        message.images = (!pictures.is_empty()).then(|| pictures.join(" "));
        if scope.channel == "email" && !template.stated.purpose.is_notice() {
            let id = message.customer_id.as_deref().unwrap_or_default();
            let token = hash::of([message.incident.as_str(), id, template.id.as_str()]);
            let token: String = token.chars().take(32).collect();
            let link = template.brand.get("refusal_link");
            let link = link.map_or("", String::as_str);
            message.headers = links::unsubscribe_headers(link, &token);
            if message.headers.is_none() {
                let what = format!(
                    "{} has no https address for one click of refusal",
                    template.label()
                );
                reasons.push(Reason::new("no-one-click", weight, what));
            }
        }
    }

    /// How many segments an SMS takes, and whether that is more than a rule allows.
    fn length(&self, body: &str, scope: &RuleScope<'_>) -> Option<Reason> {
        if scope.channel != "sms" {
            return None;
        }
        let (needed, most) = (
            segments(body),
            self.settings.rulebook.count("sms_segments_max", scope),
        );
        Some(if needed > most {
            let what = format!("this SMS takes {needed} segments, more than {most}");
            Reason::new("sms-too-long", Weight::Review, what)
        } else {
            let plural = if needed == 1 { "" } else { "s" };
            let what = format!("this SMS takes {needed} segment{plural}");
            Reason::new("sms-segments", Weight::Note, what)
        })
    }

    /// Searches the rendered text for words and pictures that it may not have.
    fn read_back(
        &self,
        rendered: &Rendered,
        template: &Template,
        scope: &RuleScope<'_>,
        reasons: &mut Vec<Reason>,
    ) -> Result<Option<String>, Error> {
        let (subject, body) = (&rendered.subject, &rendered.body);
        let text = normalize(&format!("{subject}\n{body}"));
        let stated = template.stated;
        let has_recall = stated.purpose == Purpose::SafetyRecall || stated.with_recall;
        let weight = template.fault_weight();
        let mut exclusive = None;
        for (class, word) in self.words.found(&text, scope)? {
            match class {
                Class::Forbidden => {
                    let what = format!("the message says {word:?}, which no message may");
                    reasons.push(Reason::new("forbidden-word", Weight::Review, what));
                }
                Class::Restricted => {
                    let what = format!("the message says {word:?}, which a rule refuses");
                    reasons.push(Reason::new("restricted-word", weight, what));
                }
                Class::Softening if has_recall => {
                    let what =
                        format!("{word:?} plays the risk down (Regulation (EU) 2023/988 Art. 36)");
                    reasons.push(Reason::new("softened-risk", Weight::Review, what));
                }
                Class::Exclusive => exclusive = exclusive.or(Some(word)),
                Class::Softening | Class::Health => {}
            }
        }
        let pictures = links::addresses(body)
            .into_iter()
            .filter(|url| links::is_picture(url));
        reasons.extend(pictures.filter_map(|url| self.domain_fault(url, scope, template)));
        Ok(exclusive)
    }
}
