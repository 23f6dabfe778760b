//! The one rule that every name follows, and its error.

/// Longest name in bytes: it becomes a file name, a SQL name and a column of every report.
pub const NAME_MAX_BYTES: usize = 63;

/// Which characters may follow the first letter of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    /// Lower-case letters, digits and `_`: the name is written in SQL without quotes.
    Sql,
    /// Lower-case letters, digits, `_` and `-`: the name is used in files only.
    File,
}

impl Alphabet {
    fn allows(self, character: char) -> bool {
        matches!(character, 'a'..='z' | '0'..='9' | '_') || (self == Self::File && character == '-')
    }

    fn rule(self) -> &'static str {
        match self {
            Self::Sql => "a lower-case letter, then lower-case letters, digits or `_`",
            Self::File => "a lower-case letter, then lower-case letters, digits, `_` or `-`",
        }
    }
}

/// A text that is not a name of its kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// A character outside the alphabet of this kind of name.
    #[error("`{text}` cannot be the name of a {what}: a name is {rule}")]
    Character {
        /// The kind: `plugin`.
        what: &'static str,
        /// Shortened.
        text: String,
        rule: &'static str,
    },
    /// The name is longer than [`NAME_MAX_BYTES`].
    #[error(
        "the name of a {what} is too long: {length_bytes} bytes, and {NAME_MAX_BYTES} are allowed"
    )]
    Length {
        what: &'static str,
        length_bytes: usize,
    },
    /// A table name that does not consist of two names and a dot.
    #[error("`{text}` is not the name of a table: write `schema.table`")]
    Unqualified {
        /// Shortened.
        text: String,
    },
    /// A text that is not a run id.
    #[error("`{text}` is not a run id")]
    RunId {
        /// Shortened.
        text: String,
    },
}

impl NameError {
    /// The nearest valid name, where lower case and `_` suffice.
    pub fn repaired(&self) -> Option<String> {
        let Self::Character { text, rule, .. } = self else {
            return None;
        };
        let alphabet = if *rule == Alphabet::File.rule() {
            Alphabet::File
        } else {
            Alphabet::Sql
        };
        let better: String = text
            .to_lowercase()
            .chars()
            .map(|c| {
                if matches!(c, ' ' | '.' | '-') && !alphabet.allows(c) {
                    '_'
                } else {
                    c
                }
            })
            .collect();
        valid("name", &better, alphabet).is_ok().then_some(better)
    }
}

/// The one validator of every kind of name.
pub(super) fn valid(what: &'static str, text: &str, alphabet: Alphabet) -> Result<(), NameError> {
    let starts_with_letter = text.starts_with(|c: char| c.is_ascii_lowercase());
    if !starts_with_letter || !text.chars().all(|c| alphabet.allows(c)) {
        return Err(NameError::Character {
            what,
            text: shortened(text),
            rule: alphabet.rule(),
        });
    }
    if text.len() > NAME_MAX_BYTES {
        return Err(NameError::Length {
            what,
            length_bytes: text.len(),
        });
    }
    Ok(())
}

/// Untrusted text, cut so that it cannot fill a screen.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(NAME_MAX_BYTES) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
