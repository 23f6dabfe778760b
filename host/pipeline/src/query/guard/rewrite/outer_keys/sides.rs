//! What a query reads of one side of a marked join: a column of its own instead of the merged key.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    ExcludeSelectItem, Expr, Ident, ObjectName, Query, Select, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, Spanned, TableAliasColumnDef, TableFactor, VisitMut,
    VisitorMut,
};

use super::super::super::refusal::{Refusal, Verdict};
use super::super::normal;
use super::{Marked, describe, parts};

/// Replaces what a SELECT, and its order, read of one side of a marked join.
pub(super) fn replace(
    select: &mut Select,
    join: &Marked,
    order: impl FnOnce(&mut Sides<'_>) -> ControlFlow<Refusal>,
) -> Verdict {
    let mut sides = Sides {
        join,
        read: BTreeSet::new(),
        hidden: Vec::new(),
    };
    for item in &mut select.projection {
        sides.name(item)?;
    }
    let seen = match select.visit(&mut sides) {
        ControlFlow::Continue(()) => order(&mut sides),
        stopped => stopped,
    };
    if let ControlFlow::Break(refusal) = seen {
        return Err(refusal);
    }
    let read: Vec<Ident> = sides
        .read
        .iter()
        .map(|one| Ident::with_quote('"', one))
        .collect();
    for item in &mut select.projection {
        exclude(item, &read);
    }
    let whole = select.from.iter_mut().map(|tables| &mut tables.relation);
    for relation in whole {
        list(relation, &join.mark, &read);
    }
    Ok(())
}

/// Lists the columns of sides in the alias of their join.
fn list(factor: &mut TableFactor, mark: &str, read: &[Ident]) {
    let TableFactor::NestedJoin {
        table_with_joins,
        alias,
    } = factor
    else {
        return;
    };
    match alias {
        Some(alias) if alias.name.value == mark => {
            let column = |name: &Ident| TableAliasColumnDef {
                name: name.clone(),
                data_type: None,
            };
            alias.columns = read.iter().map(column).collect();
        }
        _ => list(&mut table_with_joins.relation, mark, read),
    }
}

/// Leaves the columns of sides out of a star.
fn exclude(item: &mut SelectItem, read: &[Ident]) {
    let SelectItem::Wildcard(options) = item else {
        return;
    };
    if read.is_empty() {
        return;
    }
    let more = read.iter().map(|name| ObjectName::from(vec![name.clone()]));
    let mut names = match options.opt_exclude.take() {
        None => Vec::new(),
        Some(ExcludeSelectItem::Single(name)) => vec![name],
        Some(ExcludeSelectItem::Multiple(names)) => names,
    };
    names.extend(more);
    options.opt_exclude = Some(ExcludeSelectItem::Multiple(names));
}

/// Replaces `a.k` by the column that the marked join offers for it.
pub(super) struct Sides<'j> {
    join: &'j Marked,
    read: BTreeSet<String>,
    /// For each query around, the tables of the join that a table of its own hides.
    hidden: Vec<BTreeSet<usize>>,
}

impl Sides<'_> {
    /// The table of the join, and the column, that an expression reads.
    fn side(&self, idents: &[Ident]) -> Option<(usize, String)> {
        let (column, qualifier) = idents.split_last()?;
        let column = normal(column);
        let is_key = self
            .join
            .keys
            .as_ref()
            .is_none_or(|keys| keys.contains(&column));
        let table = self.table(&qualifier.iter().map(normal).collect::<Vec<_>>())?;
        is_key.then_some((table, column))
    }

    fn table(&self, qualifier: &[String]) -> Option<usize> {
        let same = |name: &Vec<String>| !qualifier.is_empty() && name.ends_with(qualifier);
        let table = self.join.tables.iter().position(same)?;
        let hidden = self.hidden.iter().any(|tables| tables.contains(&table));
        (!hidden).then_some(table)
    }

    /// Keeps the name of a column of the SELECT list that is replaced.
    fn name(&self, item: &mut SelectItem) -> Verdict {
        match item {
            SelectItem::UnnamedExpr(Expr::CompoundIdentifier(idents)) => {
                if let (Some(_), Some(alias)) = (self.side(idents), idents.last().cloned()) {
                    let expr = Expr::CompoundIdentifier(std::mem::take(idents));
                    *item = SelectItem::ExprWithAlias { expr, alias };
                }
                Ok(())
            }
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _)
                if self.table(&parts(name)).is_some() =>
            {
                let message = format!("`{name}.*` beside a merged key has no one meaning");
                let hint = "write the columns, or JOIN … ON instead of USING";
                Err(Refusal::at(message, name.span(), hint))
            }
            _ => Ok(()),
        }
    }
}

impl VisitorMut for Sides<'_> {
    type Break = Refusal;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Refusal> {
        self.hidden.push(hidden(&query.body, self.join));
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<Refusal> {
        self.hidden.pop();
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<Refusal> {
        let Expr::CompoundIdentifier(idents) = expression else {
            return ControlFlow::Continue(());
        };
        if let Some((table, column)) = self.side(idents) {
            let name = format!("{table}.{column}");
            *idents = vec![
                Ident::with_quote('"', &self.join.mark),
                Ident::with_quote('"', &name),
            ];
            self.read.insert(name);
        }
        ControlFlow::Continue(())
    }
}

/// The tables of the join whose names mean other tables in a query.
fn hidden(body: &SetExpr, join: &Marked) -> BTreeSet<usize> {
    let mut own = Marked {
        mark: String::new(),
        tables: Vec::new(),
        keys: None,
    };
    match body {
        SetExpr::Select(select) => select.from.iter().for_each(|one| describe(one, &mut own)),
        SetExpr::SetOperation { left, right, .. } => {
            let mut both = hidden(left, join);
            both.extend(hidden(right, join));
            return both;
        }
        _ => {}
    }
    let known = |name: &Vec<String>| {
        let last = name.last();
        last.is_some() && own.tables.iter().any(|other| other.last() == last)
    };
    let tables = join.tables.iter().enumerate();
    let tables = tables.filter(|(_, name)| known(name));
    tables.map(|(table, _)| table).collect()
}
