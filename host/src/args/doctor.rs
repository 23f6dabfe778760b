//! The arguments of `tsugi doctor`.

use clap::Args as ClapArgs;

use super::ProjectArgs;

/// `tsugi doctor`.
#[derive(Debug, ClapArgs)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// Accept what was found, by the word that was printed with it
    #[arg(long, value_name = "WORD")]
    pub accept: Option<String>,
}
