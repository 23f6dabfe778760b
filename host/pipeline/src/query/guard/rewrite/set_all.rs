//! EXCEPT ALL and INTERSECT ALL as tables in FROM, where [`super::super::relations`] plans them.
//!
//! The planner joins both sides without counting: apache/datafusion#12955, #12956.

use datafusion::sql::sqlparser::ast::{SetExpr, SetOperator, SetQuantifier};

use super::{alone, bare, derived, star};

/// Whether a set operation counts how often a row is on each side.
pub(in super::super) fn counts(op: SetOperator, quantifier: SetQuantifier) -> bool {
    let counts = matches!(
        op,
        SetOperator::Except | SetOperator::Intersect | SetOperator::Minus
    );
    counts && quantifier == SetQuantifier::All
}

/// Rewrites a tree of set operations.
pub(super) fn rewrite(body: &mut SetExpr) {
    let SetExpr::SetOperation {
        op,
        set_quantifier,
        left,
        right,
    } = body
    else {
        return;
    };
    rewrite(left);
    rewrite(right);
    if *op == SetOperator::Minus {
        *op = SetOperator::Except;
    }
    if counts(*op, *set_quantifier) {
        let select = star(Vec::new());
        let operation = std::mem::replace(body, SetExpr::Select(Box::new(select)));
        let from = vec![alone(derived(bare(operation)))];
        *body = SetExpr::Select(Box::new(star(from)));
    }
}
