//! A plugin: a compiled, linked component and what it says of itself.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::datatypes::DataType;
use tsugi_core::digest::Digest;
use wasmtime::Engine;
use wasmtime::component::{Component, ComponentExportIndex, InstancePre};

use super::aggregate::{self, AggregateFunction};
use super::call::{Guest, Start};
use super::error::SandboxError;
use super::limits::{LISTED_MAX, Limits};
use super::reach::Granted;
use super::scalar::{self, ScalarFunction};
use super::schema::NAME_MAX_BYTES;
use super::state::State;
use super::table::{self, TableFunction};
use super::{Sandbox, compile, wasi};
use crate::component::{COMPONENT_MAX_BYTES, ComponentError, Outline};

/// What a plugin is loaded from.
#[derive(Debug, Clone)]
pub struct PluginFile {
    /// Its name in the pipeline.
    pub name: String,
    /// SHA-256 of the component, in hexadecimal.
    pub digest: String,
    /// The component.
    pub bytes: Vec<u8>,
    /// What the component imports, read without running it.
    pub imports: Vec<String>,
    /// Its bounds.
    pub limits: Limits,
    /// What it may reach.
    pub granted: Granted,
    /// The clock its guests see, in milliseconds since 1970.
    pub started_ms: u64,
}

impl PluginFile {
    /// A component under a name, with the default limits and a clock that shows 1970.
    ///
    /// # Errors
    /// When the bytes are no component.
    pub fn new(name: &str, bytes: Vec<u8>, granted: Granted) -> Result<Self, ComponentError> {
        Ok(Self {
            name: name.to_owned(),
            digest: Digest::of(&bytes).to_string(),
            imports: Outline::read(&bytes)?.imports().iter().cloned().collect(),
            bytes,
            limits: Limits::default(),
            granted,
            started_ms: 0,
        })
    }
}

/// The functions a plugin offers.
#[derive(Debug, Clone, Default)]
pub struct Metadata {
    pub scalars: Vec<ScalarFunction>,
    pub aggregates: Vec<AggregateFunction>,
    pub tables: Vec<TableFunction>,
}

/// A component ready to be instantiated.
pub struct Plugin {
    pub(super) name: String,
    pub(super) digest: String,
    pub(super) limits: Limits,
    pub(super) granted: Granted,
    pub(super) started_ms: u64,
    pub(super) pure: InstancePre<State>,
    pub(super) hosted: InstancePre<State>,
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

impl Sandbox {
    /// Compiles (or maps) and links a component. Nothing of it runs yet.
    ///
    /// # Errors
    /// When the component is too large, does not compile, or imports what no host grants.
    pub fn load(&self, file: PluginFile) -> Result<Arc<Plugin>, SandboxError> {
        let refused = |reason: String, hint: &str| SandboxError::Refused {
            plugin: file.name.clone(),
            reason,
            hint: hint.to_owned(),
        };
        if file.bytes.len() as u64 > COMPONENT_MAX_BYTES {
            return Err(refused(
                format!(
                    "its component has {} bytes, at most {COMPONENT_MAX_BYTES} are taken",
                    file.bytes.len()
                ),
                "build it with opt-level, lto and strip",
            ));
        }
        let foreign = |import: &&String| import.starts_with("wasi:") && !wasi::is_inert(import);
        if let Some(import) = file.imports.iter().find(foreign) {
            return Err(refused(
                format!("it imports `{import}`, which no plugin is given"),
                "read files through `inputs` and write through `outputs`; there is no ambient authority",
            ));
        }
        let component = compile::component(&self.engine, &self.cache, &self.left, &file)?;
        let link = |linker: &wasmtime::component::Linker<State>| {
            linker.instantiate_pre(&component).map_err(|error| {
                refused(
                    format!("it cannot be linked: {error:#}"),
                    "rebuild it with the tsugi-plugin of this version",
                )
            })
        };
        let (pure, hosted) = (link(&self.pure)?, link(&self.hosted)?);
        Ok(Arc::new(Plugin {
            name: file.name,
            digest: file.digest,
            limits: file.limits,
            granted: file.granted,
            started_ms: file.started_ms,
            pure,
            hosted,
            component,
        }))
    }
}

impl Plugin {
    /// Its name in the pipeline.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of its component, in hexadecimal.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Its bounds.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) fn engine(&self) -> &Engine {
        self.component.engine()
    }

    /// The place of a function of a role, or none when the component lacks the role.
    pub(super) fn export(&self, role: &str, function: &str) -> Option<ComponentExportIndex> {
        let interface = format!("tsugi:plugin/{role}@0.1.0");
        let instance = self.component.get_export_index(None, &interface)?;
        self.component.get_export_index(Some(&instance), function)
    }

    /// The place of a function that a role must have.
    pub(super) fn required(
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

    /// Makes an instance and throws it away: what every first use of a plugin costs.
    ///
    /// # Errors
    /// When the guest cannot be started.
    pub fn start_and_drop(self: &Arc<Self>) -> Result<(), SandboxError> {
        Guest::pure(self, Start::default()).map(drop)
    }

    /// Asks a fresh instance what functions it offers, and checks the answer.
    ///
    /// # Errors
    /// When the guest fails or describes what cannot be.
    pub fn metadata(self: &Arc<Self>) -> Result<Metadata, SandboxError> {
        let mut guest = Guest::pure(self, Start::default())?;
        Ok(Metadata {
            scalars: scalar::signatures(&mut guest)?,
            aggregates: aggregate::signatures(&mut guest)?,
            tables: table::signatures(&mut guest)?,
        })
    }

    /// A column or argument of a type that does not cross.
    pub(super) fn uncrossable(&self, (name, data_type): (String, DataType)) -> SandboxError {
        SandboxError::Type {
            plugin: self.name.clone(),
            name,
            data_type: data_type.to_string(),
        }
    }
}

/// Refuses lists and names no honest plugin has.
pub(super) fn listed<'a>(
    names: impl ExactSizeIterator<Item = &'a str>,
    unique: bool,
) -> Result<(), String> {
    if names.len() > LISTED_MAX {
        return Err(format!("{} entries: at most {LISTED_MAX}", names.len()));
    }
    let mut seen = HashSet::new();
    for name in names {
        if !is_name(name) {
            return Err(format!(
                "the name `{}` is not lower-case letters, digits and `_`",
                super::call::clip(name.into())
            ));
        }
        if unique && !seen.insert(name) {
            return Err(format!("the name `{name}` twice"));
        }
    }
    Ok(())
}

/// Names a plugin may give to functions, ports, options and streams: what SQL takes unquoted.
fn is_name(name: &str) -> bool {
    let first = name
        .chars()
        .next()
        .is_some_and(|c| c.is_ascii_lowercase() || c == '_');
    let rest = name
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    first && rest && name.len() <= NAME_MAX_BYTES
}
