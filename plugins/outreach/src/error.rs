//! Errors of the whole call. What concerns one person is a reason on that person's row instead.

use tsugi_plugin::Error;

/// The configuration or a relation is wrong: code, what was found and where, what to do next.
pub(crate) fn config_error(
    code: &'static str,
    message: impl Into<String>,
    hint: impl Into<String>,
) -> Error {
    Error::config(code, message).detail(hint)
}
