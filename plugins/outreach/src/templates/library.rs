//! All templates of a run, and the choice of one for a person.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::config_error;
use crate::message::reasons::{Reason, Weight};
use crate::targets::certainty::Certainty;
use crate::targets::purpose::Purpose;
use crate::templates::lock::locked_hash;
use crate::templates::row::TemplateRow;
use crate::templates::template::Template;
use tsugi_plugin::Error;

#[derive(Debug, Default)]
pub(crate) struct Library {
    templates: Vec<Template>,
    /// The lock hash by id, version, purpose, language, certainty and channel.
    hashes: BTreeMap<[String; 6], String>,
}

/// What a template is chosen for.
#[derive(Debug)]
pub(crate) struct TemplateQuery<'a> {
    pub(crate) purpose: Purpose,
    /// The template that the target names.
    pub(crate) id: Option<&'a str>,
    /// In the order of preference; the first is the person's own or the assumed one.
    pub(crate) languages: &'a [String],
    pub(crate) certainty: Certainty,
    /// The channel that the message goes by, where it is known.
    pub(crate) channel: Option<&'a str>,
}

impl Library {
    pub(crate) fn add(&mut self, row: &TemplateRow<'_>) -> Result<(), Error> {
        let template = Template::read(row, self.hashes.len() + 1)?;
        let key = [
            &row.template_id,
            &row.version,
            &row.purpose,
            &row.language,
            &row.certainty,
            &row.channel,
        ];
        let key = key.map(|text| text.as_deref().unwrap_or_default().to_lowercase());
        let hash = locked_hash(row);
        match self.hashes.insert(key, hash.clone()) {
            None => self.templates.push(template),
            Some(before) if before == hash => {}
            Some(_) => {
                return Err(config_error(
                    "template-twice",
                    format!(
                        "templates: {} is there twice in {} with different texts",
                        template.label(),
                        template.language
                    ),
                    "give the newer text a higher version",
                ));
            }
        }
        Ok(())
    }

    /// The best template with its index, and reasons about the choice.
    pub(crate) fn choose(
        &self,
        query: &TemplateQuery<'_>,
    ) -> (Option<(usize, &Template)>, Vec<Reason>) {
        let all = self.templates.iter().enumerate();
        let fitting: Vec<(usize, &Template)> = all
            .filter(|(_, template)| template.stated.purpose == query.purpose)
            .filter(|(_, template)| is_for(template, query.channel))
            .filter(|(_, template)| query.id.is_none_or(|id| id == template.id))
            .collect();
        let ids: BTreeSet<&str> = fitting
            .iter()
            .map(|(_, template)| template.id.as_str())
            .collect();
        if ids.len() > 1 {
            let names: Vec<&str> = ids.into_iter().collect();
            let what = format!(
                "{} templates serve this purpose ({}), the target names none",
                names.len(),
                names.join(", ")
            );
            return (
                None,
                vec![Reason::new("template-ambiguous", Weight::Review, what)],
            );
        }
        let mut only_certain = false;
        for (rank, language) in query.languages.iter().enumerate() {
            let in_language = fitting
                .iter()
                .filter(|(_, template)| template.language == *language);
            let (fit, unfit): (Vec<_>, Vec<_>) =
                in_language.partition(|(_, template)| suits(template, query));
            only_certain |= !unfit.is_empty();
            let best = fit.into_iter().max_by_key(|(_, template)| {
                (
                    template.approved,
                    template.channel.is_some(),
                    version_order(&template.version),
                    template.certainty.is_some(),
                )
            });
            if let Some((index, template)) = best {
                let mut reasons = Vec::new();
                let own = query.languages.first().map_or("", String::as_str);
                if rank > 0 && !own.starts_with(&format!("{language}-")) {
                    let what = format!(
                        "{} is not written in {own}, so {language} is used",
                        template.id
                    );
                    reasons.push(Reason::new("language-fallback", Weight::Note, what));
                }
                return (Some((index, template)), reasons);
            }
        }
        let languages = query.languages.join(", ");
        let reason = match only_certain {
            true => Reason::new(
                "no-possible-wording",
                Weight::Review,
                "no template says that this person's product is only possibly affected",
            ),
            false => Reason::new(
                "no-template",
                Weight::Review,
                format!("no template for a {} in {languages}", query.purpose.name()),
            ),
        };
        (None, vec![reason])
    }
}

/// A text of one channel goes by no other.
fn is_for(template: &Template, channel: Option<&str>) -> bool {
    let own = template.channel.as_deref();
    own.is_none() || own == channel
}

/// A text for certain buyers never goes to a possible one. A text for both must tell them apart.
fn suits(template: &Template, query: &TemplateQuery<'_>) -> bool {
    match template.certainty {
        Some(certainty) => certainty == query.certainty,
        None => {
            query.certainty == Certainty::Certain
                || !query.purpose.is_notice()
                || template.speaks_of_certainty()
        }
    }
}

/// Orders versions by the numbers in them, then as text.
fn version_order(version: &str) -> (Vec<u64>, String) {
    let numbers = version.split(|at: char| !at.is_ascii_digit());
    (
        numbers.filter_map(|number| number.parse().ok()).collect(),
        version.to_string(),
    )
}
