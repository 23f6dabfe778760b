//! pipeline.toml: what an analyst writes beside the SQL.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::error::ProjectError;
use super::grant::Grants;
use tsugi_core::diagnostic::{Diagnostic, Place};
use tsugi_core::file::FileError;
use tsugi_core::name::{PluginName, RelationName, SinkName, SourceName};
use tsugi_core::source_text::SourceText;

/// The name of the file.
pub(crate) const PIPELINE_FILE: &str = "pipeline.toml";

/// A JSON object, as plugins get their config.
pub type Config = serde_json::Map<String, serde_json::Value>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    En,
    Ja,
    De,
}

/// `[sources.NAME]`: tables of the schema NAME.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name, which is the schema of its tables.
    pub name: SourceName,
    pub reads: Reads,
    pub place: Place,
}

impl Source {
    /// Whether its rows come from an address, so that only reading them tells what they are.
    pub(crate) fn asks_an_address(&self) -> bool {
        match &self.reads {
            Reads::Plugin { grants, .. } => !grants.http.is_empty(),
            _ => false,
        }
    }
}

/// The reader of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reads {
    /// A plugin of the role `source`.
    Plugin {
        plugin: PluginName,
        /// Checked against its manifest.
        config: Config,
        /// Tables that carry another name than their stream: table to stream. Streams that
        /// are not named here are tables with their own name.
        streams: BTreeMap<RelationName, String>,
        /// The plugin's grants with those of this source laid over them.
        grants: Grants,
    },
    /// The host itself, from Parquet files: table to absolute path.
    Parquet(BTreeMap<RelationName, PathBuf>),
}

/// `[sinks.NAME]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sink {
    pub name: SinkName,
    /// A plugin of the role `sink`.
    pub plugin: PluginName,
    /// Checked against its manifest.
    pub config: Config,
    /// The plugin's grants with those of this sink laid over them.
    pub grants: Grants,
    /// Whether the manifest of its plugin says that what it writes reaches people.
    pub(crate) says_it_reaches_people: bool,
    pub place: Place,
}

impl Sink {
    /// Why what it writes reaches people; none when it does not.
    pub fn reaches_people(&self) -> Option<&'static str> {
        match (self.grants.mail.is_empty(), self.says_it_reaches_people) {
            (false, _) => Some("it is granted mail"),
            (true, true) => Some("its plugin.toml says so"),
            (true, false) => None,
        }
    }
}

/// The absolute folder of a project, and the text of its pipeline.toml.
pub(super) fn folder_and_text(folder: &Path) -> Result<(PathBuf, SourceText), Vec<Diagnostic>> {
    let path = folder.join(PIPELINE_FILE);
    if !path.is_file() {
        let error = ProjectError::NotThere {
            what: format!("the {PIPELINE_FILE} of the project"),
            path: path.display().to_string(),
            fix: format!("name the folder of a project: the one that holds {PIPELINE_FILE}"),
        };
        return Err(vec![Diagnostic::of(&error)]);
    }
    let folder = folder.canonicalize().map_err(|source| {
        let file = folder.display().to_string();
        vec![Diagnostic::of(&FileError::Unreadable { file, source })]
    })?;
    let text = SourceText::read(&path, PIPELINE_FILE);
    let text = text.map_err(|error| vec![Diagnostic::of(&error)])?;
    Ok((folder, text))
}
