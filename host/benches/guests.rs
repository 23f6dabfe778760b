//! The components that are measured, built when stale and loaded as a run would load them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tsugi_core::name::PluginName;
use tsugi_kit::build_when_stale;
use tsugi_pipeline::project::component::Component;
use tsugi_pipeline::project::crate_folder::CrateFolder;
use tsugi_sandbox::{Granted, Plugin, PluginFile, PluginLimits, Sandbox};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Where this benchmark keeps compiled code and what it builds.
fn scratch(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// A sandbox with its own folder of compiled code.
pub fn sandbox() -> Arc<Sandbox> {
    Sandbox::new(scratch("components")).expect("an engine")
}

/// The same without the checks by which a guest is stopped.
pub fn unstoppable() -> Arc<Sandbox> {
    Sandbox::unstoppable(scratch("components")).expect("an engine")
}

/// The component of a crate folder of this repository.
pub fn file(folder: &str) -> PluginFile {
    let target = folder
        .starts_with("tests/guests")
        .then(|| scratch("guests"));
    let named = CrateFolder::read(&root().join(folder), folder).expect("the crate of a plugin");
    let name = PluginName::try_new("plugin").expect("a name");
    let crates = BTreeMap::from([(name.clone(), named)]);
    let mut paths = build_when_stale(&crates, target.as_deref(), &mut |_| ())
        .unwrap_or_else(|error| panic!("{error}"));
    let path = paths.remove(&name).expect("the component that was wanted");
    let bytes = std::fs::read(&path).expect("a component");
    let read = Component::parse(&path, folder, bytes).unwrap_or_else(|f| panic!("{f:#?}"));
    PluginFile {
        name: folder.rsplit('/').next().unwrap_or(folder).to_owned(),
        code: read.code.clone(),
        imports: read.imports.iter().cloned().collect(),
        limits: PluginLimits::default(),
        granted: Granted::default(),
        started_ms: 0,
    }
}

/// The plugin of a crate folder.
pub fn plugin(sandbox: &Sandbox, folder: &str) -> Arc<Plugin> {
    sandbox
        .load(file(folder))
        .unwrap_or_else(|error| panic!("{error}"))
}
