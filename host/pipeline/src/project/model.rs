//! Models and checks: one SELECT a file.

use super::header::{Header, Kind};
use tsugi_core::name::{CheckName, TableName};
use tsugi_core::source_text::SourceText;

/// `models/<schema>/<name>.sql`: one SELECT, whose table is `<schema>.<name>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    pub table: TableName,
    /// The file; its body is the SQL, comments included.
    pub text: SourceText,
    /// What the comments at its top say.
    pub header: Header,
}

impl Model {
    /// Whether the model is planned into its readers instead of being published.
    pub(crate) fn is_view(&self) -> bool {
        self.header.kind == Kind::View
    }
}

/// `checks/<name>.sql`: a SELECT that returns the bad rows; none means that all is well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The stem of the file.
    pub name: CheckName,
    /// The file; its body is the SQL, comments included.
    pub text: SourceText,
    /// What the comments at its top say.
    pub header: Header,
}
