//! What crosses between host and guest, and its checks.
//!
//! [`wire`] has the records of `wit/`; [`encode`] lays out Arrow arrays for a guest;
//! [`decode`], [`schema`] and [`names`] check what a guest returns.

pub(crate) mod decode;
pub(crate) mod encode;
mod generated;
pub(crate) mod names;
pub(crate) mod schema;
pub(crate) mod wire;
