//! What SQL allows and an author seldom means: warnings of `check`, with what to write instead.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable as _, LogicalPlan, Operator};
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr as SqlExpr, LimitClause, Query, SetExpr, Spanned as _, Statement,
    TableFactor, Value as SqlValue, ValueWithSpan, Visit as _, Visitor, visit_expressions,
};
use datafusion::sql::sqlparser::tokenizer::{Location, Span};

use super::error::QueryError;
use super::parse::Parsed;
use super::semantics::shown;

/// The warnings about a query, from what is written and from the types that the planner found;
/// `plan` is the one before types are coerced.
pub(super) fn warnings(parsed: &Parsed, plan: &LogicalPlan) -> Vec<QueryError> {
    let mut found = Written::default();
    let _ = parsed.sql().visit(&mut found);
    let warning = |(message, span, hint): (String, Span, &str)| QueryError::Sql {
        message,
        place: Some(parsed.place(span)),
        hint: Some(hint.to_owned()),
    };
    let mut warnings: Vec<QueryError> = found.warnings.into_iter().map(warning).collect();
    let divisions = divisions(plan).unwrap_or_default();
    warnings.extend(divisions.into_iter().map(|(text, span)| {
        let span = span.or_else(|| first_division(parsed.sql()));
        let message = format!("`{text}` divides whole numbers and cuts the fraction off");
        let hint =
            "write CAST(a AS DOUBLE) / b, or CAST(a / b AS BIGINT) where a whole number is meant";
        warning((message, span.unwrap_or_else(Span::empty), hint))
    }));
    warnings
}

/// What can be seen without types.
#[derive(Default)]
struct Written {
    warnings: Vec<(String, Span, &'static str)>,
    /// Queries under EXISTS, which have no rows to keep, by address.
    exists: BTreeSet<usize>,
}

impl Visitor for Written {
    type Break = ();

    fn pre_visit_expr(&mut self, expression: &SqlExpr) -> ControlFlow<()> {
        match expression {
            SqlExpr::Exists { subquery, .. } => {
                self.exists
                    .insert(std::ptr::from_ref::<Query>(subquery).addr());
            }
            SqlExpr::BinaryOp { left, op, right } if compares(op) => {
                let null = is_null(left).or_else(|| is_null(right));
                let hint = match op {
                    BinaryOperator::NotEq => "write x IS NOT NULL",
                    _ => "write x IS NULL",
                };
                self.warnings.extend(null.map(|span| {
                    let message =
                        format!("`{expression}` is never true: NULL compares with nothing");
                    (message, span, hint)
                }));
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let is_exists = self.exists.contains(&std::ptr::from_ref(query).addr());
        if let Some(limit) = chance(query).filter(|_| !is_exists) {
            let message =
                "LIMIT without ORDER BY keeps rows by chance, others in the next run".to_owned();
            let hint = "write ORDER BY with a key before LIMIT";
            self.warnings.push((message, limit.span(), hint));
        }
        ControlFlow::Continue(())
    }
}

fn compares(op: &BinaryOperator) -> bool {
    use BinaryOperator as B;
    matches!(op, B::Eq | B::NotEq | B::Lt | B::LtEq | B::Gt | B::GtEq)
}

fn is_null(expression: &SqlExpr) -> Option<Span> {
    match expression {
        SqlExpr::Value(ValueWithSpan {
            value: SqlValue::Null,
            span,
        }) => Some(*span),
        SqlExpr::Nested(inner) => is_null(inner),
        _ => None,
    }
}

/// The limit of a query that reads a table in no order.
fn chance(query: &Query) -> Option<&SqlExpr> {
    let limit = match query.limit_clause.as_ref()? {
        LimitClause::LimitOffset { limit, .. } => limit.as_ref()?,
        LimitClause::OffsetCommaLimit { limit, .. } => limit,
    };
    let reads = match query.body.as_ref() {
        SetExpr::Select(select) => select
            .from
            .iter()
            .any(|tables| !tables.joins.is_empty() || !is_ordered(&tables.relation)),
        SetExpr::Values(_) => false,
        _ => true,
    };
    let is_none = limit.to_string() == "0";
    (query.order_by.is_none() && reads && !is_none).then_some(limit)
}

/// Whether a table in FROM has an order of its own: a query that sorts.
fn is_ordered(factor: &TableFactor) -> bool {
    match factor {
        TableFactor::Derived { subquery, .. } => subquery.order_by.is_some(),
        _ => false,
    }
}

/// Where something is divided first, for divisions of which the plan knows no place.
fn first_division(statement: &Statement) -> Option<Span> {
    let found = visit_expressions(statement, |expression: &SqlExpr| match expression {
        SqlExpr::BinaryOp {
            op: BinaryOperator::Divide,
            ..
        } => ControlFlow::Break(expression.span()),
        _ => ControlFlow::Continue(()),
    });
    match found {
        ControlFlow::Break(span) => Some(span),
        ControlFlow::Continue(()) => None,
    }
}

type Divisions = Vec<(String, Option<Span>)>;

/// Divisions of integers, each with the place of the first column in it.
fn divisions(plan: &LogicalPlan) -> Result<Divisions> {
    let mut found = Divisions::new();
    plan.apply_with_subqueries(|node| {
        let schema = merge_schema(&node.inputs());
        node.apply_expressions(|expression| {
            in_expression(expression, &schema, false, &mut found);
            Ok(TreeNodeRecursion::Continue)
        })
    })?;
    let mut seen = BTreeSet::new();
    found.retain(|(text, _)| seen.insert(text.clone()));
    Ok(found)
}

/// `is_meant`: what is around the expression asks for a whole number.
fn in_expression(expression: &Expr, schema: &DFSchema, is_meant: bool, found: &mut Divisions) {
    let is_integer = |side: &Expr| side.get_type(schema).is_ok_and(|kind| kind.is_integer());
    match expression {
        Expr::Cast(cast) => {
            let to_integer = cast.field.data_type().is_integer();
            return in_expression(&cast.expr, schema, to_integer, found);
        }
        Expr::ScalarFunction(call) if matches!(call.name(), "floor" | "trunc") => {
            let arguments = call.args.iter();
            return arguments.for_each(|one| in_expression(one, schema, true, found));
        }
        // `x / 30 * 30` is the begin of a step of 30.
        Expr::BinaryExpr(BinaryExpr {
            left,
            op: Operator::Multiply,
            right,
        }) => {
            in_expression(left, schema, is_divided_by(left, right), found);
            return in_expression(right, schema, is_divided_by(right, left), found);
        }
        Expr::BinaryExpr(BinaryExpr {
            left,
            op: Operator::Divide,
            right,
        }) if !is_meant && is_integer(left) && is_integer(right) => {
            found.push((shown(expression), place(expression)));
        }
        _ => {}
    }
    let _ = expression.apply_children(|child| {
        in_expression(child, schema, false, found);
        Ok(TreeNodeRecursion::Continue)
    });
}

fn is_divided_by(quotient: &Expr, divisor: &Expr) -> bool {
    matches!(quotient, Expr::BinaryExpr(BinaryExpr { op: Operator::Divide, right, .. })
        if right.as_ref() == divisor)
}

/// The place of the first column in an expression.
fn place(expression: &Expr) -> Option<Span> {
    let mut place = None;
    let _ = expression.apply(|one| {
        if let Expr::Column(column) = one
            && let Some(span) = column.spans.first()
        {
            let start = Location::new(span.start.line, span.start.column);
            place = Some(Span::new(
                start,
                Location::new(span.end.line, span.end.column),
            ));
            return Ok(TreeNodeRecursion::Stop);
        }
        Ok(TreeNodeRecursion::Continue)
    });
    place
}
