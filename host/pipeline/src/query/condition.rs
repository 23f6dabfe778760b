//! Conditions on one row, as `only_if` of a delivery: what they may not hold.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{Expr, SelectItem, SetExpr, Statement, visit_expressions};

use super::changing::is_changing;
use super::parse::Parsed;
use super::session::Session;

impl Parsed {
    /// Why `SELECT (CONDITION) AS …` holds no condition on one row alone: more than one expression,
    /// other rows, the clock or chance.
    pub(crate) fn refuse_condition(&self, session: &Session) -> Option<String> {
        if !self.is_one_expression() {
            return Some("it is not one expression".to_owned());
        }
        let found = visit_expressions(self.sql(), |expression| match fault(expression, session) {
            Some(fault) => ControlFlow::Break(fault),
            None => ControlFlow::Continue(()),
        });
        found.break_value()
    }

    /// Whether the parentheses around the condition enclose the whole of it.
    fn is_one_expression(&self) -> bool {
        let Statement::Query(query) = self.sql() else {
            return false;
        };
        let SetExpr::Select(select) = query.body.as_ref() else {
            return false;
        };
        matches!(
            select.projection.as_slice(),
            [SelectItem::ExprWithAlias {
                expr: Expr::Nested(_),
                ..
            }]
        )
    }
}

fn fault(expression: &Expr, session: &Session) -> Option<String> {
    match expression {
        Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => {
            Some("it reads other tables: join them in a model".to_owned())
        }
        Expr::Function(function) => {
            let name = function.name.to_string().to_lowercase();
            if function.over.is_some() || session.is_aggregate(&name) {
                Some(format!(
                    "`{name}` reads other rows: compute it in a model, as a column"
                ))
            } else if is_changing(&name) {
                Some(format!(
                    "`{name}` changes while nothing else does: use $as_of"
                ))
            } else {
                None
            }
        }
        _ => None,
    }
}
