//! One form for words of rules and for texts, so that case and width do not hide a word.

/// Lower case, full-width characters as their narrow forms, each run of blanks as one blank.
pub(crate) fn normalize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        let narrow = match character {
            '\u{ff01}'..='\u{ff5e}' => {
                char::from_u32(character as u32 - 0xfee0).unwrap_or(character)
            }
            '\u{3000}' => ' ',
            other => other,
        };
        match narrow {
            blank if blank.is_whitespace() => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            ascii if ascii.is_ascii() => out.push(ascii.to_ascii_lowercase()),
            // Kana and kanji have no lower case; skipping the lookup saves time.
            '\u{3000}'..='\u{9fff}' => out.push(narrow),
            other => out.extend(other.to_lowercase()),
        }
    }
    out.trim().to_string()
}
