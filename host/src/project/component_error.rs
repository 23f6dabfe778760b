//! What can be wrong with a component before it runs.

use super::component::{CONTRACT_VERSION, MANIFEST_MAX_BYTES, Role};
use super::error::quoted;
use crate::blame::{Blame, Explain};

/// Everything that reading a component, or putting it to its use, can find.
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
    /// The manifest of a crate and of the component that was built from it differ.
    #[error(
        "the component of `{plugin}` was built with another plugin.toml than the one in its crate"
    )]
    OtherManifest {
        /// What the pipeline calls it.
        plugin: String,
    },
    /// A plugin in a place that needs a role it does not have.
    #[error("the plugin `{plugin}` is no {role}: it has {}", roles_in_words(roles))]
    WrongRole {
        /// What the pipeline calls it.
        plugin: String,
        /// What is needed.
        role: Role,
        /// What it has.
        roles: Vec<Role>,
    },
    /// Another component than the one that was used before.
    #[error(
        "`{file}` is not the component that was locked for the plugin `{plugin}`: {found}, locked {locked}"
    )]
    OtherDigest {
        /// What the pipeline calls it.
        plugin: String,
        /// As written.
        file: String,
        /// The digest now.
        found: String,
        /// The digest in pipeline.lock.
        locked: String,
    },
}

fn roles_in_words(roles: &[Role]) -> String {
    match roles {
        [one] => format!("the role `{one}`"),
        roles => format!(
            "the roles {}",
            quoted(&roles.iter().map(|r| r.word()).collect::<Vec<_>>())
        ),
    }
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
            Self::OtherManifest { .. } => "component::other-manifest",
            Self::WrongRole { .. } => "component::wrong-role",
            Self::OtherDigest { .. } => "component::other-digest",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::WrongRole { .. } | Self::OtherDigest { .. } => Blame::Author,
            Self::OtherManifest { .. } => Blame::Host,
            _ => Blame::Plugin,
        }
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
            Self::OtherManifest { .. } => "delete the component, so that it is built again",
            Self::WrongRole { role, .. } => {
                return Some(format!("name a plugin that has the role `{role}`"));
            }
            Self::OtherDigest { plugin, .. } => {
                return Some(format!(
                    "if the new component is meant, delete `[plugins.{plugin}]` from pipeline.lock"
                ));
            }
        };
        Some(text.to_owned())
    }
}
