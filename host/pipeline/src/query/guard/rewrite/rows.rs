//! Row values beside each other: `(a, b) < (c, d)` and `(a, b) IN ((1, 2), (3, 4))`, written out
//! value by value, so that a null in one of them is unknown. The engine makes structs of them, in
//! which a null is a value that equals another null and sorts before all others.

use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, Spanned as _, UnaryOperator};

use super::super::refusal::{Refusal, Verdict};

/// Writes a comparison of row values out; other expressions stay.
pub(super) fn write_out(expression: &mut Expr) -> Verdict {
    let written = match &*expression {
        Expr::BinaryOp { left, op, right } if compares(op) && is_any([left, right]) => {
            of_two(left, op, right)?
        }
        Expr::IsDistinctFrom(left, right) if is_any([left, right]) => {
            each(left, right, or, distinct)?
        }
        Expr::IsNotDistinctFrom(left, right) if is_any([left, right]) => {
            each(left, right, and, |left, right| {
                Expr::IsNotDistinctFrom(Box::new(left), Box::new(right))
            })?
        }
        Expr::InList {
            expr,
            list,
            negated,
        } if parts(expr).is_some() => {
            let equal = |row: &Expr| of_two(expr, &BinaryOperator::Eq, row);
            let rows = list.iter().map(equal).collect::<Result<Vec<_>, _>>()?;
            match (balanced(rows), negated) {
                (None, _) => return Ok(()),
                (Some(any), false) => any,
                (Some(any), true) => not(any),
            }
        }
        Expr::Between {
            expr,
            negated,
            low,
            high,
        } if is_any([expr, low]) => {
            let from = of_two(expr, &BinaryOperator::GtEq, low)?;
            let to = of_two(expr, &BinaryOperator::LtEq, high)?;
            match negated {
                false => and(from, to),
                true => not(and(from, to)),
            }
        }
        Expr::IsNull(row) | Expr::IsNotNull(row) if parts(row).is_some() => {
            return refused(row, "IS NULL", "write a IS NULL AND b IS NULL");
        }
        Expr::Case {
            operand: Some(row), ..
        } if parts(row).is_some() => {
            return refused(row, "CASE", "write CASE WHEN a = 1 AND b = 2 THEN …");
        }
        Expr::AnyOp { left: row, .. } | Expr::AllOp { left: row, .. } if parts(row).is_some() => {
            return refused(row, "ANY and ALL", "write IN (SELECT …)");
        }
        _ => return Ok(()),
    };
    *expression = Expr::Nested(Box::new(written));
    Ok(())
}

fn refused(row: &Expr, by: &str, hint: &str) -> Verdict {
    let message = format!("a row value `{row}` is not read by {by}");
    Err(Refusal::at(message, row.span(), hint))
}

/// The values of a row value.
fn parts(expression: &Expr) -> Option<&[Expr]> {
    match expression {
        Expr::Tuple(parts) => Some(parts),
        Expr::Nested(inner) => parts(inner),
        _ => None,
    }
}

fn is_any(sides: [&Expr; 2]) -> bool {
    sides.into_iter().any(|side| parts(side).is_some())
}

fn compares(op: &BinaryOperator) -> bool {
    use BinaryOperator as O;
    matches!(op, O::Eq | O::NotEq | O::Lt | O::LtEq | O::Gt | O::GtEq)
}

/// The values of two row values, in pairs.
fn pairs(left: &Expr, right: &Expr) -> Result<Vec<(Expr, Expr)>, Refusal> {
    let place = || [left, right].into_iter().find(|side| parts(side).is_some());
    let span = place().map_or_else(|| left.span(), |row| row.span());
    match (parts(left), parts(right)) {
        (Some(left), Some(right)) if left.len() == right.len() && !left.is_empty() => {
            Ok(left.iter().cloned().zip(right.iter().cloned()).collect())
        }
        (Some(left), Some(right)) => {
            let message = format!(
                "a row of {} values is compared with a row of {}",
                left.len(),
                right.len()
            );
            Err(Refusal::at(
                message,
                span,
                "write as many values on both sides",
            ))
        }
        _ => {
            let message =
                format!("`{left}` is compared with `{right}`: one of them is a row value");
            Err(Refusal::at(
                message,
                span,
                "write (a, b) on both sides, or (a, b) IN (SELECT …)",
            ))
        }
    }
}

fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp {
        left: Box::new(left),
        op,
        right: Box::new(right),
    }
}

fn and(left: Expr, right: Expr) -> Expr {
    binary(left, BinaryOperator::And, right)
}

fn or(left: Expr, right: Expr) -> Expr {
    Expr::Nested(Box::new(binary(left, BinaryOperator::Or, right)))
}

fn not(condition: Expr) -> Expr {
    Expr::UnaryOp {
        op: UnaryOperator::Not,
        expr: Box::new(Expr::Nested(Box::new(condition))),
    }
}

fn distinct(left: Expr, right: Expr) -> Expr {
    Expr::IsDistinctFrom(Box::new(left), Box::new(right))
}

fn each(
    left: &Expr,
    right: &Expr,
    joined: fn(Expr, Expr) -> Expr,
    one: fn(Expr, Expr) -> Expr,
) -> Result<Expr, Refusal> {
    let compared = pairs(left, right)?.into_iter().map(|(a, b)| one(a, b));
    let none = || {
        Refusal::at(
            "a row has no values".to_owned(),
            left.span(),
            "write (a, b)",
        )
    };
    compared.reduce(joined).ok_or_else(none)
}

/// Two row values by an operator; the first values that differ decide which is less.
fn of_two(left: &Expr, op: &BinaryOperator, right: &Expr) -> Result<Expr, Refusal> {
    use BinaryOperator as O;
    let strict = match op {
        O::Lt | O::LtEq => O::Lt,
        O::Gt | O::GtEq => O::Gt,
        O::NotEq => return each(left, right, or, |a, b| binary(a, O::NotEq, b)),
        _ => return each(left, right, and, |a, b| binary(a, O::Eq, b)),
    };
    let mut pairs = pairs(left, right)?;
    let last = pairs.pop();
    let (a, b) = last.unwrap_or_else(|| (left.clone(), right.clone()));
    let mut decided = binary(a, op.clone(), b);
    for (a, b) in pairs.into_iter().rev() {
        let less = binary(a.clone(), strict.clone(), b.clone());
        decided = or(less, and(binary(a, O::Eq, b), decided));
    }
    Ok(decided)
}

/// Conditions of which one must hold, as a tree that is not deeper than their logarithm.
fn balanced(mut conditions: Vec<Expr>) -> Option<Expr> {
    if conditions.len() < 2 {
        return conditions.pop();
    }
    let rest = conditions.split_off(conditions.len() / 2);
    let (first, rest) = (balanced(conditions), balanced(rest));
    match (first, rest) {
        (Some(first), Some(rest)) => Some(or(first, rest)),
        (one, other) => one.or(other),
    }
}
