//! The three purposes of a message; the purpose alone decides which rules bind.

use crate::fault::Fault;

/// Why a person is written to. The purpose alone decides which rules bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// A product may hurt somebody.
    SafetyRecall,
    /// Something bought is defective or needs service.
    ServiceNotice,
    /// Anything that promotes.
    Advertisement,
}

impl Purpose {
    /// As it stands in columns.
    pub fn name(self) -> &'static str {
        match self {
            Purpose::SafetyRecall => "safety_recall",
            Purpose::ServiceNotice => "service_notice",
            Purpose::Advertisement => "advertisement",
        }
    }

    /// A notice is owed to the buyer; an advertisement is not.
    pub fn is_notice(self) -> bool {
        self != Purpose::Advertisement
    }

    fn one(text: &str) -> Option<Purpose> {
        match text {
            "safety_recall" => Some(Purpose::SafetyRecall),
            "service_notice" => Some(Purpose::ServiceNotice),
            "advertisement" => Some(Purpose::Advertisement),
            _ => None,
        }
    }
}

/// A purpose as it was written: one, or several joined, which counts as an advertisement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stated {
    /// The purpose whose rules bind.
    pub purpose: Purpose,
    /// Notice and advertisement in one message.
    pub mixed: bool,
    /// The mixture has a safety recall in it, which must not be lost with the advertisement.
    pub with_recall: bool,
}

/// Reads a purpose: one of the three names, or several of them joined by `+`.
pub fn parse(text: &str, place: &str) -> Result<Stated, Fault> {
    let normal = text.trim().to_lowercase().replace(['-', ' '], "_");
    let mut found = Vec::new();
    for part in normal.split('+').map(|part| part.trim_matches('_')) {
        found.push(Purpose::one(part).ok_or_else(|| {
            Fault::new(
                "unknown-purpose",
                format!("{place}: the purpose {text:?} is not known"),
                "say safety_recall, service_notice or advertisement, or join them with +",
            )
        })?);
    }
    let promotes = found.contains(&Purpose::Advertisement);
    let mixed = promotes && found.iter().any(|purpose| purpose.is_notice());
    let purpose = match promotes {
        true => Purpose::Advertisement,
        false => found
            .iter()
            .min()
            .copied()
            .unwrap_or(Purpose::ServiceNotice),
    };
    Ok(Stated {
        purpose,
        mixed,
        with_recall: mixed && found.contains(&Purpose::SafetyRecall),
    })
}

/// Whether a country, two letters in upper case, is a member of the European Union.
pub fn in_union(country: &str) -> bool {
    const UNION: &str =
        "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK";
    country.len() == 2 && UNION.split(' ').any(|member| member == country)
}
