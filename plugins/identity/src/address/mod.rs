//! Postal addresses as parts that can be compared: Japan, Germany, Austria, Switzerland.

mod european;
mod japanese;
#[cfg(test)]
mod tests;

use tsugi_plugin::Record;

/// The parts of an address, each in the form in which two writings of it are equal; null where it is not found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Record)]
pub struct AddressParts {
    /// Digits only.
    pub postal_code: Option<String>,
    /// The prefecture; the canton where it is written.
    pub region: Option<String>,
    /// Town or city, in Japan with its ward or district.
    pub city: Option<String>,
    /// The street; in Japan the quarter.
    pub street: Option<String>,
    /// The number of the house; in Japan all numbers of quarter, block and house (`3-2-1`).
    pub number: Option<String>,
    /// Floor, door, room or building.
    pub unit: Option<String>,
}

/// Longer than any address: the rest is not read.
const READ_MAX_CHARACTERS: usize = 300;

/// The parts of `text`; none where nothing could be read. `country` is an ISO 3166 code or blank.
#[must_use]
pub(crate) fn parse(text: &str, country: &str) -> Option<AddressParts> {
    let text: String = text.chars().take(READ_MAX_CHARACTERS).collect();
    let is_japanese = |c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '〒');
    let parts = match country.trim().to_ascii_uppercase().as_str() {
        "JP" | "" if text.contains(is_japanese) => japanese::parse(&text),
        "" | "DE" | "AT" | "CH" | "LI" => european::parse(&text, country),
        _ => return None,
    };
    (parts != AddressParts::default()).then_some(parts)
}

/// None for a text without anything in it.
fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
