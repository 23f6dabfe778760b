//! A second look for a person, by another matcher than the one that searched: characters and digits alone,
//! wherever they stand. It shares nothing with the first, so that it can see what the first is blind to.

use unicode_normalization::UnicodeNormalization as _;

/// Fewer characters than this are found by chance inside of other words.
const CHARACTERS_MIN: usize = 6;
/// The same where no character is Latin.
const OTHERS_MIN: usize = 4;

/// What to look for.
#[derive(Clone, Debug, Default)]
pub(crate) struct SecondLook(Vec<String>);

impl SecondLook {
    /// Looks for some words.
    pub(crate) fn new<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        let is_long = |word: &String| match word.chars().any(|one| one.is_ascii_alphanumeric()) {
            true => word.chars().count() >= CHARACTERS_MIN,
            false => word.chars().count() >= OTHERS_MIN,
        };
        Self(words.map(plain).filter(is_long).collect())
    }

    /// Whether a text looks as if it led to them.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        let text = plain(text);
        self.0.iter().any(|word| {
            text.match_indices(word.as_str()).any(|(at, _)| {
                let before = text.get(..at).and_then(|text| text.chars().next_back());
                let after = text.get(at + word.len()..);
                let after = after.and_then(|text| text.chars().next());
                let is_digit = |one: Option<char>| one.is_some_and(|one| one.is_ascii_digit());
                let first = word.chars().next();
                let last = word.chars().next_back();
                // A longer number is another one.
                !(is_digit(first) && is_digit(before) || is_digit(last) && is_digit(after))
            })
        })
    }
}

fn plain(text: &str) -> String {
    let composed = text.nfkc().flat_map(char::to_lowercase);
    composed.filter(|one| one.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_alone_are_compared() {
        let look = SecondLook::new(["C-000434", "霧島谷 千鶴", "Ann"].into_iter());
        for text in ["re C 000-434!", "お客様（霧島谷/千鶴）", "xc000434"] {
            assert!(look.is_in(text), "{text}");
        }
        for text in ["C-0004341", "霧島谷", "Ann"] {
            assert!(!look.is_in(text), "{text}");
        }
    }
}
