//! The arguments of `tsugi report`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::{Lang, ProjectArgs};

/// `tsugi report`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// The folder that the pages are written to
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
    /// Only in this language; without it in every language of the pages
    #[arg(long, value_enum)]
    pub lang: Option<Lang>,
}
