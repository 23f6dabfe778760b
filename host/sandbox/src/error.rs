//! What can go wrong at the boundary, and who must act.

use tsugi_core::diagnostic::{Blame, Explain};

use crate::boundary::encode::LayoutError;
use crate::boundary::wire::{PluginError, Recovery};
use crate::limits::{BATCH_TIME, CALL_TIME};

/// Every failure of the sandbox. `entry` is the function of the contract that ran.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SandboxError {
    /// The component cannot be used at all.
    #[error("plugin `{plugin}` is refused: {reason}")]
    Refused {
        plugin: String,
        reason: String,
        hint: String,
    },
    /// The guest stopped itself: a panic, an `unreachable`, a division by zero.
    #[error("plugin `{plugin}` trapped in `{entry}`: {message}{log}")]
    Trapped {
        plugin: String,
        entry: String,
        message: String,
        log: String,
    },
    /// The guest went over a limit.
    #[error(
        "plugin `{plugin}` in `{entry}` went over its limit of {limit} for {name} (requested: {requested})"
    )]
    OverLimit {
        plugin: String,
        entry: String,
        name: &'static str,
        limit: u64,
        requested: u64,
    },
    /// The guest used an import that is not granted.
    #[error("plugin `{plugin}` in `{entry}` was denied {want}")]
    Denied {
        plugin: String,
        entry: String,
        want: String,
        hint: String,
    },
    /// A secret of a grant cannot be read.
    #[error("plugin `{plugin}` cannot reach `{want}`: {place}: {why}")]
    Secret {
        plugin: String,
        want: String,
        place: String,
        why: String,
    },
    /// The guest returned what the contract forbids.
    #[error("plugin `{plugin}` returned a malformed answer from `{entry}`: {what}")]
    Malformed {
        plugin: String,
        entry: String,
        what: String,
    },
    /// The guest returned an error.
    #[error("plugin `{plugin}` failed in `{entry}`: {}", with_place(.error))]
    Failed {
        plugin: String,
        entry: String,
        error: Box<PluginError>,
    },
    /// The query was cancelled while the guest ran.
    #[error("plugin `{plugin}` was stopped in `{entry}`: the run was cancelled")]
    Cancelled { plugin: String, entry: String },
    /// A type that does not cross.
    #[error("`{name}` has the type {data_type}, which cannot cross into plugin `{plugin}`")]
    Type {
        plugin: String,
        name: String,
        data_type: String,
    },
    /// A value that the type of a parameter does not have.
    #[error("`{entry}` of plugin `{plugin}` takes `{name}` as {data_type}, which has no {value}")]
    Value {
        plugin: String,
        entry: String,
        name: String,
        value: String,
        data_type: String,
    },
    /// The host itself failed: cache folder, engine, layout of a batch.
    #[error("the sandbox cannot {what}: {reason}")]
    Host { what: String, reason: String },
}

fn with_place(error: &PluginError) -> String {
    let mut text = error.message.clone();
    if let Some(at) = &error.at {
        text.push_str(&format!(" (at {at})"));
    }
    text
}

impl SandboxError {
    /// The arguments of a call cannot be laid out.
    pub(crate) fn layout(plugin: &str, entry: &str, error: impl Into<LayoutError>) -> Self {
        match error.into() {
            LayoutError::Arrow(error) => Self::Host {
                what: format!("lay out a batch for `{entry}` of plugin `{plugin}`"),
                reason: error.to_string(),
            },
            LayoutError::Value {
                name,
                value,
                data_type,
            } => Self::Value {
                plugin: plugin.to_owned(),
                entry: entry.to_owned(),
                name,
                value,
                data_type: data_type.to_string(),
            },
        }
    }
}

impl Explain for SandboxError {
    fn code(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "sandbox::refused",
            Self::Trapped { .. } => "sandbox::trapped",
            Self::OverLimit { .. } => "sandbox::over-limit",
            Self::Denied { .. } => "sandbox::denied",
            Self::Secret { .. } => "sandbox::secret",
            Self::Malformed { .. } => "sandbox::malformed",
            Self::Failed { .. } => "sandbox::failed",
            Self::Cancelled { .. } => "sandbox::cancelled",
            Self::Type { .. } => "sandbox::type",
            Self::Value { .. } => "sandbox::value",
            Self::Host { .. } => "sandbox::host",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Secret { .. }
            | Self::Denied { .. }
            | Self::Cancelled { .. }
            | Self::Type { .. }
            | Self::Value { .. } => Blame::Author,
            Self::Failed { error, .. } => match error.recovery {
                Recovery::FixConfig | Recovery::RejectData => Blame::Author,
                Recovery::Reauthenticate | Recovery::Retry | Recovery::Throttled => Blame::Outside,
                Recovery::GiveUp | Recovery::Defect => Blame::Plugin,
            },
            Self::Host { .. } => Blame::Host,
            _ => Blame::Plugin,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Refused { hint, .. } if !hint.is_empty() => Some(hint.clone()),
            Self::Denied { hint, .. } => Some(hint.clone()),
            Self::Secret { place, .. } => Some(format!("put the secret into {place}")),
            Self::Failed { error, .. } => error.detail.clone(),
            Self::OverLimit { name: "memory", .. } => {
                Some("an instance may have at most 256 MiB; instance_memory_max_bytes under [limits] and memory_max_bytes of the plugin may ask for less".to_string())
            }
            Self::OverLimit { name: CALL_TIME, .. } => {
                Some("raise call_max_ms under [limits] in pipeline.toml".to_string())
            }
            Self::OverLimit { name: BATCH_TIME, .. } => {
                Some("raise batch_max_ms under [limits] in pipeline.toml".to_string())
            }
            Self::OverLimit { plugin, .. } => Some(format!(
                "this bound is fixed: the author of `{plugin}` must use less at once"
            )),
            Self::Value { name, .. } => Some(format!("replace or filter such values of `{name}` before the call")),
            Self::Type { name, .. } => Some(format!("cast `{name}` to a plain type first")),
            Self::Trapped { plugin, .. } | Self::Malformed { plugin, .. } => Some(format!(
                "report this to the author of `{plugin}`; tsugi plugins DIR shows its version"
            )),
            _ => None,
        }
    }
}
