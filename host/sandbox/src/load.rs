//! Loading a plugin: checked, compiled or mapped, linked, and queried for its functions.

use std::sync::Arc;

use wasmtime::component::Linker;

use crate::component::COMPONENT_MAX_BYTES;
use crate::engine::Sandbox;
use crate::error::SandboxError;
use crate::imports::wasi;
use crate::instance::guest::{Guest, StartOptions};
use crate::instance::state::State;
use crate::plugin::{Plugin, PluginFile};
use crate::roles::aggregate::{self, AggregateFunction};
use crate::roles::scalar::{self, ScalarFunction};
use crate::roles::table::{self, TableFunction};

/// The functions a plugin offers.
#[derive(Debug, Clone, Default)]
pub struct Metadata {
    pub scalars: Vec<ScalarFunction>,
    pub aggregates: Vec<AggregateFunction>,
    pub tables: Vec<TableFunction>,
}

impl Sandbox {
    /// Compiles (or maps) and links a component without running it.
    ///
    /// # Errors
    /// When the component is too large, does not compile, or imports what no host grants.
    pub fn load(&self, file: PluginFile) -> Result<Arc<Plugin>, SandboxError> {
        let refused = |reason: String, hint: &str| SandboxError::Refused {
            plugin: file.name.clone(),
            reason,
            hint: hint.to_owned(),
        };
        if file.code.bytes().len() as u64 > COMPONENT_MAX_BYTES {
            return Err(refused(
                format!(
                    "its component has {} bytes, and {COMPONENT_MAX_BYTES} are allowed",
                    file.code.bytes().len()
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
        let component = self.compiler.component(&self.engine, &file)?;
        let link = |linker: &Linker<State>| {
            linker.instantiate_pre(&component).map_err(|error| {
                refused(
                    format!("it cannot be linked: {error:#}"),
                    "rebuild it with the tsugi-plugin of this version",
                )
            })
        };
        let (pure, hosted) = (link(&self.pure)?, link(&self.hosted)?);
        Ok(Arc::new(Plugin::new(file, pure, hosted, component)))
    }
}

impl Plugin {
    /// Starts an instance and drops it, which no verb does: `cargo bench -p tsugi -- starts` measures
    /// what every first use of a plugin costs.
    ///
    /// # Errors
    /// When the guest cannot be started.
    #[doc(hidden)]
    pub fn start_and_drop(self: &Arc<Self>) -> Result<(), SandboxError> {
        Guest::pure(self, StartOptions::default()).map(drop)
    }

    /// The functions that a fresh instance describes, checked.
    ///
    /// # Errors
    /// When the guest fails or its descriptions are invalid.
    pub fn metadata(self: &Arc<Self>) -> Result<Metadata, SandboxError> {
        let mut guest = Guest::pure(self, StartOptions::default())?;
        Ok(Metadata {
            scalars: scalar::signatures(&mut guest)?,
            aggregates: aggregate::signatures(&mut guest)?,
            tables: table::signatures(&mut guest)?,
        })
    }
}
