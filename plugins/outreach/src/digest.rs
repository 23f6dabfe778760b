//! Hashes that a person's approval is bound to.

use sha2::{Digest, Sha256};

/// SHA-256 over the parts, each led by its length in bytes, so that no two lists of parts
/// share a hash by running together. Hexadecimal, 64 letters.
pub fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let bytes = hash.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
