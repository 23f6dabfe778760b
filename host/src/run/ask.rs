//! Asking what is published: one query over the tables of a snapshot, and the headlines of a run.

use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::SchemaRef;
use serde::Serialize;
use tokio::runtime::Handle;

use super::error::RunError;
use super::execute::collected;
use super::mask;
use crate::diagnostic::{did_you_mean, nearest};
use crate::name::TableName;
use crate::project::Project;
use crate::query::{Parsed, QueryError, Session, Vars};
use crate::warehouse::{Snapshot, Warehouse};

/// The table whose rows a run ends with, when a pipeline makes it: sentences for a manager.
const HEADLINES: &str = "ceo.headlines";

/// One sentence of the summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Headline {
    /// What was found, in the language asked for.
    pub sentence: String,
    /// The query that shows the rows behind it.
    pub query: Option<String>,
}

/// What a query found.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its columns.
    pub schema: SchemaRef,
    /// Its rows.
    pub rows: Vec<RecordBatch>,
    /// For each column whether it is about persons.
    personal: Vec<bool>,
}

impl Answer {
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

    /// The same with the values of those columns masked.
    ///
    /// # Errors
    /// None that rows of a query could cause.
    pub fn masked(self) -> Result<Self, RunError> {
        let rows = self
            .rows
            .iter()
            .map(|batch| mask::masked(batch, &self.personal));
        Ok(Self {
            schema: mask::masked_schema(&self.schema, &self.personal),
            rows: rows.collect::<Result<_, _>>()?,
            personal: self.personal,
        })
    }
}

/// Answers one query over the last snapshot. What fails quotes no value of a personal column.
///
/// # Errors
/// What is wrong with the SQL, or went wrong while it ran.
pub async fn ask(
    session: &Arc<Session>,
    warehouse: &Warehouse,
    vars: &Vars,
    sql: &str,
    query: &Handle,
) -> Result<Answer, RunError> {
    let snapshot = warehouse.snapshot().await?;
    for (name, table) in &snapshot.tables {
        session.put(name, table.provider()?);
        session.tag(name, table.personal.clone());
    }
    let mut parsed = Parsed::new("SQL", sql)?;
    parsed.bind(vars)?;
    let planned = session.plan(&parsed).await;
    let plan = planned.map_err(|error| nearer(error, &parsed, session, &snapshot))?;
    let schema = Session::columns(&plan);
    let physical = session.physical(&plan).await?;
    let rows = collected(query, Arc::clone(session), physical).await;
    Ok(Answer {
        schema,
        rows: rows.map_err(|error| mask::asked(error, session, &plan))?,
        personal: session.personal(&plan),
    })
}

/// Refuses a query over a view of the project, which is not published.
///
/// # Errors
/// Names the view and its file.
pub fn refuse_views(project: &Project, session: &Session, sql: &str) -> Result<(), RunError> {
    let parsed = Parsed::new("SQL", sql)?;
    for used in parsed.tables(&session.function_names())? {
        let model = used.table.parse().ok();
        let model = model.and_then(|table: TableName| project.models.get(&table));
        if let Some(view) = model.filter(|model| model.is_view()) {
            let file = view.text.file();
            return Err(RunError::Query(QueryError::Sql {
                message: format!("`{}` is a view: it is never published", used.table),
                place: Some(used.place),
                hint: Some(format!(
                    "query a table that selects from it, or delete `-- @kind view` in {file}"
                )),
            }));
        }
    }
    Ok(())
}

/// A name that is not there, with the nearest ones that are.
fn nearer(
    error: QueryError,
    parsed: &Parsed,
    session: &Session,
    snapshot: &Snapshot,
) -> QueryError {
    let QueryError::Sql {
        message,
        place,
        hint: None,
    } = error
    else {
        return error;
    };
    let known: Vec<String> = if message.starts_with("table '") {
        snapshot.tables.keys().map(ToString::to_string).collect()
    } else if message.starts_with("column '") {
        let tables = parsed.tables(&session.function_names()).unwrap_or_default();
        let used = |name: &String| tables.iter().any(|used| used.table == *name);
        let tables = snapshot.tables.iter();
        let used = tables.filter(|(name, _)| used(&name.to_string()));
        let schemas = used.filter_map(|(_, table)| table.schema.as_ref().ok());
        let fields = schemas.flat_map(|schema| schema.fields());
        fields.map(|field| field.name().clone()).collect()
    } else {
        Vec::new()
    };
    let missing = message.split('\'').nth(1).unwrap_or_default();
    let near = nearest(missing, known.iter().map(String::as_str));
    QueryError::Sql {
        hint: did_you_mean(&near),
        message: message.replace('\'', "`"),
        place,
    }
}

/// The sentences a pipeline ends its run with: the rows of `ceo.headlines`, whose columns are
/// `position`, `language`, `sentence` and `query`. None when it makes no such table.
///
/// # Errors
/// When the table is there and has other columns.
pub async fn headlines(
    session: &Arc<Session>,
    warehouse: &Warehouse,
    language: &str,
    query: &Handle,
) -> Result<Vec<Headline>, RunError> {
    let snapshot = warehouse.snapshot().await?;
    if !snapshot
        .tables
        .keys()
        .any(|table| table.to_string() == HEADLINES)
    {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT CAST(sentence AS VARCHAR) AS sentence, CAST(query AS VARCHAR) AS query \
         FROM {HEADLINES} WHERE language = '{language}' ORDER BY position"
    );
    let answer = ask(session, warehouse, &Vars::default(), &sql, query).await?;
    let mut out = Vec::new();
    for batch in &answer.masked()?.rows {
        let (sentences, queries) = (batch.column(0), batch.column(1));
        let text = |column: &Arc<dyn Array>, row: usize| {
            let strings = column.as_string_opt::<i32>()?;
            (!strings.is_null(row)).then(|| strings.value(row).to_owned())
        };
        for row in 0..batch.num_rows() {
            if let Some(sentence) = text(sentences, row) {
                out.push(Headline {
                    sentence,
                    query: text(queries, row),
                });
            }
        }
    }
    Ok(out)
}
