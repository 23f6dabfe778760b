//! The roles of a plugin: how each is opened, called and checked.

pub mod aggregate;
pub mod scalar;
pub mod sink;
pub mod source;
pub mod table;
