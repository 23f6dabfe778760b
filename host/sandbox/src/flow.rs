//! The records of the roles and imports through which rows flow in and out: source, sink, report,
//! inputs. Like [`super::wire`], written by hand to the text of `wit/`.
#![allow(
    dead_code,
    reason = "every field of a record must be here, also those the host does not read"
)]

use wasmtime::component::{ComponentType, Lift, Lower};

use super::wire::{BatchOut, Field, RowError};

/// `source.stream-info`.
#[derive(ComponentType, Lift, Clone, Debug)]
#[component(record)]
pub struct StreamInfo {
    #[component(name = "name")]
    pub name: String,
    #[component(name = "schema")]
    pub schema: Vec<Field>,
    #[component(name = "primary-key")]
    pub primary_key: Vec<String>,
    #[component(name = "cursor")]
    pub cursor: Vec<String>,
    #[component(name = "doc")]
    pub doc: String,
    #[component(name = "extra")]
    pub extra: Vec<(String, String)>,
}

/// `source.checkpoint`.
#[derive(ComponentType, Lift, Lower, Clone, Debug, PartialEq)]
#[component(record)]
pub struct Checkpoint {
    #[component(name = "partition")]
    pub partition: String,
    #[component(name = "version")]
    pub version: u32,
    #[component(name = "state")]
    pub state: Vec<u8>,
    #[component(name = "summary")]
    pub summary: String,
    #[component(name = "rows")]
    pub rows: f64,
}

/// `source.predicate`.
#[derive(ComponentType, Lower, Clone, Debug, PartialEq)]
#[component(record)]
pub struct Predicate {
    #[component(name = "column")]
    pub column: String,
    #[component(name = "op")]
    pub op: String,
    #[component(name = "literals")]
    pub literals: Vec<String>,
}

/// `source.read-request`.
#[derive(ComponentType, Lower, Clone, Debug)]
#[component(record)]
pub struct ReadRequest {
    #[component(name = "stream")]
    pub stream: String,
    #[component(name = "mode")]
    pub mode: String,
    #[component(name = "columns")]
    pub columns: Option<Vec<String>>,
    #[component(name = "filters")]
    pub filters: Vec<Predicate>,
    #[component(name = "limit")]
    pub limit: Option<f64>,
    #[component(name = "partition")]
    pub partition: Option<String>,
    #[component(name = "since")]
    pub since: Vec<Checkpoint>,
    #[component(name = "max-rows")]
    pub max_rows: u32,
    #[component(name = "max-bytes")]
    pub max_bytes: u32,
    #[component(name = "extra")]
    pub extra: Vec<(String, String)>,
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

/// `source.step`.
#[derive(ComponentType, Lift, Clone, Debug)]
#[component(record)]
pub struct Step {
    #[component(name = "rows")]
    pub rows: Option<BatchOut>,
    #[component(name = "checkpoint")]
    pub checkpoint: Option<Checkpoint>,
    #[component(name = "wait-ms")]
    pub wait_ms: Option<u32>,
    #[component(name = "done")]
    pub done: bool,
}

/// `sink.write-request`.
#[derive(ComponentType, Lower, Clone, Debug)]
#[component(record)]
pub struct WriteRequest {
    #[component(name = "target")]
    pub target: String,
    #[component(name = "mode")]
    pub mode: String,
    #[component(name = "key")]
    pub key: Vec<String>,
    #[component(name = "schema")]
    pub schema: Vec<Field>,
    #[component(name = "run-id")]
    pub run_id: String,
    #[component(name = "dry-run")]
    pub dry_run: bool,
    #[component(name = "extra")]
    pub extra: Vec<(String, String)>,
}

/// `sink.receipt`.
#[derive(ComponentType, Lift, Clone, Debug, PartialEq)]
#[component(record)]
pub struct Receipt {
    #[component(name = "accepted")]
    pub accepted: u32,
    #[component(name = "failed")]
    pub failed: Vec<RowError>,
    #[component(name = "durable-through")]
    pub durable_through: Option<u32>,
    #[component(name = "summary")]
    pub summary: String,
}

/// `report.reject`: one row a plugin could not read.
#[derive(ComponentType, Lift, Clone, Debug, PartialEq, Eq)]
#[component(record)]
pub struct Reject {
    #[component(name = "stream")]
    pub stream: String,
    #[component(name = "file")]
    pub file: String,
    #[component(name = "line")]
    pub line: u32,
    #[component(name = "column")]
    pub column: Option<String>,
    #[component(name = "code")]
    pub code: String,
    #[component(name = "reason")]
    pub reason: String,
    #[component(name = "raw")]
    pub raw: String,
}

impl Reject {
    /// Bytes of its texts.
    pub(super) fn bytes(&self) -> usize {
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

/// `inputs.entry`.
#[derive(ComponentType, Lower, Clone, Debug, PartialEq)]
#[component(record)]
pub struct Entry {
    #[component(name = "name")]
    pub name: String,
    #[component(name = "size")]
    pub size: f64,
    #[component(name = "modified-ms")]
    pub modified_ms: f64,
}

/// `http.request`.
#[derive(ComponentType, Lift, Clone, Debug)]
#[component(record)]
pub struct HttpRequest {
    #[component(name = "method")]
    pub method: String,
    #[component(name = "url")]
    pub url: String,
    #[component(name = "headers")]
    pub headers: Vec<(String, String)>,
    #[component(name = "body")]
    pub body: Vec<u8>,
    #[component(name = "extra")]
    pub extra: Vec<(String, String)>,
}

/// `http.response`.
#[derive(ComponentType, Lower, Clone, Debug, PartialEq)]
#[component(record)]
pub struct HttpResponse {
    #[component(name = "status")]
    pub status: u32,
    #[component(name = "headers")]
    pub headers: Vec<(String, String)>,
    #[component(name = "body")]
    pub body: Vec<u8>,
    #[component(name = "extra")]
    pub extra: Vec<(String, String)>,
}

/// `mail.message`.
#[derive(ComponentType, Lift, Clone, Debug)]
#[component(record)]
pub struct MailMessage {
    #[component(name = "from")]
    pub from: String,
    #[component(name = "to")]
    pub to: String,
    #[component(name = "subject")]
    pub subject: String,
    #[component(name = "text")]
    pub text: String,
    #[component(name = "headers")]
    pub headers: Vec<(String, String)>,
    #[component(name = "message-id")]
    pub message_id: String,
    #[component(name = "extra")]
    pub extra: Vec<(String, String)>,
}

/// `sink-terms.terms`.
#[derive(ComponentType, Lift, Clone, Debug)]
#[component(record)]
pub struct SaidTerms {
    #[component(name = "repeat")]
    pub repeat: String,
    #[component(name = "batch-rows")]
    pub batch_rows: u32,
    #[component(name = "extra")]
    pub extra: Vec<(String, String)>,
}

/// `log.level`.
#[derive(ComponentType, Lift, Clone, Copy, Debug, PartialEq, Eq)]
#[component(enum)]
#[repr(u8)]
pub enum Level {
    #[component(name = "trace")]
    Trace,
    #[component(name = "debug")]
    Debug,
    #[component(name = "info")]
    Info,
    #[component(name = "warn")]
    Warn,
    #[component(name = "error")]
    Error,
}
