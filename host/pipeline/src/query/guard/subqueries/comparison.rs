//! One comparison with the rows of a query, and which the planner can be helped with.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TransformedResult as _, TreeNode};
use datafusion::common::{DFSchema, Diagnostic, ExprSchema as _, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{InSubquery, SetComparison, SetQuantifier};
use datafusion::logical_expr::{BinaryExpr, Expr, LogicalPlan, Operator, Subquery};

/// One comparison: `left op ANY (query)`, or with ALL.
pub(super) struct Comparison {
    pub(super) left: Expr,
    pub(super) op: Operator,
    pub(super) quantifier: SetQuantifier,
    pub(super) subquery: Subquery,
}

impl Comparison {
    /// The comparison in an expression, and whether it is negated.
    pub(super) fn of(expr: &Expr) -> Option<(Self, bool)> {
        let (left, op, quantifier, subquery, negated) = match expr {
            Expr::InSubquery(InSubquery {
                expr,
                subquery,
                negated,
            }) => (expr, Operator::Eq, SetQuantifier::Any, subquery, *negated),
            Expr::SetComparison(SetComparison {
                expr,
                subquery,
                op,
                quantifier,
            }) => (expr, *op, *quantifier, subquery, false),
            _ => return None,
        };
        let comparison = Self {
            left: left.as_ref().clone(),
            op,
            quantifier,
            subquery: subquery.clone(),
        };
        Some((comparison, negated))
    }

    pub(super) fn is_correlated(&self) -> bool {
        !self.subquery.outer_ref_columns.is_empty()
    }

    /// Whether the planner cannot be helped: it takes LIMIT off where rows depend on the outer
    /// query, and knows one level of correlation.
    pub(super) fn is_out_of_reach(&self) -> bool {
        let outer = self
            .left
            .exists(|e| Ok(matches!(e, Expr::OuterReferenceColumn(..))));
        let limited = |plan: &LogicalPlan| Ok(matches!(plan, LogicalPlan::Limit(_)));
        outer.unwrap_or(true)
            || (self.is_correlated() && self.subquery.subquery.exists(limited).unwrap_or(true))
    }

    /// Once both are joined, a column of one name could be that of either query.
    pub(super) fn refuse_one_name(&self) -> Result<()> {
        let outer = self.left.column_refs();
        let clash = self.subquery.subquery.exists(|node| {
            let columns = node.schema().columns();
            Ok(columns
                .iter()
                .any(|c| c.relation.is_some() && outer.contains(c)))
        })?;
        if clash {
            let message = "a table is read by this query and, correlated, by the query around it";
            let hint = "give the inner table a name of its own: FROM … AS i";
            let diagnostic = Diagnostic::new_error(message, None).with_help(hint, None);
            return plan_err!("{message}"; diagnostic = diagnostic);
        }
        Ok(())
    }

    /// Whether the query has one row whatever it reads.
    pub(super) fn is_of_one_row(&self) -> bool {
        let mut plan = self.subquery.subquery.as_ref();
        loop {
            plan = match plan {
                LogicalPlan::Aggregate(aggregate) => return aggregate.group_expr.is_empty(),
                LogicalPlan::Projection(projection) => &projection.input,
                LogicalPlan::SubqueryAlias(alias) => &alias.input,
                _ => return false,
            };
        }
    }

    /// The comparison with the one row of the query.
    pub(super) fn with_one(self) -> Expr {
        let one = Expr::ScalarSubquery(self.subquery);
        Expr::BinaryExpr(BinaryExpr::new(Box::new(self.left), self.op, Box::new(one)))
    }
}

/// An expression of the outer query, as the inner one reads it.
pub(super) fn outer(expr: Expr, schema: &DFSchema) -> Result<Expr> {
    expr.transform_up(|expr| match expr {
        Expr::Column(column) => {
            let field = Arc::clone(schema.field_from_column(&column)?);
            Ok(Transformed::yes(Expr::OuterReferenceColumn(field, column)))
        }
        other => Ok(Transformed::no(other)),
    })
    .data()
}
