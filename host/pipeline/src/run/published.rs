//! Queries over the published tables of a snapshot, and the headlines of a run.

use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::logical_expr::LogicalPlan;
use futures::future::BoxFuture;
use serde::Serialize;
use tokio::runtime::Handle;

use super::error::RunError;
use super::guards::Redact;
use super::task::collected;
use super::travel::put_older;
use crate::project::Project;
use crate::project::tables::Tables;
use crate::query::{Parsed, QueryError, Session, UnknownName, Vars, place_of};
use crate::store::{Snapshot, Warehouse};
use tsugi_core::diagnostic::{Explain as _, Place, did_you_mean, nearest};
use tsugi_core::name::TableName;

/// One sentence of the summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Headline {
    /// What was found, in the requested language.
    pub sentence: String,
    /// The query that shows the rows behind it.
    pub query: Option<String>,
}

/// What a query found.
#[derive(Debug, Clone)]
pub struct QueryResult {
    pub schema: SchemaRef,
    pub rows: Vec<RecordBatch>,
    /// For each column whether it is about persons.
    personal: Vec<bool>,
}

impl QueryResult {
    /// How many rows.
    pub fn len(&self) -> usize {
        self.rows.iter().map(RecordBatch::num_rows).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The columns that are about persons.
    pub fn personal(&self) -> Vec<String> {
        let fields = self.schema.fields().iter().zip(&self.personal);
        let personal = fields.filter(|(_, personal)| **personal);
        personal.map(|(field, _)| field.name().clone()).collect()
    }

    /// The same answer with the values of those columns hidden.
    ///
    /// # Errors
    /// None that rows of a query could cause.
    pub fn redacted(self, redact: &dyn Redact) -> Result<Self, RunError> {
        let rows = self
            .rows
            .iter()
            .map(|batch| redact.rows(batch, &self.personal));
        Ok(Self {
            schema: redact.schema(&self.schema, &self.personal),
            rows: rows.collect::<Result<_, _>>()?,
            personal: self.personal,
        })
    }
}

/// The published tables of a warehouse, as they are queried.
#[derive(Clone, Copy, Debug)]
pub struct Published<'p> {
    /// Knows the functions that a query may call.
    pub session: &'p Arc<Session>,
    /// Where the tables are.
    pub warehouse: &'p Warehouse,
    /// The runtime on which queries compute.
    pub query: &'p Handle,
    /// Hides personal values in errors.
    pub redact: &'static dyn Redact,
}

impl Published<'_> {
    /// Answers one query over the last snapshot. An error quotes no value of a personal column.
    ///
    /// # Errors
    /// What is wrong with the SQL, or went wrong while it ran.
    pub fn query_rows<'a>(
        &'a self,
        vars: &'a Vars,
        sql: &'a str,
    ) -> BoxFuture<'a, Result<QueryResult, RunError>> {
        Box::pin(async move {
            let session = self.session;
            let (plan, _) = self.plan(vars, Parsed::new("SQL", sql)?).await?;
            let schema = Session::columns(&plan);
            let physical = session.physical(&plan).await?;
            let rows = collected(self.query, Arc::clone(session), physical).await;
            Ok(QueryResult {
                schema,
                rows: rows.map_err(|error| match session.touches_personal(&plan) {
                    true => self.redact.error(error),
                    false => error,
                })?,
                personal: session.personal(&plan),
            })
        })
    }

    /// Plans a query over the last snapshot; with what was planned.
    ///
    /// # Errors
    /// What is wrong with the SQL.
    pub(super) async fn plan(
        &self,
        vars: &Vars,
        mut parsed: Parsed,
    ) -> Result<(LogicalPlan, Parsed), RunError> {
        let session = self.session;
        let snapshot = self.warehouse.snapshot().await?;
        for (name, table) in &snapshot.tables {
            session.put(name, table.provider()?);
            session.tag(name, table.personal.clone());
        }
        parsed.bind(vars)?;
        put_older(self.warehouse, session, &snapshot, &mut parsed).await?;
        match session.plan(&parsed).await {
            Ok(plan) => Ok((plan, parsed)),
            Err(error) => {
                let error = self.placed(&parsed, error).await;
                Err(nearer(error, &parsed, session, &snapshot).into())
            }
        }
    }

    /// The same error with the place of its expression, where it can be found.
    pub(super) async fn placed(&self, parsed: &Parsed, error: QueryError) -> QueryError {
        if error.place().is_some_and(|place| place.line > 0) {
            return error;
        }
        match place_of(self.session, parsed, &error).await {
            Some(place) => error.at(place),
            None => error,
        }
    }

    /// The sentences that a run ends with: the rows of the table that pipeline.toml names as
    /// `headlines`, with the columns `position`, `language`, `sentence` and `query`. None when it
    /// names no such table.
    ///
    /// # Errors
    /// When the table has other columns.
    pub fn headlines<'a>(
        &'a self,
        tables: &'a Tables,
        language: &'a str,
    ) -> BoxFuture<'a, Result<Vec<Headline>, RunError>> {
        Box::pin(async move {
            let Some(table) = &tables.headlines else {
                return Ok(Vec::new());
            };
            let table = &table.value;
            let sql = format!(
                "SELECT CAST(sentence AS VARCHAR) AS sentence, CAST(query AS VARCHAR) AS query \
             FROM {table} WHERE language = '{language}' ORDER BY position"
            );
            let answer = self.query_rows(&Vars::default(), &sql).await?;
            let mut headlines = Vec::new();
            for batch in &answer.redacted(self.redact)?.rows {
                let (sentences, queries) = (batch.column(0), batch.column(1));
                let text = |column: &Arc<dyn Array>, row: usize| {
                    let strings = column.as_string_opt::<i32>()?;
                    (!strings.is_null(row)).then(|| strings.value(row).to_owned())
                };
                for row in 0..batch.num_rows() {
                    if let Some(sentence) = text(sentences, row) {
                        headlines.push(Headline {
                            sentence,
                            query: text(queries, row),
                        });
                    }
                }
            }
            Ok(headlines)
        })
    }
}

/// Refuses a query over a view of the project, which is not published.
///
/// # Errors
/// Names the view and its file.
pub fn refuse_views(project: &Project, session: &Session, parsed: &Parsed) -> Result<(), RunError> {
    for used in parsed.tables(&session.function_names())? {
        if let Ok(table) = used.table.parse() {
            refuse_view(project, &table, Some(used.place))?;
        }
    }
    Ok(())
}

/// Refuses a view of the project, which is not published.
///
/// # Errors
/// Names the view and its file.
pub fn refuse_view(
    project: &Project,
    table: &TableName,
    place: Option<Place>,
) -> Result<(), RunError> {
    let model = project.models.get(table);
    let Some(view) = model.filter(|model| model.is_view()) else {
        return Ok(());
    };
    let file = view.text.file();
    Err(RunError::Query(QueryError::Sql {
        message: format!("`{table}` is a view: it is never published"),
        place,
        hint: Some(format!(
            "name a table that selects from it, or delete `-- @kind view` in {file}"
        )),
    }))
}

/// The same error; of a name that does not exist with the nearest ones that do.
fn nearer(
    error: QueryError,
    parsed: &Parsed,
    session: &Session,
    snapshot: &Snapshot,
) -> QueryError {
    let suggested = match error.unknown_name() {
        Some(UnknownName::Table(missing)) => {
            let known = snapshot.tables.keys().map(ToString::to_string);
            Some(suggestion(missing, &known.collect::<Vec<_>>()))
        }
        Some(UnknownName::Column(missing)) => {
            let known = columns_of(parsed, session, snapshot);
            (!known.is_empty()).then(|| suggestion(missing, &known))
        }
        None => None,
    };
    match error {
        QueryError::Sql {
            message,
            place,
            hint,
        } => QueryError::Sql {
            hint: suggested.unwrap_or(hint),
            // A text in an expression that is quoted keeps its quotes.
            message: match message.contains('`') {
                true => message,
                false => message.replace('\'', "`"),
            },
            place,
        },
        other => other,
    }
}

fn suggestion(missing: &str, known: &[String]) -> Option<String> {
    let near = nearest(missing, known.iter().map(String::as_str));
    match near.contains(&missing) {
        // Of a table that is not in FROM, the column may well be there.
        true => Some("FROM has no such table".into()),
        false => did_you_mean(&near),
    }
}

/// The columns of the published tables that a query reads.
fn columns_of(parsed: &Parsed, session: &Session, snapshot: &Snapshot) -> Vec<String> {
    let tables = parsed.tables(&session.function_names()).unwrap_or_default();
    let used = |name: &String| tables.iter().any(|used| used.table == *name);
    let tables = snapshot.tables.iter();
    let used = tables.filter(|(name, _)| used(&name.to_string()));
    let schemas = used.filter_map(|(_, table)| table.schema.as_ref().ok());
    let fields = schemas.flat_map(|schema| schema.fields());
    fields.map(|field| field.name().clone()).collect()
}
