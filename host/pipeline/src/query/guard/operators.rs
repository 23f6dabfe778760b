//! Operators that mean something else to the planner, or nothing.

use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, Spanned as _, UnaryOperator};

use super::refusal::{Refusal, Verdict};

/// One operation, without the expressions in it.
pub(super) fn operation(expression: &Expr) -> Verdict {
    match expression {
        // XOR to the planner, and the power in the engines that an analyst comes from.
        Expr::BinaryOp {
            left,
            op: BinaryOperator::BitwiseXor,
            right,
        } => {
            let message = "`^` is the power in DuckDB and PostgreSQL, and XOR in others".to_owned();
            let hint = format!("write power({left}, {right})");
            Err(Refusal::new(message, "^", left.span(), &hint))
        }
        // A search to the planner, and a match of the whole text in the standard.
        Expr::SimilarTo { expr, pattern, .. } => {
            let message = "`SIMILAR TO` is not supported".to_owned();
            let pattern = match pattern.as_ref() {
                Expr::Value(pattern) => pattern.to_string().replace('%', ".*").replace('_', "."),
                _ => "'a.*'".to_owned(),
            };
            let hint = format!("write regexp_full_match({expr}, {pattern})");
            Err(Refusal::new(message, "SIMILAR TO", expr.span(), &hint))
        }
        Expr::BinaryOp {
            left,
            op: BinaryOperator::DuckIntegerDivide,
            right,
        } => {
            let message = "the operator `//` is not supported".to_owned();
            let hint = format!("write {left} / {right}: of whole numbers it is a whole number");
            Err(Refusal::new(message, "//", left.span(), &hint))
        }
        Expr::UnaryOp { op, expr } => {
            let call = match op {
                UnaryOperator::Not | UnaryOperator::Plus | UnaryOperator::Minus => return Ok(()),
                UnaryOperator::PGAbs => format!("abs({expr})"),
                UnaryOperator::PGSquareRoot => format!("sqrt({expr})"),
                UnaryOperator::PGCubeRoot => format!("cbrt({expr})"),
                UnaryOperator::PGPrefixFactorial | UnaryOperator::PGPostfixFactorial => {
                    format!("factorial({expr})")
                }
                UnaryOperator::BangNot => format!("NOT {expr}"),
                UnaryOperator::BitwiseNot => format!("-1 - {expr}"),
                _ => "a function".to_owned(),
            };
            let message = format!("the operator `{op}` is not supported");
            Err(Refusal::at(message, expr.span(), &format!("write {call}")))
        }
        _ => Ok(()),
    }
}
