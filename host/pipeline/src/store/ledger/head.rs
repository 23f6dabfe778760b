//! Where a chain ends.

use serde::{Deserialize, Serialize};

/// The last link of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainHead {
    pub number: i64,
    pub hash: String,
}
