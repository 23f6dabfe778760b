//! The comments at the top of a SQL file: its description and its `@` keys.

/// What the comments at the top of a SQL file say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Header {
    /// The first comment, joined to one paragraph; empty without one.
    pub description: String,
    /// How the model is kept.
    pub kind: Kind,
}

/// How a model is kept between runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Made anew by each run that its inputs changed for.
    #[default]
    Table,
}
