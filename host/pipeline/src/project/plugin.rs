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
use super::written::{Section, TomlFile, Written};
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
    /// Those that could not be read, with what is wrong with each.
    pub(super) unread: Vec<(String, Vec<Diagnostic>)>,
}

impl Plugins {
    /// Whether the manifest of a plugin says that its sink reaches people.
    pub(super) fn reach_people(&self, name: &PluginName) -> bool {
        let plugin = self.read.get(name);
        plugin.is_some_and(|plugin| plugin.manifest.sink_reaches_people)
    }

    /// Notes in the file what is wrong with plugins, and returns what is wrong in other files.
    pub(super) fn refuse_unread(&mut self, file: &TomlFile<'_>) -> Vec<Diagnostic> {
        let findings = std::mem::take(&mut self.unread);
        let findings = findings.into_iter().flat_map(|(_, of_one)| of_one);
        let is_of_sheet = |one: &Diagnostic| {
            let place = one.place.as_ref();
            place.is_some_and(|place| place.file == file.text().file())
        };
        let (noted, elsewhere): (Vec<_>, Vec<_>) = findings.partition(is_of_sheet);
        noted.into_iter().for_each(|one| file.note(one));
        elsewhere
    }

    /// Reads `[plugins]`.
    pub(super) fn read(root: &Section<'_, '_>, folder: &Path) -> Self {
        let mut plugins = Self::default();
        let Some(section) = root.section("plugins") else {
            return plugins;
        };
        for (name, value) in section.entries() {
            let checked = section.file().name(&name);
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
        let file = section.file();
        let granted = granted::read(section, folder);
        let (origin, manifest) = match origin(section, folder) {
            Ok(read) => read,
            Err(findings) => {
                self.unread.push((name.value.clone(), findings));
                return;
            }
        };
        let Some(checked) = checked else { return };
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
            place: file.text().place(&name.span),
        };
        self.read.insert(checked, plugin);
    }
}

/// The crate or the component of a plugin, with its manifest.
fn origin(section: &Section<'_, '_>, folder: &Path) -> Result<(Origin, Manifest), Vec<Diagnostic>> {
    let text = section.file().text();
    let refused = |span: &Range<usize>, error: &ProjectError| vec![text.diagnostic(span, error)];
    let (path, file) = (section.string("path"), section.string("file"));
    for later in ["registry", "package", "version", "git"] {
        if section.has(later) {
            let error = ProjectError::NotSupported {
                what: format!("`{later}`, a plugin from a registry,"),
                instead: "name the folder of its crate with `path`, or its component with `file`"
                    .into(),
            };
            return Err(refused(&section.key_span(later), &error));
        }
    }
    match (path, file) {
        (Some(path), None) => {
            let found = crate_at(&path, folder).map_err(|error| refused(&path.span, &error))?;
            let manifest = manifest_of(&found, &path.value)?;
            let written = path.value;
            let folder = found;
            Ok((Origin::Crate { written, folder }, manifest))
        }
        (None, Some(file)) => {
            let found = component_at(&file, folder).map_err(|error| refused(&file.span, &error))?;
            let component = Component::read(&found, &file.value)?;
            let manifest = component.manifest.clone();
            let written = file.value;
            let component = Box::new(component);
            Ok((Origin::File { written, component }, manifest))
        }
        _ => {
            let error = ProjectError::OneOf {
                section: section.title(),
                keys: "`path` and `file`",
            };
            Err(refused(&section.span, &error))
        }
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
