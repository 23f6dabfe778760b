//! A name given in SELECT and used in the same SELECT, in WHERE or in HAVING.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Ident, Select, SelectItem, Spanned as _, Statement, Visit, VisitMut, Visitor, VisitorMut,
};
use datafusion::sql::sqlparser::tokenizer::{Location, Span};

/// Puts the expression of an alias in place of the name at `place`, for which no column was found.
/// Whether there was such an alias in the SELECT that the name stands in.
pub(in crate::query) fn reuse_alias(statement: &mut Statement, place: Location) -> bool {
    let mut find = Find { place, found: None };
    let _ = Visit::visit(statement, &mut find);
    let Some(expression) = find.found else {
        return false;
    };
    let mut put = Put { place, expression };
    VisitMut::visit(statement, &mut put).is_break()
}

/// Finds the innermost SELECT around the place, and in it the alias of that name.
struct Find {
    place: Location,
    found: Option<Expr>,
}

fn holds(span: Span, place: Location) -> bool {
    span.start <= place && place <= span.end
}

impl Visitor for Find {
    type Break = ();

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        let mut named = Named {
            place: self.place,
            depth: 0,
            name: None,
        };
        let _ = select.visit(&mut named);
        let Some(name) = named.name else {
            return ControlFlow::Continue(());
        };
        self.found = select.projection.iter().find_map(|item| match item {
            SelectItem::ExprWithAlias { expr, alias } if is_name(alias, &name) => {
                let is_itself = holds(expr.span(), self.place);
                (!is_itself).then(|| Expr::Nested(Box::new(expr.clone())))
            }
            _ => None,
        });
        ControlFlow::Continue(())
    }
}

fn is_name(alias: &Ident, name: &Ident) -> bool {
    let normal = |ident: &Ident| match ident.quote_style {
        Some(_) => ident.value.clone(),
        None => ident.value.to_lowercase(),
    };
    normal(alias) == normal(name)
}

/// The name at a place, when it stands in this SELECT and in none inside it.
struct Named {
    place: Location,
    depth: usize,
    name: Option<Ident>,
}

impl Visitor for Named {
    type Break = ();

    fn pre_visit_select(&mut self, _: &Select) -> ControlFlow<()> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, _: &Select) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        match expr {
            Expr::Identifier(name) if self.depth == 1 && name.span.start == self.place => {
                self.name = Some(name.clone());
                ControlFlow::Break(())
            }
            _ => ControlFlow::Continue(()),
        }
    }
}

struct Put {
    place: Location,
    expression: Expr,
}

impl VisitorMut for Put {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        match expr {
            Expr::Identifier(name) if name.span.start == self.place => {
                *expr = self.expression.clone();
                ControlFlow::Break(())
            }
            _ => ControlFlow::Continue(()),
        }
    }
}
