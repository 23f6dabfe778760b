//! A component read without running it: its roles, what it imports, its manifest, its digest.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use wasmparser::{ComponentExternalKind, Encoding, Parser, Payload};

use super::component_error::ComponentError;
use super::manifest::Manifest;
use super::text::{Text, read_bounded};
use crate::blame::{Finding, Place};

/// The version of `tsugi:plugin` that this host speaks.
pub const CONTRACT_VERSION: &str = "0.1.0";
/// The custom section that holds plugin.toml, as its author wrote it.
pub const MANIFEST_SECTION: &str = "tsugi-manifest";
/// Largest component: interpreters of a scripting language reach a third of it.
pub const COMPONENT_MAX_BYTES: u64 = 64 * 1024 * 1024;
/// Largest manifest: ten times any that a person would read.
pub const MANIFEST_MAX_BYTES: usize = 64 * 1024;
/// Most imports and most exports of a component: a std guest has about fifteen.
pub const INTERFACES_MAX: usize = 256;

const CONTRACT: &str = "tsugi:plugin/";

/// The SHA-256 of some bytes, shown as `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Takes what a hasher computed.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first twelve hexadecimal digits, for people.
    pub fn short(&self) -> String {
        self.to_string()
            .chars()
            .skip("sha256:".len())
            .take(12)
            .collect()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A text that is not a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a digest is `sha256:` and 64 hexadecimal digits")]
pub struct NotADigest;

impl FromStr for Digest {
    type Err = NotADigest;
    fn from_str(text: &str) -> Result<Self, NotADigest> {
        let digits = text.strip_prefix("sha256:").ok_or(NotADigest)?;
        if digits.len() != 64 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(NotADigest);
        }
        let mut bytes = [0; 32];
        for (index, byte) in bytes.iter_mut().enumerate() {
            let pair = digits.get(index * 2..index * 2 + 2).ok_or(NotADigest)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| NotADigest)?;
        }
        Ok(Self(bytes))
    }
}

/// What a component can do for a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Streams of a connector.
    Source,
    /// A function, row by row.
    Scalar,
    /// A function over groups.
    Aggregate,
    /// Relations in, a relation out.
    Table,
    /// Where rows leave.
    Sink,
}

impl Role {
    /// Every role, in the order of the data's way.
    pub const ALL: [Self; 5] = [
        Self::Source,
        Self::Scalar,
        Self::Aggregate,
        Self::Table,
        Self::Sink,
    ];

    /// The word of the contract.
    pub fn word(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Scalar => "scalar",
            Self::Aggregate => "aggregate",
            Self::Table => "table",
            Self::Sink => "sink",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A component file, read and not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// The file, absolute.
    pub path: PathBuf,
    /// Of the whole file.
    pub digest: Digest,
    /// Of the file.
    pub size_bytes: u64,
    /// What it exports.
    pub roles: BTreeSet<Role>,
    /// Every interface it imports: `wasi:io/streams@0.2.6`.
    pub imports: BTreeSet<String>,
    /// What it says about itself.
    pub manifest: Manifest,
}

impl Component {
    /// Reads a component; `file` is its name in findings.
    pub fn read(path: &Path, file: &str) -> Result<Self, Vec<Finding>> {
        let bytes =
            read_bounded(path, file, COMPONENT_MAX_BYTES).map_err(|e| vec![Finding::of(&e)])?;
        Self::parse(path, file, &bytes)
    }

    /// Reads a component from its bytes.
    pub fn parse(path: &Path, file: &str, bytes: &[u8]) -> Result<Self, Vec<Finding>> {
        let whole = |error: ComponentError| Finding::of(&error).at(Place::of_file(file));
        let outline = Outline::read(bytes).map_err(|error| vec![whole(error)])?;
        let mut findings: Vec<Finding> = Vec::new();
        let roles = outline.roles().unwrap_or_else(|errors| {
            findings.extend(errors.into_iter().map(whole));
            BTreeSet::new()
        });
        findings.extend(
            outline
                .imports
                .iter()
                .filter_map(|import| refused(import))
                .map(whole),
        );
        let manifest = match outline.manifest() {
            Ok(body) => Manifest::parse(&Text::new(
                &format!("{file}:{}", super::manifest::MANIFEST_FILE),
                &body,
            ))
            .map_err(|more| findings.extend(more))
            .ok(),
            Err(error) => {
                findings.push(whole(error));
                None
            }
        };
        match manifest {
            Some(manifest) if findings.is_empty() => Ok(Self {
                path: path.to_owned(),
                digest: Digest::of(bytes),
                size_bytes: bytes.len() as u64,
                roles,
                imports: outline.imports,
                manifest,
            }),
            _ => Err(findings),
        }
    }
}

/// The outside of a component: what its binary form tells at the top.
#[derive(Default)]
struct Outline {
    exports: BTreeSet<String>,
    imports: BTreeSet<String>,
    manifests: Vec<Vec<u8>>,
}

impl Outline {
    fn read(bytes: &[u8]) -> Result<Self, ComponentError> {
        let mut outline = Self::default();
        // Modules and components nest; only the outermost one's imports and exports count,
        // while the manifest lies where the guest's linker put it: in a module inside.
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload.map_err(malformed)?;
            match payload {
                Payload::Version {
                    encoding: Encoding::Module,
                    ..
                } if depth == 0 => {
                    return Err(ComponentError::CoreModule);
                }
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentImportSection(imports) if depth == 0 => {
                    for import in imports {
                        outline
                            .imports
                            .insert(import.map_err(malformed)?.name.name.to_owned());
                    }
                }
                Payload::ComponentExportSection(exports) if depth == 0 => {
                    for export in exports {
                        let export = export.map_err(malformed)?;
                        if export.kind == ComponentExternalKind::Instance {
                            outline.exports.insert(export.name.name.to_owned());
                        }
                    }
                }
                Payload::CustomSection(section) if section.name() == MANIFEST_SECTION => {
                    if section.data().len() > MANIFEST_MAX_BYTES {
                        return Err(ComponentError::LongManifest {
                            length_bytes: section.data().len(),
                        });
                    }
                    outline.manifests.push(section.data().to_vec());
                }
                _ => {}
            }
            let count = outline.imports.len().max(outline.exports.len());
            if count > INTERFACES_MAX || outline.manifests.len() > INTERFACES_MAX {
                return Err(ComponentError::ManyInterfaces { count });
            }
        }
        Ok(outline)
    }

    fn roles(&self) -> Result<BTreeSet<Role>, Vec<ComponentError>> {
        let mut roles = BTreeSet::new();
        let mut errors = Vec::new();
        for export in &self.exports {
            let Some(ours) = export.strip_prefix(CONTRACT) else {
                continue;
            };
            let (interface, version) = ours.split_once('@').unwrap_or((ours, ""));
            match Role::ALL.into_iter().find(|role| role.word() == interface) {
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

    fn manifest(&self) -> Result<String, ComponentError> {
        match self.manifests.as_slice() {
            [] => Err(ComponentError::NoManifest),
            [one] => String::from_utf8(one.clone()).map_err(|_| ComponentError::BinaryManifest),
            many => Err(ComponentError::ManyManifests { count: many.len() }),
        }
    }
}

fn malformed(error: wasmparser::Error) -> ComponentError {
    ComponentError::Malformed {
        offset_bytes: error.offset(),
        message: error.message().to_owned(),
    }
}

/// Interfaces of ours that a component may import.
const OFFERED: [&str; 7] = [
    "types", "log", "report", "inputs", "outputs", "http", "mail",
];

/// WASI packages that a guest's standard library imports without asking, and which the sandbox
/// answers with nothing in them.
const INERT: [&str; 4] = ["wasi:cli/", "wasi:io/", "wasi:clocks/", "wasi:random/"];

/// Why an import cannot be given, if it cannot.
fn refused(import: &str) -> Option<ComponentError> {
    if let Some(ours) = import.strip_prefix(CONTRACT) {
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
