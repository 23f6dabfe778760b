//! A plan over the tables of one moment, bound to the tables of another.

use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNodeRecursion};
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{LogicalPlan, TableScan, TableScanBuilder};

/// The same plan, each table of a schema replaced by the one that `now` returns for
/// `schema.table`; one that `now` does not know stays. `None` when a table has columns of other
/// names or types than those that the query was planned for.
pub(super) fn rebound(
    plan: &LogicalPlan,
    now: &dyn Fn(&str) -> Option<Arc<dyn TableProvider>>,
) -> Result<Option<LogicalPlan>> {
    let (mut fits, mut is_same) = (true, true);
    plan.apply_with_subqueries(|node| {
        if let Some((scan, table)) = replaced(node, now) {
            let (planned, found) = (scan.source.schema(), table.schema());
            fits &= same_types(&planned, &found);
            is_same &= planned == found;
        }
        Ok(match fits {
            true => TreeNodeRecursion::Continue,
            false => TreeNodeRecursion::Stop,
        })
    })?;
    if !fits {
        return Ok(None);
    }
    let bound = plan.clone().transform_up_with_subqueries(|node| {
        let table = replaced(&node, now).map(|(_, table)| table);
        match (node, table) {
            (LogicalPlan::TableScan(scan), Some(table)) => {
                let source = provider_as_source(table);
                let scan = TableScanBuilder::new(scan.table_name, source)
                    .with_projection(scan.projection)
                    .with_filters(scan.filters)
                    .with_fetch(scan.fetch)
                    .build()?;
                Ok(Transformed::yes(LogicalPlan::TableScan(scan)))
            }
            // Whether a column may be null follows from the tables.
            (node, _) if !is_same => Ok(Transformed::yes(node.recompute_schema()?)),
            (node, _) => Ok(Transformed::no(node)),
        }
    })?;
    Ok(Some(bound.data))
}

/// A scan of a named table, and the table that is known by this name now. The working tables of
/// recursive queries and files have no schema in their names.
fn replaced<'p>(
    node: &'p LogicalPlan,
    now: &dyn Fn(&str) -> Option<Arc<dyn TableProvider>>,
) -> Option<(&'p TableScan, Arc<dyn TableProvider>)> {
    let LogicalPlan::TableScan(scan) = node else {
        return None;
    };
    let name = &scan.table_name;
    let table = now(&format!("{}.{}", name.schema()?, name.table()))?;
    Some((scan, table))
}

fn same_types(planned: &SchemaRef, found: &SchemaRef) -> bool {
    let fields = planned.fields().iter().zip(found.fields());
    planned.fields().len() == found.fields().len()
        && fields.into_iter().all(|(planned, found)| {
            planned.name() == found.name() && planned.data_type().equals_datatype(found.data_type())
        })
}
