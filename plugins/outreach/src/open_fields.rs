//! Open fields: what a partner or region may put into an approved text, within central limits.

use std::collections::BTreeMap;

use crate::cell::Row;
use crate::fault::Fault;

/// What a template leaves open: names with the most letters each may have.
pub type Openings = BTreeMap<String, usize>;

/// Letters of an open field where the template states no limit.
const LETTERS_MAX: usize = 200;

/// Reads a template's `open`: `opening_hours:80 greeting`. `Err` is the entry that cannot be read.
pub fn parse(text: &str) -> Result<Openings, String> {
    let mut found = Openings::new();
    let entries = text.split(|at: char| at == ',' || at.is_whitespace());
    for entry in entries.filter(|entry| !entry.is_empty()) {
        let (name, limit) = match entry.split_once(':') {
            Some((name, limit)) => (name, limit.parse().map_err(|_| entry.to_string())?),
            None => (entry, LETTERS_MAX),
        };
        let plain = |at: char| at.is_ascii_alphanumeric() || at == '_';
        if name.is_empty() || !name.chars().all(plain) {
            return Err(entry.to_string());
        }
        found.insert(name.to_string(), limit);
    }
    Ok(found)
}

/// One value that a partner wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Written {
    template: Option<String>,
    language: Option<String>,
    value: String,
}

/// What all partners wrote, by partner and field.
#[derive(Debug, Default)]
pub struct OpenFields {
    written: BTreeMap<(String, String), Vec<Written>>,
    rows: usize,
}

impl OpenFields {
    /// Takes a row of `open_fields` in.
    pub fn add(&mut self, row: &Row<'_>) -> Result<(), Fault> {
        self.rows += 1;
        let need = |name: &str| {
            row.text(name).ok_or_else(|| {
                let what = format!("open_fields, row {}: {name} is blank", self.rows);
                Fault::new(
                    "open-field-incomplete",
                    what,
                    "fill it in, or leave the row out",
                )
            })
        };
        let (key, value) = ((need("partner")?, need("field")?), need("value")?);
        let written = Written {
            template: row.text("template_id"),
            language: row.text("language").map(|text| text.to_lowercase()),
            value,
        };
        let all = self.written.entry(key).or_default();
        let same = |other: &&Written| {
            (&other.template, &other.language) == (&written.template, &written.language)
        };
        match all.iter().find(same) {
            Some(other) if other.value != written.value => Err(Fault::new(
                "open-field-twice",
                format!(
                    "open_fields, row {}: the same field stands twice with different values",
                    self.rows
                ),
                "leave one of them",
            )),
            Some(_) => Ok(()),
            None => {
                all.push(written);
                Ok(())
            }
        }
    }

    /// What a partner wrote for a field of a template: the value that names the template and
    /// the language goes before one that names less.
    pub fn get(&self, partner: &str, field: &str, template: &str, language: &str) -> Option<&str> {
        let all = self
            .written
            .get(&(partner.to_string(), field.to_string()))?;
        let fits =
            |own: &Option<String>, asked: &str| own.as_deref().is_none_or(|own| own == asked);
        all.iter()
            .filter(|written| {
                fits(&written.template, template) && fits(&written.language, language)
            })
            .max_by_key(|written| (written.template.is_some(), written.language.is_some()))
            .map(|written| written.value.as_str())
    }
}
