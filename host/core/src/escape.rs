//! Text from data, plugins and people, made safe for a terminal: nothing in it moves the cursor,
//! reorders what is around it, hides, or begins a line of its own.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a terminal would obey or hide a character instead of showing it: control characters,
/// line and paragraph separators, marks that change the direction of writing, characters without
/// a width, and tags. The joiners that emoji and several scripts need are not among them.
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// One line: every hidden character as an escape of Rust, `\u{1b}` or `\n`.
pub fn one_line(text: &str) -> Cow<'_, str> {
    escaped(text, is_hidden)
}

/// Several lines: line feeds and tabs stay.
pub fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, |character| {
        is_hidden(character) && !matches!(character, '\n' | '\t')
    })
}

/// Text of a plugin or a library inside a message of ours: its first line, and each further one
/// after a bar, so that none can be taken for a line of the host.
pub fn barred(text: &str) -> String {
    let mut pieces = text.trim_end().split('\n');
    let mut out = one_line(pieces.next().unwrap_or_default()).into_owned();
    for piece in pieces {
        out.push_str("\n  | ");
        out.push_str(&lines(piece.trim_end_matches('\r')));
    }
    out
}

/// A line of JSON with every hidden character as `\uXXXX`, which reads back as the same text.
pub fn json(line: &str) -> Cow<'_, str> {
    if !line.contains(|character| is_hidden(character) && character != '\n') {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len() + 16);
    for character in line.chars() {
        if is_hidden(character) && character != '\n' {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing into a text cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(character);
        }
    }
    Cow::Owned(out)
}

/// Text of TOML with every hidden character in its strings as TOML writes it: it reads back as the same.
pub fn toml(text: &str) -> Cow<'_, str> {
    let is_hidden = |character: char| is_hidden(character) && !matches!(character, '\n' | '\t');
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_hidden(character) {
            // Writing into a text cannot fail.
            let _ = match u32::from(character) {
                code @ 0..=0xffff => write!(out, "\\u{code:04X}"),
                code => write!(out, "\\U{code:08X}"),
            };
        } else {
            out.push(character);
        }
    }
    Cow::Owned(out)
}

fn escaped(text: &str, hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match hidden(character) {
            true => out.extend(character.escape_default()),
            false => out.push(character),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_shown() {
        let sent = "\x1b[2K\x1b]0;x\x07\u{9b}31m a\r\n\u{202e}b\u{2066}\u{feff}\u{e0041}";
        assert_eq!(
            one_line(sent),
            "\\u{1b}[2K\\u{1b}]0;x\\u{7}\\u{9b}31m a\\r\\n\\u{202e}b\\u{2066}\\u{feff}\\u{e0041}"
        );
        assert!(!lines(sent).contains(|c| is_hidden(c) && c != '\n'));
        for kept in [
            "naïve 顧客 Ünïcödé",
            "👩\u{200d}🔧",
            "می\u{200c}خواهم",
            "a\\b",
        ] {
            assert_eq!(one_line(kept), kept);
        }
    }

    #[test]
    fn further_lines_of_others_cannot_be_taken_for_ours() {
        assert_eq!(
            barred("it broke\ndone made=1\r\n\x1bx\n"),
            "it broke\n  | done made=1\n  | \\u{1b}x"
        );
    }

    #[test]
    fn escaped_json_reads_back_as_the_same_text() {
        let text = "a\u{202e}b\u{e0041}\u{85}\u{7f}c";
        let line = serde_json::to_string(text).unwrap();
        let safe = json(&line);
        assert!(!safe.contains(is_hidden), "{safe}");
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), text);
    }
}
