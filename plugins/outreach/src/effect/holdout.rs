//! Holdouts: who gets no advertisement in an experiment, by a hash, the same in every run.

use sha2::{Digest, Sha256};

/// The position of a person in an experiment: from 0 to below 1, uniform over persons, independent
/// between experiments. The first 53 bits of SHA-256 over both names, each preceded by its length.
fn position(customer_id: &str, experiment: &str) -> f64 {
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

/// Whether a person is held out when `share` (0 to 1) of all are.
pub(crate) fn holds(customer_id: &str, experiment: &str, share: f64) -> bool {
    position(customer_id, experiment) < share
}
