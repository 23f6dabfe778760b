//! Checks: each must return no row, from what the run will publish or leave as it stands.

use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, RecordBatch};
use arrow::datatypes::FieldRef;
use arrow::util::display::array_value_to_string;
use datafusion::arrow;

use super::error::RunError;
use super::event::Event;
use super::execute::{Motion, collected};
use crate::plan::CheckStep;
use crate::project::model::Check;
use crate::query::Parsed;

impl Motion<'_> {
    /// Asks every check, but for those that have passed over the same content in an earlier run.
    pub(super) async fn checks(&mut self) -> Result<(), RunError> {
        let passed = self.run.warehouse().passed().await?;
        for step in &self.open.plan.checks {
            let fingerprint = step.query.fingerprint.to_string();
            let has_passed = passed.contains(&fingerprint) && !self.reads_staged(&step.query);
            let Some(check) = self.open.project.checks.get(&step.name) else {
                continue;
            };
            if !has_passed {
                self.check(step, check).await?;
                self.run.record_passed(&step.name, &fingerprint).await?;
            }
        }
        Ok(())
    }

    async fn check(&self, step: &CheckStep, check: &Check) -> Result<(), RunError> {
        let session = &self.open.session;
        let mut parsed = Parsed::new(check.text.file(), check.text.body())?;
        parsed.bind(&self.open.project.vars)?;
        let plan = session.plan(&parsed).await?;
        let physical = session.physical(&plan).await?;
        let found = collected(self.query, Arc::clone(session), physical).await;
        let redact = self.open.guards.redact;
        let found = found.map_err(|error| match session.touches_personal(&plan) {
            true => redact.error(error),
            false => error,
        })?;
        let rows: u64 = found.iter().map(|batch| batch.num_rows() as u64).sum();
        if rows > 0 {
            let first = found.iter().find(|batch| batch.num_rows() > 0);
            let first = first.map(|batch| redact.rows(batch, &session.personal(&plan)));
            let sample = first.transpose()?.as_ref().map(first_row);
            return Err(RunError::Check {
                check: step.name.clone(),
                rows,
                sample: sample.unwrap_or_default(),
            });
        }
        self.watch.tell(Event::Checked {
            check: step.name.to_string(),
        });
        Ok(())
    }
}

/// The first row as `column: value` pairs.
fn first_row(batch: &RecordBatch) -> String {
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns());
    let pair = |(field, column): (&FieldRef, &ArrayRef)| {
        let value = match column.is_null(0) {
            true => "null".to_owned(),
            false => array_value_to_string(column, 0).unwrap_or_default(),
        };
        format!("{}: {value}", field.name())
    };
    columns.map(pair).collect::<Vec<_>>().join(", ")
}
