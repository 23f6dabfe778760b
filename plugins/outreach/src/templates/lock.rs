//! The hash that locks an approved template.

use crate::input::cell::Row;
use crate::message::hash;
use crate::templates::engine::unix_lines;

/// The value that `locked_hash` must have: a hash over every column that reaches people.
pub(crate) fn locked_hash(row: &Row<'_>) -> String {
    const PARTS: &[&str] = &[
        "template_id",
        "version",
        "purpose",
        "language",
        "certainty",
        "sender",
        "sender_address",
        "contact",
        "refusal_link",
        "fields",
        "parts",
    ];
    let mut parts: Vec<String> = PARTS
        .iter()
        .map(|name| row.text(name).unwrap_or_default())
        .collect();
    parts.push(unix_lines(&row.raw("subject")));
    parts.push(unix_lines(&row.raw("body")));
    // Only where they are not blank, so that templates without them have the hash of their approval.
    let named = ["open", "logo", "images"].iter();
    parts.extend(named.filter_map(|name| Some(format!("{name}={}", row.text(name)?))));
    hash::of(parts.iter().map(String::as_str))
}
