//! Forms of a statement that the planner plans wrongly or not at all, written in another way.
//!
//! Every rewriting keeps the rows, their order and the names of the columns.

mod beside;
mod first;
mod outer_keys;
mod qualified;
mod rows;
mod set_all;
mod sorted_by;
mod used_keys;
mod windows;

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion::sql::sqlparser::ast::{
    Expr, Fetch, Ident, LimitClause, OrderBy, Query, Select, SelectFlavor, SelectItem, SetExpr,
    SetOperator, Statement, TableFactor, TableWithJoins, VisitMut, VisitorMut,
};

pub(super) use beside::LISTS;
pub(super) use outer_keys::MARK;
pub(super) use set_all::counts;

use super::call::CallKind;
use super::query::reads;
use super::refusal::{Refusal, Verdict};

/// Writes a statement in forms that the planner plans rightly.
///
/// # Errors
/// Where there is no such form.
pub(super) fn rewrite(statement: &mut Statement, kind_of: &dyn Fn(&str) -> CallKind) -> Verdict {
    let mut rewriter = Rewriter { joins: 0, kind_of };
    match statement.visit(&mut rewriter) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(refusal) => Err(refusal),
    }
}

struct Rewriter<'r> {
    /// Numbers the joins whose keys are merged.
    joins: usize,
    kind_of: &'r dyn Fn(&str) -> CallKind,
}

impl VisitorMut for Rewriter<'_> {
    type Break = Refusal;

    fn pre_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<Refusal> {
        if let Expr::Subquery(query) = expression {
            first::aggregated(query, self.kind_of);
        }
        match rows::write_out(expression) {
            Ok(()) => ControlFlow::Continue(()),
            Err(refusal) => ControlFlow::Break(refusal),
        }
    }

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Refusal> {
        recursive_steps(query);
        fetched(query);
        sorted_by::of_columns(query, self.kind_of);
        if let Err(refusal) = windows::write_out(query) {
            return ControlFlow::Break(refusal);
        }
        match outer_keys::merge(query, &mut self.joins) {
            Ok(()) => ControlFlow::Continue(()),
            Err(refusal) => ControlFlow::Break(refusal),
        }
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Refusal> {
        beside::lists(select);
        qualified::wildcards(select);
        used_keys::qualified(select);
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &mut Query) -> ControlFlow<Refusal> {
        set_all::rewrite(&mut query.body);
        ControlFlow::Continue(())
    }
}

/// `FETCH FIRST n ROWS ONLY` as `LIMIT n`.
fn fetched(query: &mut Query) {
    let Some(Fetch {
        with_ties: false,
        percent: false,
        quantity,
    }) = query.fetch.take()
    else {
        return;
    };
    let one = || {
        Expr::value(datafusion::sql::sqlparser::ast::Value::Number(
            "1".into(),
            false,
        ))
    };
    let limit = Some(quantity.unwrap_or_else(one));
    query.limit_clause = match query.limit_clause.take() {
        Some(LimitClause::LimitOffset {
            offset, limit_by, ..
        }) => Some(LimitClause::LimitOffset {
            limit,
            offset,
            limit_by,
        }),
        _ => Some(LimitClause::LimitOffset {
            limit,
            offset: None,
            limit_by: Vec::new(),
        }),
    };
}

/// Under WITH RECURSIVE the planner takes every UNION for a recursive step, and drops what stands
/// around it. In parentheses a step that does not read itself is planned as any other.
fn recursive_steps(query: &mut Query) {
    let Some(with) = query.with.as_mut().filter(|with| with.recursive) else {
        return;
    };
    for step in &mut with.cte_tables {
        let name = step.alias.name.value.to_lowercase();
        let is_union = matches!(
            step.query.body.as_ref(),
            SetExpr::SetOperation {
                op: SetOperator::Union,
                ..
            }
        );
        if is_union && !reads(&step.query, &name) {
            let inner = std::mem::replace(
                &mut step.query,
                Box::new(bare(SetExpr::Query(Box::new(bare(SetExpr::Select(
                    Box::new(star(Vec::new())),
                )))))),
            );
            *step.query = bare(SetExpr::Query(inner));
        }
    }
}

/// A query that is its body.
pub(super) fn bare(body: SetExpr) -> Query {
    Query {
        with: None,
        body: Box::new(body),
        order_by: None::<OrderBy>,
        limit_clause: None,
        fetch: None,
        locks: Vec::new(),
        for_clause: None,
        settings: None,
        format_clause: None,
        pipe_operators: Vec::new(),
    }
}

/// `SELECT * FROM …`.
fn star(from: Vec<TableWithJoins>) -> Select {
    use datafusion::sql::sqlparser::ast::GroupByExpr;
    Select {
        select_token: AttachedToken::empty(),
        optimizer_hints: Vec::new(),
        distinct: None,
        select_modifiers: None,
        top: None,
        top_before_distinct: false,
        projection: vec![SelectItem::Wildcard(Default::default())],
        exclude: None,
        into: None,
        from,
        lateral_views: Vec::new(),
        prewhere: None,
        selection: None,
        connect_by: Vec::new(),
        group_by: GroupByExpr::Expressions(Vec::new(), Vec::new()),
        cluster_by: Vec::new(),
        distribute_by: Vec::new(),
        sort_by: Vec::new(),
        having: None,
        named_window: Vec::new(),
        qualify: None,
        window_before_qualify: false,
        value_table_mode: None,
        flavor: SelectFlavor::Standard,
    }
}

/// A query in FROM.
fn derived(query: Query) -> TableFactor {
    TableFactor::Derived {
        lateral: false,
        subquery: Box::new(query),
        alias: None,
        sample: None,
    }
}

/// A table in FROM, alone.
fn alone(relation: TableFactor) -> TableWithJoins {
    TableWithJoins {
        relation,
        joins: Vec::new(),
    }
}

/// A name as the planner reads it.
fn normal(ident: &Ident) -> String {
    match ident.quote_style {
        Some(_) => ident.value.clone(),
        None => ident.value.to_lowercase(),
    }
}
