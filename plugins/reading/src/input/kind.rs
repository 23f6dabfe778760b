//! What a file is by its first bytes, where it is no text: refused by its name, before its bytes are
//! taken for headings.

use crate::error::{ReadError, Result};

/// First bytes, what they begin, and what to do with it.
const KINDS: [(&[u8], &str, &str); 8] = [
    (
        b"\xd0\xcf\x11\xe0",
        "an old Excel file (.xls) or a workbook that is protected by a password",
        "save it as .xlsx without a password",
    ),
    (
        b"PK\x03\x04",
        "a ZIP archive or a workbook (.xlsx, .ods, .numbers)",
        "name it .zip or .xlsx after what it is; save other workbooks as .xlsx",
    ),
    (b"\x1f\x8b", "a gzip file", "name it .gz"),
    (b"%PDF", "a PDF", "export the table as CSV or .xlsx"),
    (b"\x89PNG", "a picture", "export the table as CSV or .xlsx"),
    (
        b"PAR1",
        "a Parquet file",
        "export the table as CSV or .xlsx",
    ),
    (
        b"SQLite format 3",
        "a SQLite database",
        "export the table as CSV or .xlsx",
    ),
    (
        b"\x28\xb5\x2f\xfd",
        "a Zstandard file",
        "unpack it, or pack it as .gz",
    ),
];

/// Refuses a file that is no text.
///
/// # Errors
/// Its first bytes are those of another kind of file, or of a web page.
pub(crate) fn refuse_other(head: &[u8], name: &str) -> Result<()> {
    let found = KINDS.iter().find(|(start, ..)| head.starts_with(start));
    let (what, next) = match found {
        Some((_, what, next)) => (*what, *next),
        None if is_page(head) => (
            "a web page",
            "open it: it may be a sign-in page; export the file again",
        ),
        None => return Ok(()),
    };
    let message = format!("`{name}` is {what}, not delimited text");
    Err(ReadError::config("other-file", message)
        .detail(next)
        .at(name))
}

fn is_page(head: &[u8]) -> bool {
    let text = head
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(head)
        .trim_ascii_start();
    let start = text
        .get(..text.len().min(14))
        .unwrap_or_default()
        .to_ascii_lowercase();
    start.starts_with(b"<!doctype html") || start.starts_with(b"<html")
}

/// Whether a compound file of Microsoft's holds an encrypted workbook.
pub(crate) fn is_encrypted(bytes: &[u8]) -> bool {
    let name: Vec<u8> = "EncryptedPackage"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    bytes.windows(name.len()).any(|part| part == name)
}

/// Why a file that is read as a workbook is none: `None` where it begins like one.
pub(crate) fn no_workbook(head: &[u8], name: &str) -> Option<ReadError> {
    let (what, next) = match head {
        [0xd0, 0xcf, 0x11, 0xe0, ..] if is_encrypted(head) => (
            "a workbook that is protected by a password",
            "save it without a password",
        ),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => ("an old Excel file (.xls)", "save it as .xlsx"),
        head if is_page(head) => (
            "a web page",
            "open it in a spreadsheet and save it as .xlsx",
        ),
        _ => return None,
    };
    let message = format!("`{name}` is {what}, not a workbook of the kind .xlsx");
    Some(
        ReadError::config("other-file", message)
            .detail(next)
            .at(name),
    )
}
