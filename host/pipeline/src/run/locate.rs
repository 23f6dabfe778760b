//! A failed step with the place of the expression that failed and a row that it fails at.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{Array as _, RecordBatch};
use datafusion::arrow::util::display::array_value_to_string;
use datafusion::logical_expr::LogicalPlan;
use tokio::runtime::Handle;

use super::error::RunError;
use super::guards::Redact;
use super::staging::RunContext;
use super::task::joined;
use crate::project::model::Model;
use crate::query::{Failure, Fault, QueryError, Session, Site, locate};
use tsugi_core::diagnostic::Place;
use tsugi_core::name::TableName;
use tsugi_core::source_text::SourceText;

/// Columns of a row that are shown, and characters of each.
const COLUMNS_MAX: usize = 6;
const VALUE_CHARS_MAX: usize = 60;

impl RunContext<'_> {
    /// The same error of a step or check with its site, where it can be found.
    pub(super) async fn located(
        &self,
        text: &SourceText,
        plan: &LogicalPlan,
        error: RunError,
    ) -> RunError {
        match error {
            RunError::Step {
                table,
                source: QueryError::Engine(failure),
            } => RunError::Step {
                table,
                source: QueryError::Engine(self.with_site(text, plan, failure).await),
            },
            RunError::Query(QueryError::Engine(failure)) => RunError::Query(QueryError::Engine(
                self.with_site(text, plan, failure).await,
            )),
            other => other,
        }
    }

    async fn with_site(
        &self,
        text: &SourceText,
        plan: &LogicalPlan,
        failure: Box<Failure>,
    ) -> Box<Failure> {
        let search = SiteSearch {
            session: &self.open.session,
            query: self.query,
            redact: self.open.guards.redact,
            models: &self.open.project.models,
        };
        search.located(text, plan, failure).await
    }
}

/// What it takes to find out where a plan failed.
pub(super) struct SiteSearch<'s> {
    pub(super) session: &'s Arc<Session>,
    /// The runtime on which queries compute.
    pub(super) query: &'s Handle,
    pub(super) redact: &'s dyn Redact,
    /// The models, whose views are parts of the plan.
    pub(super) models: &'s BTreeMap<TableName, Model>,
}

impl SiteSearch<'_> {
    /// The same failure with the expression that failed and a row that it fails at.
    pub(super) async fn located(
        &self,
        text: &SourceText,
        plan: &LogicalPlan,
        mut failure: Box<Failure>,
    ) -> Box<Failure> {
        if failure.site.is_some() || failure.fault == Fault::File {
            return failure;
        }
        let session = Arc::clone(self.session);
        let search = locate(session, plan.clone(), (*failure).clone());
        let found = joined(self.query.spawn(search)).await.ok().flatten();
        let Some(found) = found else {
            failure.site = Some(Box::new(Site {
                place: Place::of_file(text.file()),
                snippet: None,
                row: None,
            }));
            return failure;
        };
        let view = found.view.as_ref().and_then(|view| view.parse().ok());
        let view: Option<&Model> = view.and_then(|view: TableName| self.models.get(&view));
        failure.value = found.value.or(failure.value);
        // The query of a table that is read is not in this plan.
        let text = view
            .filter(|model| model.is_view())
            .map_or(text, |view| &view.text);
        let (place, snippet) = match found.at {
            Some((line, column)) => {
                let start = text.offset(line.into(), column.into());
                let span = start..start + 1;
                (text.place(&span), Some(text.snippet(&span)))
            }
            None => (Place::of_file(text.file()), None),
        };
        let row = self.redact.rows(&found.row, &found.personal).ok();
        failure.site = Some(Box::new(Site {
            place,
            snippet,
            row: row.as_ref().map(shown),
        }));
        failure
    }
}

/// `n: 0, t: x, …`.
fn shown(row: &RecordBatch) -> String {
    let schema = row.schema();
    let columns = schema.fields().iter().zip(row.columns());
    let pair = |(field, column): (&Arc<_>, &Arc<dyn datafusion::arrow::array::Array>)| {
        let field: &datafusion::arrow::datatypes::Field = field;
        let value = match column.is_null(0) {
            true => "null".to_owned(),
            false => array_value_to_string(column, 0).unwrap_or_default(),
        };
        let value: String = match value.chars().count() > VALUE_CHARS_MAX {
            true => value.chars().take(VALUE_CHARS_MAX).chain(['…']).collect(),
            false => value,
        };
        format!("{}: {value}", field.name())
    };
    let mut shown: Vec<String> = columns.take(COLUMNS_MAX).map(pair).collect();
    if row.num_columns() > COLUMNS_MAX {
        shown.push("…".to_owned());
    }
    shown.join(", ")
}
