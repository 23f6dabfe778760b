//! Hashes as hexadecimal text: `md5`, `sha1`, `sha224`, `sha256`, `sha384`, `sha512`, `digest`.

use std::fmt::Write as _;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, StringArray};
use datafusion::arrow::datatypes::DataType;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use super::row_function::{Argument, Computed, RowFunction, each_text, text_at};

/// The functions of this file.
pub(super) fn functions() -> Vec<RowFunction> {
    let one = |name, usage, compute| {
        RowFunction::new(name, usage, &[Argument::Text], DataType::Utf8, compute)
    };
    vec![
        one("md5", "md5(text)", |columns| {
            each_text(columns, hashed::<Md5>)
        }),
        one("sha1", "sha1(text)", |columns| {
            each_text(columns, hashed::<Sha1>)
        }),
        one("sha224", "sha224(text)", |columns| {
            each_text(columns, hashed::<Sha224>)
        }),
        one("sha256", "sha256(text)", |columns| {
            each_text(columns, hashed::<Sha256>)
        }),
        one("sha384", "sha384(text)", |columns| {
            each_text(columns, hashed::<Sha384>)
        }),
        one("sha512", "sha512(text)", |columns| {
            each_text(columns, hashed::<Sha512>)
        }),
        RowFunction::new(
            "digest",
            "digest(text, 'sha256')",
            &[Argument::Text, Argument::Text],
            DataType::Utf8,
            digest,
        ),
    ]
}

fn hashed<D: Digest>(text: &str) -> String {
    let mut hex = String::new();
    for byte in D::digest(text) {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

fn digest(columns: &[ArrayRef]) -> Computed<ArrayRef> {
    let rows = columns.first().map_or(0, |column| column.len());
    let one = |row| -> Computed<Option<String>> {
        let (text, method) = (text_at(columns, 0, row)?, text_at(columns, 1, row)?);
        let (Some(text), Some(method)) = (text, method) else {
            return Ok(None);
        };
        Ok(Some(match method.to_lowercase().as_str() {
            "md5" => hashed::<Md5>(text),
            "sha1" => hashed::<Sha1>(text),
            "sha224" => hashed::<Sha224>(text),
            "sha256" => hashed::<Sha256>(text),
            "sha384" => hashed::<Sha384>(text),
            "sha512" => hashed::<Sha512>(text),
            _ => {
                let known = "md5, sha1, sha224, sha256, sha384 or sha512";
                return Err(format!("digest knows no method '{method}': write {known}"));
            }
        }))
    };
    Ok(Arc::new(
        (0..rows).map(one).collect::<Computed<StringArray>>()?,
    ))
}
