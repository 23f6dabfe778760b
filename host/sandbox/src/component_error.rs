//! What can be wrong with a component before it runs.

use tsugi_core::diagnostic::{Blame, Explain};

use super::component::{CONTRACT_VERSION, MANIFEST_MAX_BYTES};

/// What reading a component can find.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComponentError {
    /// A core module where a component should be.
    #[error("this is a core module, not a component")]
    CoreModule,
    /// Bytes that are no WebAssembly.
    #[error("not a valid component: {message} at byte {offset_bytes}")]
    Malformed {
        /// Where reading stopped.
        offset_bytes: usize,
        /// The parser's words.
        message: String,
    },
    /// More imports or exports than any component needs.
    #[error("the component has {count} imports or exports, more than any plugin needs")]
    ManyInterfaces {
        /// How many were counted.
        count: usize,
    },
    /// The contract in another version.
    #[error("the component uses `tsugi:plugin/{interface}` of version {}, and this host speaks {CONTRACT_VERSION}",
        if version.is_empty() { "none" } else { version })]
    OtherContract {
        /// `scalar`.
        interface: String,
        /// Its version in the component.
        version: String,
    },
    /// An interface that the contract does not have.
    #[error("the contract tsugi:plugin@{CONTRACT_VERSION} has no interface `{interface}`")]
    UnknownInterface {
        /// As the component names it.
        interface: String,
    },
    /// No role at all.
    #[error("the component exports no role of tsugi:plugin@{CONTRACT_VERSION}")]
    NoRole,
    /// An import that the sandbox does not have.
    #[error("the component imports `{import}`, which no plugin is given")]
    Import {
        /// As the component names it.
        import: String,
        /// What to use.
        instead: &'static str,
    },
    /// No manifest inside.
    #[error("the component carries no manifest")]
    NoManifest,
    /// More than one manifest inside.
    #[error("the component carries {count} manifests")]
    ManyManifests {
        /// How many.
        count: usize,
    },
    /// The manifest is too long.
    #[error("the manifest has {length_bytes} bytes, and {MANIFEST_MAX_BYTES} are allowed")]
    LongManifest {
        /// Its length.
        length_bytes: usize,
    },
    /// The manifest is not text.
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
