//! Operators by what they do, where the engine has no such list.

use datafusion::logical_expr::Operator;

/// Whether an operator compares two values of one type.
pub(super) fn compares_values(operator: Operator) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::Eq
            | O::NotEq
            | O::Lt
            | O::LtEq
            | O::Gt
            | O::GtEq
            | O::IsDistinctFrom
            | O::IsNotDistinctFrom
    )
}
