//! The guard under the SQL: a statement is answered as it is written, or refused.
//!
//! The planner drops clauses that it does not know, and plans some shapes wrongly. The guard reads
//! the syntax tree and names every field of it, so that a field that a newer parser adds does not
//! compile until someone has decided what becomes of it. What would be dropped is refused with its
//! place and with what to write instead; what is planned wrongly is written in another form. Each
//! such form names the issue of DataFusion that it goes with.

mod call;
mod joins;
mod limits;
mod lists;
mod operators;
mod query;
mod refusal;
mod relations;
mod rewrite;
mod select;
mod subqueries;
mod table;

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Query, Select, Statement, TableFactor, Visit, Visitor,
};

pub(super) use call::CallKind;
pub(super) use limits::physical_rules;
use refusal::{Refusal, Verdict};
pub(super) use relations::Relations;
pub(super) use subqueries::Subqueries;

use super::error::QueryError;
use tsugi_core::diagnostic::Place;

/// A statement that the planner answers as `statement` is written.
///
/// # Errors
/// Where there is none: names the clause, its place, and what to write instead.
pub(super) fn guarded(
    statement: &Statement,
    file: &str,
    text: &str,
    kind_of: &dyn Fn(&str) -> CallKind,
) -> Result<Statement, QueryError> {
    let mut reader = Reader { kind_of };
    if let ControlFlow::Break(refusal) = statement.visit(&mut reader) {
        return Err(refused(&refusal, file, text));
    }
    let mut statement = statement.clone();
    match rewrite::rewrite(&mut statement, kind_of) {
        Ok(()) => Ok(statement),
        Err(refusal) => Err(refused(&refusal, file, text)),
    }
}

fn refused(refusal: &Refusal, file: &str, text: &str) -> QueryError {
    let place = refusal.place(text);
    let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    QueryError::Sql {
        message: refusal.message.clone(),
        place: Some(Place {
            file: file.to_owned(),
            line: number(place.line),
            column: number(place.column),
        }),
        hint: Some(refusal.hint.clone()),
    }
}

/// Looks at every node of a statement once.
struct Reader<'r> {
    kind_of: &'r dyn Fn(&str) -> CallKind,
}

fn stop(verdict: Verdict) -> ControlFlow<Refusal> {
    match verdict {
        Ok(()) => ControlFlow::Continue(()),
        Err(refusal) => ControlFlow::Break(refusal),
    }
}

impl Visitor for Reader<'_> {
    type Break = Refusal;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Refusal> {
        stop(query::query(query))
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<Refusal> {
        stop(select::select(select))
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<Refusal> {
        stop(table::factor(factor))
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<Refusal> {
        match expression {
            Expr::Function(call) => stop(call::call(call, self.kind_of)),
            other => stop(operators::operation(other)),
        }
    }
}
