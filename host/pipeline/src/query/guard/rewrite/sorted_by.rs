//! `SELECT sum(price) AS price … ORDER BY sum(price)`: inside of an aggregate in ORDER BY the planner
//! takes a name for the alias, though no aggregate holds another (no report upstream). There the
//! name is that of a column.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Ident, OrderByKind, Query, Select, SelectItem, SetExpr, TableFactor, Value, VisitMut,
    VisitorMut, visit_expressions,
};

use super::normal;
use crate::query::guard::call::CallKind;

/// Writes such a key as the number of its column, or with the table before the name.
pub(super) fn of_columns(query: &mut Query, kind_of: &dyn Fn(&str) -> CallKind) {
    let Some(order) = &mut query.order_by else {
        return;
    };
    let (OrderByKind::Expressions(keys), SetExpr::Select(select)) =
        (&mut order.kind, query.body.as_ref())
    else {
        return;
    };
    let computes = |one: &Expr| computes_rows(one, kind_of);
    let aliases = select.projection.iter().filter_map(|item| match item {
        SelectItem::ExprWithAlias { expr, alias } => {
            let has_rows = visit_expressions(expr, |one: &Expr| match computes(one) {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            });
            has_rows.is_break().then(|| normal(alias))
        }
        _ => None,
    });
    let aliases: Vec<String> = aliases.collect();
    if aliases.is_empty() {
        return;
    }
    let mut names = Names {
        aliases: &aliases,
        computes: &computes,
        table: table(select),
        depth: 0,
        is_any: false,
    };
    for key in keys {
        names.is_any = false;
        let written = key.expr.clone();
        let _ = key.expr.visit(&mut names);
        if names.is_any
            && let Some(number) = position(select, &written)
        {
            key.expr = Expr::value(Value::Number(number.to_string(), false));
        }
    }
}

/// Whether it is the call of an aggregate or of a window function.
fn computes_rows(expression: &Expr, kind_of: &dyn Fn(&str) -> CallKind) -> bool {
    match expression {
        Expr::Function(call) => {
            let kind = kind_of(&call.name.to_string().to_lowercase());
            call.over.is_some() || matches!(kind, CallKind::Aggregate | CallKind::Window)
        }
        _ => false,
    }
}

/// The number of the column that is this expression. A star gives columns that are not counted.
fn position(select: &Select, wanted: &Expr) -> Option<usize> {
    let mut found = None;
    for (at, item) in select.projection.iter().enumerate() {
        match item {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                if found.is_none() && expr == wanted {
                    found = Some(at + 1);
                }
            }
            _ => return None,
        }
    }
    found
}

/// The name of the one table.
fn table(select: &Select) -> Option<Vec<Ident>> {
    let [only] = select.from.as_slice() else {
        return None;
    };
    if !only.joins.is_empty() {
        return None;
    }
    match &only.relation {
        TableFactor::Table {
            alias: Some(alias), ..
        }
        | TableFactor::Derived {
            alias: Some(alias), ..
        } => Some(vec![alias.name.clone()]),
        TableFactor::Table {
            name, args: None, ..
        } => name.0.iter().map(|part| part.as_ident().cloned()).collect(),
        _ => None,
    }
}

/// Puts the table before names inside of aggregates.
struct Names<'n> {
    aliases: &'n [String],
    computes: &'n dyn Fn(&Expr) -> bool,
    table: Option<Vec<Ident>>,
    /// Calls around.
    depth: usize,
    is_any: bool,
}

impl VisitorMut for Names<'_> {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if (self.computes)(expr) {
            self.depth += 1;
        }
        if let Expr::Identifier(name) = expr
            && self.depth > 0
            && self.aliases.contains(&normal(name))
        {
            self.is_any = true;
            if let Some(table) = &self.table {
                let name = std::iter::once(name.clone());
                *expr = Expr::CompoundIdentifier(table.iter().cloned().chain(name).collect());
            }
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if (self.computes)(expr) {
            self.depth -= 1;
        }
        ControlFlow::Continue(())
    }
}
