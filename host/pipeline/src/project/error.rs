//! What can be wrong with what was written.

use tsugi_core::file::FileError;

pub(crate) use tsugi_core::diagnostic::quoted;
use tsugi_core::diagnostic::{Blame, Explain, did_you_mean};
pub(crate) use tsugi_core::file::system_hint;
use tsugi_core::name::NameError;

/// The code of what should lie on the disk and does not.
pub(super) const NOT_THERE: &str = "project::not-there";

/// Everything that loading a project, a manifest, a component or a lock can find.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    #[error(transparent)]
    File(#[from] FileError),
    /// The operating system does not take the file.
    #[error("cannot write `{file}`")]
    Unwritable {
        file: String,
        source: std::io::Error,
    },
    /// The file breaks the rules of TOML, as its parser tells it.
    #[error("not valid TOML: {message}")]
    Syntax { message: String },
    /// A key that nothing reads.
    #[error("unknown key `{key}` in {section}")]
    UnknownKey {
        key: String,
        /// The section: `[plugins.sentiment]`.
        section: String,
        /// Known keys that may be meant, else all of them.
        nearest: Vec<String>,
        known: Vec<String>,
    },
    /// A key that must be there.
    #[error("{section} has no `{key}`")]
    MissingKey {
        key: &'static str,
        /// The section it belongs to.
        section: String,
        /// A line that could be added.
        example: String,
    },
    /// A value of another type.
    #[error("`{key}` must be {wanted}, not {found}")]
    WrongType {
        /// The key, with its section.
        key: String,
        /// What it must be: `a string`.
        wanted: &'static str,
        found: &'static str,
    },
    /// A value of the right type that cannot be.
    #[error("`{key}` cannot be `{value}`: it must be {wanted}")]
    WrongValue {
        /// The key, with its section.
        key: String,
        value: String,
        wanted: String,
    },
    /// A name that is no name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Keys of which exactly one must be there.
    #[error("{section} must have exactly one of {keys}")]
    OneOf {
        section: String,
        /// The keys, quoted.
        keys: &'static str,
    },
    /// A name that nothing in the project has.
    #[error("there is no {what} `{name}`")]
    Unknown {
        /// `plugin`, `sink`, …
        what: &'static str,
        name: String,
        /// Names that may be meant.
        nearest: Vec<String>,
        /// What to write to make one.
        otherwise: String,
    },
    /// Two things with one name.
    #[error("{what} `{name}` is there twice: {first} and {second}")]
    Twice {
        /// `schema`, `@kind`, …
        what: &'static str,
        name: String,
        first: String,
        second: String,
    },
    /// A comment line below `@column` that could belong to it or not.
    #[error(
        "the line below `@column {column}` is not indented, so it is not clear whether it belongs to it"
    )]
    NotIndented {
        /// The column that is described above it.
        column: String,
    },
    /// A name that the host keeps for itself.
    #[error("the schema `{name}` belongs to the host")]
    Reserved { name: String },
    /// Something this version does not do yet, or does not do any more.
    #[error("{what} is not supported by this version of tsugi")]
    NotSupported {
        /// What: `the header key `@check``.
        what: String,
        instead: String,
    },
    /// Something is written that this version leaves alone.
    #[error("{what} is not used by this version of tsugi")]
    NotUsed { what: String, meaning: String },
    /// A file or folder that is named and does not exist.
    #[error("{what} does not exist: `{path}`")]
    NotThere {
        /// What it would be: `the folder granted as `inputs.exports``.
        what: String,
        path: String,
        fix: String,
    },
    /// A file in a place where the project has none.
    #[error("`{file}` is not read: {reason}")]
    Misplaced {
        file: String,
        reason: &'static str,
        fix: String,
    },
    /// A folder that cargo could not build as a plugin.
    #[error("`{folder}` is not the crate of a plugin: {reason}")]
    NotACrate {
        folder: String,
        reason: &'static str,
        fix: String,
    },
    /// A seed whose header row cannot be used.
    #[error("`{file}` is not a CSV file with a header row: {reason}")]
    WrongSeed { file: String, reason: String },
    /// A config that its plugin's manifest does not describe.
    #[error("the plugin `{plugin}` needs `{key}` in `config`")]
    MissingConfig {
        plugin: String,
        key: String,
        /// What the manifest says about it.
        doc: String,
        /// A line that could be added.
        example: String,
    },
    /// A want without a grant.
    #[error("the plugin `{plugin}` wants `{want}` and is not granted it")]
    Denied {
        plugin: String,
        /// `inputs.exports`.
        want: String,
        /// The manifest's reason.
        reason: String,
        line: String,
        /// Where the line belongs.
        section: String,
    },
    /// A delivery of records to a sink whose output people receive.
    #[error("{section} is of kind `records`, and the sink `{sink}` reaches people: {why}")]
    ReachesPeople {
        /// The section of the delivery.
        section: String,
        /// The name of the sink.
        sink: String,
        /// Why it reaches people.
        why: &'static str,
    },
    /// A grant that the plugin does not want.
    #[error("the plugin `{plugin}` is granted `{want}` but does not want it")]
    Unwanted {
        plugin: String,
        /// `inputs.exports`.
        want: String,
        /// Its wants that may be meant.
        nearest: Vec<String>,
    },
}

impl Explain for ProjectError {
    fn code(&self) -> &'static str {
        match self {
            Self::File(error) => error.code(),
            Self::Unwritable { .. } => "project::unwritable",
            Self::Syntax { .. } => "project::syntax",
            Self::UnknownKey { .. } => "project::unknown-key",
            Self::MissingKey { .. } => "project::missing-key",
            Self::WrongType { .. } => "project::wrong-type",
            Self::WrongValue { .. } => "project::wrong-value",
            Self::Name(_) => "project::name",
            Self::OneOf { .. } => "project::one-of",
            Self::Unknown { .. } => "project::unknown-name",
            Self::Twice { .. } => "project::twice",
            Self::NotIndented { .. } => "project::not-indented",
            Self::Reserved { .. } => "project::reserved",
            Self::NotSupported { .. } => "project::not-supported",
            Self::NotUsed { .. } => "project::not-used",
            Self::NotThere { .. } => NOT_THERE,
            Self::Misplaced { .. } => "project::misplaced",
            Self::NotACrate { .. } => "project::not-a-crate",
            Self::WrongSeed { .. } => "project::wrong-seed",
            Self::MissingConfig { .. } => "project::missing-config",
            Self::Denied { .. } => "project::denied",
            Self::ReachesPeople { .. } => "project::reaches-people",
            Self::Unwanted { .. } => "project::unasked",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::File(error) => error.blame(),
            Self::Unwritable { .. } => Blame::Outside,
            _ => Blame::Author,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::File(error) => error.hint(),
            Self::Unwritable { source, .. } => system_hint(source),
            Self::Syntax { .. } | Self::WrongType { .. } | Self::WrongValue { .. } => None,
            Self::UnknownKey { nearest, known, .. } => {
                did_you_mean(nearest).or_else(|| Some(format!("known keys: {}", quoted(known))))
            }
            Self::MissingKey {
                section, example, ..
            } => Some(format!("add to {section}: {example}")),
            Self::Name(error) => did_you_mean(error.repaired().as_slice()),
            Self::OneOf { .. } => Some("keep one and delete the others".into()),
            Self::Unknown {
                nearest, otherwise, ..
            } => did_you_mean(nearest).or_else(|| Some(otherwise.clone())),
            Self::WrongSeed { .. } => {
                Some("write the names of the columns in the first line, with commas".into())
            }
            Self::Twice { .. } => Some("rename or delete one of the two".into()),
            Self::NotIndented { .. } => Some(
                "indent it by two spaces to continue the description, or write a line of `--` above it"
                    .into(),
            ),
            Self::Reserved { name } => Some(format!("choose another name than `{name}`")),
            Self::NotSupported { instead: text, .. }
            | Self::NotUsed { meaning: text, .. }
            | Self::NotACrate { fix: text, .. }
            | Self::NotThere { fix: text, .. }
            | Self::Misplaced { fix: text, .. } => Some(text.clone()),
            Self::MissingConfig { doc, example, .. } => {
                Some(format!("add to `config`: {example} ({doc})"))
            }
            Self::Denied {
                line,
                section,
                reason,
                ..
            } => Some(format!("add to {section}: {line} (its reason: {reason})")),
            Self::ReachesPeople { .. } => Some(
                "write `kind = \"messages\"`: then a person reviews what leaves; or choose a sink that writes to a system"
                    .into(),
            ),
            Self::Unwanted { nearest, .. } => {
                did_you_mean(nearest).or_else(|| Some("delete the grant: nothing uses it".into()))
            }
        }
    }
}
