//! Who is written to about what: purposes, certainty, and the rows of `targets` joined to targets.

pub(crate) mod certainty;
pub(crate) mod collected;
pub(crate) mod purpose;
pub(crate) mod target;
