//! Diagnostics: what an error reports beside its message, and how it is rendered.

mod suggest;

use std::fmt;

use serde::Serialize;
use unicode_width::UnicodeWidthChar as _;

use crate::escape::{barred, is_hidden, one_line};

pub use suggest::{did_you_mean, nearest, quoted};

/// Who must act so that it does not happen again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Blame {
    /// The author of the pipeline: a name, a key, a query.
    Author,
    /// The author of the plugin.
    Plugin,
    /// A defect of the host.
    Host,
    /// The surroundings: a disk, a network, a limit of the machine.
    Outside,
}

/// What every error reports beside its message.
pub trait Explain: std::error::Error {
    /// Stable and searchable: `project::unknown-key`.
    fn code(&self) -> &'static str;

    fn blame(&self) -> Blame;

    /// The one line to type, or the one thing to do, next.
    fn hint(&self) -> Option<String> {
        None
    }

    /// Where it is written, when the error itself knows.
    fn place(&self) -> Option<Place> {
        None
    }
}

/// A place in a file that a person wrote.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// Relative to the project, with `/` between parts.
    pub file: String,
    /// From 1; 0 for the file as a whole.
    pub line: u32,
    /// In characters, from 1; 0 for the file as a whole.
    pub column: u32,
}

impl Place {
    /// A file as a whole.
    pub fn of_file(file: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line: 0,
            column: 0,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.file),
            line => write!(f, "{}:{}:{}", self.file, line, self.column),
        }
    }
}

/// The line of a file that a diagnostic is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Snippet {
    /// The whole line, without its end.
    pub line: String,
    /// Characters from the column of the place on; at least 1.
    pub length: u32,
}

/// Whether a diagnostic stops the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The host does nothing until it is fixed.
    Error,
    /// The work goes on.
    Warning,
}

/// An error or a warning, ready to be printed or written as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Diagnostic {
    pub code: &'static str,
    pub level: Level,
    pub blame: Blame,
    /// One sentence, without a full stop.
    pub message: String,
    /// The sources of the error, nearest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snippet: Option<Snippet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Diagnostic {
    /// The diagnostic of an error. Its sources become causes, unless its message contains them.
    pub fn of(error: &dyn Explain) -> Self {
        let message = error.to_string();
        let mut causes: Vec<String> = Vec::new();
        let mut source = error.source();
        while let Some(cause) = source {
            let text = cause.to_string();
            if !message.contains(&text) && causes.last() != Some(&text) {
                causes.push(text);
            }
            source = cause.source();
        }
        Self {
            code: error.code(),
            level: Level::Error,
            blame: error.blame(),
            message,
            causes,
            place: error.place(),
            snippet: None,
            hint: error.hint(),
        }
    }

    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    pub fn with_snippet(mut self, snippet: Option<Snippet>) -> Self {
        self.snippet = snippet;
        self
    }

    pub fn as_warning(mut self) -> Self {
        self.level = Level::Warning;
        self
    }

    pub fn is_error(&self) -> bool {
        self.level == Level::Error
    }
}

impl<E: Explain> From<&E> for Diagnostic {
    fn from(error: &E) -> Self {
        Self::of(error)
    }
}

/// Several lines, without colour and without a line end after the last one. What others wrote
/// (plugins, data, SQL) is escaped, and its further lines begin with a bar.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        write!(f, "{word}: {}", barred(&self.message))?;
        if let Some(place) = &self.place {
            write!(f, "\n  --> {}", one_line(&place.to_string()))?;
            if let Some(snippet) = &self.snippet {
                f.write_str(&render_snippet(place, snippet))?;
            }
        }
        for cause in &self.causes {
            write!(f, "\ncaused by: {}", barred(cause))?;
        }
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {}", barred(hint)),
            None => Ok(()),
        }
    }
}

/// The line, with carets under the part that the diagnostic is about.
fn render_snippet(place: &Place, snippet: &Snippet) -> String {
    let number = place.line.to_string();
    let margin = " ".repeat(number.len());
    let skipped = place.column.saturating_sub(1) as usize;
    let mut text = String::new();
    let mut under = String::new();
    for (index, character) in snippet.line.chars().enumerate() {
        // A tab has no width of its own, and a control character would move the cursor.
        let shown = if is_hidden(character) { ' ' } else { character };
        text.push(shown);
        if index < skipped {
            // Full-width characters take two cells of a terminal.
            under.push_str(&" ".repeat(shown.width().unwrap_or(0)));
        } else if index < skipped + snippet.length as usize {
            under.push_str(&"^".repeat(shown.width().unwrap_or(0)));
        }
    }
    if !under.ends_with('^') {
        under.push('^');
    }
    format!(
        "\n {margin} |\n {number} | {}\n {margin} | {under}",
        text.trim_end()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("unknown key `plugn` in `[sources.crm]`")]
    struct Sample;

    impl Explain for Sample {
        fn code(&self) -> &'static str {
            "sample::key"
        }
        fn blame(&self) -> Blame {
            Blame::Author
        }
        fn hint(&self) -> Option<String> {
            did_you_mean(&nearest("plugn", ["path", "plugin", "config"]))
        }
    }

    #[test]
    fn a_diagnostic_reads_from_message_to_hint() {
        let diagnostic = Diagnostic::of(&Sample)
            .at(Place {
                file: "pipeline.toml".into(),
                line: 12,
                column: 4,
            })
            .with_snippet(Some(Snippet {
                line: "顧 =plugn".into(),
                length: 5,
            }));
        assert_eq!(
            diagnostic.to_string(),
            "error: unknown key `plugn` in `[sources.crm]`\n  --> pipeline.toml:12:4\n    |\n 12 | 顧 =plugn\n    |     ^^^^^\nhint: did you mean `plugin`?"
        );
        let json = serde_json::to_value(&diagnostic).unwrap();
        assert_eq!(json["blame"], "author");
        assert_eq!(json["place"]["line"], 12);
    }
}
