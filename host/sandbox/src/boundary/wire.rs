//! The records of `wit/` as Rust types, for the component model's typed calls.
//!
//! The generated records own what they hold. What is lent to a guest with a batch is written by
//! hand: [`BatchIn`], [`ScalarBinding`] and [`TableBinding`]. They borrow, so that the only copy of a
//! batch is the one into the guest's memory. wasmtime can generate borrowed records, too
//! (`ownership: Borrowing`), but then it splits `field`, `batch` and `checkpoint` into two types
//! each, and code that keeps a schema or a request between two calls needs a third, owned one.
//!
//! wasmtime checks every type against the component when a function is looked up.

use wasmtime::component::{ComponentType, Lower, ResourceAny};

pub use super::generated::exports::tsugi::plugin::sink::Receipt;
pub use super::generated::exports::tsugi::plugin::source::{Checkpoint, Predicate, ReadRequest};
pub use super::generated::tsugi::plugin::report::Reject;
pub use super::generated::tsugi::plugin::types::{Error as PluginError, Recovery, RowError};

pub(crate) use super::generated::exports::tsugi::plugin::aggregate::Signature as AggregateSignature;
pub(crate) use super::generated::exports::tsugi::plugin::scalar::{
    Evaluated, Signature as ScalarSignature,
};
pub(crate) use super::generated::exports::tsugi::plugin::sink::WriteRequest;
pub(crate) use super::generated::exports::tsugi::plugin::sink_terms::Terms;
pub(crate) use super::generated::exports::tsugi::plugin::source::{Step, StreamInfo};
pub(crate) use super::generated::exports::tsugi::plugin::table::{
    OptionInfo, Port, PortInfo, Pulled, Signature as TableSignature,
};
pub(crate) use super::generated::tsugi::plugin::http::{
    Request as HttpRequest, Response as HttpResponse,
};
pub(crate) use super::generated::tsugi::plugin::inputs::Entry;
pub(crate) use super::generated::tsugi::plugin::log::Level;
pub(crate) use super::generated::tsugi::plugin::mail::Message as MailMessage;
pub(crate) use super::generated::tsugi::plugin::types::{Batch as BatchOut, Field, Node, Scope};

/// The result of every `open`.
pub(crate) type OpenResult = (Result<ResourceAny, PluginError>,);

/// `types.batch`, lent to a guest.
#[derive(ComponentType, Lower, Debug)]
#[component(record)]
pub(crate) struct BatchIn<'a> {
    #[component(name = "rows")]
    pub rows: u32,
    #[component(name = "nodes")]
    pub nodes: &'a [Node],
    #[component(name = "buffers")]
    pub buffers: Vec<&'a [u8]>,
}

/// `scalar.binding`, lent to a guest.
#[derive(ComponentType, Lower, Debug)]
#[component(record)]
pub(crate) struct ScalarBinding<'a> {
    #[component(name = "name")]
    pub name: &'a str,
    #[component(name = "args")]
    pub args: &'a [Field],
    #[component(name = "constants")]
    pub constants: &'a [u32],
    #[component(name = "values")]
    pub values: BatchIn<'a>,
}

/// `table.binding`, lent to a guest.
#[derive(ComponentType, Lower, Debug)]
#[component(record)]
pub(crate) struct TableBinding<'a> {
    #[component(name = "name")]
    pub name: &'a str,
    #[component(name = "inputs")]
    pub inputs: &'a [Port],
    #[component(name = "options")]
    pub options: &'a [Field],
    #[component(name = "values")]
    pub values: BatchIn<'a>,
}

impl Eq for PluginError {}

impl PluginError {
    /// An error that the host returns to a guest.
    pub(crate) fn from_host(recovery: Recovery, code: &str, message: String) -> Self {
        Self {
            recovery,
            scope: Scope::Stream,
            code: code.to_owned(),
            message,
            detail: None,
            retry_after_ms: None,
            at: None,
            extra: Vec::new(),
        }
    }
}

impl ReadRequest {
    /// All of a stream, from its beginning, in batches of so many rows and bytes at most.
    pub fn whole(stream: impl Into<String>, max_rows: u32, max_bytes: u32) -> Self {
        Self {
            stream: stream.into(),
            mode: "full".into(),
            columns: None,
            filters: Vec::new(),
            limit: None,
            partition: None,
            since: Vec::new(),
            max_rows,
            max_bytes,
            extra: Vec::new(),
        }
    }
}

impl Reject {
    /// Bytes of its texts.
    pub fn bytes(&self) -> usize {
        let column = self.column.as_ref().map_or(0, String::len);
        let texts = [
            &self.stream,
            &self.file,
            &self.code,
            &self.reason,
            &self.raw,
        ];
        column + texts.map(String::len).iter().sum::<usize>()
    }
}
