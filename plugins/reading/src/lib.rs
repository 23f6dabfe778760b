//! Reads export files of every dialect by a mapping.
