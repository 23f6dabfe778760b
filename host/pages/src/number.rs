//! Numbers as each language writes them.

use tsugi_pipeline::project::pipeline::Language;

/// The mark between groups of three digits, and the one before decimals.
fn marks(language: Language) -> (char, char) {
    match language {
        Language::De => ('.', ','),
        Language::En | Language::Ja => (',', '.'),
    }
}

/// A whole number in groups of three digits.
pub(crate) fn whole(number: i64, language: Language) -> String {
    localised(&number.to_string(), language)
}

/// A number with as many decimals as say something: three figures, all of a whole part.
pub(crate) fn shown(number: f64, language: Language) -> String {
    if !number.is_finite() {
        return number.to_string();
    }
    let size = number.abs();
    let text = match size {
        _ if number.fract() == 0.0 && size < 1e15 => format!("{:.0}", number + 0.0),
        _ if !(1e-4..1e15).contains(&size) => format!("{number:.2e}"),
        _ if size >= 100.0 => format!("{number:.0}"),
        _ if size >= 10.0 => format!("{number:.1}"),
        _ if size >= 1.0 => format!("{number:.2}"),
        _ => {
            let decimals = (2.0 - size.log10().floor()).clamp(2.0, 7.0);
            format!("{number:.*}", decimals as usize)
        }
    };
    localised(&text, language)
}

/// A number of a scale: no decimals that are zero.
pub(crate) fn tick(number: f64, language: Language) -> String {
    let text = format!("{number:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    localised(text, language)
}

fn localised(text: &str, language: Language) -> String {
    let (group, point) = marks(language);
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("\u{2212}", digits),
        None => ("", text),
    };
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    let (whole, rest) = digits.split_at(end);
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(group);
        }
        grouped.push(digit);
    }
    let rest = rest.replacen('.', &point.to_string(), 1);
    format!("{sign}{grouped}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_a_language_writes_them() {
        for (number, english, german) in [
            (0.0, "0", "0"),
            (-0.0, "0", "0"),
            (26.0, "26", "26"),
            (1234.5, "1,234", "1.234"),
            (-1_234_567.0, "−1,234,567", "−1.234.567"),
            (17.4927, "17.5", "17,5"),
            (1.005, "1.00", "1,00"),
            (0.035892, "0.0359", "0,0359"),
            (0.5, "0.500", "0,500"),
            (3.95e-23, "3.95e-23", "3,95e-23"),
            (f64::NAN, "NaN", "NaN"),
        ] {
            assert_eq!(shown(number, Language::En), english);
            assert_eq!(shown(number, Language::De), german);
        }
        assert_eq!(whole(i64::MIN, Language::Ja), "−9,223,372,036,854,775,808");
        assert_eq!(whole(181_741, Language::De), "181.741");
        assert_eq!(tick(0.25, Language::De), "0,25");
        assert_eq!(tick(32.0, Language::En), "32");
    }
}
