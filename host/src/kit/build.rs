//! Build-when-stale: the components of plugins that are named by their crates.
//!
//! A warm run starts no cargo: a component is fresh when nothing that cargo's dep-info file
//! lists has changed since cargo last confirmed it. All stale components of a workspace are
//! built by one cargo.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::{OsStr, OsString};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Instant, SystemTime};

use super::build_error::{BuildError, CargoSaid};
use super::fresh;
use crate::name::PluginName;
use crate::project::Project;
use crate::project::crate_folder::CrateFolder;
use crate::project::plugin::Origin;

/// What plugins are compiled for.
pub const TARGET: &str = "wasm32-wasip2";
/// The cargo profile that plugins are compiled with.
pub const PROFILE: &str = "plugin";

/// Lines of cargo's output that an error shows: rustc's last messages and cargo's summary.
const TAIL_LINES: usize = 60;
/// Characters of one such line.
const LINE_MAX_CHARS: usize = 400;

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

/// What happens while components are built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Cargo starts for these packages.
    Started {
        /// As `cargo build -p` names them.
        packages: Vec<String>,
    },
    /// A line cargo wrote.
    Line(String),
    /// Cargo is done.
    Finished {
        /// How many packages were asked for.
        packages: usize,
        /// How long it took.
        elapsed_ms: u64,
    },
}

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

/// Builds what is stale and returns where each component is.
///
/// `target_dir` is cargo's target directory; without it `$CARGO_TARGET_DIR`, else `target` in
/// the crate's workspace.
///
/// # Errors
/// When cargo or the compilation target is missing, or a crate does not compile.
pub fn build_when_stale(
    crates: &BTreeMap<PluginName, CrateFolder>,
    target_dir: Option<&Path>,
    progress: &mut dyn FnMut(Progress),
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
        build(workspace, &target_dir, &crates, progress)?;
    }
    Ok(components)
}

/// Where cargo leaves the component of a crate.
pub fn component_path(target_dir: &Path, folder: &CrateFolder) -> PathBuf {
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
    progress: &mut dyn FnMut(Progress),
) -> Result<(), BuildError> {
    let packages: Vec<String> = crates
        .iter()
        .map(|(folder, _)| folder.package.clone())
        .collect();
    progress(Progress::Started {
        packages: packages.clone(),
    });
    let (started, clock) = (SystemTime::now(), Instant::now());
    let mut cargo = clean("cargo", workspace);
    cargo.args([
        "build",
        "--color",
        "never",
        "--profile",
        PROFILE,
        "--target",
        TARGET,
        "--target-dir",
    ]);
    cargo
        .arg(target_dir)
        .arg("--manifest-path")
        .arg(workspace.join("Cargo.toml"));
    for package in &packages {
        cargo.args(["-p", package]);
    }
    cargo.args(["--config", VECTORS]);
    if crates.iter().any(|(folder, _)| !folder.has_profile) {
        cargo.args(
            PROFILE_SETTINGS
                .iter()
                .flat_map(|setting| ["--config", setting]),
        );
    }
    let said = run(cargo, progress)?;
    if let Some(said) = said {
        if !has_target(workspace) {
            return Err(BuildError::NoTarget { packages });
        }
        return Err(BuildError::Failed {
            packages: said.failed(&packages),
            workspace: workspace.to_owned(),
            said,
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
    progress(Progress::Finished {
        packages: packages.len(),
        elapsed_ms: u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX),
    });
    Ok(())
}

/// Runs cargo and passes its lines on; returns the last of them when it failed.
fn run(
    mut cargo: Command,
    progress: &mut dyn FnMut(Progress),
) -> Result<Option<CargoSaid>, BuildError> {
    cargo
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = cargo
        .spawn()
        .map_err(|source| BuildError::NoCargo { source })?;
    let mut tail: VecDeque<String> = VecDeque::new();
    if let Some(stderr) = child.stderr.take() {
        // Lossy, because a path in a message need not be UTF-8.
        for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
            let line: String = String::from_utf8_lossy(&line)
                .trim_end()
                .chars()
                .take(LINE_MAX_CHARS)
                .collect();
            if tail.len() == TAIL_LINES {
                tail.pop_front();
            }
            tail.push_back(line.clone());
            progress(Progress::Line(line));
        }
    }
    let status = child
        .wait()
        .map_err(|source| BuildError::NoCargo { source })?;
    Ok((!status.success()).then(|| CargoSaid::new(tail)))
}

/// Whether the standard library for the target is there; asked only when a build has failed.
fn has_target(workspace: &Path) -> bool {
    let asked = clean("rustc", workspace)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output();
    let Ok(answer) = asked else {
        // Without rustc nothing can be said about its targets.
        return true;
    };
    Path::new(String::from_utf8_lossy(&answer.stdout).trim()).is_dir()
}

/// A command that does not know that it was started below another cargo.
fn clean(program: &str, workspace: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_of_outer_build(name)) {
        command.env_remove(name);
    }
    command.current_dir(workspace);
    command
}

/// Settings that say how cargo reaches the network and where it keeps what it fetched: these
/// are the machine's, all other `CARGO_*` are the outer build's.
const MACHINE_SETTINGS: [&str; 5] = [
    "CARGO_HOME",
    "CARGO_HTTP_",
    "CARGO_NET_",
    "CARGO_REGISTR",
    "CARGO_SOURCE_",
];

/// Flags and wrappers of the outer build, which a component must not be compiled with.
const OUTER_FLAGS: [&str; 6] = [
    "RUSTFLAGS",
    "RUSTDOCFLAGS",
    "RUSTC_WORKSPACE_WRAPPER",
    "MAKEFLAGS",
    "MFLAGS",
    "__CARGO_FIX_PLZ",
];

fn is_of_outer_build(name: &OsStr) -> bool {
    let name: OsString = name.to_ascii_uppercase();
    let name = name.to_string_lossy();
    let machine = MACHINE_SETTINGS.iter().any(|kept| name.starts_with(kept));
    (name.starts_with("CARGO_") && !machine) || OUTER_FLAGS.contains(&name.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_the_outer_build_are_left_behind() {
        for (name, outer) in [
            ("RUSTFLAGS", true),
            ("CARGO_ENCODED_RUSTFLAGS", true),
            ("CARGO_TARGET_DIR", true),
            ("CARGO_BUILD_TARGET", true),
            ("CARGO_PROFILE_RELEASE_LTO", true),
            ("CARGO_HOME", false),
            ("CARGO_REGISTRIES_INNER_INDEX", false),
            ("CARGO_NET_OFFLINE", false),
            ("PATH", false),
        ] {
            assert_eq!(is_of_outer_build(OsStr::new(name)), outer, "{name}");
        }
    }
}
