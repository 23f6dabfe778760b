//! The texts of a column: each with whether it has a type of its own.

use crate::mapping::{ColumnType, Dialect};
use crate::values::value;

/// Texts that are not blank and have no type of their own.
pub(super) fn written(texts: &[(String, bool)]) -> impl Iterator<Item = &str> {
    texts
        .iter()
        .filter(|(text, plain)| !plain && !text.is_empty())
        .map(|(text, _)| text.as_str())
}

pub(super) fn fits(texts: &[(String, bool)], kind: ColumnType, dialect: &Dialect) -> bool {
    let mut any = false;
    texts
        .iter()
        .filter(|(text, _)| !text.is_empty())
        .inspect(|_| any = true)
        .all(|(text, plain)| value(text, kind, dialect, *plain).is_ok())
        && any
}
