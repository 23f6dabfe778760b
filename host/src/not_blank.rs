//! Names and reasons that a log keeps: a blank one says nothing.

use tsugi_core::escape::is_hidden;

/// # Errors
/// When nothing can be seen of it.
pub(crate) fn not_blank(text: &str) -> Result<String, String> {
    match text
        .chars()
        .all(|one| one.is_whitespace() || is_hidden(one))
    {
        true => Err("it is kept in a log, where a blank says nothing".to_owned()),
        false => Ok(text.trim().to_owned()),
    }
}
