//! The filters of a query that a source plugin understands: a column against literals.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};

use tsugi_sandbox::Predicate;

/// The filter in the words of the contract, if the contract has it.
pub(super) fn predicate(filter: &Expr) -> Option<Predicate> {
    let of = |column: &Expr, op: &str, literals: Vec<String>| match column {
        Expr::Column(column) => Some(Predicate {
            column: column.name.clone(),
            op: op.to_owned(),
            literals,
        }),
        _ => None,
    };
    match filter {
        Expr::IsNull(column) => of(column, "is-null", Vec::new()),
        Expr::IsNotNull(column) => of(column, "is-not-null", Vec::new()),
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => match (left.as_ref(), right.as_ref()) {
            (column, Expr::Literal(value, _)) => of(column, symbol(*op)?, vec![text(value)?]),
            (Expr::Literal(value, _), column) => {
                of(column, symbol(op.swap()?)?, vec![text(value)?])
            }
            _ => None,
        },
        Expr::InList(list) if !list.negated => {
            let literals = list.list.iter().map(|item| match item {
                Expr::Literal(value, _) => text(value),
                _ => None,
            });
            of(&list.expr, "in", literals.collect::<Option<_>>()?)
        }
        _ => None,
    }
}

fn symbol(op: Operator) -> Option<&'static str> {
    match op {
        Operator::Eq => Some("="),
        Operator::NotEq => Some("!="),
        Operator::Lt => Some("<"),
        Operator::LtEq => Some("<="),
        Operator::Gt => Some(">"),
        Operator::GtEq => Some(">="),
        _ => None,
    }
}

/// A literal as the contract writes it; `None` for a null, which no comparison holds for.
fn text(value: &ScalarValue) -> Option<String> {
    if value.is_null() {
        return None;
    }
    let text = value.cast_to(&DataType::Utf8).ok()?;
    text.try_as_str().flatten().map(str::to_owned)
}
