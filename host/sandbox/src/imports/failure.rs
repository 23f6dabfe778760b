//! Errors of channels, which say whether what was to be sent may have arrived.

use crate::boundary::wire::{PluginError, Recovery};

/// An error of a channel. `maybe_sent` is false only if nothing can have arrived.
pub(super) fn channel_error(
    recovery: Recovery,
    code: &str,
    message: String,
    maybe_sent: bool,
) -> PluginError {
    let sent = if maybe_sent { "maybe" } else { "no" };
    let mut error = PluginError::from_host(recovery, code, message);
    error.extra.push(("sent".to_owned(), sent.to_owned()));
    error
}

/// An error before anything was sent.
pub(super) fn not_sent(recovery: Recovery, code: &str, message: String) -> PluginError {
    channel_error(recovery, code, message, false)
}

/// Whether what an error is about may have arrived.
pub(super) fn may_have_arrived(error: &PluginError) -> bool {
    let mut extra = error.extra.iter();
    extra.any(|(name, value)| name == "sent" && value == "maybe")
}

/// The end of a dry run: everything was checked.
pub(super) fn dry_run() -> PluginError {
    not_sent(
        Recovery::GiveUp,
        "dry-run",
        "a dry run sends nothing".to_owned(),
    )
}
