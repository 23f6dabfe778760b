//! The kit for writing Tsugi plugins.
