//! The crate of a plugin that is named by path: what cargo would build there.

use std::path::{Path, PathBuf};

use super::error::ProjectError;
use tsugi_core::source_text::SourceText;

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
    /// Whether that workspace says how plugins are compiled (`[profile.plugin]`).
    pub has_profile: bool,
}

const CARGO_FILE: &str = "Cargo.toml";

impl CrateFolder {
    /// Reads the Cargo.toml of a folder that exists; `written` names the folder in errors.
    pub fn read(folder: &Path, written: &str) -> Result<Self, ProjectError> {
        let cargo = cargo_toml(folder, written)?;
        let refuse = |reason: &'static str, fix: &str| ProjectError::NotACrate {
            folder: written.to_owned(),
            reason,
            fix: fix.to_owned(),
        };
        let package = string(&cargo, &["package", "name"]).ok_or_else(|| {
            refuse(
                "its Cargo.toml names no package",
                "name the folder of the plugin's own crate",
            )
        })?;
        let types = at(&cargo, &["lib", "crate-type"]).and_then(toml::Value::as_array);
        if !types.is_some_and(|types| types.iter().any(|t| t.as_str() == Some("cdylib"))) {
            return Err(refuse(
                "it is not built as a component",
                "write in its Cargo.toml under `[lib]`: crate-type = [\"cdylib\", \"rlib\"]",
            ));
        }
        let library = string(&cargo, &["lib", "name"])
            .unwrap_or_else(|| package.clone())
            .replace('-', "_");
        let (workspace, settings) = workspace_of(folder, cargo);
        Ok(Self {
            folder: folder.to_owned(),
            package,
            library,
            has_profile: at(&settings, &["profile", "plugin"]).is_some(),
            workspace,
        })
    }
}

fn cargo_toml(folder: &Path, written: &str) -> Result<toml::Table, ProjectError> {
    let path = folder.join(CARGO_FILE);
    let file = format!("{}/{CARGO_FILE}", written.trim_end_matches('/'));
    if !path.is_file() {
        return Err(ProjectError::NotACrate {
            folder: written.to_owned(),
            reason: "it has no Cargo.toml",
            fix: "name the folder of a crate with `path`, or a component with `file`".into(),
        });
    }
    let text = SourceText::read(&path, &file)?;
    text.body()
        .parse()
        .map_err(|error: toml::de::Error| ProjectError::Syntax {
            message: format!("`{file}`: {}", error.message()),
        })
}

/// The workspace cargo would find: the crate's own, the one it names, else the nearest above
/// that does not exclude it.
fn workspace_of(folder: &Path, cargo: toml::Table) -> (PathBuf, toml::Table) {
    if cargo.contains_key("workspace") {
        return (folder.to_owned(), cargo);
    }
    if let Some(named) = string(&cargo, &["package", "workspace"]) {
        let root = super::paths::resolved(folder, &named);
        let settings = cargo_toml(&root, &named).unwrap_or_default();
        return (root, settings);
    }
    for above in folder.ancestors().skip(1) {
        let Ok(settings) = cargo_toml(above, "") else {
            continue;
        };
        if !settings.contains_key("workspace") {
            continue;
        }
        let excluded = at(&settings, &["workspace", "exclude"]).and_then(toml::Value::as_array);
        let mut excluded = excluded
            .into_iter()
            .flatten()
            .filter_map(toml::Value::as_str);
        if excluded.any(|part| folder.starts_with(super::paths::resolved(above, part))) {
            break;
        }
        return (above.to_owned(), settings);
    }
    (folder.to_owned(), cargo)
}

fn at<'t>(table: &'t toml::Table, path: &[&str]) -> Option<&'t toml::Value> {
    let (first, rest) = path.split_first()?;
    rest.iter()
        .try_fold(table.get(*first)?, |value, key| value.as_table()?.get(*key))
}

fn string(table: &toml::Table, path: &[&str]) -> Option<String> {
    at(table, path)?.as_str().map(str::to_owned)
}
