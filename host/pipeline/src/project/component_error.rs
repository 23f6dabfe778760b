//! What can be wrong with a component in its place in a project.

use super::component::Role;
use tsugi_core::diagnostic::{Blame, Explain, quoted};

/// A component that is not the one the project needs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ComponentUseError {
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
        file: String,
        /// The digest now.
        found: String,
        /// The digest in pipeline.lock, or of the last run.
        locked: String,
    },
    /// A channel is granted otherwise than before.
    #[error(
        "the plugin `{plugin}` is granted another {want} than the one that was locked: `{granted}`, locked `{locked}`"
    )]
    OtherGrant {
        /// What the pipeline calls it.
        plugin: String,
        want: String,
        /// The grant now.
        granted: String,
        /// Those in pipeline.lock.
        locked: String,
    },
    /// A plugin that published tables were made with is not in pipeline.lock.
    #[error(
        "pipeline.lock says nothing of the plugin `{plugin}`; its component is that of the last run"
    )]
    NotLocked {
        /// What the pipeline calls it.
        plugin: String,
    },
    /// A query calls a function that may be of a plugin that could not be read.
    #[error("the plugin `{plugin}` could not be read, and `{function}` may be a function of it")]
    Unread {
        /// What the pipeline calls it.
        plugin: String,
        function: String,
    },
    /// A name that is no plugin of the pipeline.
    #[error("there is no plugin `{plugin}`")]
    NoPlugin {
        /// The name.
        plugin: String,
    },
}

fn roles_in_words(roles: &[Role]) -> String {
    match roles {
        [one] => format!("the role `{one}`"),
        roles => format!(
            "the roles {}",
            quoted(&roles.iter().map(|r| r.name()).collect::<Vec<_>>())
        ),
    }
}

impl Explain for ComponentUseError {
    fn code(&self) -> &'static str {
        match self {
            Self::OtherManifest { .. } => "component::other-manifest",
            Self::WrongRole { .. } => "component::wrong-role",
            Self::OtherDigest { .. } => "component::other-digest",
            Self::OtherGrant { .. } => "component::other-grant",
            Self::NotLocked { .. } => "component::not-locked",
            Self::Unread { .. } => "component::unread",
            Self::NoPlugin { .. } => "component::no-plugin",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::OtherManifest { .. } => Blame::Host,
            _ => Blame::Author,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::OtherManifest { .. } => "delete the component, so that it is built again".into(),
            Self::WrongRole { role, .. } => format!("name a plugin that has the role `{role}`"),
            Self::NotLocked { .. } => {
                "keep pipeline.lock with the project; the next run writes it again".into()
            }
            Self::Unread { .. } => {
                "mend it, then tsugi check DIR; queries that call none of its functions work without it"
                    .into()
            }
            Self::NoPlugin { .. } => "tsugi plugins DIR lists them".into(),
            Self::OtherGrant { plugin, .. } => {
                format!("if it is meant to go there: tsugi plugins DIR --accept {plugin}")
            }
            Self::OtherDigest { plugin, .. } => {
                format!("if the new component is meant: tsugi plugins DIR --accept {plugin}")
            }
        })
    }
}
