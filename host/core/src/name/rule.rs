//! The one rule that every name follows, and its error.

/// Longest name in bytes: it becomes a file name, a SQL name and a column of every report.
pub const NAME_MAX_BYTES: usize = 63;

/// Which characters may follow the first letter of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    /// Lower-case letters, digits and `_`: the name is written in SQL without quotes.
    Sql,
    /// Lower-case letters, digits, `_` and `-`: the name stands in files only.
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

/// A text that cannot be the name it was given as.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// A character that the alphabet of this kind of name does not have.
    #[error("`{text}` cannot be the name of a {what}: a name is {rule}")]
    Character {
        /// What should have been named: `plugin`.
        what: &'static str,
        /// The text as written, cut to a readable length.
        text: String,
        /// The rule in words.
        rule: &'static str,
    },
    /// The name is longer than [`NAME_MAX_BYTES`].
    #[error(
        "the name of a {what} is too long: {length_bytes} bytes, and {NAME_MAX_BYTES} are allowed"
    )]
    Length {
        /// What should have been named.
        what: &'static str,
        /// How long the text is.
        length_bytes: usize,
    },
    /// A table name that does not consist of two names and a dot.
    #[error("`{text}` is not the name of a table: write `schema.table`")]
    Unqualified {
        /// The text as written, cut to a readable length.
        text: String,
    },
    /// A text that is not a run id.
    #[error("`{text}` is not a run id")]
    RunId {
        /// The text as written, cut to a readable length.
        text: String,
    },
}

impl NameError {
    /// The nearest text that would be a name, where lower case and `_` are all it takes.
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

/// The one validator: every name of every kind has passed here.
pub(super) fn valid(what: &'static str, text: &str, alphabet: Alphabet) -> Result<(), NameError> {
    let starts_well = text.starts_with(|c: char| c.is_ascii_lowercase());
    if !starts_well || !text.chars().all(|c| alphabet.allows(c)) {
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

/// Text from outside, cut so that it cannot fill a screen.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(NAME_MAX_BYTES) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
