//! The unit of the timestamps of a plan. SQL's are microseconds, so that 9999-12-31 works, and the
//! nanoseconds that the engine takes for them become microseconds. A plan that reads nanoseconds,
//! from a table of another writer or a plugin, loses none of them: it is computed in the engine's
//! own units.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{Expr, ExprSchemable as _, LogicalPlan};
use tsugi_functions::is_plugin_call;

use super::types::micros;

/// What becomes of types in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Units {
    Micros,
    Kept,
}

impl Units {
    /// Those of a plan with its subqueries.
    pub(super) fn of(plan: &LogicalPlan) -> Result<Self> {
        let mut units = Self::Micros;
        plan.apply_with_subqueries(|node| {
            if brings_nanos(node)? {
                units = Self::Kept;
                return Ok(TreeNodeRecursion::Stop);
            }
            Ok(TreeNodeRecursion::Continue)
        })?;
        Ok(units)
    }

    /// The type in microseconds that takes the place of one; nothing where it stays.
    pub(super) fn instead_of(self, data_type: &DataType) -> Option<DataType> {
        match self {
            Self::Micros => micros(data_type),
            Self::Kept => None,
        }
    }
}

/// Whether a table or a plugin brings nanoseconds into a plan at a node.
fn brings_nanos(node: &LogicalPlan) -> Result<bool> {
    match node {
        LogicalPlan::TableScan(scan) => return Ok(has_nanos(&scan.projected_schema)),
        LogicalPlan::Extension(extension) => return Ok(has_nanos(extension.node.schema())),
        _ => {}
    }
    let mut brings = false;
    node.apply_expressions(|expression| {
        expression.apply(|one: &Expr| {
            if !is_plugin_call(one) {
                return Ok(TreeNodeRecursion::Continue);
            }
            // The types of a call that does not match are refused later.
            let returned = one.get_type(&merge_schema(&node.inputs())).ok();
            brings |= returned.is_some_and(|found| micros(&found).is_some());
            Ok(match brings {
                true => TreeNodeRecursion::Stop,
                false => TreeNodeRecursion::Continue,
            })
        })
    })?;
    Ok(brings)
}

fn has_nanos(schema: &DFSchema) -> bool {
    let mut fields = schema.fields().iter();
    fields.any(|field| micros(field.data_type()).is_some())
}
