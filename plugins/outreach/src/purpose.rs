//! The three purposes of a message and the law that each is written under. Not legal advice.

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

/// The law a message of this purpose is written under in a country, by name.
/// Names only, not legal advice; the README lists them with what is taken from each.
pub fn law(purpose: Purpose, country: &str) -> &'static str {
    let country = country.trim().to_ascii_uppercase();
    match (purpose, country.as_str()) {
        (Purpose::SafetyRecall, "JP") => "消費生活用製品安全法",
        (Purpose::SafetyRecall, "CH") => "PrSG Art. 8, DSG",
        (Purpose::SafetyRecall, "US") => "15 U.S.C. 2064",
        (Purpose::SafetyRecall, _) if in_union(&country) => {
            "Regulation (EU) 2023/988 Art. 35-37, GDPR Art. 6(1)(c)"
        }
        (Purpose::ServiceNotice, "JP") => "民法 562条, 個人情報保護法 18条",
        (Purpose::ServiceNotice, "CH") => "OR Art. 197, DSG",
        (Purpose::ServiceNotice, _) if in_union(&country) => {
            "Directive (EU) 2019/771, GDPR Art. 6(1)(b)"
        }
        (Purpose::Advertisement, "JP") => "特定電子メール法 3条, 特定商取引法 12条の3",
        (Purpose::Advertisement, "CH") => "UWG Art. 3(1)(o), DSG",
        (Purpose::Advertisement, "DE") => "UWG § 7, GDPR Art. 21",
        (Purpose::Advertisement, "US") => "CAN-SPAM, TCPA",
        (Purpose::Advertisement, _) if in_union(&country) => {
            "Directive 2002/58/EC Art. 13, GDPR Art. 21"
        }
        _ => "the law of the recipient's country",
    }
}

fn in_union(country: &str) -> bool {
    const UNION: &str =
        "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK";
    country.len() == 2 && UNION.split(' ').any(|member| member == country)
}
