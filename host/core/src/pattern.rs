//! Patterns for file names.

use std::fmt;

use serde::Serialize;

/// A file name in which `*` stands for any characters and `?` for one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Pattern(String);

impl Pattern {
    /// A pattern for the last part of a path.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Whether the text has a character that makes it a pattern.
    pub fn is_pattern(text: &str) -> bool {
        text.contains(['*', '?'])
    }

    /// Whether a file name fits, in time linear in name times pattern.
    pub fn matches(&self, name: &str) -> bool {
        // `fits[i]`: the pattern so far can end after i characters of the name.
        let name: Vec<char> = name.chars().collect();
        let mut fits: Vec<bool> = (0..=name.len()).map(|length| length == 0).collect();
        for wanted in self.0.chars() {
            fits = if wanted == '*' {
                fits.iter()
                    .scan(false, |reached, fit| {
                        *reached |= *fit;
                        Some(*reached)
                    })
                    .collect()
            } else {
                let shifted = fits
                    .iter()
                    .zip(&name)
                    .map(|(fit, c)| *fit && (wanted == '?' || wanted == *c));
                std::iter::once(false).chain(shifted).collect()
            };
        }
        fits.last().copied().unwrap_or(false)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_whole_names() {
        for (pattern, name, fits) in [
            ("*.csv", "orders.csv", true),
            ("*.csv", "orders.csv.bak", false),
            ("orders_????.csv", "orders_2026.csv", true),
            ("orders_????.csv", "orders_26.csv", false),
            ("*売上*", "2026売上.csv", true),
            ("a*b*c", "abbbc", true),
            ("a*b*c", "acb", false),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(
                Pattern::new(pattern).matches(name),
                fits,
                "{pattern} {name}"
            );
        }
        let long = "a".repeat(2_000);
        assert!(!Pattern::new(&"*a".repeat(200)).matches(&format!("{long}b")));
    }
}
