//! Reads export files of every dialect by a mapping: the core that all file-reading source
//! plugins share.
//!
//! A [`mapping::Mapping`] says which files make which streams and what their headings mean.
//! [`catalogue::discover`] lists the streams, [`reader::StreamReader`] reads one of them in
//! bounded steps. None of that knows the sandbox: what the core needs from outside stands in
//! the [`host::Host`] trait, and [`source::ExportSource`] alone joins it to the plugin kit.

pub mod archive;
pub mod blocks;
pub mod bytes;
pub mod catalogue;
pub mod changes;
pub mod children;
pub mod clock;
pub mod config;
pub mod dates;
pub mod dialect;
pub mod draft;
pub mod elements;
pub mod error;
pub mod files;
pub mod fill;
pub mod heading_row;
pub mod headings;
pub mod host;
pub mod jsonl;
pub mod mapping;
pub mod months;
pub mod numbers;
pub mod opened;
pub mod reader;
pub mod records;
pub mod row;
pub mod rows;
pub mod sheet;
#[cfg(feature = "plugin")]
pub mod source;
pub mod splitter;
pub mod state;
pub mod step;
pub mod text;
pub mod values;
pub mod workbook;
