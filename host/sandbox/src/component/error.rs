//! What can be wrong with a component before it runs.

use tsugi_core::diagnostic::{Blame, Explain};

use super::MANIFEST_MAX_BYTES;
use crate::contract::CONTRACT_VERSION;

/// What reading a component can find.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComponentError {
    #[error("this is a core module, not a component")]
    CoreModule,
    #[error("not a valid component: {message} at byte {offset_bytes}")]
    Malformed {
        offset_bytes: usize,
        message: String,
    },
    #[error("the component has {count} imports or exports, more than any plugin needs")]
    ManyInterfaces { count: usize },
    #[error("the component uses `tsugi:plugin/{interface}` of version {}, and this host speaks {CONTRACT_VERSION}",
        if version.is_empty() { "none" } else { version })]
    OtherContract {
        /// `scalar`.
        interface: String,
        version: String,
    },
    #[error("the contract tsugi:plugin@{CONTRACT_VERSION} has no interface `{interface}`")]
    UnknownInterface { interface: String },
    #[error("the component exports no role of tsugi:plugin@{CONTRACT_VERSION}")]
    NoRole,
    #[error("the component imports `{import}`, which no plugin is given")]
    Import {
        import: String,
        instead: &'static str,
    },
    #[error("the component carries no manifest")]
    NoManifest,
    #[error("the component carries {count} manifests")]
    ManyManifests { count: usize },
    #[error("the manifest has {length_bytes} bytes, and {MANIFEST_MAX_BYTES} are allowed")]
    LongManifest { length_bytes: usize },
    #[error("the manifest is not UTF-8")]
    BinaryManifest,
}

impl Explain for ComponentError {
    fn code(&self) -> &'static str {
        match self {
            Self::CoreModule => "component::core-module",
            Self::Malformed { .. } => "component::malformed",
            Self::ManyInterfaces { .. } => "component::many-interfaces",
            Self::OtherContract { .. } => "component::other-contract",
            Self::UnknownInterface { .. } => "component::unknown-interface",
            Self::NoRole => "component::no-role",
            Self::Import { .. } => "component::import",
            Self::NoManifest => "component::no-manifest",
            Self::ManyManifests { .. } => "component::many-manifests",
            Self::LongManifest { .. } => "component::long-manifest",
            Self::BinaryManifest => "component::binary-manifest",
        }
    }

    fn blame(&self) -> Blame {
        Blame::Plugin
    }

    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::CoreModule => {
                "build it with `cargo build --target wasm32-wasip2`, which makes a component"
            }
            Self::Malformed { .. } => "build or download the file again",
            Self::ManyInterfaces { .. } | Self::UnknownInterface { .. } => {
                "build the plugin with the SDK of this host"
            }
            Self::OtherContract { .. } => {
                return Some(format!(
                    "build the plugin with an SDK for tsugi:plugin@{CONTRACT_VERSION}"
                ));
            }
            Self::NoRole => "name a function or type of it in `tsugi_plugin::export!`",
            Self::Import { instead, .. } => instead,
            Self::NoManifest => "name its plugin.toml in `tsugi_plugin::export!`",
            Self::ManyManifests { .. } => {
                "a plugin must not link another plugin that exports itself"
            }
            Self::LongManifest { .. } => "shorten plugin.toml",
            Self::BinaryManifest => "save plugin.toml with the encoding UTF-8",
        };
        Some(text.to_owned())
    }
}
