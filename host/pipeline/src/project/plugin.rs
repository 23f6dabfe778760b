//! `[plugins.NAME]`: where a plugin comes from, what it says and what it is granted.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::component::Component;
use super::crate_folder::CrateFolder;
use super::error::ProjectError;
use super::grant::{Grants, Want};
use super::granted;
use super::manifest::{MANIFEST_FILE, Manifest};
use super::paths::resolved;
use super::written::{Section, Written};
use tsugi_core::diagnostic::{Diagnostic, Place};
use tsugi_core::name::PluginName;
use tsugi_core::source_text::SourceText;

/// One plugin of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredPlugin {
    /// What the pipeline calls it.
    pub name: PluginName,
    pub origin: Origin,
    /// What it says about itself: plugin.toml of its crate, or the section of its component.
    pub manifest: Manifest,
    /// What the pipeline gives it wherever it is used.
    pub grants: Grants,
    pub place: Place,
}

/// Where a plugin comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A crate, built by the host when it is stale.
    Crate {
        written: String,
        folder: CrateFolder,
    },
    File {
        written: String,
        component: Box<Component>,
    },
}

impl Origin {
    pub fn written(&self) -> &str {
        match self {
            Self::Crate { written, .. } | Self::File { written, .. } => written,
        }
    }
}

/// Every plugin of a pipeline.toml while the rest of the file is read.
#[derive(Default)]
pub(super) struct Plugins {
    /// Those that could be read.
    pub(super) read: BTreeMap<PluginName, DeclaredPlugin>,
    /// All that are written, readable or not, with the place of their names.
    pub(super) written: BTreeMap<String, Range<usize>>,
    /// Where each grant is written.
    pub(super) granted: Vec<(PluginName, Want, Range<usize>)>,
    /// Findings in other files than pipeline.toml.
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Plugins {
    /// Whether the manifest of a plugin says that its sink reaches people.
    pub(super) fn reach_people(&self, name: &PluginName) -> bool {
        let plugin = self.read.get(name);
        plugin.is_some_and(|plugin| plugin.manifest.sink_reaches_people)
    }

    /// Reads `[plugins]`.
    pub(super) fn read(root: &Section<'_, '_>, folder: &Path) -> Self {
        let mut plugins = Self::default();
        let Some(section) = root.section("plugins") else {
            return plugins;
        };
        for (name, value) in section.entries() {
            let checked = section.sheet().name(&name);
            if let Some(of_one) = section.section_of(&name.value, &name.span, value) {
                plugins.read_one(checked, &name, &of_one, folder);
                of_one.finish();
            }
            plugins.written.insert(name.value, name.span);
        }
        plugins
    }

    fn read_one(
        &mut self,
        checked: Option<PluginName>,
        name: &Written<String>,
        section: &Section<'_, '_>,
        folder: &Path,
    ) {
        let sheet = section.sheet();
        let granted = granted::read(section, folder);
        let origin = self.origin(section, folder);
        let (Some(checked), Some((origin, manifest))) = (checked, origin) else {
            return;
        };
        let places = granted
            .places
            .into_iter()
            .map(|(want, span)| (checked.clone(), want, span));
        self.granted.extend(places);
        let plugin = DeclaredPlugin {
            name: checked.clone(),
            origin,
            manifest,
            grants: granted.grants,
            place: sheet.text().place(&name.span),
        };
        self.read.insert(checked, plugin);
    }

    fn origin(&mut self, section: &Section<'_, '_>, folder: &Path) -> Option<(Origin, Manifest)> {
        let sheet = section.sheet();
        let (path, file) = (section.string("path"), section.string("file"));
        for later in ["registry", "package", "version", "git"] {
            if section.has(later) {
                let error = ProjectError::NotSupported {
                    what: format!("`{later}`, a plugin from a registry,"),
                    instead:
                        "name the folder of its crate with `path`, or its component with `file`"
                            .into(),
                };
                sheet.find(&section.key_span(later), &error);
                return None;
            }
        }
        match (path, file) {
            (Some(path), None) => {
                let found = crate_at(&path, folder)
                    .map_err(|error| sheet.find(&path.span, &error))
                    .ok()?;
                let manifest = self.keep(manifest_of(&found, &path.value))?;
                let written = path.value;
                Some((
                    Origin::Crate {
                        written,
                        folder: found,
                    },
                    manifest,
                ))
            }
            (None, Some(file)) => {
                let path = component_at(&file, folder)
                    .map_err(|error| sheet.find(&file.span, &error))
                    .ok()?;
                let component = self.keep(Component::read(&path, &file.value))?;
                let manifest = component.manifest.clone();
                let origin = Origin::File {
                    written: file.value,
                    component: Box::new(component),
                };
                Some((origin, manifest))
            }
            _ => {
                let error = ProjectError::OneOf {
                    section: section.title(),
                    keys: "`path` and `file`",
                };
                sheet.find(&section.span, &error);
                None
            }
        }
    }

    fn keep<T>(&mut self, read: Result<T, Vec<Diagnostic>>) -> Option<T> {
        read.map_err(|more| self.diagnostics.extend(more)).ok()
    }
}

fn crate_at(path: &Written<String>, folder: &Path) -> Result<CrateFolder, ProjectError> {
    let whole = resolved(folder, &path.value);
    let Ok(whole) = whole.canonicalize() else {
        return Err(ProjectError::NotThere {
            what: "the folder of the plugin".into(),
            path: path.value.clone(),
            fix: "name the folder of its crate; paths start at the folder of pipeline.toml".into(),
        });
    };
    if whole.is_file()
        && whole
            .extension()
            .is_some_and(|extension| extension == "wasm")
    {
        return Err(ProjectError::NotACrate {
            folder: path.value.clone(),
            reason: "it is a component",
            fix: format!("write `file = \"{}\"`", path.value),
        });
    }
    CrateFolder::read(&whole, &path.value)
}

fn manifest_of(found: &CrateFolder, written: &str) -> Result<Manifest, Vec<Diagnostic>> {
    let file = format!("{}/{MANIFEST_FILE}", written.trim_end_matches('/'));
    let path = found.folder.join(MANIFEST_FILE);
    if !path.is_file() {
        let error = ProjectError::NotThere {
            what: "the manifest of the plugin".into(),
            path: file,
            fix: format!("write a {MANIFEST_FILE} in its crate"),
        };
        return Err(vec![Diagnostic::of(&error)]);
    }
    let text = SourceText::read(&path, &file).map_err(|error| vec![Diagnostic::of(&error)])?;
    Manifest::parse(&text)
}

fn component_at(file: &Written<String>, folder: &Path) -> Result<PathBuf, ProjectError> {
    let whole = resolved(folder, &file.value);
    if whole.is_file() {
        return Ok(whole);
    }
    if whole.is_dir() {
        return Err(ProjectError::WrongValue {
            key: "file".into(),
            value: file.value.clone(),
            wanted: "a component file; a crate's folder is named with `path`".into(),
        });
    }
    Err(ProjectError::NotThere {
        what: "the component of the plugin".into(),
        path: file.value.clone(),
        fix: "build or copy it there; paths start at the folder of pipeline.toml".into(),
    })
}
