//! SHA-256 over several texts: content hashes, approvals of templates, message keys.

use sha2::{Digest, Sha256};

/// SHA-256 over the parts as 64 hexadecimal digits. Each part is preceded by its length in bytes,
/// so that two lists of parts whose texts join to the same text differ.
pub(crate) fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let bytes = hash.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
