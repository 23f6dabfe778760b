//! `(SELECT x FROM … ORDER BY y LIMIT 1)` as a value. Where it names columns of the query around it, the
//! planner has no plan for its LIMIT; the first value of a group it has (apache/datafusion#6140, open).

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause, FunctionArgumentList,
    FunctionArguments, GroupByExpr, Ident, LimitClause, ObjectName, OrderByExpr, OrderByKind,
    Query, Select, SelectItem, SetExpr, Value, ValueWithSpan, visit_expressions,
};

use crate::query::guard::call::CallKind;

/// Writes the query of a scalar subquery as an aggregate, where it takes one row of many.
pub(super) fn aggregated(query: &mut Query, kind_of: &dyn Fn(&str) -> CallKind) {
    if !takes_one(query) {
        return;
    }
    let Some(order) = order(query) else { return };
    let SetExpr::Select(select) = query.body.as_mut() else {
        return;
    };
    let Some(value) = only_value(select) else {
        return;
    };
    let ordered = order.iter().map(|one| &one.expr);
    let computes_rows = |one: &Expr| computes_rows(one, kind_of);
    if computes_rows(value) || ordered.clone().any(computes_rows) || !names_rows(select, &order) {
        return;
    }
    let Some(item) = select.projection.first_mut() else {
        return;
    };
    match item {
        SelectItem::UnnamedExpr(value) | SelectItem::ExprWithAlias { expr: value, .. } => {
            let first = std::mem::replace(value, Expr::value(Value::Null));
            *value = first_value(first, order);
        }
        _ => return,
    }
    query.order_by = None;
    query.limit_clause = None;
}

/// Whether LIMIT 1 stands at its end, and nothing beside it.
fn takes_one(query: &Query) -> bool {
    let Some(LimitClause::LimitOffset {
        limit:
            Some(Expr::Value(ValueWithSpan {
                value: Value::Number(rows, _),
                ..
            })),
        offset: None,
        limit_by,
    }) = &query.limit_clause
    else {
        return false;
    };
    rows == "1" && limit_by.is_empty() && query.with.is_none() && query.fetch.is_none()
}

/// The order of its rows; none where it is not a list of expressions.
fn order(query: &Query) -> Option<Vec<OrderByExpr>> {
    match &query.order_by {
        None => Some(Vec::new()),
        Some(order) => match (&order.kind, &order.interpolate) {
            (OrderByKind::Expressions(list), None) => {
                let is_plain = list.iter().all(|one| one.with_fill.is_none());
                is_plain.then(|| list.clone())
            }
            _ => None,
        },
    }
}

/// What a SELECT without grouping gives, where it is one value.
fn only_value(select: &Select) -> Option<&Expr> {
    let is_grouped = match &select.group_by {
        GroupByExpr::Expressions(list, more) => !list.is_empty() || !more.is_empty(),
        GroupByExpr::All(_) => true,
    };
    let is_plain = !is_grouped
        && select.distinct.is_none()
        && select.top.is_none()
        && select.having.is_none()
        && select.qualify.is_none()
        && !select.from.is_empty();
    match select.projection.as_slice() {
        [SelectItem::UnnamedExpr(value) | SelectItem::ExprWithAlias { expr: value, .. }]
            if is_plain =>
        {
            Some(value)
        }
        _ => None,
    }
}

/// Whether an expression is computed over several rows already.
fn computes_rows(expression: &Expr, kind_of: &dyn Fn(&str) -> CallKind) -> bool {
    let found = visit_expressions(expression, |one: &Expr| match one {
        Expr::Function(call) => {
            let name = call.name.to_string().to_lowercase();
            match call.over.is_none() && kind_of(&name) == CallKind::Scalar {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        }
        _ => ControlFlow::Continue(()),
    });
    found.is_break()
}

/// Whether ORDER BY is about the rows: a number or the name of the value is about what is selected.
fn names_rows(select: &Select, order: &[OrderByExpr]) -> bool {
    let alias = select.projection.iter().find_map(|item| match item {
        SelectItem::ExprWithAlias { alias, .. } => Some(alias.value.to_lowercase()),
        _ => None,
    });
    order.iter().all(|one| match &one.expr {
        Expr::Value(_) => false,
        Expr::Identifier(name) => alias.as_ref() != Some(&name.value.to_lowercase()),
        _ => true,
    })
}

fn first_value(value: Expr, order: Vec<OrderByExpr>) -> Expr {
    let clauses = match order.is_empty() {
        true => Vec::new(),
        false => vec![FunctionArgumentClause::OrderBy(order)],
    };
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident::new("first_value")]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: vec![FunctionArg::Unnamed(FunctionArgExpr::Expr(value))],
            clauses,
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}
