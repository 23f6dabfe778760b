//! What failed in a run that went on: every failure, and what was not made for want of it.

use std::collections::BTreeSet;

use super::error::RunError;
use crate::plan::Query;
use crate::query::QueryError;
use crate::store::WarehouseError;
use tsugi_core::count::count;
use tsugi_core::diagnostic::Diagnostic;
use tsugi_core::name::TableName;

/// The failures of a run so far.
#[derive(Default)]
pub(super) struct Failures {
    findings: Vec<Diagnostic>,
    /// Steps and checks that failed.
    failed: usize,
    /// Tables that were not made, because they or what they read failed.
    missing: BTreeSet<TableName>,
    /// Models and checks that were not executed.
    skipped: usize,
}

impl Failures {
    /// Notes a failure of one table or check; the error where nothing else could go on either.
    pub(super) fn add(
        &mut self,
        table: Option<&TableName>,
        error: RunError,
    ) -> Result<(), RunError> {
        if !is_of_one(&error) {
            return Err(error);
        }
        self.findings.extend(error.findings());
        self.failed += 1;
        self.missing.extend(table.cloned());
        Ok(())
    }

    /// Whether a query reads what there is not; it is skipped then.
    pub(super) fn skips(&mut self, query: &Query, table: Option<&TableName>) -> bool {
        let misses = query
            .inputs
            .iter()
            .any(|input| self.missing.contains(input));
        if misses {
            self.skipped += 1;
            self.missing.extend(table.cloned());
        }
        misses
    }

    /// The error that a run ends with; `made` tables are kept for the next one.
    pub(super) fn end(self, made: usize) -> Result<(), RunError> {
        if self.failed == 0 {
            return Ok(());
        }
        let mut outcome = vec![format!("{} failed", self.failed)];
        if self.skipped > 0 {
            outcome.push(format!(
                "{} not made, for they read what failed",
                self.skipped
            ));
        }
        outcome.push("nothing was published".into());
        if made > 0 {
            let kept = count(made, "finished table");
            outcome.push(format!("the next run takes over {kept}"));
        }
        Err(RunError::Failures {
            findings: self.findings,
            outcome: outcome.join("; "),
        })
    }
}

/// Whether an error is about one table, so that others can be made.
fn is_of_one(error: &RunError) -> bool {
    use ducklake::Error as Lake;
    match error {
        RunError::Step { source, .. } | RunError::Query(source) => {
            !matches!(source, QueryError::Memory { .. })
        }
        RunError::Sandbox(_)
        | RunError::Check { .. }
        | RunError::File { .. }
        | RunError::Project(_) => true,
        RunError::Warehouse(WarehouseError::Lake(error)) => matches!(
            error,
            Lake::Unstorable { .. }
                | Lake::Inexact { .. }
                | Lake::DuplicateColumn { .. }
                | Lake::NoColumns { .. }
                | Lake::Convert { .. }
                | Lake::Stream { .. }
        ),
        _ => false,
    }
}
