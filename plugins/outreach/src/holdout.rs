//! Holdouts: who is left out of an experiment, by a hash, so that every run answers the same.

use sha2::{Digest, Sha256};

/// Where a person falls in an experiment: a number from 0 to below 1, even over persons, the same
/// in every run, and another in every experiment. The first 53 bits of SHA-256 over both names,
/// each led by its length.
pub fn place(customer_id: &str, experiment: &str) -> f64 {
    let mut hash = Sha256::new();
    for part in [customer_id, experiment] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let first = hash
        .finalize()
        .iter()
        .take(8)
        .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    (first >> 11) as f64 / (1_u64 << 53) as f64
}

/// Whether a person is held out, when `share` (0 to 1) of all are.
pub fn holds(customer_id: &str, experiment: &str, share: f64) -> bool {
    place(customer_id, experiment) < share
}
