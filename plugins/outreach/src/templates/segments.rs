//! How many segments a text takes as an SMS (3GPP TS 23.038 and 23.040).

/// Characters of the basic table of the GSM alphabet beside letters, digits and what ASCII shares with it.
const BASIC: &str = "£¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ ¤¡ÄÖÑÜ§¿äöñüà\n\r@$!\"#%&'()*+,-./:;<=>?";
/// Those that take two places, since an escape stands before them.
const EXTENDED: &str = "^{}\\[~]|€";
/// Places of a single SMS, and of each part of a longer one, in the GSM alphabet.
const SEPTETS: (usize, usize) = (160, 153);
/// The same in UTF-16 units, which a text takes with any other character in it.
const UNITS: (usize, usize) = (70, 67);

/// Segments of a text; 0 for an empty one.
pub(crate) fn segments(text: &str) -> u64 {
    let places = text.chars().map(|at| {
        let basic = at.is_ascii_alphanumeric() || BASIC.contains(at);
        match (basic, EXTENDED.contains(at)) {
            (true, _) => Some(1),
            (_, true) => Some(2),
            _ => None,
        }
    });
    let septets: Option<usize> = places.sum();
    let (length, (single, part)) = match septets {
        Some(septets) => (septets, SEPTETS),
        None => (text.encode_utf16().count(), UNITS),
    };
    if length <= single {
        return u64::from(length > 0);
    }
    length.div_ceil(part) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_counted_as_a_phone_would() {
        for (text, expected) in [
            (String::new(), 0),
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("a".repeat(306), 2),
            ("a".repeat(307), 3),
            // Two places each.
            ("€".repeat(80), 1),
            ("€".repeat(81), 2),
            // Umlauts are of the alphabet, a typographic dash is not.
            ("ü".repeat(160), 1),
            (format!("{}–", "a".repeat(70)), 2),
            ("靴".repeat(70), 1),
            ("靴".repeat(71), 2),
            ("靴".repeat(135), 3),
            // A pair of surrogates takes two.
            ("👟".repeat(35), 1),
            ("👟".repeat(36), 2),
        ] {
            assert_eq!(
                segments(&text),
                expected,
                "{} characters",
                text.chars().count()
            );
        }
    }
}
