//! A composed message: its reasons, its columns, and the hash of what the person reads.

pub(crate) mod hash;
pub(crate) mod reasons;
pub(crate) mod row;
