//! What a person asks about tables, queries and plans: SHOW TABLES, DESCRIBE, EXPLAIN, SUMMARIZE and
//! the tables of information_schema.

use std::sync::Arc;

use datafusion::arrow::array::{BooleanArray, RecordBatch, UInt64Array};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::datasource::MemTable;

use super::columns::{batch, texts};
use super::error::RunError;
use super::explain::explained;
use super::published::Published;
use super::stream::RowStream;
use super::summarize::summarized;
use crate::project::Project;
use crate::query::{Parsed, QueryError, Request, Session, sql_type};
use crate::store::Snapshot;
use tsugi_core::name::TableName;

/// The schema that describes what is published.
const INFORMATION_SCHEMA: &str = "information_schema";
/// The catalogue of every table, as `information_schema` names it.
const CATALOG: &str = "tsugi";

impl Published<'_> {
    /// Starts the answer to a request of a person, of at most so many rows.
    ///
    /// # Errors
    /// What is wrong with the SQL.
    pub async fn answer(
        &self,
        project: &Project,
        request: &Request,
        rows_max: Option<usize>,
        show_personal: bool,
    ) -> Result<RowStream, RunError> {
        let snapshot = self.warehouse.snapshot().await?;
        if request.parsed().is_some_and(names_information_schema) {
            self.put_information_schema(project, &snapshot)?;
        }
        let vars = &project.vars;
        let (batch, personal) = match request {
            Request::Rows(parsed) => return self.stream(vars, parsed.clone(), rows_max).await,
            Request::Tables => (tables(project, &snapshot)?, Vec::new()),
            Request::Describe(parsed, table) => {
                let (plan, _) = self.plan(vars, parsed.clone()).await?;
                let columns = Session::columns(&plan);
                let personal = self.session.personal(&plan);
                let table = table.as_ref().and_then(|table| table.parse().ok());
                (
                    columns_of(&columns, personal, &snapshot, table)?,
                    Vec::new(),
                )
            }
            Request::Explain(parsed) => {
                let (plan, _) = self.plan(vars, parsed.clone()).await?;
                let lines = explained(&self.session.optimized(&plan).await?);
                (
                    batch([("plan", texts(lines.into_iter().map(Some)))])?,
                    Vec::new(),
                )
            }
            Request::Summarize(parsed) => {
                let (plan, _) = self.plan(vars, parsed.clone()).await?;
                summarized(self, plan, show_personal).await?
            }
        };
        let table = table_of(batch)?;
        let plan = self.session.read(table)?;
        let rows = self.stream_plan(plan, rows_max).await?;
        Ok(rows.with_personal(personal))
    }

    fn put_information_schema(
        &self,
        project: &Project,
        snapshot: &Snapshot,
    ) -> Result<(), RunError> {
        for (name, rows) in [
            ("tables", standard_tables(project, snapshot)?),
            ("columns", standard_columns(snapshot)?),
            ("views", standard_views(project)?),
        ] {
            let name = TableName::try_new(INFORMATION_SCHEMA, name)
                .map_err(|error| RunError::Host(error.to_string()))?;
            self.session.put(&name, table_of(rows)?);
        }
        Ok(())
    }
}

fn names_information_schema(parsed: &Parsed) -> bool {
    let names = parsed.calls();
    names
        .iter()
        .any(|name| name.starts_with(INFORMATION_SCHEMA))
}

fn table_of(rows: RecordBatch) -> Result<Arc<dyn TableProvider>, RunError> {
    let table = MemTable::try_new(rows.schema(), vec![vec![rows]]);
    Ok(Arc::new(table.map_err(QueryError::from_engine)?))
}

fn description(project: &Project, table: &TableName) -> Option<String> {
    let model = project.models.get(table)?;
    let words = &model.header.description;
    (!words.is_empty()).then(|| words.clone())
}

fn tables(project: &Project, snapshot: &Snapshot) -> Result<RecordBatch, RunError> {
    let all = || snapshot.tables.iter();
    let columns = all().map(|(_, table)| table.columns.len() as u64);
    let rows = all().map(|(_, table)| table.rows());
    batch([
        (
            "schema",
            texts(all().map(|(name, _)| Some(name.schema.to_string()))),
        ),
        (
            "name",
            texts(all().map(|(name, _)| Some(name.name.to_string()))),
        ),
        ("columns", Arc::new(columns.collect::<UInt64Array>())),
        ("rows", Arc::new(rows.collect::<UInt64Array>())),
        (
            "description",
            texts(all().map(|(name, _)| description(project, name))),
        ),
    ])
}

fn columns_of(
    columns: &SchemaRef,
    personal: Vec<bool>,
    snapshot: &Snapshot,
    table: Option<TableName>,
) -> Result<RecordBatch, RunError> {
    let table = table.and_then(|table| snapshot.tables.get(&table));
    let fields = || columns.fields().iter();
    let described = |name: &str| Some(table?.description(name)?.to_owned());
    let nullable = fields().map(|field| Some(field.is_nullable()));
    batch([
        (
            "column",
            texts(fields().map(|field| Some(field.name().clone()))),
        ),
        (
            "type",
            texts(fields().map(|field| Some(sql_type(field.data_type())))),
        ),
        ("nullable", Arc::new(nullable.collect::<BooleanArray>())),
        ("personal", Arc::new(BooleanArray::from(personal))),
        (
            "description",
            texts(fields().map(|field| described(field.name()))),
        ),
    ])
}

fn standard_tables(project: &Project, snapshot: &Snapshot) -> Result<RecordBatch, RunError> {
    let all = || snapshot.tables.keys();
    let same = |text: &'static str| texts(all().map(move |_| Some(text.to_owned())));
    batch([
        ("table_catalog", same(CATALOG)),
        (
            "table_schema",
            texts(all().map(|name| Some(name.schema.to_string()))),
        ),
        (
            "table_name",
            texts(all().map(|name| Some(name.name.to_string()))),
        ),
        ("table_type", same("BASE TABLE")),
        (
            "table_comment",
            texts(all().map(|name| description(project, name))),
        ),
    ])
}

fn standard_columns(snapshot: &Snapshot) -> Result<RecordBatch, RunError> {
    let mut rows = Vec::new();
    for (name, table) in &snapshot.tables {
        let Ok(schema) = &table.schema else {
            continue;
        };
        for (field, position) in schema.fields().iter().zip(1_u64..) {
            rows.push((name, table, field, position));
        }
    }
    let all = || rows.iter();
    let is_nullable = |nullable: bool| if nullable { "YES" } else { "NO" }.to_owned();
    let positions = all().map(|(.., position)| *position);
    batch([
        (
            "table_catalog",
            texts(all().map(|_| Some(CATALOG.to_owned()))),
        ),
        (
            "table_schema",
            texts(all().map(|(name, ..)| Some(name.schema.to_string()))),
        ),
        (
            "table_name",
            texts(all().map(|(name, ..)| Some(name.name.to_string()))),
        ),
        (
            "column_name",
            texts(all().map(|(_, _, field, _)| Some(field.name().clone()))),
        ),
        (
            "ordinal_position",
            Arc::new(positions.collect::<UInt64Array>()),
        ),
        (
            "is_nullable",
            texts(all().map(|(_, _, field, _)| Some(is_nullable(field.is_nullable())))),
        ),
        (
            "data_type",
            texts(all().map(|(_, _, field, _)| Some(sql_type(field.data_type())))),
        ),
        (
            "column_comment",
            texts(
                all()
                    .map(|(_, table, field, _)| table.description(field.name()).map(str::to_owned)),
            ),
        ),
    ])
}

/// The views of the project, which are planned into their readers and cannot be queried.
fn standard_views(project: &Project) -> Result<RecordBatch, RunError> {
    let all = || project.models.values().filter(|model| model.is_view());
    batch([
        (
            "table_catalog",
            texts(all().map(|_| Some(CATALOG.to_owned()))),
        ),
        (
            "table_schema",
            texts(all().map(|view| Some(view.table.schema.to_string()))),
        ),
        (
            "table_name",
            texts(all().map(|view| Some(view.table.name.to_string()))),
        ),
        (
            "view_definition",
            texts(all().map(|view| Some(view.text.body().to_owned()))),
        ),
        (
            "table_comment",
            texts(all().map(|view| description(project, &view.table))),
        ),
    ])
}
