//! The approved library: all templates, and which of them speaks to a person.

use std::collections::{BTreeMap, BTreeSet};

use crate::cell::Sheet;
use crate::fault::Fault;
use crate::purpose::Purpose;
use crate::reasons::{Reason, Weight};
use crate::target::Certainty;
use crate::template::{self, Template};

/// Every template of a run.
#[derive(Debug, Default)]
pub struct Library {
    templates: Vec<Template>,
    seen: BTreeMap<Vec<String>, String>,
}

/// What is looked for.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// Why the person is written to.
    pub purpose: Purpose,
    /// A template named by the target.
    pub id: Option<&'a str>,
    /// Languages in the order of preference; the first is the person's own or the assumed one.
    pub languages: &'a [String],
    /// Whether the person surely has the affected product.
    pub certainty: Certainty,
}

impl Library {
    /// Takes the rows of the library in.
    pub fn add(&mut self, sheet: &Sheet) -> Result<(), Fault> {
        for row in sheet.rows() {
            let number = self.seen.len() + 1;
            let template = Template::read(&row, number)?;
            let key = ["template_id", "version", "purpose", "language", "certainty"];
            let key = key
                .iter()
                .map(|name| row.text(name).unwrap_or_default().to_lowercase())
                .collect();
            let hash = template::locked_hash(&row);
            match self.seen.insert(key, hash.clone()) {
                None => self.templates.push(template),
                Some(before) if before == hash => {}
                Some(_) => {
                    return Err(Fault::new(
                        "template-twice",
                        format!(
                            "templates: {} stands twice in {} with different texts",
                            template.label(),
                            template.language
                        ),
                        "give the newer text a higher version",
                    ));
                }
            }
        }
        Ok(())
    }

    /// A template by the place that [`Library::choose`] gave.
    pub fn get(&self, place: usize) -> Option<&Template> {
        self.templates.get(place)
    }

    /// The template for a person, and what there is to say about the choice.
    pub fn choose(&self, wanted: &Wanted<'_>) -> (Option<usize>, Vec<Reason>) {
        let all = self.templates.iter().enumerate();
        let fitting: Vec<(usize, &Template)> = all
            .filter(|(_, template)| template.stated.purpose == wanted.purpose)
            .filter(|(_, template)| wanted.id.is_none_or(|id| id == template.id))
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
        for (rank, language) in wanted.languages.iter().enumerate() {
            let spoken = fitting
                .iter()
                .filter(|(_, template)| template.language == *language);
            let (fit, unfit): (Vec<_>, Vec<_>) =
                spoken.partition(|(_, template)| speaks_to(template, wanted));
            only_certain |= !unfit.is_empty();
            let best = fit.into_iter().max_by_key(|(_, template)| {
                (
                    template.approved,
                    version_order(&template.version),
                    template.certainty.is_some(),
                )
            });
            if let Some((place, template)) = best {
                let mut reasons = Vec::new();
                let own = wanted.languages.first().map_or("", String::as_str);
                if rank > 0 && !own.starts_with(&format!("{language}-")) {
                    let what = format!(
                        "{} is not written in {own}, so {language} is used",
                        template.id
                    );
                    reasons.push(Reason::new("language-fallback", Weight::Note, what));
                }
                return (Some(place), reasons);
            }
        }
        let spoken = wanted.languages.join(", ");
        let reason = match only_certain {
            true => Reason::new(
                "no-possible-wording",
                Weight::Review,
                "no template says that this person's product is only possibly affected",
            ),
            false => Reason::new(
                "no-template",
                Weight::Review,
                format!("no template for a {} in {spoken}", wanted.purpose.name()),
            ),
        };
        (None, vec![reason])
    }
}

/// A text for certain buyers never goes to a possible one; a text for both must tell them apart.
fn speaks_to(template: &Template, wanted: &Wanted<'_>) -> bool {
    match template.certainty {
        Some(certainty) => certainty == wanted.certainty,
        None => {
            wanted.certainty == Certainty::Certain
                || !wanted.purpose.is_notice()
                || template.speaks_of_certainty()
        }
    }
}

/// Versions in their order: by the numbers in them, then as text.
fn version_order(version: &str) -> (Vec<u64>, String) {
    let numbers = version.split(|at: char| !at.is_ascii_digit());
    (
        numbers.filter_map(|number| number.parse().ok()).collect(),
        version.to_string(),
    )
}
