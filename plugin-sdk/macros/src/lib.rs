//! The attribute and derive macros of tsugi-plugin.
