//! A stream of a source, and what a query reads of it, as plain data.

use std::sync::Arc;

use datafusion::arrow::datatypes::{Schema, SchemaRef};
use tsugi_sandbox::{CROSSING_MAX_BYTES, Checkpoint, Predicate, ReadRequest, StreamFacts};

use crate::set::PluginKey;

/// Rows requested of a source at once.
const BATCH_ROWS: u32 = 8192;

/// One stream of one source: a table of SQL, and readable step by step.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceTable {
    pub(crate) key: PluginKey,
    /// The configuration of the plugin, as JSON.
    pub(crate) config: String,
    pub(crate) stream: String,
    pub(crate) since: Vec<Checkpoint>,
    pub(crate) schema: SchemaRef,
}

impl SourceTable {
    /// The stream that `facts` describe, read with `config`; with checkpoints only what is new.
    pub fn new(
        key: PluginKey,
        config: String,
        facts: &StreamFacts,
        since: Vec<Checkpoint>,
    ) -> Self {
        let schema = Arc::new(Schema::new(facts.fields.clone()));
        Self {
            key,
            config,
            stream: facts.name.clone(),
            since,
            schema,
        }
    }
}

/// What is read of a stream, as plain data.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scan {
    /// The stream, with the columns that are read of it.
    pub(crate) table: SourceTable,
    /// Whether these are some of the columns, in an order of the query.
    pub(crate) is_projected: bool,
    pub(crate) filters: Vec<Predicate>,
    pub(crate) limit: Option<usize>,
}

impl Scan {
    pub(super) fn whole(table: &SourceTable) -> Self {
        Self {
            table: table.clone(),
            is_projected: false,
            filters: Vec::new(),
            limit: None,
        }
    }

    pub(super) fn request(&self) -> ReadRequest {
        let bytes = u32::try_from(CROSSING_MAX_BYTES).unwrap_or(u32::MAX);
        let SourceTable {
            stream,
            since,
            schema,
            ..
        } = &self.table;
        let mut request = ReadRequest::whole(stream, BATCH_ROWS, bytes);
        if !since.is_empty() {
            request.mode = "incremental".into();
        }
        let names = schema.fields().iter().map(|field| field.name().clone());
        request.columns = self.is_projected.then(|| names.collect());
        request.filters.clone_from(&self.filters);
        request.limit = self.limit.map(|limit| limit as f64);
        request.since.clone_from(since);
        request
    }
}
