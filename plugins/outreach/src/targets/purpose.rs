//! The three purposes of a message. The purpose alone decides which rules bind.

use crate::error::config_error;
use tsugi_plugin::Error;

/// Why a person is written to, most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Purpose {
    /// A product may hurt people.
    SafetyRecall,
    /// Something bought is defective or needs service.
    ServiceNotice,
    /// Anything that promotes.
    Advertisement,
}

impl Purpose {
    /// The value of the column `purpose`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Purpose::SafetyRecall => "safety_recall",
            Purpose::ServiceNotice => "service_notice",
            Purpose::Advertisement => "advertisement",
        }
    }

    /// A notice is owed to the buyer; an advertisement is not.
    pub(crate) fn is_notice(self) -> bool {
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

/// A purpose as written: one, or several joined, which count as an advertisement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StatedPurpose {
    pub(crate) purpose: Purpose,
    /// Notice and advertisement in one.
    pub(crate) mixed: bool,
    /// One of the mixed purposes is a safety recall, which must not be dropped with the advertisement.
    pub(crate) with_recall: bool,
}

/// Parses one of the three names, or several joined by `+`; `place` names the row in errors.
pub(crate) fn parse(text: &str, place: &str) -> Result<StatedPurpose, Error> {
    let normal = text.trim().to_lowercase().replace(['-', ' '], "_");
    let mut found = Vec::new();
    for part in normal.split('+').map(|part| part.trim_matches('_')) {
        found.push(Purpose::one(part).ok_or_else(|| {
            config_error(
                "unknown-purpose",
                format!("{place}: the purpose {text:?} is not known"),
                "write safety_recall, service_notice or advertisement, or join them with +",
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
    Ok(StatedPurpose {
        purpose,
        mixed,
        with_recall: mixed && found.contains(&Purpose::SafetyRecall),
    })
}

/// Whether a country, an ISO 3166 code in upper case, is a member of the European Union.
pub(crate) fn in_union(country: &str) -> bool {
    const UNION: &str =
        "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK";
    country.len() == 2 && UNION.split(' ').any(|member| member == country)
}
