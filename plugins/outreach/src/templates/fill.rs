//! The values of the fields that a template uses, each with its legal basis.

use std::collections::BTreeMap;

use minijinja::value::Value;

use crate::message::reasons::{Reason, Weight};
use crate::people::person::Person;
use crate::targets::certainty::Certainty;
use crate::targets::target::Target;
use crate::templates::fields::{BRAND_FIELDS, Declared, SALE_FIELDS};
use crate::templates::template::Template;

/// The values for one message.
#[derive(Debug, Default)]
pub(crate) struct FieldValues {
    pub(crate) values: BTreeMap<String, Value>,
    /// Pairs of `field=legal basis`.
    pub(crate) used: Vec<String>,
    /// The fields of the sender, including what a partner filled in.
    pub(crate) brand: BTreeMap<&'static str, String>,
    /// Values of declared and open fields, to be searched for words about health.
    pub(crate) free: Vec<(String, String)>,
    /// Values that a partner wrote.
    pub(crate) open: Vec<(String, String)>,
}

/// Where the values of one message come from.
pub(crate) struct FieldSources<'a> {
    pub(crate) target: &'a Target,
    pub(crate) person: &'a Person,
    pub(crate) template: &'a Template,
}

impl FieldSources<'_> {
    /// Collects the values. `open` returns what the partner of the person wrote for a field. Reasons
    /// name what is missing, unsafe or too long; then nothing may be rendered.
    pub(crate) fn fill<'o>(
        &self,
        open: &dyn Fn(&str) -> Option<&'o str>,
    ) -> (FieldValues, Vec<Reason>) {
        let mut reasons = Vec::new();
        let mut fields = self.open_fields(open, &mut reasons);
        for (name, field) in &self.template.uses {
            if name == "possible" {
                let possible = self.target.certainty == Certainty::Possible;
                fields.add(name, Value::from(possible), field);
                continue;
            }
            if name == "cause" && !self.target.values.contains_key("cause_confirmed_by") {
                // A text that declares the cause as optional has other words in its place.
                match field.optional {
                    true => fields.add_blank(name),
                    false => reasons.push(Reason::new(
                        "cause-unconfirmed",
                        Weight::Review,
                        "no named person confirmed the cause (cause_confirmed_by is blank)",
                    )),
                }
                continue;
            }
            match self.value(name, &fields) {
                Some(value) if value.chars().any(char::is_control) => {
                    let what = format!("{name} holds a line break or another control character");
                    reasons.push(Reason::new("unsafe-field", Weight::Review, what));
                }
                Some(value) => {
                    let is_plain = |names: &[&str]| names.contains(&name.as_str());
                    let is_open = self.template.open.contains_key(name);
                    if is_open || !(is_plain(BRAND_FIELDS) || is_plain(SALE_FIELDS)) {
                        fields.free.push((name.clone(), value.clone()));
                    }
                    fields.add(name, Value::from(value), field);
                }
                None if name != "cause" && field.optional => fields.add_blank(name),
                None => reasons.push(self.missing(name)),
            }
        }
        (fields, reasons)
    }

    fn open_fields<'o>(
        &self,
        open: &dyn Fn(&str) -> Option<&'o str>,
        reasons: &mut Vec<Reason>,
    ) -> FieldValues {
        let mut fields = FieldValues {
            brand: self.template.brand.clone(),
            ..FieldValues::default()
        };
        for (name, limit) in &self.template.open {
            let Some(value) = open(name) else { continue };
            fields.open.push((name.clone(), value.to_string()));
            if let Some(own) = BRAND_FIELDS.iter().find(|own| *own == name) {
                fields.brand.insert(own, value.to_string());
            }
            if value.chars().count() > *limit {
                let partner = self.person.owner.as_deref().unwrap_or_default();
                let what = format!("{name} of {partner} has more than {limit} characters");
                let weight = self.template.fault_weight();
                reasons.push(Reason::new("open-field-too-long", weight, what));
            }
        }
        fields
    }

    fn missing(&self, name: &str) -> Reason {
        let what = match name {
            "cause" => format!(
                "the cause is confirmed, and there are no words for it in {}",
                self.template.language
            ),
            _ => format!("{} needs {name}, which is blank", self.template.label()),
        };
        Reason::new("missing-field", Weight::Review, what)
    }

    /// The first of: sender's field, partner's words, person, sale.
    fn value(&self, name: &str, fields: &FieldValues) -> Option<String> {
        if let Some(own) = fields.brand.get(name) {
            return Some(own.clone());
        }
        if self.template.open.contains_key(name) {
            let written = fields.open.iter().find(|(opened, _)| opened == name);
            return written.map(|(_, value)| value.clone());
        }
        let of_target = |name: &str| self.target.values.get(name);
        match name {
            "name" => self.person.name.clone(),
            "certainty" => Some(self.target.certainty.name().to_string()),
            "language" => Some(self.template.language.clone()),
            "cause" => {
                let own = of_target(&format!("cause_{}", self.template.language));
                own.or_else(|| of_target("cause")).cloned()
            }
            _ => of_target(name).cloned(),
        }
    }
}

impl FieldValues {
    fn add(&mut self, name: &str, value: Value, field: &Declared) {
        self.values.insert(name.to_string(), value);
        self.used.push(format!("{name}={}", field.basis.name()));
    }

    fn add_blank(&mut self, name: &str) {
        self.values.insert(name.to_string(), Value::from(()));
    }
}
