//! Reads export files of every dialect by a mapping: the core that all file-reading source
//! plugins share.
//!
//! A [`mapping::Mapping`] says which files make which streams and what their headings mean.
//! [`mapping::catalogue::discover`] lists the streams, [`reader::StreamReader`] reads one of them in
//! bounded steps. None of that knows the sandbox: what the core needs from outside stands in
//! the [`host::Host`] trait, and [`source::ExportSource`] alone joins it to the plugin kit.

pub mod draft;
pub mod error;
pub mod host;
pub mod input;
pub mod mapping;
pub mod reader;
pub mod records;
pub mod resume;
#[cfg(feature = "plugin")]
pub mod source;
pub mod step;
pub mod values;
