//! The bytes of export files: granted files and members of archives, in blocks that a later read can
//! verify, decoded to UTF-8.

pub(crate) mod archive;
pub(crate) mod blocks;
pub(crate) mod bytes;
pub(crate) mod dialect;
pub(crate) mod files;
pub(crate) mod kind;
pub(crate) mod text;
