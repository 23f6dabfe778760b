//! The plugin author's verbs.

pub mod build;
pub mod build_error;
mod fresh;
