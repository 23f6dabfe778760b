//! The records of `wit/` as Rust types, for the component model's typed calls.
//!
//! Written by hand because the host lends slices where the generated types would own copies.
//! The component model checks every type against the component when a function is looked up.
#![allow(
    dead_code,
    reason = "every field of a record must be here, also those the host does not read"
)]

use wasmtime::component::{ComponentType, Lift, Lower, ResourceAny};

/// `types.field`.
#[derive(ComponentType, Lift, Lower, Clone, Debug, PartialEq, Eq)]
#[component(record)]
pub struct Field {
    #[component(name = "name")]
    pub name: String,
    #[component(name = "format")]
    pub format: String,
    #[component(name = "nullable")]
    pub nullable: bool,
    #[component(name = "children")]
    pub children: u32,
    #[component(name = "metadata")]
    pub metadata: Vec<(String, String)>,
}

/// `types.node`.
#[derive(ComponentType, Lift, Lower, Clone, Copy, Debug, PartialEq, Eq)]
#[component(record)]
pub struct Node {
    #[component(name = "length")]
    pub length: u32,
    #[component(name = "nulls")]
    pub nulls: u32,
}

/// `types.batch`, lent to a guest.
#[derive(ComponentType, Lower, Debug)]
#[component(record)]
pub struct BatchIn<'a> {
    #[component(name = "rows")]
    pub rows: u32,
    #[component(name = "nodes")]
    pub nodes: &'a [Node],
    #[component(name = "buffers")]
    pub buffers: Vec<&'a [u8]>,
}

/// `types.batch`, as a guest returned it: nothing in it has been checked.
#[derive(ComponentType, Lift, Clone, Debug)]
#[component(record)]
pub struct BatchOut {
    #[component(name = "rows")]
    pub rows: u32,
    #[component(name = "nodes")]
    pub nodes: Vec<Node>,
    #[component(name = "buffers")]
    pub buffers: Vec<Vec<u8>>,
}

/// `types.recovery`.
#[derive(ComponentType, Lift, Lower, Clone, Copy, Debug, PartialEq, Eq)]
#[component(enum)]
#[repr(u8)]
pub enum Recovery {
    #[component(name = "fix-config")]
    FixConfig,
    #[component(name = "reauthenticate")]
    Reauthenticate,
    #[component(name = "retry")]
    Retry,
    #[component(name = "throttled")]
    Throttled,
    #[component(name = "reject-data")]
    RejectData,
    #[component(name = "give-up")]
    GiveUp,
    #[component(name = "defect")]
    Defect,
}

/// `types.scope`.
#[derive(ComponentType, Lift, Lower, Clone, Copy, Debug, PartialEq, Eq)]
#[component(enum)]
#[repr(u8)]
pub enum Scope {
    #[component(name = "row")]
    Row,
    #[component(name = "batch")]
    Batch,
    #[component(name = "partition")]
    Partition,
    #[component(name = "stream")]
    Stream,
    #[component(name = "run")]
    Run,
}

/// `types.error`: what a plugin says went wrong.
#[derive(ComponentType, Lift, Lower, Clone, Debug, PartialEq, Eq)]
#[component(record)]
pub struct PluginError {
    #[component(name = "recovery")]
    pub recovery: Recovery,
    #[component(name = "scope")]
    pub scope: Scope,
    #[component(name = "code")]
    pub code: String,
    #[component(name = "message")]
    pub message: String,
    #[component(name = "detail")]
    pub detail: Option<String>,
    #[component(name = "retry-after-ms")]
    pub retry_after_ms: Option<u32>,
    #[component(name = "at")]
    pub at: Option<String>,
    #[component(name = "extra")]
    pub extra: Vec<(String, String)>,
}

impl PluginError {
    /// An error that the host itself answers a guest with.
    pub fn from_host(recovery: Recovery, code: &str, message: String) -> Self {
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

/// `types.row-error`.
#[derive(ComponentType, Lift, Clone, Debug, PartialEq, Eq)]
#[component(record)]
pub struct RowError {
    #[component(name = "row")]
    pub row: u32,
    #[component(name = "code")]
    pub code: String,
    #[component(name = "message")]
    pub message: String,
}

/// `scalar.signature`.
#[derive(ComponentType, Lift, Clone, Debug)]
#[component(record)]
pub struct ScalarSignature {
    #[component(name = "name")]
    pub name: String,
    #[component(name = "params")]
    pub params: Vec<Field>,
    #[component(name = "returns")]
    pub returns: Vec<Field>,
    #[component(name = "volatility")]
    pub volatility: String,
    #[component(name = "doc")]
    pub doc: String,
    #[component(name = "extra")]
    pub extra: Vec<(String, String)>,
}

/// `scalar.binding`.
#[derive(ComponentType, Lower, Debug)]
#[component(record)]
pub struct ScalarBinding<'a> {
    #[component(name = "name")]
    pub name: &'a str,
    #[component(name = "args")]
    pub args: &'a [Field],
    #[component(name = "constants")]
    pub constants: &'a [u32],
    #[component(name = "values")]
    pub values: BatchIn<'a>,
}

/// `scalar.evaluated`.
#[derive(ComponentType, Lift, Clone, Debug)]
#[component(record)]
pub struct Evaluated {
    #[component(name = "column")]
    pub column: BatchOut,
    #[component(name = "failed")]
    pub failed: Vec<RowError>,
}

/// `aggregate.signature`.
#[derive(ComponentType, Lift, Clone, Debug)]
#[component(record)]
pub struct AggregateSignature {
    #[component(name = "name")]
    pub name: String,
    #[component(name = "params")]
    pub params: Vec<Field>,
    #[component(name = "returns")]
    pub returns: Vec<Field>,
    #[component(name = "state")]
    pub state: Vec<Field>,
    #[component(name = "doc")]
    pub doc: String,
    #[component(name = "extra")]
    pub extra: Vec<(String, String)>,
}

/// `table.port-info`.
#[derive(ComponentType, Lift, Clone, Debug)]
#[component(record)]
pub struct PortInfo {
    #[component(name = "name")]
    pub name: String,
    #[component(name = "required")]
    pub required: bool,
    #[component(name = "columns")]
    pub columns: Vec<Field>,
    #[component(name = "doc")]
    pub doc: String,
}

/// `table.option-info`.
#[derive(ComponentType, Lift, Clone, Debug)]
#[component(record)]
pub struct OptionInfo {
    #[component(name = "name")]
    pub name: String,
    #[component(name = "format")]
    pub format: String,
    #[component(name = "required")]
    pub required: bool,
    #[component(name = "doc")]
    pub doc: String,
}

/// `table.signature`.
#[derive(ComponentType, Lift, Clone, Debug)]
#[component(record)]
pub struct TableSignature {
    #[component(name = "name")]
    pub name: String,
    #[component(name = "ports")]
    pub ports: Vec<PortInfo>,
    #[component(name = "options")]
    pub options: Vec<OptionInfo>,
    #[component(name = "doc")]
    pub doc: String,
    #[component(name = "extra")]
    pub extra: Vec<(String, String)>,
}

/// `table.port`.
#[derive(ComponentType, Lower, Clone, Debug)]
#[component(record)]
pub struct Port {
    #[component(name = "name")]
    pub name: String,
    #[component(name = "schema")]
    pub schema: Vec<Field>,
}

/// `table.binding`.
#[derive(ComponentType, Lower, Debug)]
#[component(record)]
pub struct TableBinding<'a> {
    #[component(name = "name")]
    pub name: &'a str,
    #[component(name = "inputs")]
    pub inputs: &'a [Port],
    #[component(name = "options")]
    pub options: &'a [Field],
    #[component(name = "values")]
    pub values: BatchIn<'a>,
}

/// `table.pulled`.
#[derive(ComponentType, Lift, Clone, Debug)]
#[component(variant)]
pub enum Pulled {
    #[component(name = "batch")]
    Batch(BatchOut),
    #[component(name = "need")]
    Need(u32),
    #[component(name = "finished")]
    Finished,
}

/// Parameters and results of the functions a role exports.
pub type OpenResult = (Result<ResourceAny, PluginError>,);
