//! Loading the plugins of a project: once for each set of grants they are used with.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::error::RunError;
use super::locked::locked;
use super::machine::half_of_memory;
use super::spill::spill_folder;
use crate::project::Project;
use crate::project::component::{Component, Digest};
use crate::project::grant::Grants;
use crate::project::pipeline::Reads;
use crate::query::{Session, Settings};
use tsugi_core::name::PluginName;
use tsugi_functions::PluginUse;
use tsugi_sandbox::{Granted, Metadata, PluginFile, Sandbox};

/// A session that knows the functions of a project's plugins and none of its tables.
///
/// # Errors
/// Those of its components, and one that is not the component of pipeline.lock.
pub async fn session(
    sandbox: &Sandbox,
    project: &Project,
    built: &BTreeMap<PluginName, PathBuf>,
) -> Result<Session, RunError> {
    let components = project.components(built).map_err(RunError::Project)?;
    locked(project, &components).await?;
    functions(project, &plain_uses(sandbox, project, &components)?)
}

/// Every plugin as its functions are used, which reach nothing, so that what is granted may be gone.
pub(super) fn plain_uses(
    sandbox: &Sandbox,
    project: &Project,
    components: &BTreeMap<PluginName, Component>,
) -> Result<Loaded, RunError> {
    let nothing = Grants::default();
    let mut loaded = Loaded::new();
    for (name, plugin) in &project.plugins {
        if let Some(component) = components.get(name) {
            let file = plugin_file(project, name, component, &nothing)?;
            let number = grants_number(&plugin.grants);
            loaded.insert((name.clone(), number), sandbox.load(file)?);
        }
    }
    Ok(loaded)
}

/// The clock of guests without the real one, and the seed of their randomness: the day from which the
/// pipeline looks, so that two runs give the same.
fn clock_ms(project: &Project) -> u64 {
    let midnight = project.as_of.and_time(chrono::NaiveTime::MIN).and_utc();
    u64::try_from(midnight.timestamp_millis()).unwrap_or_default()
}

fn open_grants(grants: &Grants) -> Result<Granted, RunError> {
    Granted::open(grants).map_err(|error| RunError::File {
        path: error.folder,
        reason: error.reason,
    })
}

/// A number that distinguishes the uses of a plugin by their grants; the same on every machine.
pub(super) fn grants_number(grants: &Grants) -> u64 {
    let digest = Digest::of(format!("{grants:?}").as_bytes());
    let first = digest.as_bytes().first_chunk().copied();
    u64::from_le_bytes(first.unwrap_or_default())
}

pub(super) type Loaded = BTreeMap<(PluginName, u64), Arc<tsugi_sandbox::Plugin>>;

/// Loads every plugin once for each set of grants it is used with.
pub(super) fn load(
    sandbox: &Sandbox,
    project: &Project,
    components: &BTreeMap<PluginName, Component>,
) -> Result<Loaded, RunError> {
    let mut uses: HashSet<(&PluginName, &Grants)> = HashSet::new();
    let mut loaded = Loaded::new();
    let plain = project
        .plugins
        .iter()
        .map(|(name, plugin)| (name, &plugin.grants));
    let sources = project
        .sources
        .values()
        .filter_map(|source| match &source.reads {
            Reads::Plugin { plugin, grants, .. } => Some((plugin, grants)),
            Reads::Parquet(_) => None,
        });
    let sinks = project
        .sinks
        .values()
        .map(|sink| (&sink.plugin, &sink.grants));
    uses.extend(plain.chain(sources).chain(sinks));
    for (name, grants) in uses {
        let Some(component) = components.get(name) else {
            continue;
        };
        let file = plugin_file(project, name, component, grants)?;
        loaded.insert((name.clone(), grants_number(grants)), sandbox.load(file)?);
    }
    Ok(loaded)
}

/// A component as the sandbox loads it.
fn plugin_file(
    project: &Project,
    name: &PluginName,
    component: &Component,
    grants: &Grants,
) -> Result<PluginFile, RunError> {
    Ok(PluginFile {
        name: name.to_string(),
        code: component.code.clone(),
        imports: component.imports.iter().cloned().collect(),
        limits: tsugi_sandbox::PluginLimits {
            memory_max_bytes: project
                .limits
                .instance_memory_bytes(component.manifest.memory_max_bytes),
            call_max_ms: project.limits.call_max_ms,
            step_max_ms: project.limits.batch_max_ms,
            returned_max_bytes: project.limits.returned_max_bytes,
            ..tsugi_sandbox::PluginLimits::default()
        },
        granted: open_grants(grants)?,
        started_ms: clock_ms(project),
    })
}

/// A session that knows every plugin in each of its uses; functions come from the plain use.
pub(super) fn functions(project: &Project, loaded: &Loaded) -> Result<Session, RunError> {
    let mut opened = Vec::new();
    for ((name, number), plugin) in loaded {
        let plain = project
            .plugins
            .get(name)
            .map(|plugin| grants_number(&plugin.grants));
        let is_plain = plain == Some(*number);
        let metadata = if is_plain {
            plugin.metadata()?
        } else {
            Metadata::default()
        };
        opened.push(PluginUse {
            plugin: Arc::clone(plugin),
            metadata: Arc::new(metadata),
            grants: *number,
        });
    }
    Ok(Session::new(&settings(project)?, &opened)?)
}

/// A session that knows no plugin, for queries over published rows alone.
///
/// # Errors
/// When the memory or the spill folder of the project cannot be used.
pub fn plain_session(project: &Project) -> Result<Session, RunError> {
    Ok(Session::new(&settings(project)?, &[])?)
}

/// Memory and threads of a run.
fn settings(project: &Project) -> Result<Settings, RunError> {
    let memory = project
        .limits
        .memory_max_bytes
        .unwrap_or_else(half_of_memory);
    Ok(Settings {
        memory_max_bytes: usize::try_from(memory).unwrap_or(usize::MAX),
        partitions: std::thread::available_parallelism().map_or(2, usize::from),
        spill_folder: spill_folder(project.limits.spill_folder.as_deref())?,
    })
}
