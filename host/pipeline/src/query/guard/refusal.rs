//! Why a statement is refused, and where: clauses carry no place in the syntax tree.

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Location, Span, Token, Tokenizer, Whitespace};

/// A statement that would not be answered as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) message: String,
    /// What to write instead.
    pub(super) hint: String,
    /// The words that the clause begins with, such as `WITH ROLLUP`; looked for from `after` on.
    words: String,
    after: Span,
}

/// The result of a look at one node.
pub(super) type Verdict = Result<(), Refusal>;

impl Refusal {
    /// A clause that the planner drops without a word.
    pub(super) fn ignored(words: &str, after: Span, hint: &str) -> Self {
        Self::new(format!("`{words}` would be ignored"), words, after, hint)
    }

    /// A clause that the planner refuses in words of its own.
    pub(super) fn unsupported(words: &str, after: Span, hint: &str) -> Self {
        Self::new(format!("`{words}` is not supported"), words, after, hint)
    }

    pub(super) fn new(message: String, words: &str, after: Span, hint: &str) -> Self {
        Self {
            message,
            hint: hint.to_owned(),
            words: words.to_owned(),
            after,
        }
    }

    /// The same with the place of an expression instead of that of a word.
    pub(super) fn at(message: String, span: Span, hint: &str) -> Self {
        Self::new(message, "", span, hint)
    }

    /// Line and column in `text`; zero when there is no way to know.
    pub(super) fn place(&self, text: &str) -> Location {
        let start = self.after.start;
        if self.words.is_empty() {
            return start;
        }
        let dialect = GenericDialect {};
        let tokens = Tokenizer::new(&dialect, text).tokenize_with_location();
        let tokens: Vec<(String, Location)> = tokens
            .unwrap_or_default()
            .into_iter()
            .filter(|one| !matches!(one.token, Token::Whitespace(Whitespace::Space | _)))
            .map(|one| (one.token.to_string().to_uppercase(), one.span.start))
            .collect();
        let wanted: Vec<String> = self
            .words
            .split_whitespace()
            .map(str::to_uppercase)
            .collect();
        let found = tokens.windows(wanted.len()).find_map(|run| {
            let same = run.iter().map(|(word, _)| word).eq(&wanted);
            let (_, place) = run.first()?;
            (same && *place >= start).then_some(*place)
        });
        found.unwrap_or(start)
    }
}

/// Passes when a clause is absent.
pub(super) fn absent(is_absent: bool, refusal: impl FnOnce() -> Refusal) -> Verdict {
    if is_absent { Ok(()) } else { Err(refusal()) }
}
