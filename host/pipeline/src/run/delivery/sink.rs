//! The sink of a delivery: its plugin, config and terms.

use std::sync::Arc;

use super::table::DeliveryTable;
use crate::plan::DeliveryStep;
use crate::run::error::RunError;
use crate::run::open::OpenProject;
use tsugi_sandbox::{Cancel, Plugin, SinkTerms, SinkWriter, Target};

/// Rows handed to a sink at once, where its terms allow as many.
const BATCH_ROWS: usize = 100;

/// A sink that writers can be opened of.
pub(super) struct OpenSink {
    plugin: Arc<Plugin>,
    config: String,
    target: Target,
    cancel: Cancel,
    /// On what terms it takes rows.
    pub(super) terms: SinkTerms,
}

impl OpenSink {
    /// The sink of a delivery, with the grants of that sink.
    pub(super) fn new(
        open: &OpenProject,
        step: &DeliveryStep,
        table: &DeliveryTable,
    ) -> Result<Self, RunError> {
        let sink = open.project.sinks.get(&step.sink);
        let sink = sink.ok_or_else(|| RunError::Host(format!("no sink `{}`", step.sink)))?;
        let config = serde_json::Value::Object(sink.config.clone()).to_string();
        let plugin = open.plugin(&sink.plugin, &sink.grants)?;
        Ok(Self {
            terms: plugin.terms(&config)?,
            plugin,
            config,
            target: Target {
                name: step.name.to_string(),
                key: table.key.clone(),
                fields: table.sink_fields(),
                run_id: String::new(),
                dry_run: false,
            },
            cancel: open.session.cancel().clone(),
        })
    }

    /// Most rows of one batch.
    pub(super) fn batch_rows(&self) -> usize {
        let rows = self.terms.batch_rows;
        rows.map_or(BATCH_ROWS, |rows| rows.min(BATCH_ROWS))
    }

    /// Opens a writer under the id of a run. In a dry run it validates and writes nothing.
    pub(super) async fn writer(&self, run: &str, dry_run: bool) -> Result<SinkWriter, RunError> {
        let target = Target {
            run_id: run.to_owned(),
            dry_run,
            ..self.target.clone()
        };
        let opened = self
            .plugin
            .write(&self.config, &target, self.cancel.clone());
        Ok(opened.await?)
    }
}
