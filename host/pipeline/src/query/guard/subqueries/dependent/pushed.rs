//! The rows of a subquery for every combination of a domain.

use datafusion::common::Column;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};

/// The rows of a plan for every combination, which stands in columns of its own.
pub(super) struct Pushed {
    pub(super) plan: LogicalPlan,
    /// Where each key of the domain is.
    pub(super) keys: Vec<Column>,
}

impl Pushed {
    /// Some values, and the keys under names that nothing else has.
    pub(super) fn with_keys_apart(
        self,
        mut values: Vec<Expr>,
        count: &mut usize,
    ) -> Result<(LogicalPlan, Vec<Column>)> {
        let mut names = Vec::new();
        for key in self.keys {
            *count += 1;
            let name = format!("__tsugi_key_{count}");
            values.push(Expr::Column(key).alias(&name));
            names.push(Column::from_name(name));
        }
        let plan = LogicalPlanBuilder::from(self.plan)
            .project(values)?
            .build()?;
        Ok((plan, names))
    }

    /// The same rows with the keys under names that nothing else has.
    pub(super) fn renamed(self, count: &mut usize) -> Result<Self> {
        let columns = self.plan.schema().columns().into_iter();
        let others = columns.filter(|column| !self.keys.contains(column));
        let others = others.map(Expr::Column).collect();
        let (plan, keys) = self.with_keys_apart(others, count)?;
        Ok(Self { plan, keys })
    }

    /// The keys as expressions.
    pub(super) fn key_exprs(&self) -> Vec<Expr> {
        self.keys.iter().cloned().map(Expr::Column).collect()
    }
}
