//! A component read without running it: its roles, what it imports, its manifest.

mod error;
pub(crate) mod expanded;

use std::collections::BTreeSet;

use tsugi_core::role::Role;
use wasmparser::{ComponentExternalKind, Encoding, Parser, Payload};

pub use error::ComponentError;

use crate::contract::{CONTRACT_VERSION, PACKAGE};

/// The custom section that holds plugin.toml, as its author wrote it.
pub(crate) const MANIFEST_SECTION: &str = "tsugi-manifest";
/// Largest component: interpreters of a scripting language reach a third of it.
pub const COMPONENT_MAX_BYTES: u64 = 64 * 1024 * 1024;
/// Largest manifest: ten times any that a person would read.
pub(crate) const MANIFEST_MAX_BYTES: usize = 64 * 1024;
/// Most imports and most exports of a component: a std guest has about fifteen.
pub(crate) const INTERFACES_MAX: usize = 256;

/// The outside of a component: what its binary form declares at the top.
#[derive(Debug, Default)]
pub struct Outline {
    exports: BTreeSet<String>,
    imports: BTreeSet<String>,
    manifests: Vec<Vec<u8>>,
}

impl Outline {
    /// Reads a component from its bytes.
    ///
    /// # Errors
    /// When the bytes are no component, or have more interfaces than any plugin.
    pub fn read(bytes: &[u8]) -> Result<Self, ComponentError> {
        let mut outline = Self::default();
        // Modules and components nest; only the outermost one's imports and exports count,
        // while the manifest is where the guest's linker put it: in a module inside.
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload.map_err(malformed)?;
            match payload {
                Payload::Version {
                    encoding: Encoding::Module,
                    ..
                } if depth == 0 => return Err(ComponentError::CoreModule),
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                payload => outline.add(&payload, depth == 0)?,
            }
            let count = outline.imports.len().max(outline.exports.len());
            if count > INTERFACES_MAX || outline.manifests.len() > INTERFACES_MAX {
                return Err(ComponentError::ManyInterfaces { count });
            }
        }
        Ok(outline)
    }

    fn add(&mut self, payload: &Payload<'_>, is_outermost: bool) -> Result<(), ComponentError> {
        match payload {
            Payload::ComponentImportSection(imports) if is_outermost => {
                for import in imports.clone() {
                    let name = import.map_err(malformed)?.name.name;
                    self.imports.insert(name.to_owned());
                }
            }
            Payload::ComponentExportSection(exports) if is_outermost => {
                for export in exports.clone() {
                    let export = export.map_err(malformed)?;
                    if export.kind == ComponentExternalKind::Instance {
                        self.exports.insert(export.name.name.to_owned());
                    }
                }
            }
            Payload::CustomSection(section) if section.name() == MANIFEST_SECTION => {
                let length_bytes = section.data().len();
                if length_bytes > MANIFEST_MAX_BYTES {
                    return Err(ComponentError::LongManifest { length_bytes });
                }
                self.manifests.push(section.data().to_vec());
            }
            _ => {}
        }
        Ok(())
    }

    /// Every interface it imports: `wasi:io/streams@0.2.6`.
    pub fn imports(&self) -> &BTreeSet<String> {
        &self.imports
    }

    /// Each import that no plugin is given.
    pub fn refused_imports(&self) -> Vec<ComponentError> {
        self.imports
            .iter()
            .filter_map(|import| refused(import))
            .collect()
    }

    /// The roles it exports.
    ///
    /// # Errors
    /// Every export that the contract does not have, or that there is no role.
    pub fn roles(&self) -> Result<BTreeSet<Role>, Vec<ComponentError>> {
        let mut roles = BTreeSet::new();
        let mut errors = Vec::new();
        for export in &self.exports {
            let Some(ours) = export.strip_prefix(PACKAGE) else {
                continue;
            };
            let (interface, version) = ours.split_once('@').unwrap_or((ours, ""));
            match Role::ALL.into_iter().find(|role| role.name() == interface) {
                _ if version != CONTRACT_VERSION => errors.push(ComponentError::OtherContract {
                    interface: interface.to_owned(),
                    version: version.to_owned(),
                }),
                Some(role) => {
                    roles.insert(role);
                }
                None if interface == "sink-terms" => {}
                None => errors.push(ComponentError::UnknownInterface {
                    interface: interface.to_owned(),
                }),
            }
        }
        if roles.is_empty() && errors.is_empty() {
            errors.push(ComponentError::NoRole);
        }
        if errors.is_empty() {
            Ok(roles)
        } else {
            Err(errors)
        }
    }

    /// The text of its manifest section, as its author wrote it.
    ///
    /// # Errors
    /// When there is no such section, several, or one that is not text.
    pub fn manifest(&self) -> Result<String, ComponentError> {
        match self.manifests.as_slice() {
            [] => Err(ComponentError::NoManifest),
            [one] => String::from_utf8(one.clone()).map_err(|_| ComponentError::BinaryManifest),
            many => Err(ComponentError::ManyManifests { count: many.len() }),
        }
    }
}

fn malformed(error: wasmparser::Error) -> ComponentError {
    // The parser prints both as lists of bytes.
    let message = match error.message().contains("bad magic number") {
        true => "it does not begin as WebAssembly does",
        false => error.message(),
    };
    ComponentError::Malformed {
        offset_bytes: error.offset(),
        message: message.to_owned(),
    }
}

/// Interfaces of the contract that a component may import.
const OFFERED: [&str; 7] = [
    "types", "log", "report", "inputs", "outputs", "http", "mail",
];

/// WASI packages that the standard library of a guest imports by itself; the sandbox answers them
/// with inert stubs.
const INERT: [&str; 4] = ["wasi:cli/", "wasi:io/", "wasi:clocks/", "wasi:random/"];

/// Why the sandbox refuses an import, if it does.
fn refused(import: &str) -> Option<ComponentError> {
    if let Some(ours) = import.strip_prefix(PACKAGE) {
        let (interface, version) = ours.split_once('@').unwrap_or((ours, ""));
        return if version != CONTRACT_VERSION {
            Some(ComponentError::OtherContract {
                interface: interface.to_owned(),
                version: version.to_owned(),
            })
        } else if OFFERED.contains(&interface) {
            None
        } else {
            Some(ComponentError::UnknownInterface {
                interface: interface.to_owned(),
            })
        };
    }
    if INERT.iter().any(|package| import.starts_with(package)) {
        return None;
    }
    let instead = match import.split(['/', '@']).next().unwrap_or_default() {
        "wasi:filesystem" => "files come in through the want `inputs` and go out through `outputs`",
        "wasi:sockets" => {
            "a plugin opens no connections: it sends through the wants `http` and `mail`"
        }
        "wasi:http" => "requests go through the want `http`",
        _ => {
            "build the plugin with the SDK for the target wasm32-wasip2, without what needs this import"
        }
    };
    Some(ComponentError::Import {
        import: import.to_owned(),
        instead,
    })
}
