//! RIGHT and FULL JOIN with USING or NATURAL: their keys are those of both sides, merged.
//!
//! The planner answers an unqualified key with that of the left side, which is null for rows of the
//! right side alone: apache/datafusion#22881. Under `*` it takes the key of the table whose name
//! sorts first, so that LEFT JOIN loses keys, too. Such a join gets an alias that marks it for
//! [`super::super::relations`], which plans it with merged keys. What the query reads of one side,
//! such as `a.k`, would be hidden by the merged key; it becomes a column of its own, `"0.k"` of the
//! marked join, which the alias lists.

mod sides;

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Ident, Join, JoinConstraint, JoinOperator, ObjectName, Query, Select, SelectItem, SetExpr,
    TableAlias, TableFactor, TableWithJoins, VisitMut,
};

use super::super::refusal::Verdict;
use super::{alone, bare, derived, normal, star};
use sides::replace;

/// What the alias of a marked join begins with.
pub(in super::super) const MARK: &str = "__tsugi_join_";

/// Marks the joins of every SELECT of a query.
pub(super) fn merge(query: &mut Query, joins: &mut usize) -> Verdict {
    let Query { body, order_by, .. } = query;
    match body.as_mut() {
        SetExpr::Select(select) => {
            for join in marked(select, joins) {
                replace(select, &join, |sides| order_by.visit(sides))?;
            }
            Ok(())
        }
        other => in_body(other, joins),
    }
}

fn in_body(body: &mut SetExpr, joins: &mut usize) -> Verdict {
    match body {
        SetExpr::Select(select) => {
            for join in marked(select, joins) {
                replace(select, &join, |_| ControlFlow::Continue(()))?;
            }
            Ok(())
        }
        SetExpr::SetOperation { left, right, .. } => {
            in_body(left, joins)?;
            in_body(right, joins)
        }
        _ => Ok(()),
    }
}

/// A join with merged keys: its mark, its tables in order, the names of its keys.
struct Marked {
    mark: String,
    /// For each table the parts of its name; none for one without a name.
    tables: Vec<Vec<String>>,
    /// None where NATURAL leaves them to the columns.
    keys: Option<BTreeSet<String>>,
}

/// Marks the joins of one SELECT, and returns them.
fn marked(select: &mut Select, joins: &mut usize) -> Vec<Marked> {
    let mut found = Vec::new();
    let is_star = |item: &SelectItem| matches!(item, SelectItem::Wildcard(_));
    let wrong = match select.projection.iter().any(is_star) {
        true => merges,
        false => is_outer,
    };
    for tables in &mut select.from {
        mark(tables, wrong, joins, &mut found);
    }
    found
}

/// Whether the planner answers wrongly with the keys of a join.
type IsWrong = fn(&JoinOperator) -> bool;

fn mark(
    tables: &mut TableWithJoins,
    is_wrong: IsWrong,
    joins: &mut usize,
    found: &mut Vec<Marked>,
) {
    named(&mut tables.relation);
    for join in &mut tables.joins {
        named(&mut join.relation);
    }
    let outer = |join: &Join| is_wrong(&join.join_operator) || nests(&join.relation, is_wrong);
    // What is joined by the same keys afterwards sees the merged ones.
    let keyed = |join: &Join| outer(join) || merges(&join.join_operator);
    let count = if tables.joins.iter().any(outer) || nests(&tables.relation, is_wrong) {
        tables
            .joins
            .iter()
            .rposition(keyed)
            .map_or(0, |last| last + 1)
    } else {
        return;
    };
    if count == 0 {
        if let TableFactor::NestedJoin {
            table_with_joins, ..
        } = &mut tables.relation
        {
            mark(table_with_joins, is_wrong, joins, found);
        }
        return;
    }
    *joins += 1;
    let rest = tables.joins.split_off(count);
    let hole = alone(derived(bare(SetExpr::Select(Box::new(star(Vec::new()))))));
    let inner = std::mem::replace(tables, hole);
    let mut join = Marked {
        mark: format!("{MARK}{joins}"),
        tables: Vec::new(),
        keys: Some(BTreeSet::new()),
    };
    describe(&inner, &mut join);
    tables.relation = TableFactor::NestedJoin {
        table_with_joins: Box::new(inner),
        alias: Some(TableAlias {
            explicit: true,
            name: Ident::with_quote('"', &join.mark),
            columns: Vec::new(),
            at: None,
        }),
    };
    tables.joins = rest;
    found.push(join);
}

/// A join in parentheses that has a name becomes a query of its own: nothing else of it is seen.
fn named(factor: &mut TableFactor) {
    let TableFactor::NestedJoin {
        table_with_joins,
        alias: name,
    } = factor
    else {
        return;
    };
    if name.is_none() {
        named(&mut table_with_joins.relation);
        let inner = table_with_joins.joins.iter_mut();
        return inner.for_each(|join| named(&mut join.relation));
    }
    // It is seen as `*` shows it.
    if !has(table_with_joins, merges) {
        return;
    }
    let hole = alone(derived(bare(SetExpr::Select(Box::new(star(Vec::new()))))));
    let inner = std::mem::replace(table_with_joins.as_mut(), hole);
    let alias = name.take();
    *factor = TableFactor::Derived {
        lateral: false,
        subquery: Box::new(bare(SetExpr::Select(Box::new(star(vec![inner]))))),
        alias,
        sample: None,
    };
}

fn is_outer(operator: &JoinOperator) -> bool {
    matches!(
        operator,
        JoinOperator::Right(JoinConstraint::Using(_) | JoinConstraint::Natural)
            | JoinOperator::RightOuter(JoinConstraint::Using(_) | JoinConstraint::Natural)
            | JoinOperator::FullOuter(JoinConstraint::Using(_) | JoinConstraint::Natural)
    )
}

fn merges(operator: &JoinOperator) -> bool {
    let on = constraint(operator);
    matches!(on, Some(JoinConstraint::Using(_) | JoinConstraint::Natural))
}

fn has(tables: &TableWithJoins, is_wrong: IsWrong) -> bool {
    let wrong = |join: &Join| is_wrong(&join.join_operator) || nests(&join.relation, is_wrong);
    tables.joins.iter().any(wrong) || nests(&tables.relation, is_wrong)
}

/// Whether parentheses without a name hold such a join.
fn nests(factor: &TableFactor, is_wrong: IsWrong) -> bool {
    match factor {
        TableFactor::NestedJoin {
            table_with_joins,
            alias: None,
        } => has(table_with_joins, is_wrong),
        _ => false,
    }
}

fn describe(tables: &TableWithJoins, join: &mut Marked) {
    let table = |factor: &TableFactor, join: &mut Marked| match factor {
        TableFactor::NestedJoin {
            table_with_joins,
            alias: None,
        } => describe(table_with_joins, join),
        other => join.tables.push(name_of(other)),
    };
    table(&tables.relation, join);
    for one in &tables.joins {
        table(&one.relation, join);
        match constraint(&one.join_operator) {
            Some(JoinConstraint::Natural) => join.keys = None,
            Some(JoinConstraint::Using(names)) => {
                let names = names.iter().filter_map(|name| parts(name).pop());
                if let Some(keys) = &mut join.keys {
                    keys.extend(names);
                }
            }
            _ => {}
        }
    }
}

fn constraint(operator: &JoinOperator) -> Option<&JoinConstraint> {
    match operator {
        JoinOperator::Join(on)
        | JoinOperator::Inner(on)
        | JoinOperator::Left(on)
        | JoinOperator::LeftOuter(on)
        | JoinOperator::Right(on)
        | JoinOperator::RightOuter(on)
        | JoinOperator::FullOuter(on) => Some(on),
        _ => None,
    }
}

/// The parts of the name by which the columns of a table are known.
fn name_of(factor: &TableFactor) -> Vec<String> {
    match factor {
        TableFactor::Table { alias: Some(a), .. }
        | TableFactor::Derived { alias: Some(a), .. }
        | TableFactor::Function { alias: Some(a), .. }
        | TableFactor::UNNEST { alias: Some(a), .. } => vec![normal(&a.name)],
        TableFactor::Table { name, .. } => parts(name),
        _ => Vec::new(),
    }
}

fn parts(name: &ObjectName) -> Vec<String> {
    let idents = name.0.iter().filter_map(|part| part.as_ident());
    idents.map(normal).collect()
}
