//! `doc -> 'key'` and `doc ->> 'key'` as calls. The parser lets every comparison, `||` and every
//! arithmetic bind more strongly, so that `doc ->> 'key' = 'x'` looks for the key `'key' = 'x'`.
//! Comparisons and `||` are taken out of the key as DuckDB reads them; the rest needs parentheses.

use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};

use super::template;

/// Whether the expression looks into JSON.
pub(super) fn is_json(expr: &Expr) -> bool {
    matches!(expr, Expr::BinaryOp { op, .. } if function(op).is_some())
}

fn function(op: &BinaryOperator) -> Option<&'static str> {
    match op {
        BinaryOperator::Arrow => Some("json_extract($1, $2)"),
        BinaryOperator::LongArrow => Some("json_extract_string($1, $2)"),
        _ => None,
    }
}

/// The expression in place of an operator that looks into JSON, whose sides are written out; none
/// for other expressions.
pub(super) fn written(expr: &Expr) -> Result<Option<Expr>, String> {
    match expr {
        Expr::BinaryOp { left, op, right } if function(op).is_some() => {
            extracted(left, op, right).map(Some)
        }
        _ => Ok(None),
    }
}

/// `document op key`, where either side may be more than the operator takes.
fn extracted(document: &Expr, op: &BinaryOperator, key: &Expr) -> Result<Expr, String> {
    if let Expr::BinaryOp {
        left,
        op: compared,
        right,
    } = document
        && compares(compared)
    {
        return Ok(Expr::BinaryOp {
            left: left.clone(),
            op: compared.clone(),
            right: Box::new(extracted(right, op, key)?),
        });
    }
    let is_index = matches!(
        key,
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            ..
        }
    );
    let mut rest = key.clone();
    match inside(&mut rest) {
        Some(first) => {
            *first = extracted(document, op, first)?;
            Ok(rest)
        }
        None if is_operation(document) || is_operation(key) && !is_index => Err(format!(
            "`{document} {op} {key}` may be read in two ways: write parentheses around what `{op}` \
             takes, as (doc {op} 'key')"
        )),
        None => {
            let pattern = function(op).unwrap_or_default();
            template::expr(pattern, &[document.clone(), key.clone()])
        }
    }
}

/// The first operand of what binds less strongly than looking into JSON.
fn inside(expr: &mut Expr) -> Option<&mut Expr> {
    match expr {
        Expr::BinaryOp { left, op, .. } if compares(op) || *op == BinaryOperator::StringConcat => {
            Some(left)
        }
        Expr::IsNull(first)
        | Expr::IsNotNull(first)
        | Expr::IsTrue(first)
        | Expr::IsNotTrue(first)
        | Expr::IsFalse(first)
        | Expr::IsNotFalse(first)
        | Expr::IsDistinctFrom(first, _)
        | Expr::IsNotDistinctFrom(first, _)
        | Expr::Like { expr: first, .. }
        | Expr::ILike { expr: first, .. }
        | Expr::SimilarTo { expr: first, .. }
        | Expr::InList { expr: first, .. }
        | Expr::InSubquery { expr: first, .. }
        | Expr::Between { expr: first, .. } => Some(first),
        _ => None,
    }
}

fn compares(op: &BinaryOperator) -> bool {
    use BinaryOperator as O;
    matches!(op, O::Eq | O::NotEq | O::Lt | O::LtEq | O::Gt | O::GtEq)
}

/// Whether an expression is an operation without parentheses around it.
fn is_operation(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::BinaryOp { .. }
            | Expr::UnaryOp { .. }
            | Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::IsTrue(_)
            | Expr::IsNotTrue(_)
            | Expr::IsFalse(_)
            | Expr::IsNotFalse(_)
            | Expr::IsDistinctFrom(..)
            | Expr::IsNotDistinctFrom(..)
            | Expr::Like { .. }
            | Expr::ILike { .. }
            | Expr::SimilarTo { .. }
            | Expr::InList { .. }
            | Expr::InSubquery { .. }
            | Expr::Between { .. }
    )
}
