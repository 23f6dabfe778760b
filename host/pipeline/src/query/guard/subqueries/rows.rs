//! `(a, b) IN (query)`, whose row values the dialect has made structs. The engine takes a null in a
//! struct for a value that equals another null; here the values are compared one by one.

use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::common::{Column, Diagnostic, ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::functions::core::expr_fn::get_field;
use datafusion::logical_expr::{Expr, LogicalPlan, Operator};

use super::comparison::Comparison;
use super::{Form, Writer, binary};

/// The values of a row value.
fn parts(comparison: &Comparison) -> Option<Vec<Expr>> {
    let Expr::ScalarFunction(call) = &comparison.left else {
        return None;
    };
    if call.name() != "named_struct" {
        return None;
    }
    let pairs = call.args.chunks(2).enumerate();
    let part = |(at, pair): (usize, &[Expr])| match pair {
        [Expr::Literal(ScalarValue::Utf8(Some(name)), _), value] if *name == field(at) => {
            Some(value.clone())
        }
        _ => None,
    };
    pairs.map(part).collect()
}

/// What the dialect calls a value of a row value.
fn field(at: usize) -> String {
    format!("c{}", at + 1)
}

pub(super) fn is_row(comparison: &Comparison) -> bool {
    parts(comparison).is_some()
}

/// What holds of `value`, the column of a query, where it equals what it is compared with.
pub(super) fn compared(
    comparison: &Comparison,
    value: &Column,
    outer: impl Fn(Expr) -> Result<Expr>,
) -> Result<Expr> {
    let value = || Expr::Column(value.clone());
    let Some(parts) = parts(comparison) else {
        let left = outer(comparison.left.clone())?;
        return Ok(binary(left, comparison.op, value()));
    };
    let mut all: Option<Expr> = None;
    for (at, part) in parts.into_iter().enumerate() {
        let one = binary(outer(part)?, comparison.op, get_field(value(), field(at)));
        all = Some(match all {
            None => one,
            Some(all) => binary(all, Operator::And, one),
        });
    }
    match all {
        Some(all) => Ok(all),
        None => plan_err!("a row value has no values"),
    }
}

/// Refuses a row value that cannot be compared value by value.
pub(super) fn refuse(comparison: &Comparison, form: Form) -> Result<()> {
    match is_row(comparison) && (form == Form::Count || comparison.is_out_of_reach()) {
        true => refused(),
        false => Ok(()),
    }
}

/// Refuses row values in a step that filters nothing.
pub(super) fn refuse_step(step: &LogicalPlan) -> Result<()> {
    let mut is_any = false;
    step.apply_expressions(|expression| {
        is_any |= expression.exists(|one| {
            Ok(Comparison::of(one).is_some_and(|(comparison, _)| is_row(&comparison)))
        })?;
        Ok(TreeNodeRecursion::Continue)
    })?;
    match is_any {
        true => refused(),
        false => Ok(()),
    }
}

fn refused<T>() -> Result<T> {
    let message = "`(a, b) IN (SELECT …)` is computed in WHERE only, and without LIMIT";
    let hint = "write it in WHERE, or join the rows of the subquery";
    let diagnostic = Diagnostic::new_error(message, None).with_help(hint, None);
    plan_err!("{message}"; diagnostic = diagnostic)
}

impl Writer<'_> {
    /// Where `(a, b) IN (query)`, or its negation, holds.
    pub(super) fn row(&mut self, comparison: &Comparison, negated: bool) -> Result<Expr> {
        refuse(comparison, self.form)?;
        let query = self.query(comparison)?;
        let test: Option<fn(Box<Expr>) -> Expr> = match negated {
            true => Some(Expr::IsNotFalse),
            // Bare equalities can be hashed.
            false => None,
        };
        let found = self.found(&query, comparison, test)?;
        Ok(match negated {
            true => Expr::Not(Box::new(found)),
            false => found,
        })
    }
}
