//! `t.*` of a table that FROM names `schema.t`: the planner knows `t.x` there, and no `t.*`.

use datafusion::sql::sqlparser::ast::{
    ObjectName, Select, SelectItem, SelectItemQualifiedWildcardKind, TableFactor, TableWithJoins,
};

use super::normal;

/// Writes the whole name before `.*`.
pub(super) fn wildcards(select: &mut Select) {
    let from = &select.from;
    for item in &mut select.projection {
        let SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) =
            item
        else {
            continue;
        };
        if let Some(whole) = whole(name, from) {
            *name = whole;
        }
    }
}

/// The name as FROM has it, where one table alone ends in it.
fn whole(name: &ObjectName, from: &[TableWithJoins]) -> Option<ObjectName> {
    let [part] = name.0.as_slice() else {
        return None;
    };
    let wanted = normal(part.as_ident()?);
    let mut found = Vec::new();
    from.iter().for_each(|tables| collect(tables, &mut found));
    let mut found = found.into_iter().filter(|table| {
        let last = table.0.last().and_then(|part| part.as_ident());
        last.is_some_and(|last| normal(last) == wanted)
    });
    let whole = found.next()?;
    (found.next().is_none() && whole.0.len() > 1).then(|| whole.clone())
}

/// The tables without an alias. An alias is a name of its own.
fn collect<'t>(tables: &'t TableWithJoins, found: &mut Vec<&'t ObjectName>) {
    let joined = tables.joins.iter().map(|join| &join.relation);
    for factor in std::iter::once(&tables.relation).chain(joined) {
        match factor {
            TableFactor::Table {
                name, alias: None, ..
            } => found.push(name),
            TableFactor::NestedJoin {
                table_with_joins, ..
            } => collect(table_with_joins, found),
            _ => {}
        }
    }
}
