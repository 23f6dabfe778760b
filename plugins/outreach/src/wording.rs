//! Words that a message must not say: false closeness, risk played down, names kept inside.

use std::collections::BTreeSet;

/// Claims to be written for one person alone.
const EXCLUSIVE: &[&str] = &[
    "only for you",
    "just for you",
    "exclusively for you",
    "exclusive to you",
    "especially for you",
    "handpicked for you",
    "nur für sie",
    "nur für dich",
    "exklusiv für sie",
    "exklusiv für dich",
    "speziell für sie",
    "あなただけ",
    "貴方だけ",
    "お客様だけ",
    "お客さまだけ",
    "様だけ",
    "様限定",
    "さま限定",
    "特別にご案内",
];

/// Words that make a danger look small; Regulation (EU) 2023/988 Art. 36(2)(c) names them.
const SOFTENED: &[&str] = &[
    "voluntary",
    "voluntarily",
    "precautionary",
    "as a precaution",
    "discretionary",
    "rare situation",
    "rare case",
    "specific situations",
    "freiwillig",
    "vorsorglich",
    "vorsichtshalber",
    "in seltenen fällen",
    "im ermessen",
    "自主的",
    "自主回収",
    "念のため",
    "予防的",
    "まれに",
    "ごく一部",
];

/// Lower case, full-width letters and digits made narrow, every run of blanks one blank.
pub fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        let narrow = match letter {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
            '\u{3000}' => ' ',
            other => other,
        };
        match narrow.is_whitespace() {
            true if out.ends_with(' ') => {}
            true => out.push(' '),
            false => out.extend(narrow.to_lowercase()),
        }
    }
    out.trim().to_string()
}

/// The first phrase that claims a message is for one person alone; `text` is [`normal`].
pub fn exclusive(text: &str) -> Option<&'static str> {
    EXCLUSIVE
        .iter()
        .find(|phrase| text.contains(**phrase))
        .copied()
}

/// The first word that plays a risk down; `text` is [`normal`].
pub fn softened(text: &str) -> Option<&'static str> {
    SOFTENED
        .iter()
        .find(|phrase| text.contains(**phrase))
        .copied()
}

/// Every forbidden word in a text; both are [`normal`]. A word that begins or ends with a
/// Latin letter or digit counts only where no letter or digit touches it.
pub fn forbidden<'a>(text: &str, words: &'a BTreeSet<String>) -> Vec<&'a str> {
    let found = words
        .iter()
        .filter(|word| !word.is_empty() && stands_in(text, word));
    found.map(String::as_str).collect()
}

fn stands_in(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(start, found)| {
        let before = text.get(..start).and_then(|left| left.chars().next_back());
        let after = text
            .get(start + found.len()..)
            .and_then(|right| right.chars().next());
        !touches(before, word.chars().next()) && !touches(word.chars().next_back(), after)
    })
}

fn touches(left: Option<char>, right: Option<char>) -> bool {
    let latin = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
    latin(left) && latin(right)
}
