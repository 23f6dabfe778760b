//! The kit for writing Tsugi plugins; what follows is the author's guide.

#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice))]

extern crate self as tsugi_plugin;

pub mod aggregate;
mod array;
mod batch;
mod batches;
#[doc(hidden)]
pub mod bindings;
mod buffer;
pub mod builders;
mod calendar;
mod channels;
mod column_builder;
mod error;
mod export;
mod format;
mod from_column;
mod host;
pub mod log;
#[cfg(any(feature = "allocator", test))]
mod memory;
#[doc(hidden)]
pub mod row;
mod rows;
pub mod scalar;
mod schema;
mod shapes;
pub mod sink;
pub mod source;
pub mod table;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;
#[doc(hidden)]
pub mod text;
pub mod typed;
mod value;
pub mod view;

pub use aggregate::Aggregate;
pub use array::Array;
pub use batch::Batch;
pub use batches::Batches;
pub use calendar::{Date, Timestamp};
pub use channels::{HttpRequest, HttpResponse, MailMessage};
pub use column_builder::{BatchBuilder, ColumnBuilder};
pub use error::{Error, Fault, Recovery, RowError, Scope};
pub use from_column::FromColumn;
pub use host::{Entry, InputFile, Reject, SinkHost, SourceHost};
pub use row::{Names, Rest, Row, RowIter, Values};
pub use rows::{Rows, schema_of};
pub use schema::{DataType, Field, Schema};
pub use shapes::{Collect, Collected, Inputs, Stream, Streamed};
pub use sink::{Receipt, Repeat, Sink, Terms, WriteRequest};
pub use source::{Checkpoint, Predicate, ReadRequest, Source, Step, StreamInfo};
pub use table::{Pulled, Table, TableCall, TableSignature};
pub use text::TextWriter;
pub use tsugi_plugin_macros::{Record, Row, scalar};
pub use typed::column;
pub use value::{Decimal, Value};
pub use view::Column;
