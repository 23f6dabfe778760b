//! The bytes of export files: granted files and members of archives, in blocks that a later read can
//! verify, decoded to UTF-8.

pub mod archive;
pub mod blocks;
pub mod bytes;
pub mod dialect;
pub mod files;
pub mod kind;
pub mod text;
