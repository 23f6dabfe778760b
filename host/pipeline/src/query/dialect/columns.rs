//! Names that stand behind a table: `WITH f(a, b) AS (SELECT 1, 1)`, where the planner would see two
//! columns of one name.

use datafusion::sql::sqlparser::ast::{Query, SelectItem, SetExpr, TableAlias, TableFactor};

/// Those of the steps of WITH.
pub(super) fn of_steps(query: &mut Query) {
    for step in query.with.iter_mut().flat_map(|with| &mut with.cte_tables) {
        named(&mut step.query.body, &step.alias);
    }
}

/// Those of a query in FROM.
pub(super) fn of_table(table: &mut TableFactor) {
    if let TableFactor::Derived {
        subquery,
        alias: Some(alias),
        ..
    } = table
    {
        named(&mut subquery.body, alias);
    }
}

/// Names columns that have none, where two are written alike.
fn named(body: &mut SetExpr, alias: &TableAlias) {
    match body {
        SetExpr::SetOperation { left, right, .. } => {
            named(left, alias);
            named(right, alias);
        }
        SetExpr::Select(select) if select.distinct.is_none() => {
            let items = &mut select.projection;
            let is_repeated = items.iter().enumerate().any(|(at, one)| {
                matches!(one, SelectItem::UnnamedExpr(_))
                    && items.iter().skip(at + 1).any(|other| other == one)
            });
            if !is_repeated || items.len() != alias.columns.len() {
                return;
            }
            for (item, column) in items.iter_mut().zip(&alias.columns) {
                if let SelectItem::UnnamedExpr(expr) = item {
                    *item = SelectItem::ExprWithAlias {
                        expr: expr.clone(),
                        alias: column.name.clone(),
                    };
                }
            }
        }
        _ => {}
    }
}
