//! The components that a project uses, held against pipeline.lock and against the last run: every
//! verb that loads a plugin goes through here.

use std::collections::BTreeMap;

use super::error::RunError;
use crate::project::Project;
use crate::project::component::Component;
use crate::project::component_error::ComponentUseError;
use crate::project::lock::{LOCK_FILE, Lock};
use crate::store::Warehouse;
use tsugi_core::diagnostic::{Diagnostic, Place};
use tsugi_core::name::PluginName;

/// Compares the components; what stops nothing.
///
/// # Errors
/// Names each component that is another one than before.
pub(super) async fn locked(
    project: &Project,
    components: &BTreeMap<PluginName, Component>,
) -> Result<Vec<Diagnostic>, RunError> {
    let now = Lock::of(project, components);
    let lock = Lock::read(&project.folder).map_err(RunError::Project)?;
    let lock = lock.unwrap_or_default();
    let mut findings = lock.compare(&now, project);
    let used = match lock.unlocked(&now).next() {
        Some(_) => used_before(project).await?,
        None => BTreeMap::new(),
    };
    findings.extend(lock.compare_unlocked(&now, &used, project));
    if !findings.is_empty() {
        return Err(RunError::Project(findings));
    }
    let removed = lock
        .unlocked(&now)
        .filter(|(name, ..)| used.contains_key(name.as_str()));
    let warnings = removed.map(|(name, ..)| {
        let plugin = name.to_string();
        let error = ComponentUseError::NotLocked { plugin };
        Diagnostic::of(&error)
            .at(Place::of_file(LOCK_FILE))
            .as_warning()
    });
    Ok(warnings.collect())
}

/// Takes the components of these plugins into pipeline.lock, whatever it said of them before.
///
/// # Errors
/// A name that is no plugin, or a lock that cannot be read or written.
pub fn accept(
    project: &Project,
    components: &BTreeMap<PluginName, Component>,
    names: &[PluginName],
) -> Result<(), RunError> {
    let now = Lock::of(project, components);
    let mut lock = Lock::read(&project.folder)
        .map_err(RunError::Project)?
        .unwrap_or_default();
    for name in names {
        let Some(locked) = now.plugins.get(name) else {
            let plugin = name.to_string();
            let error = ComponentUseError::NoPlugin { plugin };
            return Err(RunError::Project(vec![Diagnostic::of(&error)]));
        };
        lock.forget_file_of(locked, &project.folder);
        lock.plugins.insert(name.clone(), locked.clone());
    }
    let written = lock.write(&project.folder);
    written.map_err(|error| RunError::Project(vec![Diagnostic::of(&error)]))
}

/// The digests of the plugins of the last run that published, by name; none before the first.
async fn used_before(project: &Project) -> Result<BTreeMap<String, String>, RunError> {
    if !Warehouse::exists(&project.warehouse) {
        return Ok(BTreeMap::new());
    }
    let warehouse = Warehouse::open(&project.warehouse).await?;
    let record = warehouse.last_published().await?;
    let audit = record.and_then(|record| record.audit);
    let plugins = audit
        .as_ref()
        .and_then(|audit| audit.get("plugins")?.as_array());
    let text = |one: &serde_json::Value, key: &str| Some(one.get(key)?.as_str()?.to_owned());
    let used = plugins.into_iter().flatten();
    let used = used.filter_map(|one| Some((text(one, "name")?, text(one, "digest")?)));
    Ok(used.collect())
}
