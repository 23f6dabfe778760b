//! pipeline.lock: the components that the last run of a pipeline used, and their grants. The host
//! writes it; people read it in reviews.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::component::{Component, Digest};
use super::component_error::ComponentUseError;
use super::error::ProjectError;
use super::grant::{Grants, Want};
use super::paths::resolved;
use super::plugin::Origin;
use super::written::{Section, TomlFile};
use super::{Project, pipeline::Reads};
use tsugi_core::diagnostic::Diagnostic;
use tsugi_core::name::PluginName;
use tsugi_core::source_text::SourceText;

/// The name of the file.
pub const LOCK_FILE: &str = "pipeline.lock";

/// The layout of the file.
const LOCK_VERSION: u64 = 1;

/// Plugins by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// In the order of their names.
    pub plugins: BTreeMap<PluginName, Locked>,
}

/// One plugin, as it was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    pub origin: LockedOrigin,
    /// What each want was granted: `inputs.exports` to `exports/crm`.
    pub granted: BTreeMap<String, Vec<String>>,
}

/// Where a locked plugin came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LockedOrigin {
    /// A crate, which changes with every edit: only its path is held.
    Path(String),
    /// A file, which must stay the same.
    File {
        /// As written in pipeline.toml.
        file: String,
        /// Of the component.
        digest: Digest,
    },
}

impl Lock {
    /// What a project uses now.
    pub fn of(project: &Project, components: &BTreeMap<PluginName, Component>) -> Self {
        let plugins = project.plugins.values().filter_map(|plugin| {
            let origin = match &plugin.origin {
                Origin::Crate { written, .. } => LockedOrigin::Path(written.clone()),
                Origin::File { written, .. } => LockedOrigin::File {
                    file: written.clone(),
                    digest: components.get(&plugin.name)?.code.digest(),
                },
            };
            let granted = granted(project, &plugin.name);
            Some((plugin.name.clone(), Locked { origin, granted }))
        });
        Self {
            plugins: plugins.collect(),
        }
    }

    /// Reads the lock of a project folder; nothing when there is none yet.
    pub fn read(folder: &Path) -> Result<Option<Self>, Vec<Diagnostic>> {
        let path = folder.join(LOCK_FILE);
        if !path.exists() {
            return Ok(None);
        }
        let text =
            SourceText::read(&path, LOCK_FILE).map_err(|error| vec![Diagnostic::of(&error)])?;
        Self::parse(&text).map(Some)
    }

    /// Reads the text of a lock.
    pub fn parse(text: &SourceText) -> Result<Self, Vec<Diagnostic>> {
        let (file, table) = TomlFile::parse(text);
        let root = Section::root(&file, &table);
        if !root.has("version") {
            root.missing("version", "version = 1");
        }
        root.number("version", LOCK_VERSION, LOCK_VERSION);
        let mut lock = Self::default();
        if let Some(plugins) = root.section("plugins") {
            for (name, value) in plugins.entries() {
                let section = plugins.section_of(&name.value, &name.span, value);
                let locked = section.and_then(|section| locked(&section));
                if let (Some(name), Some(locked)) = (file.name(&name), locked) {
                    lock.plugins.insert(name, locked);
                }
            }
        }
        root.finish();
        if !file.has_errors() {
            return Ok(lock);
        }
        let mut diagnostics = file.into_diagnostics();
        for diagnostic in &mut diagnostics {
            diagnostic.hint = Some(format!("delete {LOCK_FILE}: the next run writes it again"));
        }
        Err(diagnostics)
    }

    /// What the lock says against what is used now: a file that holds another component than the one
    /// that was locked for it, under whatever plugin and however its path is spelled. A file of
    /// another path and other grants are edits of pipeline.toml, which its lock follows.
    pub fn compare(&self, now: &Self, project: &Project) -> Vec<Diagnostic> {
        let real = |written: &str| {
            let path = resolved(&project.folder, written);
            path.canonicalize().unwrap_or(path)
        };
        let mut before: BTreeMap<PathBuf, Vec<Digest>> = BTreeMap::new();
        for locked in self.plugins.values() {
            if let LockedOrigin::File { file, digest } = &locked.origin {
                before.entry(real(file)).or_default().push(*digest);
            }
        }
        let changed = now.plugins.iter().filter_map(|(name, locked)| {
            let LockedOrigin::File { file, digest } = &locked.origin else {
                return None;
            };
            let known = before.get(&real(file))?;
            let other = known.first().filter(|_| !known.contains(digest))?;
            let other = other.short();
            Some(other_digest(project, name, file, digest, other))
        });
        changed.collect()
    }

    /// What is used now against the components of the last run, for plugins that the lock says
    /// nothing of: they may have been removed from it, or all of it.
    pub fn compare_unlocked(
        &self,
        now: &Self,
        used: &BTreeMap<String, String>,
        project: &Project,
    ) -> Vec<Diagnostic> {
        let changed = self.unlocked(now).filter_map(|(name, file, digest)| {
            let before = used.get(name.as_str())?;
            (*before != digest.to_string()).then(|| {
                let short = before.parse::<Digest>();
                let short = short.map_or_else(|_| before.clone(), |digest| digest.short());
                other_digest(project, name, file, digest, short)
            })
        });
        changed.collect()
    }

    /// The plugins from files that are used now and not in the lock.
    pub fn unlocked<'n>(
        &self,
        now: &'n Self,
    ) -> impl Iterator<Item = (&'n PluginName, &'n str, &'n Digest)> {
        now.plugins.iter().filter_map(|(name, locked)| {
            let LockedOrigin::File { file, digest } = &locked.origin else {
                return None;
            };
            (!self.plugins.contains_key(name)).then_some((name, file.as_str(), digest))
        })
    }

    /// Removes what is locked for the same file under other plugins.
    pub fn forget_file_of(&mut self, accepted: &Locked, folder: &Path) {
        let real = |origin: &LockedOrigin| match origin {
            LockedOrigin::File { file, .. } => {
                let path = resolved(folder, file);
                Some(path.canonicalize().unwrap_or(path))
            }
            LockedOrigin::Path(_) => None,
        };
        let file = real(&accepted.origin);
        self.plugins
            .retain(|_, locked| file.is_none() || real(&locked.origin) != file);
    }

    /// Writes the lock into a project folder, unless the same lock is there. Readers see the old
    /// file or the new one.
    pub fn write(&self, folder: &Path) -> Result<(), ProjectError> {
        let path = folder.join(LOCK_FILE);
        let text = self.to_string();
        if std::fs::read(&path).is_ok_and(|old| old == text.as_bytes()) {
            return Ok(());
        }
        let fresh = folder.join(format!(".{LOCK_FILE}.{}", std::process::id()));
        let written = std::fs::write(&fresh, &text).and_then(|()| std::fs::rename(&fresh, &path));
        written.map_err(|source| {
            // A part of a lock is of no use.
            let _ = std::fs::remove_file(&fresh);
            ProjectError::Unwritable {
                file: LOCK_FILE.to_owned(),
                source,
            }
        })
    }
}

fn other_digest(
    project: &Project,
    name: &PluginName,
    file: &str,
    digest: &Digest,
    locked: String,
) -> Diagnostic {
    let diagnostic = Diagnostic::of(&ComponentUseError::OtherDigest {
        plugin: name.to_string(),
        file: file.to_owned(),
        found: digest.short(),
        locked,
    });
    match project.plugins.get(name) {
        Some(plugin) => diagnostic.at(plugin.place.clone()),
        None => diagnostic,
    }
}

fn locked(section: &Section<'_, '_>) -> Option<Locked> {
    let path = section.string("path");
    let file = section.string("file");
    let digest = section.string("digest");
    let mut granted = BTreeMap::new();
    if let Some(grants) = section.section("granted") {
        for (want, value) in grants.entries() {
            let values = grants
                .strings_of(&want.value, value)
                .into_iter()
                .map(|w| w.value);
            granted.insert(want.value, values.collect());
        }
    }
    let origin = match (path, file, digest) {
        (Some(path), None, None) => LockedOrigin::Path(path.value),
        (None, Some(file), Some(digest)) => {
            let Ok(parsed) = digest.value.parse() else {
                let error = ProjectError::WrongValue {
                    key: section.full("digest"),
                    value: digest.value,
                    wanted: "`sha256:` and 64 hexadecimal digits".into(),
                };
                section.file().find(&digest.span, &error);
                return None;
            };
            LockedOrigin::File {
                file: file.value,
                digest: parsed,
            }
        }
        _ => {
            let error = ProjectError::OneOf {
                section: section.title(),
                keys: "`path`, or `file` with `digest`",
            };
            section.file().find(&section.span, &error);
            return None;
        }
    };
    Some(Locked { origin, granted })
}

/// Everything a plugin is granted, wherever it is used.
fn granted(project: &Project, plugin: &PluginName) -> BTreeMap<String, Vec<String>> {
    let own = project.plugins.get(plugin).map(|p| &p.grants);
    let sources = project
        .sources
        .values()
        .filter_map(|source| match &source.reads {
            Reads::Plugin {
                plugin: name,
                grants,
                ..
            } if name == plugin => Some(grants),
            _ => None,
        });
    let sinks = project
        .sinks
        .values()
        .filter(|sink| sink.plugin == *plugin)
        .map(|sink| &sink.grants);
    let mut granted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for grants in own.into_iter().chain(sources).chain(sinks) {
        for want in grants.wants() {
            let values = granted.entry(want.to_string()).or_default();
            values.extend(described(grants, &want));
        }
    }
    for values in granted.values_mut() {
        values.sort_unstable();
        values.dedup();
    }
    granted
}

fn described(grants: &Grants, want: &Want) -> Vec<String> {
    match want {
        Want::Inputs(name) => grants
            .inputs
            .get(name)
            .into_iter()
            .flatten()
            .map(|g| g.written.clone())
            .collect(),
        Want::Outputs(name) => grants
            .outputs
            .get(name)
            .into_iter()
            .map(|g| g.written.clone())
            .collect(),
        Want::Http(name) => grants
            .http
            .get(name)
            .into_iter()
            .map(|g| {
                let methods: Vec<&str> = g.methods.iter().map(String::as_str).collect();
                format!("{} {}", methods.join("|"), g.url)
            })
            .collect(),
        Want::Mail(name) => grants
            .mail
            .get(name)
            .into_iter()
            .map(|g| g.url.clone())
            .collect(),
        Want::Clock | Want::Random => vec!["true".into()],
    }
}

/// The text of the file: the same lock is always the same text.
impl std::fmt::Display for Lock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = |text: &str| toml::Value::String(text.to_owned());
        writeln!(
            f,
            "# Written by tsugi: the plugins of this pipeline and what they are granted. Keep it with the project."
        )?;
        writeln!(f, "version = {LOCK_VERSION}")?;
        for (name, locked) in &self.plugins {
            writeln!(f, "\n[plugins.{name}]")?;
            match &locked.origin {
                LockedOrigin::Path(path) => writeln!(f, "path = {}", text(path))?,
                LockedOrigin::File { file, digest } => {
                    writeln!(f, "file = {}\ndigest = \"{digest}\"", text(file))?;
                }
            }
            for (want, values) in &locked.granted {
                let values = toml::Value::Array(values.iter().map(|value| text(value)).collect());
                writeln!(f, "granted.{} = {values}", text(want))?;
            }
        }
        Ok(())
    }
}
