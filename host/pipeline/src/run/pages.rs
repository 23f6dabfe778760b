//! The pages of a report are planned with the project: what is wrong with a block is found before
//! anybody wants to look at it.

use super::error::RunError;
use super::open::OpenProject;
use super::published::refuse_views;
use crate::project::Project;
use crate::project::page::{PageBlock, with_language};
use crate::project::pipeline::Language;
use crate::query::{Parsed, QueryError, Session, explain};
use tsugi_core::diagnostic::Diagnostic;

impl OpenProject {
    /// Everything that is wrong with the blocks of pages.
    pub async fn page_findings(&self) -> Vec<Diagnostic> {
        let language = self.project.language.unwrap_or(Language::En);
        // The query of a block knows the language of its page.
        let project = Project {
            vars: with_language(&self.project.vars, language),
            ..self.project.clone()
        };
        let mut found = Vec::new();
        for block in self.project.pages.iter().flat_map(|page| &page.blocks) {
            let more = match self.block_columns(block, &project).await {
                Ok(columns) => missing_column(block, &columns).into_iter().collect(),
                Err(RunError::Query(error)) => {
                    explain(&block.sql, &project, &self.session, error).await
                }
                Err(error) => error.findings(),
            };
            found.extend(more.into_iter().map(|one| block.shown(one)));
        }
        found
    }

    /// The columns that the query of a block gives.
    async fn block_columns(
        &self,
        block: &PageBlock,
        project: &Project,
    ) -> Result<Vec<String>, RunError> {
        let mut parsed = Parsed::new(block.sql.file(), block.sql.body())?;
        refuse_views(project, &self.session, &parsed)?;
        self.known_tables(&parsed)?;
        parsed.bind(&project.vars)?;
        let plan = self.session.plan(&parsed).await?;
        let columns = Session::columns(&plan);
        let names = columns.fields().iter().map(|field| field.name().clone());
        Ok(names.collect())
    }
}

/// What is missing for a picture.
fn missing_column(block: &PageBlock, columns: &[String]) -> Option<Diagnostic> {
    let missing = block
        .show
        .columns()
        .iter()
        .find(|wanted| !columns.iter().any(|column| column == *wanted))?;
    let error = QueryError::Sql {
        message: format!(
            "the picture needs a column `{missing}`; the query gives {}",
            listed(columns)
        ),
        place: None,
        hint: Some(format!("name it in the query: … AS {missing}")),
    };
    Some(block.place.diagnostic(&error))
}

fn listed(columns: &[String]) -> String {
    let quoted: Vec<String> = columns.iter().map(|column| format!("`{column}`")).collect();
    quoted.join(", ")
}
