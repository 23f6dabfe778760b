//! Subqueries about a row of the query around them that the planner has no plan for: they compare
//! otherwise than by equality, compute with the row, sort and limit for it, or stand where only a
//! join can reach. Each is computed once for every combination of the values that it reads, and
//! joined (T. Neumann, A. Kemper: Unnesting Arbitrary Queries, BTW 2015). What this cannot do stays
//! as it is, and the planner refuses it.

mod domain;
mod lateral;
mod one_row;
mod push;
mod pushed;
mod shape;

use datafusion::common::Column;
use datafusion::common::tree_node::{
    Transformed, TransformedResult as _, TreeNode as _, TreeNodeRecursion,
};
use datafusion::error::Result;
use datafusion::logical_expr::expr::Exists;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Expr, Filter, JoinType, LogicalPlan, LogicalPlanBuilder, lit};

use domain::{Domain, joined};
use push::push;
use shape::{Kind, gives_one_row, is_simple};

/// Plans what the planner cannot; `count` numbers the columns that are made.
pub(super) fn planned(plan: LogicalPlan, count: &mut usize) -> Result<LogicalPlan> {
    plan.transform_up_with_subqueries(|node| match node {
        LogicalPlan::Join(join) => {
            let is_inner = join.join_type == JoinType::Inner;
            let has_subquery = join
                .filter
                .as_ref()
                .is_some_and(shape::has_dependent_subquery);
            if !(is_inner && has_subquery) {
                return lateral::of_join(join, count);
            }
            // What an inner join requires may as well be required of its rows.
            let mut join = join;
            let Some(filter) = join.filter.take() else {
                return Ok(Transformed::no(LogicalPlan::Join(join)));
            };
            let rows = lateral::of_join(join, count)?.data;
            let filter = LogicalPlan::Filter(Filter::try_new(filter, rows.into())?);
            of_expressions(filter, count).map(|node| Transformed::yes(node.data))
        }
        LogicalPlan::Filter(_)
        | LogicalPlan::Projection(_)
        | LogicalPlan::Sort(_)
        | LogicalPlan::Aggregate(_)
        | LogicalPlan::Window(_) => of_expressions(node, count),
        other => Ok(Transformed::no(other)),
    })
    .data()
}

/// A node whose subqueries are columns of its input.
fn of_expressions(node: LogicalPlan, count: &mut usize) -> Result<Transformed<LogicalPlan>> {
    let inputs = node.inputs();
    let [input] = inputs.as_slice() else {
        return Ok(Transformed::no(node));
    };
    let mut input = (*input).clone();
    // The planner joins subqueries for filters and for what is selected.
    let is_forced = !matches!(node, LogicalPlan::Filter(_) | LogicalPlan::Projection(_));
    let columns = node.schema().columns();
    let names = NamePreserver::new(&node);
    let mut expressions = Vec::new();
    let mut is_changed = false;
    for expression in node.expressions() {
        let name = names.save(&expression);
        let attached = expression.transform_down(|one| {
            Ok(match attached(&mut input, &one, is_forced, count)? {
                Some(column) => Transformed::new(column, true, TreeNodeRecursion::Jump),
                None => Transformed::no(one),
            })
        })?;
        is_changed |= attached.transformed;
        expressions.push(name.restore(attached.data));
    }
    if !is_changed {
        return Ok(Transformed::no(node));
    }
    let node = node.with_new_exprs(expressions, vec![input])?;
    let node = match node.schema().columns() == columns {
        true => node,
        false => LogicalPlanBuilder::from(node)
            .project(columns.into_iter().map(Expr::Column))?
            .build()?,
    };
    Ok(Transformed::yes(node))
}

/// The column of the input that has the value of a subquery, once it is joined to the input.
fn attached(
    input: &mut LogicalPlan,
    expression: &Expr,
    is_forced: bool,
    count: &mut usize,
) -> Result<Option<Expr>> {
    let (subquery, kind) = match expression {
        Expr::ScalarSubquery(subquery) => (subquery, Kind::Value),
        Expr::Exists(Exists { subquery, .. }) => (subquery, Kind::Rows),
        _ => return Ok(None),
    };
    let plan = subquery.subquery.as_ref();
    let keys = shape::keys(plan, input.schema())?;
    let is_one = kind != Kind::Value || gives_one_row(plan);
    if keys.is_empty() || !is_forced && is_one && is_simple(plan, kind, &keys)? {
        return Ok(None);
    }
    let Some(domain) = Domain::of_values(input, &keys, count)? else {
        return Ok(None);
    };
    let Some(rows) = push(plan, &domain, count)? else {
        return Ok(None);
    };
    *count += 1;
    let name = format!("__tsugi_of_row_{count}");
    let value = match kind {
        Kind::Value => match plan.schema().columns().into_iter().next() {
            Some(value) => Expr::Column(value),
            None => return Ok(None),
        },
        Kind::Rows | Kind::Lateral => lit(true),
    };
    let (rows, of) = rows.with_keys_apart(vec![value.alias(&name)], count)?;
    let rows = match kind {
        Kind::Rows => LogicalPlanBuilder::from(rows).distinct()?.build()?,
        Kind::Value if !is_one => one_row::of_each(rows, &name, &of)?,
        Kind::Value | Kind::Lateral => rows,
    };
    let condition = domain.same(&keys, &of);
    *input = joined(input.clone(), rows, JoinType::Left, condition)?;
    let column = Expr::Column(Column::from_name(name));
    Ok(Some(match expression {
        Expr::Exists(Exists { negated: true, .. }) => Expr::IsNull(Box::new(column)),
        Expr::Exists(_) => Expr::IsNotNull(Box::new(column)),
        _ => column,
    }))
}
