//! The roles of a plugin: how each is opened, called and checked.

pub(crate) mod aggregate;
pub(crate) mod scalar;
pub(crate) mod sink;
pub(crate) mod source;
pub(crate) mod table;
