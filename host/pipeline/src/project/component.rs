//! A plugin's component, read without running it, with its manifest.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub use tsugi_core::digest::{Digest, NotADigest};
pub use tsugi_core::role::Role;
pub use tsugi_sandbox::CONTRACT_VERSION;
use tsugi_sandbox::Code;
pub use tsugi_sandbox::component::COMPONENT_MAX_BYTES;
use tsugi_sandbox::component::{ComponentError, Outline};

use super::manifest::{MANIFEST_FILE, Manifest};
use tsugi_core::diagnostic::{Diagnostic, Place};
use tsugi_core::file::read_bounded;
use tsugi_core::source_text::SourceText;

/// A component file with its manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// The file, absolute.
    pub path: PathBuf,
    /// The whole file, read once: what is compared with the lock is what is compiled.
    pub code: Code,
    pub roles: BTreeSet<Role>,
    /// Every interface it imports: `wasi:io/streams@0.2.6`.
    pub imports: BTreeSet<String>,
    pub manifest: Manifest,
}

impl Component {
    /// Reads a component; `file` is its name in diagnostics.
    pub fn read(path: &Path, file: &str) -> Result<Self, Vec<Diagnostic>> {
        let bytes =
            read_bounded(path, file, COMPONENT_MAX_BYTES).map_err(|e| vec![Diagnostic::of(&e)])?;
        Self::parse(path, file, bytes)
    }

    /// Reads a component from its bytes.
    pub fn parse(path: &Path, file: &str, bytes: Vec<u8>) -> Result<Self, Vec<Diagnostic>> {
        let whole = |error: ComponentError| Diagnostic::of(&error).at(Place::of_file(file));
        let outline = Outline::read(&bytes).map_err(|error| vec![whole(error)])?;
        let mut diagnostics: Vec<Diagnostic> = Vec::new();
        let roles = outline.roles().unwrap_or_else(|errors| {
            diagnostics.extend(errors.into_iter().map(whole));
            BTreeSet::new()
        });
        diagnostics.extend(outline.refused_imports().into_iter().map(whole));
        let manifest = match outline.manifest() {
            Ok(body) => {
                Manifest::parse(&SourceText::new(&format!("{file}:{MANIFEST_FILE}"), &body))
                    .map_err(|more| diagnostics.extend(more))
                    .ok()
            }
            Err(error) => {
                diagnostics.push(whole(error));
                None
            }
        };
        match manifest {
            Some(manifest) if diagnostics.is_empty() => Ok(Self {
                path: path.to_owned(),
                code: Code::new(bytes),
                roles,
                imports: outline.imports().clone(),
                manifest,
            }),
            _ => Err(diagnostics),
        }
    }
}
