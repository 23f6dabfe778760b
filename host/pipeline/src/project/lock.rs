//! pipeline.lock: the components that the last run of a pipeline used, and their grants. The host
//! writes it; people read it in reviews.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Project;
use super::component::{Component, Digest};
use super::component_error::ComponentUseError;
use super::error::ProjectError;
use super::lock_grants::{changed_channels, granted};
use super::paths::resolved;
use super::plugin::Origin;
use super::written::{Section, TomlFile};
use tsugi_core::diagnostic::Diagnostic;
use tsugi_core::name::PluginName;
use tsugi_core::source_text::SourceText;

/// The name of the file.
pub const LOCK_FILE: &str = "pipeline.lock";

/// The layout of the file.
const LOCK_VERSION: u64 = 2;
/// The first layout with every key of a channel.
const WITH_CHANNELS: u64 = 2;

/// Plugins by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// Whether it is of a layout that did not hold every key of a channel.
    is_older: bool,
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
            is_older: false,
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
        let version = root.number("version", 1, LOCK_VERSION);
        let mut lock = Self {
            is_older: version.is_some_and(|version| version < WITH_CHANNELS),
            ..Self::default()
        };
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
    /// that was locked for it, under whatever plugin and however its path is spelled, and a channel that was
    /// granted and leads elsewhere, with another secret, sender or authority. A file of another path and other
    /// wants are edits of pipeline.toml, which its lock follows.
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
        let mut found: Vec<Diagnostic> = changed.collect();
        for (name, locked) in self.plugins.iter().filter(|_| !self.is_older) {
            if let (Some(now), Some(plugin)) = (now.plugins.get(name), project.plugins.get(name)) {
                let channels = changed_channels(name, &locked.granted, &now.granted).into_iter();
                let at = |error| Diagnostic::of(&error).at(plugin.place.clone());
                found.extend(channels.map(at));
            }
        }
        found
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
