//! The sink of a delivery: its plugin, config and terms.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;

use super::envelope::{Envelopes, Sight};
use super::table::DeliveryTable;
use crate::plan::{DeliveryContract, DeliveryStep};
use crate::run::error::RunError;
use crate::run::open::OpenProject;
use tsugi_sandbox::{Cancel, Plugin, SendGate, SinkTerms, SinkWriter, Target};

/// Rows handed to a sink at once, where its terms allow as many.
const BATCH_ROWS: usize = 100;

/// A sink that writers can be opened of.
pub(super) struct OpenSink {
    plugin: Arc<Plugin>,
    config: String,
    target: Target,
    cancel: Cancel,
    /// What may leave, in a delivery of messages.
    envelopes: Option<Arc<Envelopes>>,
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
        let envelopes = match &step.contract {
            DeliveryContract::Messages { .. } => {
                let plugin = open.project.plugins.get(&sink.plugin);
                let bodies = plugin.map(|plugin| plugin.manifest.bodies.clone());
                Some(Arc::new(Envelopes::new(bodies.unwrap_or_default())))
            }
            DeliveryContract::Records(_) => None,
        };
        let gate = envelopes.clone().map(|gate| gate as Arc<dyn SendGate>);
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
                gate,
            },
            envelopes,
            cancel: open.session.cancel().clone(),
        })
    }

    /// Lets the rows of a batch leave, and nothing else. The sink of records sends what it is granted.
    pub(super) fn let_leave(&self, rows: &RecordBatch) -> Result<(), RunError> {
        match &self.envelopes {
            Some(envelopes) => envelopes.begin(rows),
            None => Ok(()),
        }
    }

    /// Closes the batch; returns the messages that left during it. Of records the host sees none.
    pub(super) fn saw(&self) -> Sight {
        let envelopes = self.envelopes.as_ref();
        envelopes
            .map(|envelopes| envelopes.end())
            .unwrap_or_default()
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
