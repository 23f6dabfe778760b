//! From a parsed query to a plan: other dialects are written out, names of SELECT are put in place
//! where no column has them, and what the planner does not know is said with what to write instead.

use std::collections::BTreeSet;

use datafusion::logical_expr::LogicalPlan;
use datafusion::sql::parser::Statement as DfStatement;
use datafusion::sql::sqlparser::ast::Statement;
use datafusion::sql::sqlparser::tokenizer::{Location, Span};

use super::dialect::{expand, reuse_alias, sugar};
use super::error::QueryError;
use super::failure::UnknownName;
use super::heading;
use super::parse::Parsed;
use super::planning;
use super::session::Session;
use super::suggest;
use tsugi_core::diagnostic::Place;

/// Names of SELECT that one query may use again.
const REUSED_MAX: usize = 200;

impl Session {
    /// The statement of a query with other dialects written out.
    pub(super) fn spelled(&self, parsed: &Parsed) -> Result<Statement, QueryError> {
        let mut statement = parsed.sql().clone();
        let refused = |message| QueryError::Sql {
            message,
            place: Some(Place::of_file(parsed.file())),
            hint: None,
        };
        expand(&mut statement, &|name| self.has_function(name)).map_err(refused)?;
        Ok(statement)
    }

    /// The plan of a statement of a query, before the analyzer.
    pub(super) async fn written_out(
        &self,
        parsed: &Parsed,
        mut statement: Statement,
    ) -> Result<LogicalPlan, QueryError> {
        let file = parsed.file();
        let mut reused = 0;
        loop {
            let engine = DfStatement::Statement(Box::new(statement.clone()));
            let state = self.state();
            let planned = planning::apart(async move { state.statement_to_plan(engine).await });
            let error = match planned.await {
                Ok(plan) => return Ok(plan),
                Err(error) => QueryError::planning(file, error),
            };
            let missing = missing(&error).filter(|_| reused < REUSED_MAX);
            if !missing.is_some_and(|place| reuse_alias(&mut statement, place)) {
                return Err(self.suggesting(error, parsed.sql()));
            }
            reused += 1;
        }
    }

    /// The same error; of a function that is unknown or called wrongly with what to write instead.
    pub(super) fn suggesting(&self, error: QueryError, statement: &Statement) -> QueryError {
        let QueryError::Sql {
            message,
            place,
            hint,
        } = error
        else {
            return error;
        };
        let at = |function: &str, place: Option<Place>| {
            let place = place.filter(|place| place.line == 0)?;
            let found = suggest::place(statement, function);
            Some(found.map_or_else(|| place.clone(), |span| located(&place, span)))
        };
        if let Some(function) = suggest::unknown(&message) {
            if self.state().window_functions().contains_key(function) {
                return QueryError::Sql {
                    message: format!("`{function}` is computed over a window"),
                    hint: Some(format!("write {function}(…) OVER (ORDER BY …)")),
                    place: at(function, place.clone()).or(place),
                };
            }
            return QueryError::NoFunction {
                name: function.to_owned(),
                hint: suggest::instead(function, &self.every_function()),
                place: at(function, place.clone()).or(place),
            };
        }
        if let Some(name) = suggest::twice(&message) {
            let second = place.filter(|place| place.line == 0).map(|place| {
                let span = heading::second(statement, &name);
                span.map_or_else(|| place.clone(), |span| located(&place, span))
            });
            return QueryError::Sql {
                message: format!("two columns are called `{name}`"),
                hint: Some("write AS and another name behind one of them".to_owned()),
                place: second,
            };
        }
        if let Some(function) = suggest::refused(&message) {
            return QueryError::Sql {
                place: at(function, place.clone()).or(place),
                hint,
                message,
            };
        }
        QueryError::Sql {
            message,
            place,
            hint,
        }
    }

    /// Whether SQL or a plugin has a function of this name.
    fn has_function(&self, name: &str) -> bool {
        let state = self.state();
        state.scalar_functions().contains_key(name)
            || state.aggregate_functions().contains_key(name)
            || state.window_functions().contains_key(name)
    }

    /// The names of all functions, for suggestions.
    fn every_function(&self) -> BTreeSet<String> {
        let state = self.state();
        let mut names = self.function_names();
        names.extend(state.scalar_functions().keys().cloned());
        names.extend(state.aggregate_functions().keys().cloned());
        names.extend(state.window_functions().keys().cloned());
        names.extend(sugar().map(str::to_owned));
        names
    }
}

/// Where a column is named that does not exist.
fn missing(error: &QueryError) -> Option<Location> {
    match error {
        QueryError::Sql {
            place: Some(place), ..
        } if place.line > 0 && matches!(error.unknown_name(), Some(UnknownName::Column(_))) => {
            Some(Location {
                line: place.line.into(),
                column: place.column.into(),
            })
        }
        _ => None,
    }
}

fn located(file: &Place, span: Span) -> Place {
    let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    Place {
        file: file.file.clone(),
        line: number(span.start.line),
        column: number(span.start.column),
    }
}
