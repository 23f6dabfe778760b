//! Checks of the names that a guest describes.

use std::collections::HashSet;

use super::schema::NAME_MAX_BYTES;
use crate::limits::LISTED_MAX;
use crate::text::clip;

/// Checks a list of functions, ports, options or streams: its length, and that every name is one
/// that SQL reads without quotes.
pub(crate) fn check_names<'a>(
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
                clip(name.into())
            ));
        }
        if unique && !seen.insert(name) {
            return Err(format!("the name `{name}` twice"));
        }
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_lowercase() || c == '_';
    name.starts_with(is_letter)
        && name.chars().all(|c| is_letter(c) || c.is_ascii_digit())
        && name.len() <= NAME_MAX_BYTES
}
