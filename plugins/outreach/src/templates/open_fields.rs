//! Open fields: values that a partner or region may put into an approved text, within central limits.

use std::collections::BTreeMap;

use crate::error::config_error;
use crate::input::values::{Trimmed, lower, owned};
use tsugi_plugin::{Error, Row};

/// The open fields of a template with the most characters of each.
pub(crate) type Openings = BTreeMap<String, usize>;

/// Most characters of an open field where the template states no limit.
const CHARACTERS_MAX: usize = 200;

/// Parses the column `open` of a template: `opening_hours:80 greeting`. `Err` is the entry that cannot
/// be parsed.
pub(crate) fn parse(text: &str) -> Result<Openings, String> {
    let mut found = Openings::new();
    let entries = text.split(|at: char| at == ',' || at.is_whitespace());
    for entry in entries.filter(|entry| !entry.is_empty()) {
        let (name, limit) = match entry.split_once(':') {
            Some((name, limit)) => (name, limit.parse().map_err(|_| entry.to_string())?),
            None => (entry, CHARACTERS_MAX),
        };
        let plain = |at: char| at.is_ascii_alphanumeric() || at == '_';
        if name.is_empty() || !name.chars().all(plain) {
            return Err(entry.to_string());
        }
        found.insert(name.to_string(), limit);
    }
    Ok(found)
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Written {
    template: Option<String>,
    language: Option<String>,
    value: String,
}

/// One row of the relation `open_fields`.
#[derive(Debug, Row)]
pub(crate) struct OpenFieldRow<'a> {
    partner: Option<Trimmed<'a>>,
    field: Option<Trimmed<'a>>,
    value: Option<Trimmed<'a>>,
    #[row(optional)]
    template_id: Option<Trimmed<'a>>,
    #[row(optional)]
    language: Option<Trimmed<'a>>,
}

/// The relation `open_fields`, by partner and field.
#[derive(Debug, Default)]
pub(crate) struct OpenFields {
    written: BTreeMap<(String, String), Vec<Written>>,
    rows: usize,
}

impl OpenFields {
    pub(crate) fn add(&mut self, row: OpenFieldRow<'_>) -> Result<(), Error> {
        self.rows += 1;
        let need = |name: &str, text: Option<Trimmed<'_>>| {
            owned(text).ok_or_else(|| {
                let what = format!("open_fields, row {}: {name} is blank", self.rows);
                config_error(
                    "open-field-incomplete",
                    what,
                    "fill it in, or remove the row",
                )
            })
        };
        let key = (need("partner", row.partner)?, need("field", row.field)?);
        let written = Written {
            value: need("value", row.value)?,
            template: owned(row.template_id),
            language: lower(row.language),
        };
        let all = self.written.entry(key).or_default();
        let same = |other: &&Written| {
            (&other.template, &other.language) == (&written.template, &written.language)
        };
        match all.iter().find(same) {
            Some(other) if other.value != written.value => Err(config_error(
                "open-field-twice",
                format!(
                    "open_fields, row {}: the same field is there twice with different values",
                    self.rows
                ),
                "remove one of them",
            )),
            Some(_) => Ok(()),
            None => {
                all.push(written);
                Ok(())
            }
        }
    }

    /// The value of a partner for a field. One for this template and language wins over one for less.
    pub(crate) fn get(
        &self,
        partner: &str,
        field: &str,
        template: &str,
        language: &str,
    ) -> Option<&str> {
        let all = self
            .written
            .get(&(partner.to_string(), field.to_string()))?;
        let fits =
            |own: &Option<String>, query: &str| own.as_deref().is_none_or(|own| own == query);
        all.iter()
            .filter(|written| {
                fits(&written.template, template) && fits(&written.language, language)
            })
            .max_by_key(|written| (written.template.is_some(), written.language.is_some()))
            .map(|written| written.value.as_str())
    }
}
