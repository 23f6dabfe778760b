//! A subquery for every combination of a domain, instead of for one row.

mod several;

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TransformedResult as _, TreeNode as _};
use datafusion::common::{Column, ScalarValue};
use datafusion::error::Result;
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::expr::Case;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{
    Aggregate, Distinct, Expr, ExprFunctionExt as _, ExprSchemable as _, FetchType, Filter,
    JoinType, Limit, LogicalPlan, LogicalPlanBuilder, Operator, Projection, SkipType, Sort,
    SortExpr, SubqueryAlias, lit,
};

use super::super::binary;
use super::domain::{Domain, joined};
use super::pushed::Pushed;
use super::shape::is_plain;

/// Aggregates that are null over no rows.
const NULL_OVER_NOTHING: [&str; 20] = [
    "arg_max",
    "arg_min",
    "array_agg",
    "avg",
    "bool_and",
    "bool_or",
    "first_value",
    "last_value",
    "max",
    "median",
    "min",
    "mode",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "string_agg",
    "sum",
    "var_pop",
    "var_samp",
    "var",
];
/// Aggregates that are zero over no rows.
const ZERO_OVER_NOTHING: [&str; 2] = ["count", "approx_distinct"];

/// A plan for every combination of a domain; none where there is no such plan.
pub(super) fn push(
    plan: &LogicalPlan,
    domain: &Domain,
    count: &mut usize,
) -> Result<Option<Pushed>> {
    if !domain.is_read_by(plan)? {
        return domain.beside(plan).map(Some);
    }
    match plan {
        LogicalPlan::Limit(limit) => limited(limit, domain, count),
        LogicalPlan::Aggregate(aggregate) => grouped(aggregate, domain, count),
        LogicalPlan::Join(join) => several::both(join, domain, count),
        LogicalPlan::Union(union) => several::united(union, domain, count),
        _ => {
            let inputs = plan.inputs();
            let [input] = inputs.as_slice() else {
                return Ok(None);
            };
            match push(input, domain, count)? {
                Some(below) => above(plan, below, domain),
                None => Ok(None),
            }
        }
    }
}

/// A node that treats each row or combination by itself, above its input for every combination; none
/// for other nodes.
fn above(plan: &LogicalPlan, below: Pushed, domain: &Domain) -> Result<Option<Pushed>> {
    let Pushed { plan: input, keys } = below;
    let plan = match plan {
        LogicalPlan::Projection(projection) => {
            let mut selected = named(&projection.expr, domain, &keys)?;
            selected.extend(keys.iter().cloned().map(Expr::Column));
            LogicalPlan::Projection(Projection::try_new(selected, Arc::new(input))?)
        }
        LogicalPlan::Filter(filter) => {
            let condition = domain.replaced(filter.predicate.clone(), &keys)?;
            LogicalPlan::Filter(Filter::try_new(condition, Arc::new(input))?)
        }
        LogicalPlan::SubqueryAlias(alias) => {
            let of_alias = |key: Column| Column::new(Some(alias.alias.clone()), key.name);
            let plan = SubqueryAlias::try_new(Arc::new(input), alias.alias.clone())?;
            return Ok(Some(Pushed {
                plan: LogicalPlan::SubqueryAlias(plan),
                keys: keys.into_iter().map(of_alias).collect(),
            }));
        }
        LogicalPlan::Distinct(Distinct::All(_)) => {
            LogicalPlan::Distinct(Distinct::All(Arc::new(input)))
        }
        LogicalPlan::Sort(sort) if sort.fetch.is_none() => LogicalPlan::Sort(Sort {
            expr: sorted(&sort.expr, domain, &keys)?,
            input: Arc::new(input),
            fetch: None,
        }),
        LogicalPlan::Unnest(unnest) => {
            let (lists, options) = (unnest.exec_columns.clone(), unnest.options.clone());
            let plan = LogicalPlanBuilder::from(input);
            plan.unnest_columns_with_options(lists, options)?.build()?
        }
        LogicalPlan::Window(window) => {
            let windows = windows(&window.window_expr, domain, &keys)?;
            LogicalPlanBuilder::from(input).window(windows)?.build()?
        }
        _ => return Ok(None),
    };
    Ok(Some(Pushed { plan, keys }))
}

/// Expressions over the keys, under the names that they had.
fn named(expressions: &[Expr], domain: &Domain, keys: &[Column]) -> Result<Vec<Expr>> {
    let one = |expression: &Expr| {
        let (table, name) = expression.qualified_name();
        let now = domain.replaced(expression.clone(), keys)?;
        Ok(
            match now.qualified_name() == (table.clone(), name.clone()) {
                true => now,
                false => now.unalias().alias_qualified(table, name),
            },
        )
    };
    expressions.iter().map(one).collect()
}

fn sorted(order: &[SortExpr], domain: &Domain, keys: &[Column]) -> Result<Vec<SortExpr>> {
    let one = |by: &SortExpr| {
        let expr = domain.replaced(by.expr.clone(), keys)?;
        Ok(SortExpr::new(expr, by.asc, by.nulls_first))
    };
    order.iter().map(one).collect()
}

/// Window functions that begin anew with each combination.
fn windows(expressions: &[Expr], domain: &Domain, keys: &[Column]) -> Result<Vec<Expr>> {
    let one = |expression: &Expr| {
        let name = expression.schema_name().to_string();
        let apart = domain
            .replaced(expression.clone(), keys)?
            .transform_up(|part| {
                Ok(match part {
                    Expr::WindowFunction(mut call) => {
                        let keys = keys.iter().cloned().map(Expr::Column);
                        call.params.partition_by.extend(keys);
                        Transformed::yes(Expr::WindowFunction(call))
                    }
                    other => Transformed::no(other),
                })
            });
        Ok(apart.data()?.unalias().alias(name))
    };
    expressions.iter().map(one).collect()
}

/// The first rows of each combination, by their numbers.
fn limited(limit: &Limit, domain: &Domain, count: &mut usize) -> Result<Option<Pushed>> {
    let (SkipType::Literal(skip), FetchType::Literal(fetch)) =
        (limit.get_skip_type()?, limit.get_fetch_type()?)
    else {
        return Ok(None);
    };
    if let LogicalPlan::Projection(projection) = limit.input.as_ref() {
        // The order stands below what is selected.
        let input = Arc::clone(&projection.input);
        let below = LogicalPlan::Limit(Limit {
            input,
            ..limit.clone()
        });
        let above = Projection::try_new(projection.expr.clone(), Arc::new(below))?;
        return push(&LogicalPlan::Projection(above), domain, count);
    }
    let (order, rows) = match limit.input.as_ref() {
        LogicalPlan::Sort(sort) if sort.fetch.is_none() => (sort.expr.as_slice(), &sort.input),
        _ => (&[][..], &limit.input),
    };
    let Some(rows) = push(rows, domain, count)? else {
        return Ok(None);
    };
    *count += 1;
    let name = format!("__tsugi_number_{count}");
    let numbered = row_number().partition_by(rows.key_exprs());
    let order = sorted(order, domain, &rows.keys)?;
    let number = match order.is_empty() {
        true => numbered.build()?,
        false => numbered.order_by(order).build()?,
    };
    let columns = rows.plan.schema().columns();
    let number_is = |op, than: usize| {
        let than = lit(u64::try_from(than).unwrap_or(u64::MAX));
        binary(Expr::Column(Column::from_name(&name)), op, than)
    };
    let mut conditions = vec![number_is(Operator::Gt, skip)];
    conditions.extend(fetch.map(|rows| number_is(Operator::LtEq, skip.saturating_add(rows))));
    let plan = LogicalPlanBuilder::from(rows.plan)
        .window([number.alias(&name)])?
        .filter(conjunction(conditions).unwrap_or_else(|| lit(true)))?
        .project(columns.into_iter().map(Expr::Column))?
        .build()?;
    Ok(Some(Pushed {
        plan,
        keys: rows.keys,
    }))
}

/// What an aggregate is over no rows; none where that is not known.
fn over_nothing(aggregate: &Expr, input: &LogicalPlan) -> Result<Option<ScalarValue>> {
    let call = match aggregate {
        Expr::Alias(alias) => alias.expr.as_ref(),
        other => other,
    };
    let Expr::AggregateFunction(function) = call else {
        return Ok(None);
    };
    let name = function.func.name();
    let data_type = call.get_type(input.schema())?;
    if ZERO_OVER_NOTHING.contains(&name) {
        return ScalarValue::new_zero(&data_type).map(Some);
    }
    Ok(match NULL_OVER_NOTHING.contains(&name) {
        true => Some(ScalarValue::try_from(&data_type)?),
        false => None,
    })
}

/// Groups by the combination, too. Without GROUP BY a combination without rows has a row as well.
fn grouped(aggregate: &Aggregate, domain: &Domain, count: &mut usize) -> Result<Option<Pushed>> {
    if !is_plain(aggregate) {
        return Ok(None);
    }
    let Some(rows) = push(&aggregate.input, domain, count)? else {
        return Ok(None);
    };
    let mut groups = named(&aggregate.group_expr, domain, &rows.keys)?;
    let aggregates = named(&aggregate.aggr_expr, domain, &rows.keys)?;
    let mut empty = Vec::new();
    for one in &aggregates {
        empty.push(over_nothing(one, &rows.plan)?);
    }
    groups.extend(rows.key_exprs());
    let plan = LogicalPlanBuilder::from(rows.plan).aggregate(groups, aggregates)?;
    let found = Pushed {
        plan: plan.build()?,
        keys: rows.keys,
    };
    if !aggregate.group_expr.is_empty() {
        return Ok(Some(found));
    }
    let Some(empty) = empty.into_iter().collect::<Option<Vec<ScalarValue>>>() else {
        return Ok(None);
    };
    *count += 1;
    let mark = format!("__tsugi_found_{count}");
    let values = aggregate.schema.columns();
    let mut selected: Vec<Expr> = values.iter().cloned().map(Expr::Column).collect();
    selected.push(lit(true).alias(&mark));
    let (found, keys) = found.with_keys_apart(selected, count)?;
    let same = domain.same(&domain.columns(), &keys);
    let every = joined(domain.rows.clone(), found, JoinType::Left, same)?;
    let is_none = || Expr::IsNull(Box::new(Expr::Column(Column::from_name(&mark))));
    let value = |(value, empty): (Column, ScalarValue)| {
        let column = Expr::Column(value.clone());
        match empty.is_null() {
            true => column,
            false => {
                let when = vec![(Box::new(is_none()), Box::new(Expr::Literal(empty, None)))];
                let case = Expr::Case(Case::new(None, when, Some(Box::new(column))));
                case.alias_qualified(value.relation, value.name)
            }
        }
    };
    let mut selected: Vec<Expr> = values.into_iter().zip(empty).map(value).collect();
    selected.extend(domain.columns().into_iter().map(Expr::Column));
    let plan = LogicalPlanBuilder::from(every).project(selected)?.build()?;
    Ok(Some(Pushed {
        plan,
        keys: domain.columns(),
    }))
}
