//! Rows of what is not published yet: the tables that a query names are made as a run would make them.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::runtime::Handle;

use super::error::RunError;
use super::event::Watch;
use super::execute;
use super::guards::RowRules;
use super::open::OpenProject;
use super::stream::{RowStream, Written};
use crate::query::{Parsed, QueryError, explain};
use crate::store::{Run, Warehouse};
use tsugi_core::diagnostic::{did_you_mean, nearest};
use tsugi_core::name::TableName;
use tsugi_core::source_text::SourceText;

impl OpenProject {
    /// A query of a person over the tables of this project, made or not.
    ///
    /// # Errors
    /// What is wrong with the SQL, and names that the project does not have.
    pub async fn preview(&self, file: &str, sql: &str) -> Result<Preview, RunError> {
        let mut parsed = Parsed::new(file, sql)?;
        parsed.bind(&self.project.vars)?;
        let wanted = self.known_tables(&parsed)?;
        // What is wrong with it is said before anything is made.
        if let Err(error) = self.session.plan(&parsed).await {
            let text = SourceText::new(file, sql);
            let found = explain(&text, &self.project, &self.session, error).await;
            return Err(RunError::Project(found));
        }
        Ok(Preview { parsed, wanted })
    }

    /// The tables that a query reads.
    ///
    /// # Errors
    /// Names that the project does not have.
    pub(super) fn known_tables(&self, parsed: &Parsed) -> Result<BTreeSet<TableName>, RunError> {
        let known = self.tables();
        let mut wanted = BTreeSet::new();
        for used in parsed.tables(&self.session.function_names())? {
            let table = used.table.parse::<TableName>().ok();
            match table.filter(|table| known.contains_key(table)) {
                Some(table) => {
                    wanted.insert(table);
                }
                None => {
                    let names: Vec<String> = known.keys().map(TableName::to_string).collect();
                    let near = nearest(&used.table, names.iter().map(String::as_str));
                    return Err(RunError::Query(QueryError::Sql {
                        message: format!("the pipeline has no table `{}`", used.table),
                        place: Some(used.place),
                        hint: did_you_mean(&near).or_else(|| Some("`tsugi ls` lists them".into())),
                    }));
                }
            }
        }
        Ok(wanted)
    }
}

/// A query whose tables are known.
#[derive(Debug)]
pub struct Preview {
    parsed: Parsed,
    wanted: BTreeSet<TableName>,
}

impl Preview {
    /// Makes the tables that it reads under a run that has begun, which publishes nothing.
    pub(super) async fn make(
        &self,
        open: &OpenProject,
        run: Run,
        rules: &dyn RowRules,
        query: &Handle,
        watch: &dyn Watch,
    ) -> Result<(), RunError> {
        execute::make(open, run, &self.wanted, rules, query, watch).await
    }

    /// Starts the query over the tables as they were made, for at most so many rows. Values of personal
    /// columns are hidden.
    ///
    /// # Errors
    /// What is wrong with the SQL.
    pub async fn rows(
        self,
        open: &OpenProject,
        warehouse: &Warehouse,
        query: &Handle,
        rows_max: Option<usize>,
    ) -> Result<RowStream, RunError> {
        let plan = open.session.plan(&self.parsed).await?;
        let plan = open.session.current(&plan)?;
        let published = open.published(warehouse, query);
        let mut rows = published.stream_plan(plan.clone(), rows_max).await?;
        rows.written = Some(Written {
            session: Arc::clone(&open.session),
            query: query.clone(),
            parsed: self.parsed,
            plan,
        });
        Ok(rows.redacted())
    }
}
