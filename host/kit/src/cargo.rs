//! Cargo and rustc as child processes, without the settings of a build around this process.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use super::TARGET;
use super::error::{BuildError, CargoOutput};

/// Lines of cargo's output that an error shows: rustc's last messages and cargo's summary.
const TAIL_LINES: usize = 60;
/// Characters of one such line.
const LINE_MAX_CHARS: usize = 400;

/// Runs cargo; returns the end of its output when it failed.
pub(super) fn run(mut cargo: Command) -> Result<Option<CargoOutput>, BuildError> {
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
            tail.push_back(line);
        }
    }
    let status = child
        .wait()
        .map_err(|source| BuildError::NoCargo { source })?;
    Ok((!status.success()).then(|| CargoOutput::new(tail)))
}

/// Whether the standard library for the target is installed. Worth a rustc only after a failed build.
pub(super) fn has_target(workspace: &Path) -> bool {
    let output = command("rustc", workspace)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output();
    let Ok(output) = output else {
        // Without rustc its targets are unknown.
        return true;
    };
    Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir()
}

/// A command without the settings that an outer cargo gave this process.
pub(super) fn command(program: &str, workspace: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_of_outer_build(name)) {
        command.env_remove(name);
    }
    command.current_dir(workspace);
    command
}

/// Settings of the network and of the folders that cargo downloads to: these belong to the machine,
/// all other `CARGO_*` to the outer build.
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
    let machine = MACHINE_SETTINGS
        .iter()
        .any(|setting| name.starts_with(setting));
    (name.starts_with("CARGO_") && !machine) || OUTER_FLAGS.contains(&name.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_the_outer_build_are_removed() {
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
