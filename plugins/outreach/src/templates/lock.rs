//! The hash that locks an approved template.

use crate::message::hash;
use crate::templates::engine::unix_lines;
use crate::templates::row::TemplateRow;

/// The value that `locked_hash` must have: a hash over every column that reaches people.
pub(crate) fn locked_hash(row: &TemplateRow<'_>) -> String {
    let columns = [
        &row.template_id,
        &row.version,
        &row.purpose,
        &row.language,
        &row.certainty,
        &row.sender,
        &row.sender_address,
        &row.contact,
        &row.refusal_link,
        &row.fields,
        &row.parts,
    ];
    let columns = columns.map(|text| text.as_deref().unwrap_or_default().to_string());
    let mut parts = columns.to_vec();
    for text in [&row.subject, &row.body] {
        parts.push(unix_lines(text.as_deref().unwrap_or_default()));
    }
    // Only where they are not blank, so that templates without them have the hash of their approval.
    for (name, value) in [
        ("channel", &row.channel),
        ("open", &row.open),
        ("logo", &row.logo),
        ("images", &row.images),
    ] {
        let value = value.as_deref();
        parts.extend(value.map(|value| format!("{name}={value}")));
    }
    hash::of(parts.iter().map(String::as_str))
}
