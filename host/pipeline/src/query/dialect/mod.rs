//! Spellings of other dialects, written in those of the planner before it plans.
//!
//! What is refused as ignored or wrong is looked at afterwards, so that it sees plain SQL only.

mod alias;
mod call;
mod clause;
mod columns;
mod json;
mod pivot;
mod series;
mod template;
mod words;

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Query, Select, SelectItem, Statement, TableFactor, VisitMut as _, VisitorMut,
};

pub(super) use alias::reuse_alias;
pub(super) use call::sugar;
pub(super) use words::without_hints;

/// Writes the sugar of a statement out. `is_function` says which functions the session has: those
/// are called as they are.
///
/// # Errors
/// What is wrong with a spelling, in words.
pub(super) fn expand(
    statement: &mut Statement,
    is_function: &dyn Fn(&str) -> bool,
) -> Result<(), String> {
    match statement.visit(&mut Expand { is_function }) {
        ControlFlow::Break(what) => Err(what),
        ControlFlow::Continue(()) => Ok(()),
    }
}

struct Expand<'f> {
    is_function: &'f dyn Fn(&str) -> bool,
}

fn flow(done: Result<(), String>) -> ControlFlow<String> {
    done.map_or_else(ControlFlow::Break, ControlFlow::Continue)
}

impl VisitorMut for Expand<'_> {
    type Break = String;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<String> {
        columns::of_steps(query);
        flow(clause::query(query))
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<String> {
        clause::select(select);
        // A column keeps the name that it was written by.
        for item in &mut select.projection {
            if let SelectItem::UnnamedExpr(expr) = item
                && (call::is_sugar(expr, self.is_function) || json::is_json(expr))
            {
                let alias = template::name(&expr.to_string());
                *item = SelectItem::ExprWithAlias {
                    expr: expr.clone(),
                    alias,
                };
            }
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<String> {
        flow(call::expr(expr, self.is_function).and_then(|()| clause::expr(expr)))
    }

    fn post_visit_table_factor(&mut self, table: &mut TableFactor) -> ControlFlow<String> {
        columns::of_table(table);
        flow(pivot::table(table).and_then(|()| series::table(table)))
    }
}
