//! Builds stale components of plugins that a project names by their crates.
//!
//! A warm run starts no cargo: a component is fresh when nothing that cargo's dep-info file
//! lists has changed since cargo last confirmed it. All stale components of a workspace are
//! built by one cargo.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::error::BuildError;
use super::{PROFILE, TARGET, cargo, fresh};
use tsugi_core::name::PluginName;
use tsugi_pipeline::project::Project;
use tsugi_pipeline::project::crate_folder::CrateFolder;
use tsugi_pipeline::project::plugin::Origin;

/// The profile for crates whose workspace has none of that name: small and fast components.
const PROFILE_SETTINGS: [&str; 6] = [
    "profile.plugin.inherits=\"release\"",
    "profile.plugin.lto=\"fat\"",
    "profile.plugin.codegen-units=1",
    "profile.plugin.panic=\"abort\"",
    "profile.plugin.incremental=false",
    "profile.plugin.strip=true",
];

/// Vector instructions of 128 bits, which every engine of this decade has: text is looked at
/// and copied by sixteen bytes. Flags that a plugin's own configuration sets stay beside it.
const VECTORS: &str = "target.wasm32-wasip2.rustflags=[\"-Ctarget-feature=+simd128\"]";

/// The crate of every plugin of a project that is named by path.
pub fn crates_of(project: &Project) -> BTreeMap<PluginName, CrateFolder> {
    let crates = project
        .plugins
        .values()
        .filter_map(|plugin| match &plugin.origin {
            Origin::Crate { folder, .. } => Some((plugin.name.clone(), folder.clone())),
            Origin::File { .. } => None,
        });
    crates.collect()
}

/// Builds what is stale and returns where each component is. `starting` is called with the packages
/// of each cargo that starts.
///
/// `target_dir` is cargo's target directory; without it `$CARGO_TARGET_DIR`, else `target` in
/// the crate's workspace.
///
/// # Errors
/// When cargo or the compilation target is missing, or a crate does not compile.
pub fn build_when_stale(
    crates: &BTreeMap<PluginName, CrateFolder>,
    target_dir: Option<&Path>,
    starting: &mut dyn FnMut(&[String]),
) -> Result<BTreeMap<PluginName, PathBuf>, BuildError> {
    let named = std::env::var_os("CARGO_TARGET_DIR").filter(|dir| !dir.is_empty());
    let named = target_dir.map(Path::to_owned).or(named.map(PathBuf::from));
    let named = named.map(|dir| std::path::absolute(&dir).unwrap_or(dir));
    let mut wanted: BTreeMap<PathBuf, &CrateFolder> = BTreeMap::new();
    let mut components = BTreeMap::new();
    for (plugin, folder) in crates {
        let target_dir = named
            .clone()
            .unwrap_or_else(|| folder.workspace.join("target"));
        let component = component_path(&target_dir, folder);
        if let Some(other) = wanted
            .insert(component.clone(), folder)
            .filter(|other| *other != folder)
        {
            return Err(BuildError::SameComponent {
                first: other.folder.clone(),
                second: folder.folder.clone(),
                component,
            });
        }
        components.insert(plugin.clone(), component);
    }
    let mut stale: BTreeMap<&Path, Vec<(&CrateFolder, &Path)>> = BTreeMap::new();
    for (component, folder) in &wanted {
        if !fresh::is_fresh(component, folder) {
            stale
                .entry(&folder.workspace)
                .or_default()
                .push((folder, component));
        }
    }
    for (workspace, crates) in stale {
        let target_dir = named.clone().unwrap_or_else(|| workspace.join("target"));
        build(workspace, &target_dir, &crates, starting)?;
    }
    Ok(components)
}

/// Where cargo leaves the component of a crate.
fn component_path(target_dir: &Path, folder: &CrateFolder) -> PathBuf {
    target_dir
        .join(TARGET)
        .join(PROFILE)
        .join(format!("{}.wasm", folder.library))
}

/// One cargo for all stale crates of a workspace.
fn build(
    workspace: &Path,
    target_dir: &Path,
    crates: &[(&CrateFolder, &Path)],
    starting: &mut dyn FnMut(&[String]),
) -> Result<(), BuildError> {
    let packages: Vec<String> = crates
        .iter()
        .map(|(folder, _)| folder.package.clone())
        .collect();
    starting(&packages);
    let started = SystemTime::now();
    let mut command = cargo::command("cargo", workspace);
    command.args([
        "build",
        "--color",
        "never",
        "--profile",
        PROFILE,
        "--target",
        TARGET,
        "--target-dir",
    ]);
    command
        .arg(target_dir)
        .arg("--manifest-path")
        .arg(workspace.join("Cargo.toml"));
    for package in &packages {
        command.args(["-p", package]);
    }
    command.args(["--config", VECTORS]);
    if crates.iter().any(|(folder, _)| !folder.has_profile) {
        command.args(
            PROFILE_SETTINGS
                .iter()
                .flat_map(|setting| ["--config", setting]),
        );
    }
    if let Some(output) = cargo::run(command)? {
        if !cargo::has_target(workspace) {
            return Err(BuildError::NoTarget { packages });
        }
        return Err(BuildError::Failed {
            packages: output.failed(&packages),
            workspace: workspace.to_owned(),
            output,
        });
    }
    for (folder, component) in crates {
        if !component.is_file() {
            return Err(BuildError::NoComponent {
                package: folder.package.clone(),
                component: component.to_path_buf(),
            });
        }
        fresh::confirm(component, folder, started);
    }
    Ok(())
}
