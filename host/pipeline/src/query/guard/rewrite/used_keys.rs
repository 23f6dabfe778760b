//! The key of `JOIN … USING (k)` in WHERE. The planner finds it in both tables and refuses it; in a
//! subquery it takes a column of that name of the query around it instead, and compares that with
//! itself.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Ident, Join, JoinConstraint, JoinOperator, ObjectName, Query, Select, TableFactor,
    VisitMut, VisitorMut,
};

use super::normal;

/// Writes the key as that of the left table, whose value it has.
pub(super) fn qualified(select: &mut Select) {
    let [tables] = select.from.as_slice() else {
        return;
    };
    let (Some(table), Some(keys)) = (name(&tables.relation), tables.joins.first().and_then(keys))
    else {
        return;
    };
    let mut names = Names {
        table,
        keys,
        depth: 0,
    };
    if let Some(selection) = &mut select.selection {
        let _ = selection.visit(&mut names);
    }
}

/// What the columns of a table are named by.
fn name(table: &TableFactor) -> Option<Vec<Ident>> {
    let (name, alias) = match table {
        TableFactor::Table { name, alias, .. } => (Some(name), alias),
        TableFactor::Derived { alias, .. } => (None, alias),
        _ => return None,
    };
    if let Some(alias) = alias {
        return Some(vec![alias.name.clone()]);
    }
    let parts = name?.0.iter().map(|part| part.as_ident().cloned());
    parts.collect()
}

/// The keys of a join that keeps every row of its left table.
fn keys(join: &Join) -> Option<Vec<String>> {
    let (JoinOperator::Join(JoinConstraint::Using(keys))
    | JoinOperator::Inner(JoinConstraint::Using(keys))
    | JoinOperator::Left(JoinConstraint::Using(keys))
    | JoinOperator::LeftOuter(JoinConstraint::Using(keys))) = &join.join_operator
    else {
        return None;
    };
    let key = |key: &ObjectName| match key.0.as_slice() {
        [part] => part.as_ident().map(normal),
        _ => None,
    };
    keys.iter().map(key).collect()
}

struct Names {
    table: Vec<Ident>,
    keys: Vec<String>,
    /// A subquery has columns of its own.
    depth: usize,
}

impl VisitorMut for Names {
    type Break = ();

    fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.depth = self.depth.saturating_sub(1);
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<()> {
        if let Expr::Identifier(key) = expression
            && self.depth == 0
            && self.keys.contains(&normal(key))
        {
            let mut parts = self.table.clone();
            parts.push(key.clone());
            *expression = Expr::CompoundIdentifier(parts);
        }
        ControlFlow::Continue(())
    }
}
