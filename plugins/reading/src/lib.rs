//! Reads export files of every dialect by a mapping: the core that all file-reading source
//! plugins share.
//!
//! A [`Mapping`] says which files make which streams and what their headings mean.
//! [`discover`] lists the streams, [`StreamReader`] reads one of them in
//! bounded steps. None of that knows the sandbox: what the core needs from outside stands in
//! the [`Host`] trait, and [`ExportSource`] alone joins it to the plugin kit.
// Nothing that a file, a plugin or SQL gives may panic; tests may.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod draft;
mod error;
mod host;
mod input;
mod mapping;
mod reader;
mod records;
mod resume;
#[cfg(feature = "plugin")]
mod source;
mod step;
mod values;

pub use draft::{Draft, draft};
pub use error::{ReadError, Result};
pub use host::{Chunks, FileEntry, Host, RAW_MAX_BYTES, Reject};
pub use input::blocks::BLOCK_BYTES;
pub use mapping::catalogue::{OutputColumn, discover};
pub use mapping::config::{Config, Embedded, load as load_config};
pub use mapping::{ColumnType, Mapping, Status, load};
pub use reader::StreamReader;
pub use records::RECORD_MAX_BYTES;
pub use resume::state::{FileState, STATE_VERSION, State};
#[cfg(feature = "plugin")]
pub use source::{ExportSource, Mappings};
pub use step::{Counts, Request};
pub use values::rows::Rows;
