//! What crosses between host and guest, and its checks.
//!
//! [`wire`] has the records of `wit/`; [`encode`] lays out Arrow arrays for a guest;
//! [`decode`], [`schema`] and [`names`] check what a guest returns.

pub mod decode;
pub mod encode;
mod generated;
pub mod names;
pub mod schema;
pub mod wire;
