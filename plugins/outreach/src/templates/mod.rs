//! The approved library: templates, what they may use, how they are rendered, and their pictures and links.

pub(crate) mod engine;
pub(crate) mod fields;
pub(crate) mod fill;
pub(crate) mod library;
pub(crate) mod links;
pub(crate) mod lock;
pub(crate) mod open_fields;
pub(crate) mod pictures;
pub(crate) mod render;
pub(crate) mod row;
pub(crate) mod segments;
pub(crate) mod template;
pub(crate) mod word_lists;
pub(crate) mod wording;
