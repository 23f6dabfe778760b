//! `FROM t, unnest(t.l) AS u (x)`: a list of each row of the tables before it, which the planner takes
//! only from constants. The tables and the list become one relation, marked for [`Relations`].
//!
//! [`Relations`]: super::super::Relations

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Ident, Join, JoinConstraint, JoinOperator, Select, TableAlias, TableFactor,
    TableWithJoins, Value, ValueWithSpan, visit_expressions,
};

/// The alias of such a relation.
pub(in crate::query::guard) const LISTS: &str = "__lists_beside";

/// Marks the lists in FROM.
pub(super) fn lists(select: &mut Select) {
    let mut tables: Vec<TableWithJoins> = Vec::new();
    for one in std::mem::take(&mut select.from) {
        let mut before = std::mem::take(&mut tables).into_iter();
        match before.next() {
            Some(first) if is_list(&one.relation) => {
                tables.push(crossed(first, before.chain([one])))
            }
            first => tables.extend(first.into_iter().chain(before).chain([one])),
        }
    }
    select.from = tables.into_iter().map(folded).collect();
}

/// Tables between commas as cross joins.
fn crossed(
    mut first: TableWithJoins,
    others: impl Iterator<Item = TableWithJoins>,
) -> TableWithJoins {
    for one in others {
        let (relation, joins) = match is_list(&one.relation) || one.joins.is_empty() {
            true => (one.relation, one.joins),
            false => (nested(one, None), Vec::new()),
        };
        first.joins.push(Join {
            relation,
            global: false,
            join_operator: JoinOperator::CrossJoin(JoinConstraint::None),
        });
        first.joins.extend(joins);
    }
    first
}

/// Each list with what stands before it as one relation.
fn folded(mut tables: TableWithJoins) -> TableWithJoins {
    let is_marked = |join: &Join| is_list(&join.relation) && is_of_all(&join.join_operator);
    while let Some(at) = tables.joins.iter().position(is_marked) {
        let joins = tables.joins.split_off(at + 1);
        let alias = TableAlias {
            explicit: true,
            name: Ident::new(LISTS),
            columns: Vec::new(),
            at: None,
        };
        let relation = nested(tables, Some(alias));
        tables = TableWithJoins { relation, joins };
    }
    tables
}

fn nested(tables: TableWithJoins, alias: Option<TableAlias>) -> TableFactor {
    TableFactor::NestedJoin {
        table_with_joins: Box::new(tables),
        alias,
    }
}

/// Whether it is a list of columns.
fn is_list(factor: &TableFactor) -> bool {
    let TableFactor::UNNEST {
        array_exprs,
        with_offset: false,
        with_ordinality: false,
        ..
    } = factor
    else {
        return false;
    };
    let [list] = array_exprs.as_slice() else {
        return false;
    };
    let names = visit_expressions(list, |one: &Expr| match one {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    names.is_break()
}

/// Whether a join has no condition but the list.
fn is_of_all(operator: &JoinOperator) -> bool {
    use JoinOperator as J;
    match operator {
        J::CrossJoin(JoinConstraint::None) => true,
        J::Join(on) | J::Inner(on) | J::Left(on) | J::LeftOuter(on) => matches!(
            on,
            JoinConstraint::On(Expr::Value(ValueWithSpan {
                value: Value::Boolean(true),
                ..
            }))
        ),
        _ => false,
    }
}
