//! The errors of building components.

use std::fmt;
use std::path::PathBuf;

use super::TARGET;
use tsugi_core::diagnostic::{Blame, Explain, quoted};

/// Every error of building plugins.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// There is no cargo on this machine.
    #[error("cannot start cargo, which builds plugins that are named by `path`")]
    NoCargo { source: std::io::Error },
    /// The standard library for plugins is not installed.
    #[error(
        "the compilation target {TARGET} is not installed, which plugins are built for: {}",
        quoted(packages)
    )]
    NoTarget { packages: Vec<String> },
    /// A crate does not compile.
    #[error("cargo could not build {}", quoted(packages))]
    Failed {
        /// Those that cargo's summary names, or all of them.
        packages: Vec<String>,
        /// The folder of their workspace.
        workspace: PathBuf,
        /// Its last lines.
        #[source]
        output: CargoOutput,
    },
    /// Cargo succeeded and there is no component.
    #[error("cargo built `{package}` and wrote no component: `{}`", component.display())]
    NoComponent {
        package: String,
        /// Where the component should be.
        component: PathBuf,
    },
    /// Two crates that cargo would build to the same file.
    #[error("two plugins are built to the same component: `{}` and `{}`", first.display(), second.display())]
    SameComponent {
        first: PathBuf,
        second: PathBuf,
        component: PathBuf,
    },
}

/// The last lines of cargo's output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CargoOutput(Vec<String>);

impl CargoOutput {
    pub(super) fn new(lines: impl IntoIterator<Item = String>) -> Self {
        Self(lines.into_iter().collect())
    }

    /// The packages that cargo's summary names, or all of them.
    pub(super) fn failed(&self, packages: &[String]) -> Vec<String> {
        let named = |package: &&String| {
            let summary = format!("could not compile `{package}`");
            self.0.iter().any(|line| line.contains(&summary))
        };
        let failed: Vec<String> = packages.iter().filter(named).cloned().collect();
        if failed.is_empty() {
            packages.to_vec()
        } else {
            failed
        }
    }
}

impl fmt::Display for CargoOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the last lines of cargo:")?;
        self.0.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

impl std::error::Error for CargoOutput {}

impl Explain for BuildError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoCargo { .. } => "build::no-cargo",
            Self::NoTarget { .. } => "build::no-target",
            Self::Failed { .. } => "build::failed",
            Self::NoComponent { .. } => "build::no-component",
            Self::SameComponent { .. } => "build::same-component",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::NoCargo { .. } | Self::NoTarget { .. } => Blame::Outside,
            Self::Failed { .. } => Blame::Plugin,
            Self::NoComponent { .. } => Blame::Host,
            Self::SameComponent { .. } => Blame::Author,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoCargo { .. } => {
                "install Rust with rustup, or name built components with `file`".into()
            }
            Self::NoTarget { .. } => format!("rustup target add {TARGET}"),
            Self::Failed {
                packages,
                workspace,
                ..
            } => {
                let manifest = workspace.join("Cargo.toml");
                let named = packages
                    .iter()
                    .map(|package| format!(" -p {package}"))
                    .collect::<String>();
                format!(
                    "cargo check --manifest-path '{}' --target {TARGET}{named}",
                    manifest.display()
                )
            }
            Self::NoComponent { .. } => "check that `[lib]` in its Cargo.toml is a cdylib".into(),
            Self::SameComponent { component, .. } => {
                format!(
                    "rename one of the two packages: both make `{}`",
                    component.display()
                )
            }
        })
    }
}
