//! Checks: each must return no row, from what the run will publish or leaves unchanged.

use std::sync::Arc;

use datafusion::arrow::array::{Array as _, ArrayRef, RecordBatch};
use datafusion::arrow::datatypes::FieldRef;
use datafusion::arrow::util::display::array_value_to_string;

use super::error::RunError;
use super::event::{Event, Watch};
use super::failures::Failures;
use super::staging::{RunContext, reads_staged};
use super::task::collected;
use crate::plan::CheckStep;
use crate::store::StagedTable;

/// Runs every check, but for those that have passed over the same content in an earlier run, and
/// those that read what failed.
pub(super) async fn checks(
    context: &RunContext<'_>,
    staged: &[StagedTable],
    failures: &mut Failures,
    watch: &dyn Watch,
) -> Result<(), RunError> {
    let passed = context.run.warehouse().passed().await?;
    for step in &context.open.plan.checks {
        let fingerprint = step.query.fingerprint.to_string();
        if passed.contains(&fingerprint) && !reads_staged(&step.query, staged) {
            continue;
        }
        if failures.skips(&step.query, None) {
            continue;
        }
        if let Err(error) = check(context, step).await {
            failures.add(None, error)?;
            continue;
        }
        watch.notify(Event::Checked {
            check: step.name.to_string(),
        });
        context.run.record_passed(&step.name, &fingerprint).await?;
    }
    Ok(())
}

async fn check(context: &RunContext<'_>, step: &CheckStep) -> Result<(), RunError> {
    let (open, session) = (context.open, &context.open.session);
    let redact = open.guards.redact;
    let Some(planned) = open.checks.get(&step.name) else {
        return Err(RunError::Host(format!("`{}` has no plan", step.name)));
    };
    let plan = session.current(planned)?;
    let physical = session.physical(&plan).await?;
    let found = collected(context.query, Arc::clone(session), physical).await;
    let found = match (found, open.project.checks.get(&step.name)) {
        (Err(error), Some(check)) => Err(context.located(&check.text, &plan, error).await),
        (found, _) => found,
    };
    let found = found.map_err(|error| match session.touches_personal(&plan) {
        true => redact.error(error),
        false => error,
    })?;
    let rows: u64 = found.iter().map(|batch| batch.num_rows() as u64).sum();
    if rows == 0 {
        return Ok(());
    }
    let first = found.iter().find(|batch| batch.num_rows() > 0);
    let first = first.map(|batch| redact.rows(batch, &session.personal(&plan)));
    let sample = first.transpose()?.as_ref().map(first_row);
    Err(RunError::Check {
        check: step.name.clone(),
        rows,
        sample: sample.unwrap_or_default(),
    })
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
