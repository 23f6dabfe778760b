//! Where in a file an expression failed, and a row that it failed at.

use tsugi_core::diagnostic::{Place, Snippet};

/// The expression of a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    pub place: Place,
    /// The line of the file.
    pub snippet: Option<Snippet>,
    /// A row that it fails at, as `column: value` pairs.
    pub row: Option<String>,
}
