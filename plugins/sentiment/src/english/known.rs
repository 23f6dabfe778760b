//! What the English lexicons know of a word: the rating of VADER, and what it says of service and products.

use crate::words::{Words, rows};

/// What the rules know of a word.
#[derive(Clone, Copy, Default)]
pub(super) struct Known {
    pub valence: Option<f64>,
    pub booster: f64,
    pub denies: bool,
    /// "but"
    pub contrasts: bool,
    /// It stands in an idiom, or in a damper of two words.
    pub marks_idiom: bool,
    pub service: Service,
}

/// What is known of any other word.
pub(super) static UNKNOWN: Known = Known {
    valence: None,
    booster: 0.0,
    denies: false,
    contrasts: false,
    marks_idiom: false,
    service: Service {
        valence: 0.0,
        missed: 0.0,
        measures: false,
    },
};

/// What a word says of service and products, which VADER does not rate.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Service {
    pub valence: f64,
    /// Its valence where it is denied.
    pub missed: f64,
    /// Too much of it is bad.
    pub measures: bool,
}

impl Service {
    /// Whether it says anything.
    #[inline]
    pub(super) fn is_any(self) -> bool {
        self.valence != 0.0 || self.missed != 0.0 || self.measures
    }
}

/// Adds what words say of service and products.
pub(super) fn add_service(words: &mut Words<Known>) {
    for row in rows(include_str!("../lexicon/en_service.tsv")) {
        let mut columns = row.split('\t');
        let (Some(class), Some(value), Some(list)) =
            (columns.next(), columns.next(), columns.next())
        else {
            continue;
        };
        let value: f64 = value.parse().unwrap_or_default();
        for word in list.split_whitespace() {
            for form in forms(class, word) {
                let known = words.entry(form).or_default();
                match class {
                    "w" => known.service.missed = value,
                    "m" => known.service.measures = true,
                    _ if known.valence.is_none() => known.service.valence = value,
                    _ => {}
                }
            }
        }
    }
}

/// A verb with its regular forms. They are made once and kept, as the words of the files are.
fn forms(class: &str, word: &'static str) -> Vec<&'static [u8]> {
    let mut forms: Vec<&'static [u8]> = vec![word.as_bytes()];
    if class == "v" {
        let stem = word.strip_suffix('e').unwrap_or(word);
        for form in [
            format!("{word}s"),
            format!("{stem}ed"),
            format!("{stem}ing"),
        ] {
            forms.push(String::leak(form).as_bytes());
        }
    }
    forms
}
