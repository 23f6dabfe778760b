//! Columns that a query gives no name: they are called as they are written, not as the engine spells
//! the expression.

use datafusion::sql::sqlparser::ast::{
    Expr, Ident, Query, Select, SelectItem, SetExpr, Spanned as _, Statement,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::error::QueryError;
use super::parse::Parsed;

/// The SELECT that names the columns of a query: the first of a set operation.
fn first(query: &Query) -> Option<&Select> {
    let mut body = query.body.as_ref();
    loop {
        body = match body {
            SetExpr::Select(select) => return Some(select),
            SetExpr::SetOperation { left, .. } => left,
            SetExpr::Query(inner) => &inner.body,
            _ => return None,
        };
    }
}

fn first_mut(query: &mut Query) -> Option<&mut Select> {
    let mut body = query.body.as_mut();
    loop {
        body = match body {
            SetExpr::Select(select) => return Some(select),
            SetExpr::SetOperation { left, .. } => left,
            SetExpr::Query(inner) => &mut inner.body,
            _ => return None,
        };
    }
}

/// The expression of an item without a name.
fn nameless(item: &SelectItem) -> Option<&Expr> {
    match item {
        SelectItem::UnnamedExpr(Expr::Identifier(_) | Expr::CompoundIdentifier(_)) => None,
        SelectItem::UnnamedExpr(expression) => Some(expression),
        _ => None,
    }
}

/// The place of the second column of a name.
pub(super) fn second(statement: &Statement, name: &str) -> Option<Span> {
    let Statement::Query(query) = statement else {
        return None;
    };
    let is_named = |item: &&SelectItem| match item {
        SelectItem::ExprWithAlias { alias, .. } => alias.value.eq_ignore_ascii_case(name),
        SelectItem::UnnamedExpr(Expr::Identifier(ident)) => ident.value.eq_ignore_ascii_case(name),
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts)) => {
            let last = parts.last();
            last.is_some_and(|last| last.value.eq_ignore_ascii_case(name))
        }
        SelectItem::UnnamedExpr(expression) => expression.to_string() == name,
        _ => false,
    };
    let second = first(query)?.projection.iter().filter(is_named).nth(1)?;
    Some(second.span())
}

impl Parsed {
    /// Names the columns of a statement that was made of this one as its author wrote them.
    pub(super) fn name_columns(&self, statement: &mut Statement) {
        let (Statement::Query(written), Statement::Query(planned)) = (self.sql(), statement) else {
            return;
        };
        let (Some(written), Some(planned)) = (first(written), first_mut(planned)) else {
            return;
        };
        // Where a dialect was written out, the items are others.
        if written.projection.len() != planned.projection.len() {
            return;
        }
        for (written, planned) in written.projection.iter().zip(&mut planned.projection) {
            if let (Some(text), Some(expr)) = (nameless(written), nameless(planned)) {
                let alias = Ident::with_quote('"', text.to_string());
                let expr = expr.clone();
                *planned = SelectItem::ExprWithAlias { expr, alias };
            }
        }
    }

    /// The columns without a name, each with its place: a warning of a model, whose table has them.
    pub(super) fn nameless(&self) -> Vec<QueryError> {
        let Statement::Query(query) = self.sql() else {
            return Vec::new();
        };
        let items = first(query).map(|select| select.projection.as_slice());
        let found = items.unwrap_or_default().iter().filter_map(nameless);
        let warning = |expression: &Expr| QueryError::Sql {
            message: format!("a column of the table is called `{expression}`, for want of a name"),
            place: Some(self.place(expression.span())),
            hint: Some(format!("write {expression} AS name")),
        };
        found.map(warning).collect()
    }
}
