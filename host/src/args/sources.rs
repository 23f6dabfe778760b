//! The arguments of `tsugi sources`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

/// `tsugi sources`.
#[derive(Debug, ClapArgs)]
pub(crate) struct SourcesArgs {
    #[command(subcommand)]
    pub verb: SourcesVerb,
}

/// The verbs of `tsugi sources`.
#[derive(Debug, Subcommand)]
pub(crate) enum SourcesVerb {
    /// Print a mapping for a sample file, with guessed types and keys, to be reviewed
    Draft {
        /// The file: CSV, JSON, JSON Lines or XLSX, also packed
        file: PathBuf,
    },
}
