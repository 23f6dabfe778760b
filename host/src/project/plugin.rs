//! `[plugins.NAME]`: where a plugin comes from, what it says and what it is granted.

use std::path::PathBuf;

use super::crate_folder::CrateFolder;
use super::grant::Grants;
use super::manifest::Manifest;
use crate::blame::Place;
use crate::name::PluginName;

/// One plugin of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugin {
    /// What the pipeline calls it.
    pub name: PluginName,
    /// Where it comes from.
    pub origin: Origin,
    /// What it says about itself: plugin.toml of its crate, or the section of its component.
    pub manifest: Manifest,
    /// What the pipeline gives it wherever it is used.
    pub grants: Grants,
    /// Where it is written.
    pub place: Place,
}

/// Where a plugin comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A crate, built by the host when it is stale.
    Crate {
        /// As written.
        written: String,
        /// The crate.
        folder: CrateFolder,
    },
    /// A component file.
    File {
        /// As written.
        written: String,
        /// Absolute.
        path: PathBuf,
    },
}
