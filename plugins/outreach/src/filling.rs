//! The values for the names that a text uses and may use, with the basis each is used on.

use std::collections::BTreeMap;

use minijinja::value::Value;

use crate::fields::{BRAND_FIELDS, SALE_FIELDS};
use crate::people::Person;
use crate::reasons::{Reason, Weight};
use crate::target::{Certainty, Target};
use crate::template::Template;

/// What goes into a text.
#[derive(Debug, Default)]
pub struct Filled {
    /// By name.
    pub values: BTreeMap<String, Value>,
    /// `field=basis` pairs.
    pub used: Vec<String>,
    /// The brand's own values, with what a partner may say in their place.
    pub brand: BTreeMap<&'static str, String>,
    /// What came from data beyond the plain facts of the sale, or from a partner.
    pub given: Vec<(String, String)>,
    /// What a partner wrote.
    pub opened: Vec<(String, String)>,
}

/// Collects the values. `open` answers what the partner of this person wrote for a name. What is
/// missing, unsafe or too long is told, and then nothing is printed.
pub fn fill<'a>(
    target: &Target,
    person: &Person,
    template: &Template,
    open: &dyn Fn(&str) -> Option<&'a str>,
) -> (Filled, Vec<Reason>) {
    let mut troubles = Vec::new();
    let mut filled = Filled {
        brand: template.brand.clone(),
        ..Filled::default()
    };
    for (name, limit) in &template.open {
        let Some(value) = open(name) else { continue };
        filled.opened.push((name.clone(), value.to_string()));
        if let Some(own) = BRAND_FIELDS.iter().find(|own| *own == name) {
            filled.brand.insert(own, value.to_string());
        }
        if value.chars().count() > *limit {
            let what = format!(
                "{name} of {} has more than {limit} letters",
                person.owner.as_deref().unwrap_or_default()
            );
            troubles.push(Reason::new(
                "open-field-too-long",
                template.fault_weight(),
                what,
            ));
        }
    }
    for (name, field) in &template.uses {
        if name == "possible" {
            filled.values.insert(
                name.clone(),
                Value::from(target.certainty == Certainty::Possible),
            );
            filled.used.push(format!("{name}={}", field.basis.name()));
            continue;
        }
        if name == "cause" && !target.values.contains_key("cause_confirmed_by") {
            // A text that can do without the cause says something else in its place.
            if field.optional {
                filled.values.insert(name.clone(), Value::from(()));
                continue;
            }
            let what = "no named person confirmed the cause (cause_confirmed_by is blank)";
            troubles.push(Reason::new("cause-unconfirmed", Weight::Review, what));
            continue;
        }
        match value(name, target, person, template, &filled) {
            Some(value) if value.chars().any(char::is_control) => {
                let what = format!("{name} holds a line break or another control character");
                troubles.push(Reason::new("unsafe-field", Weight::Review, what));
            }
            Some(value) => {
                let known = |names: &[&str]| names.contains(&name.as_str());
                if template.open.contains_key(name) || !(known(BRAND_FIELDS) || known(SALE_FIELDS))
                {
                    filled.given.push((name.clone(), value.clone()));
                }
                filled.values.insert(name.clone(), Value::from(value));
                filled.used.push(format!("{name}={}", field.basis.name()));
            }
            None if name == "cause" => {
                let what = format!(
                    "the cause is confirmed, and there are no words for it in {}",
                    template.language
                );
                troubles.push(Reason::new("missing-field", Weight::Review, what));
            }
            None if field.optional => {
                filled.values.insert(name.clone(), Value::from(()));
            }
            None => {
                let what = format!("{} needs {name}, which is blank", template.label());
                troubles.push(Reason::new("missing-field", Weight::Review, what));
            }
        }
    }
    (filled, troubles)
}

/// A partner's words for what is open, the brand's own, the person's, the sale's.
fn value(
    name: &str,
    target: &Target,
    person: &Person,
    template: &Template,
    filled: &Filled,
) -> Option<String> {
    if let Some(own) = filled.brand.get(name) {
        return Some(own.clone());
    }
    if template.open.contains_key(name) {
        let written = filled.opened.iter().find(|(opened, _)| opened == name);
        return written.map(|(_, value)| value.clone());
    }
    match name {
        "name" => person.name.clone(),
        "certainty" => Some(target.certainty.name().to_string()),
        "language" => Some(template.language.clone()),
        "cause" => {
            let own = target.values.get(&format!("cause_{}", template.language));
            own.or_else(|| target.values.get("cause")).cloned()
        }
        _ => target.values.get(name).cloned(),
    }
}
