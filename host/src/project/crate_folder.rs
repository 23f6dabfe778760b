//! The crate of a plugin that is named by path: what cargo would build there.

use std::path::PathBuf;

/// A crate folder, as far as building its component needs it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CrateFolder {
    /// The folder, absolute.
    pub folder: PathBuf,
    /// The package, as `cargo build -p` names it.
    pub package: String,
    /// The stem of its component: `tsugi_sentiment`.
    pub library: String,
    /// The folder of the workspace it belongs to, absolute; its own folder when it has none.
    pub workspace: PathBuf,
}
