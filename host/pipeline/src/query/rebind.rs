//! A plan over the tables of one moment, bound to the tables of another.

use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::tree_node::{Transformed, TreeNodeRecursion};
use datafusion::common::{Column, Result};
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, TableScan, cast};

/// The same plan, each table of a schema replaced by the one that `now` returns for
/// `schema.table`; one that `now` does not know stays. A column that has another type now, because
/// files do not store the planned one, is cast to the planned one.
pub(super) fn rebound(
    plan: &LogicalPlan,
    now: &dyn Fn(&str) -> Option<Arc<dyn TableProvider>>,
) -> Result<LogicalPlan> {
    let mut is_same = true;
    plan.apply_with_subqueries(|node| {
        let replaced = replaced(node, now);
        is_same &= replaced.is_none_or(|(scan, table)| scan.source.schema() == table.schema());
        Ok(TreeNodeRecursion::Continue)
    })?;
    let bound = plan.clone().transform_up_with_subqueries(|node| {
        if let Some((scan, table)) = replaced(&node, now) {
            return scan_of(scan, table).map(Transformed::yes);
        }
        // Whether a column may be null follows from the tables.
        match is_same {
            true => Ok(Transformed::no(node)),
            false => node.recompute_schema().map(Transformed::yes),
        }
    })?;
    Ok(bound.data)
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

/// The scan of a table that returns the columns of an earlier one. Plans that are not optimised
/// have neither projections nor filters in their scans.
fn scan_of(planned: &TableScan, table: Arc<dyn TableProvider>) -> Result<LogicalPlan> {
    let (before, after) = (planned.source.schema(), table.schema());
    let name = planned.table_name.clone();
    let projection = planned.projection.clone();
    let scan = LogicalPlanBuilder::scan(name.clone(), provider_as_source(table), projection)?;
    if same_types(&before, &after) {
        return scan.build();
    }
    let columns = planned.projected_schema.fields().iter().map(|field| {
        let column = Expr::Column(Column::new(Some(name.clone()), field.name()));
        cast(column, field.data_type().clone()).alias_qualified(Some(name.clone()), field.name())
    });
    scan.project(columns)?.build()
}

fn same_types(before: &SchemaRef, after: &SchemaRef) -> bool {
    let mut fields = before.fields().iter().zip(after.fields());
    before.fields().len() == after.fields().len()
        && fields.all(|(before, after)| {
            before.name() == after.name() && before.data_type().equals_datatype(after.data_type())
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use datafusion::arrow::array::{ArrayRef, Int32Array, Int64Array, RecordBatch};
    use datafusion::arrow::datatypes::{DataType, Field, Schema};
    use datafusion::arrow::util::pretty::pretty_format_batches;
    use datafusion::datasource::MemTable;
    use datafusion::datasource::empty::EmptyTable;
    use datafusion::prelude::SessionContext;

    use super::*;

    fn table(column: ArrayRef) -> Arc<dyn TableProvider> {
        let rows = RecordBatch::try_from_iter_with_nullable([("x", column, true)]).unwrap();
        Arc::new(MemTable::try_new(rows.schema(), vec![vec![rows]]).unwrap())
    }

    async fn answer(sql: &str, now: Arc<dyn TableProvider>) -> String {
        let context = SessionContext::new();
        let planned = Schema::new(vec![Field::new("x", DataType::Int64, false)]);
        context
            .register_table("public.t", Arc::new(EmptyTable::new(Arc::new(planned))))
            .unwrap();
        let plan = context.state().create_logical_plan(sql).await.unwrap();
        let plan = rebound(&plan, &|name| {
            (name == "public.t").then(|| Arc::clone(&now))
        })
        .unwrap();
        let frame = context.execute_logical_plan(plan).await.unwrap();
        let rows = frame.collect().await.unwrap();
        let shown = pretty_format_batches(&rows).unwrap().to_string();
        let lines = shown.lines().filter(|line| !line.starts_with('+')).skip(1);
        let lines = lines.map(|line| line.trim_matches(['|', ' ']).to_owned());
        lines.collect::<Vec<_>>().join(",")
    }

    #[tokio::test]
    async fn a_plan_reads_the_tables_of_its_execution() {
        let recursive = "WITH RECURSIVE t AS (SELECT min(x) AS x FROM public.t \
                         UNION ALL SELECT x + 1 FROM t WHERE x < 3) SELECT x FROM t ORDER BY x";
        for (sql, expected) in [
            ("SELECT x FROM public.t AS a ORDER BY x", "1,2"),
            ("SELECT sum(x) FROM public.t", "3"),
            ("SELECT (SELECT max(x) FROM public.t)", "2"),
            (
                "SELECT a.x FROM public.t AS a LEFT JOIN public.t AS b ON a.x = b.x + 1 \
                 WHERE b.x IS NULL",
                "1",
            ),
            (recursive, "1,2,3"),
        ] {
            let same: ArrayRef = Arc::new(Int64Array::from(vec![2, 1]));
            assert_eq!(answer(sql, table(same)).await, expected, "{sql}");
            let narrow: ArrayRef = Arc::new(Int32Array::from(vec![2, 1]));
            assert_eq!(answer(sql, table(narrow)).await, expected, "{sql}");
        }
    }
}
