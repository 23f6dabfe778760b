//! SQL written out from a pattern: `($1 % $2)` with expressions in place of its numbers.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Ident, Query, Value, ValueWithSpan, VisitMut, visit_expressions_mut,
};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;
use datafusion::sql::sqlparser::tokenizer::Tokenizer;

/// A pattern that is no SQL is a fault of ours.
fn fault(pattern: &str) -> String {
    format!("the host cannot write `{pattern}`; please report it with the query")
}

/// A parser whose nodes have no places, so that no error points into the pattern.
fn parser(pattern: &str) -> Option<Parser<'static>> {
    let tokens = Tokenizer::new(&GenericDialect {}, pattern)
        .tokenize()
        .ok()?;
    Some(Parser::new(&GenericDialect {}).with_tokens(tokens))
}

fn fill(node: &mut impl VisitMut, arguments: &[Expr]) {
    let _ = visit_expressions_mut(node, |expr| {
        if let Expr::Value(ValueWithSpan {
            value: Value::Placeholder(name),
            ..
        }) = expr
            && let Some(number) = name.strip_prefix('$').and_then(|name| name.parse().ok())
            && let Some(argument) = usize::checked_sub(number, 1).and_then(|at| arguments.get(at))
        {
            *expr = argument.clone();
        }
        ControlFlow::<()>::Continue(())
    });
}

/// The expression of a pattern.
pub(super) fn expr(pattern: &str, arguments: &[Expr]) -> Result<Expr, String> {
    let parsed = parser(pattern).and_then(|mut parser| parser.parse_expr().ok());
    let mut parsed = parsed.ok_or_else(|| fault(pattern))?;
    fill(&mut parsed, arguments);
    Ok(parsed)
}

/// The query of a pattern.
pub(super) fn query(pattern: &str, arguments: &[Expr]) -> Result<Query, String> {
    let parsed = parser(pattern).and_then(|mut parser| parser.parse_query().ok());
    let mut parsed = *parsed.ok_or_else(|| fault(pattern))?;
    fill(&mut parsed, arguments);
    Ok(parsed)
}

/// A quoted name.
pub(super) fn name(text: &str) -> Ident {
    Ident::with_quote('"', text)
}
