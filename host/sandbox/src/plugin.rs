//! A plugin: a compiled and linked component with its limits and grants.

use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use arrow::datatypes::DataType;
use tsugi_core::diagnostic::Explain as _;
use tsugi_core::digest::Digest;
use tsugi_core::file::read_bounded;
use wasmtime::Engine;
use wasmtime::component::{Component, ComponentExportIndex, InstancePre};

use crate::component::{COMPONENT_MAX_BYTES, Outline};
use crate::contract;
use crate::error::SandboxError;
use crate::grants::Granted;
use crate::instance::state::State;
use crate::limits::PluginLimits;

/// The bytes of a component with their digest, which is computed from them and from nothing else:
/// what is hashed is what is compiled.
#[derive(Clone, PartialEq, Eq)]
pub struct Code {
    bytes: Arc<[u8]>,
    digest: Digest,
}

impl Code {
    pub fn new(bytes: Vec<u8>) -> Self {
        Self {
            digest: Digest::of(&bytes),
            bytes: bytes.into(),
        }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn digest(&self) -> Digest {
        self.digest
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes, {}", self.bytes.len(), self.digest)
    }
}

/// A component with everything it is loaded with.
#[derive(Debug, Clone)]
pub struct PluginFile {
    /// Its name in the pipeline.
    pub name: String,
    pub code: Code,
    /// Every interface it imports, as [`crate::component::Outline`] reads them.
    pub imports: Vec<String>,
    pub limits: PluginLimits,
    pub granted: Granted,
    /// The clock its guests see, in milliseconds since 1970.
    pub started_ms: u64,
}

impl PluginFile {
    /// Reads a component file and checks it without running it. The plugin has the name of the file,
    /// the default limits and the real time as its start.
    ///
    /// # Errors
    /// When the file cannot be read or is no component of this contract.
    pub fn read(path: &Path, granted: Granted) -> Result<Self, SandboxError> {
        let stem = path.file_stem().unwrap_or_default();
        let name = stem.to_string_lossy().into_owned();
        let refused = |reason: String, hint: Option<String>| SandboxError::Refused {
            plugin: name.clone(),
            reason,
            hint: hint.unwrap_or_default(),
        };
        let file = path.display().to_string();
        let bytes = read_bounded(path, &file, COMPONENT_MAX_BYTES)
            .map_err(|error| refused(error.to_string(), error.hint()))?;
        let outline = Outline::read(&bytes);
        let outline = outline.map_err(|error| refused(error.to_string(), error.hint()))?;
        let wrong = outline.roles().err().unwrap_or_default();
        let wrong = wrong.into_iter().chain(outline.refused_imports());
        if let Some(error) = wrong.into_iter().next() {
            return Err(refused(error.to_string(), error.hint()));
        }
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let started_ms = since.unwrap_or_default().as_millis();
        Ok(Self {
            name,
            code: Code::new(bytes),
            imports: outline.imports().iter().cloned().collect(),
            limits: PluginLimits::default(),
            granted,
            started_ms: u64::try_from(started_ms).unwrap_or_default(),
        })
    }
}

/// A component ready to be instantiated.
pub struct Plugin {
    name: String,
    digest: String,
    limits: PluginLimits,
    granted: Granted,
    started_ms: u64,
    pure: InstancePre<State>,
    hosted: InstancePre<State>,
    component: Component,
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plugin")
            .field("name", &self.name)
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

impl Plugin {
    pub(crate) fn new(
        file: PluginFile,
        pure: InstancePre<State>,
        hosted: InstancePre<State>,
        component: Component,
    ) -> Self {
        Self {
            name: file.name,
            digest: file.code.digest().to_string(),
            limits: file.limits,
            granted: file.granted,
            started_ms: file.started_ms,
            pure,
            hosted,
            component,
        }
    }

    /// Its name in the pipeline.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The digest of its component.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    pub(crate) fn limits(&self) -> &PluginLimits {
        &self.limits
    }

    pub(crate) fn granted(&self) -> &Granted {
        &self.granted
    }

    pub(crate) fn started_ms(&self) -> u64 {
        self.started_ms
    }

    pub(crate) fn engine(&self) -> &Engine {
        self.component.engine()
    }

    /// Linked for calls that run to the end on the calling thread, with no access.
    pub(crate) fn pure(&self) -> &InstancePre<State> {
        &self.pure
    }

    /// Linked for async calls with the granted imports.
    pub(crate) fn hosted(&self) -> &InstancePre<State> {
        &self.hosted
    }

    /// The index of a function of a role, or none when the component lacks the role.
    pub(crate) fn export(&self, role: &str, function: &str) -> Option<ComponentExportIndex> {
        let interface = contract::interface(role);
        let instance = self.component.get_export_index(None, &interface)?;
        self.component.get_export_index(Some(&instance), function)
    }

    /// The index of a function that a role must have.
    pub(crate) fn required(
        &self,
        role: &str,
        function: &str,
    ) -> Result<ComponentExportIndex, SandboxError> {
        self.export(role, function)
            .ok_or_else(|| SandboxError::Refused {
                plugin: self.name.clone(),
                reason: format!("it has no `{role}` role"),
                hint: "tsugi plugins DIR lists the roles of each plugin".into(),
            })
    }

    /// The error for a column or argument of a type that does not cross.
    pub(crate) fn uncrossable(&self, (name, data_type): (String, DataType)) -> SandboxError {
        SandboxError::Type {
            plugin: self.name.clone(),
            name,
            data_type: data_type.to_string(),
        }
    }
}
