//! The expressions of a syntax tree, and the tree without one of them.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Select, SelectItem, Spanned as _, Statement, Value, ValueWithSpan, Visit as _, VisitMut,
    Visitor, VisitorMut,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::parse::Parsed;
use tsugi_core::diagnostic::Place;

/// An expression of a syntax tree.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Its number, counted before its children.
    pub(super) number: usize,
    /// The number behind its last child.
    pub(super) end: usize,
    pub(super) span: Span,
    is_condition: bool,
}

impl Node {
    pub(super) fn has(&self, place: &Place) -> bool {
        let at = (u64::from(place.line), u64::from(place.column));
        let (start, end) = (self.span.start, self.span.end);
        (start.line, start.column) <= at && at <= (end.line, end.column)
    }
}

#[derive(Default)]
struct Counter {
    nodes: Vec<Node>,
    open: Vec<usize>,
}

impl Visitor for Counter {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        let number = self.nodes.len();
        self.open.push(number);
        self.nodes.push(Node {
            number,
            end: number + 1,
            span: expr.span(),
            is_condition: is_condition(expr),
        });
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, _: &Expr) -> ControlFlow<()> {
        let end = self.nodes.len();
        if let Some(node) = self.open.pop().and_then(|open| self.nodes.get_mut(open)) {
            node.end = end;
        }
        ControlFlow::Continue(())
    }
}

/// Every expression, each before its children.
pub(super) fn nodes(statement: &Statement) -> Vec<Node> {
    let mut counter = Counter::default();
    let _ = statement.visit(&mut counter);
    let mut nodes = counter.nodes;
    // Some expressions have no span of their own; their children do.
    for index in (0..nodes.len()).rev() {
        let Some(node) = nodes.get(index) else {
            continue;
        };
        if node.span == Span::empty() {
            let within = nodes.get(index + 1..node.end).unwrap_or_default();
            let spans = within.iter().map(|child| child.span);
            let span = spans
                .filter(|span| *span != Span::empty())
                .reduce(|one, other| one.union(&other));
            if let (Some(span), Some(node)) = (span, nodes.get_mut(index)) {
                node.span = span;
            }
        }
    }
    nodes
}

/// Whether an expression is true or false: without it every row is kept, so that nothing that
/// reads the rows is optimized away.
fn is_condition(expr: &Expr) -> bool {
    use datafusion::sql::sqlparser::ast::BinaryOperator as Op;
    match expr {
        Expr::Nested(within) => is_condition(within),
        Expr::BinaryOp { op, .. } => matches!(
            op,
            Op::Gt
                | Op::Lt
                | Op::GtEq
                | Op::LtEq
                | Op::Spaceship
                | Op::Eq
                | Op::NotEq
                | Op::And
                | Op::Or
                | Op::Xor
                | Op::PGRegexMatch
                | Op::PGRegexIMatch
                | Op::PGRegexNotMatch
                | Op::PGRegexNotIMatch
        ),
        Expr::UnaryOp { op, .. } => {
            matches!(op, datafusion::sql::sqlparser::ast::UnaryOperator::Not)
        }
        Expr::IsFalse(_)
        | Expr::IsNotFalse(_)
        | Expr::IsTrue(_)
        | Expr::IsNotTrue(_)
        | Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::IsDistinctFrom(..)
        | Expr::IsNotDistinctFrom(..)
        | Expr::InList { .. }
        | Expr::InSubquery { .. }
        | Expr::InUnnest { .. }
        | Expr::Between { .. }
        | Expr::Like { .. }
        | Expr::ILike { .. }
        | Expr::SimilarTo { .. }
        | Expr::RLike { .. }
        | Expr::AnyOp { .. }
        | Expr::AllOp { .. }
        | Expr::Exists { .. } => true,
        _ => false,
    }
}

/// The same query in which every column that is selected has a name of its own, so that it keeps
/// it when its expression is removed.
pub(super) fn named(parsed: &Parsed) -> Parsed {
    let mut statement = parsed.sql().clone();
    let _ = VisitMut::visit(&mut statement, &mut Namer);
    parsed.with_sql(statement)
}

struct Namer;

impl VisitorMut for Namer {
    type Break = ();

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        for item in &mut select.projection {
            let SelectItem::UnnamedExpr(expr) = item else {
                continue;
            };
            let alias = match &*expr {
                Expr::Identifier(name) => Some(name.clone()),
                Expr::CompoundIdentifier(parts) => parts.last().cloned(),
                _ => None,
            };
            if let Some(alias) = alias {
                let expr = expr.clone();
                *item = SelectItem::ExprWithAlias { expr, alias };
            }
        }
        ControlFlow::Continue(())
    }
}

struct Remover {
    number: usize,
    next: usize,
    is_condition: bool,
}

impl VisitorMut for Remover {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if self.next < self.number {
            self.next += 1;
            return ControlFlow::Continue(());
        }
        let value = match self.is_condition {
            true => Value::Boolean(true),
            false => Value::Null,
        };
        let span = expr.span();
        *expr = Expr::Value(ValueWithSpan { value, span });
        ControlFlow::Break(())
    }
}

/// The same query with `true` or NULL in the place of an expression.
pub(super) fn without(parsed: &Parsed, node: &Node) -> Parsed {
    let mut statement = parsed.sql().clone();
    let mut remover = Remover {
        number: node.number,
        next: 0,
        is_condition: node.is_condition,
    };
    let _ = VisitMut::visit(&mut statement, &mut remover);
    parsed.with_sql(statement)
}
