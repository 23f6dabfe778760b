//! Plans a list of each row beside the tables that it is of, as [`super::rewrite`] has marked it.

use datafusion::common::{Column, Result, ScalarValue, UnnestOptions, plan_err};
use datafusion::functions_nested::expr_fn::cardinality;
use datafusion::logical_expr::planner::RelationPlannerContext;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit, when};
use datafusion::sql::sqlparser::ast::{Join, JoinOperator, TableFactor, TableWithJoins};

/// The elements while they have no name.
const ELEMENT: &str = "__element";

/// The rows of the tables, each as often as its list has elements.
pub(super) fn beside(
    tables: TableWithJoins,
    context: &mut dyn RelationPlannerContext,
) -> Result<LogicalPlan> {
    let TableWithJoins {
        relation,
        mut joins,
    } = tables;
    let Some(Join {
        relation: TableFactor::UNNEST {
            alias, array_exprs, ..
        },
        join_operator,
        ..
    }) = joins.pop()
    else {
        return plan_err!("unnest stands behind the tables that it is of");
    };
    let before = match joins.is_empty() {
        true => relation,
        false => TableFactor::NestedJoin {
            table_with_joins: Box::new(TableWithJoins { relation, joins }),
            alias: None,
        },
    };
    let plan = context.plan(before)?;
    let Some(list) = array_exprs.into_iter().next() else {
        return plan_err!("unnest takes a list");
    };
    let list = context.sql_to_expr(list, plan.schema())?;
    // Rows without an element stay in a LEFT JOIN.
    let keeps = matches!(
        join_operator,
        JoinOperator::Left(_) | JoinOperator::LeftOuter(_)
    );
    let list = match keeps {
        true => when(
            cardinality(list.clone()).eq(lit(0_u64)),
            lit(ScalarValue::Null),
        )
        .otherwise(list)?,
        false => list,
    };
    let table = alias.as_ref().map_or("unnest".to_owned(), |alias| {
        context.normalize_ident(alias.name.clone())
    });
    let column = alias.and_then(|alias| alias.columns.into_iter().next());
    let column = column.map_or("unnest".to_owned(), |column| {
        context.normalize_ident(column.name)
    });
    let columns = plan.schema().columns();
    let own = || columns.iter().cloned().map(Expr::Column);
    let element = Column::new_unqualified(ELEMENT);
    let options = UnnestOptions::new().with_preserve_nulls(keeps);
    LogicalPlanBuilder::from(plan)
        .project(own().chain([list.alias(ELEMENT)]))?
        .unnest_columns_with_options(vec![element.clone()], options)?
        .project(own().chain([Expr::Column(element).alias_qualified(Some(table), column)]))?
        .build()
}
