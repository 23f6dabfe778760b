//! Tables in FROM that the guard plans itself: joins with merged keys, set operations that count.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::common::{Column, DFSchema, JoinType, NullEquality, TableReference, plan_err};
use datafusion::error::Result;
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::planner::{
    PlannedRelation, RelationPlanner, RelationPlannerContext, RelationPlanning,
};
use datafusion::logical_expr::type_coercion::binary::type_union_coercion;
use datafusion::logical_expr::{Expr, ExprFunctionExt, LogicalPlan, LogicalPlanBuilder, cast};
use datafusion::sql::sqlparser::ast::{
    Join, JoinConstraint, JoinOperator, Query, SetExpr, SetOperator, TableAlias, TableFactor,
    TableWithJoins,
};

use super::lists;
use super::rewrite::{LISTS, MARK, counts};

/// Plans what [`super::rewrite`] has marked.
#[derive(Debug)]
pub(in crate::query) struct Relations;

impl RelationPlanner for Relations {
    fn plan_relation(
        &self,
        relation: TableFactor,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<RelationPlanning> {
        match relation {
            TableFactor::NestedJoin {
                table_with_joins,
                alias: Some(alias),
            } if alias.name.value.starts_with(MARK) => {
                let mut merging = Merging::new(&alias, context);
                let plan = merging.tables(*table_with_joins)?;
                planned(plan, None)
            }
            TableFactor::NestedJoin {
                table_with_joins,
                alias: Some(alias),
            } if alias.name.value == LISTS => {
                planned(lists::beside(*table_with_joins, context)?, None)
            }
            TableFactor::Derived {
                lateral: false,
                subquery,
                alias,
                sample: None,
            } => match counting(*subquery) {
                Ok((op, left, right)) => {
                    let left = context.plan(derived(left))?;
                    let right = context.plan(derived(right))?;
                    planned(counted(op, left, right)?, alias)
                }
                Err(subquery) => Ok(RelationPlanning::Original(Box::new(TableFactor::Derived {
                    lateral: false,
                    subquery,
                    alias,
                    sample: None,
                }))),
            },
            other => Ok(RelationPlanning::Original(Box::new(other))),
        }
    }
}

fn planned(plan: LogicalPlan, alias: Option<TableAlias>) -> Result<RelationPlanning> {
    let planned = PlannedRelation::new(plan, alias);
    Ok(RelationPlanning::Planned(Box::new(planned)))
}

fn derived(body: SetExpr) -> TableFactor {
    TableFactor::Derived {
        lateral: false,
        subquery: Box::new(super::rewrite::bare(body)),
        alias: None,
        sample: None,
    }
}

/// Both sides of a query that is one counting set operation, or the query.
fn counting(query: Query) -> Result<(SetOperator, SetExpr, SetExpr), Box<Query>> {
    let plain = super::rewrite::bare((*query.body).clone()) == query;
    match *query.body {
        SetExpr::SetOperation {
            op,
            set_quantifier,
            left,
            right,
        } if plain && counts(op, set_quantifier) => Ok((op, *left, *right)),
        body => Err(Box::new(Query {
            body: Box::new(body),
            ..query
        })),
    }
}

/// Numbers the equal rows of each side, and joins by every column and the number.
fn counted(op: SetOperator, left: LogicalPlan, right: LogicalPlan) -> Result<LogicalPlan> {
    let names = left.schema().columns();
    let (lefts, rights) = (left.schema().fields(), right.schema().fields());
    if lefts.len() != rights.len() {
        return plan_err!(
            "the sides of {op} ALL have {} and {} columns",
            lefts.len(),
            rights.len()
        );
    }
    let mut types = Vec::new();
    for (left, right) in lefts.iter().zip(rights.iter()) {
        match type_union_coercion(left.data_type(), right.data_type()) {
            Some(common) => types.push(common),
            None => {
                return plan_err!(
                    "{op} ALL compares column `{}` of type {} with {}",
                    left.name(),
                    left.data_type(),
                    right.data_type()
                );
            }
        }
    }
    let (left, mut keys) = numbered(left, &types, "l")?;
    let (right, others) = numbered(right, &types, "r")?;
    let kind = match op {
        SetOperator::Intersect => JoinType::LeftSemi,
        _ => JoinType::LeftAnti,
    };
    let joined = LogicalPlanBuilder::from(left).join_detailed(
        right,
        kind,
        (keys.clone(), others),
        None,
        NullEquality::NullEqualsNull,
    )?;
    keys.pop();
    let named = keys
        .into_iter()
        .zip(names)
        .map(|(key, name)| Expr::Column(key).alias_qualified(name.relation, name.name));
    joined.project(named)?.build()
}

/// The rows with columns `side.0`, `side.1` … of these types, and the number of each among its
/// equals as the last.
fn numbered(
    plan: LogicalPlan,
    types: &[datafusion::arrow::datatypes::DataType],
    side: &str,
) -> Result<(LogicalPlan, Vec<Column>)> {
    let names = (0..=types.len()).map(|i| format!("__tsugi_{side}.{i}"));
    let mut keys: Vec<Column> = names.map(Column::new_unqualified).collect();
    let columns = plan.schema().columns().into_iter().zip(types).zip(&keys);
    let renamed: Vec<Expr> = columns
        .map(|((column, kind), key)| cast(Expr::Column(column), kind.clone()).alias(&key.name))
        .collect();
    let plan = LogicalPlanBuilder::from(plan).project(renamed)?;
    let last = keys.pop().unwrap_or_else(|| Column::new_unqualified("n"));
    let equal = keys.iter().cloned().map(Expr::Column).collect();
    let number = row_number().partition_by(equal).build()?.alias(&last.name);
    let all = keys.iter().cloned().map(Expr::Column);
    let plan = plan
        .window(vec![number.clone().unalias()])?
        .project(all.chain([number]))?
        .build()?;
    keys.push(last);
    Ok((plan, keys))
}

/// Plans one marked join.
struct Merging<'m> {
    context: &'m mut dyn RelationPlannerContext,
    mark: String,
    /// The columns that the query reads of the tables of the join, by the number of the table.
    wanted: BTreeMap<usize, Vec<String>>,
    tables: usize,
    merges: usize,
}

impl<'m> Merging<'m> {
    fn new(alias: &TableAlias, context: &'m mut dyn RelationPlannerContext) -> Self {
        let mut wanted: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for column in &alias.columns {
            if let Some((table, name)) = column.name.value.split_once('.')
                && let Ok(table) = table.parse()
            {
                wanted.entry(table).or_default().push(name.to_owned());
            }
        }
        Self {
            context,
            mark: alias.name.value.clone(),
            wanted,
            tables: 0,
            merges: 0,
        }
    }

    fn tables(&mut self, tables: TableWithJoins) -> Result<LogicalPlan> {
        let mut left = self.table(tables.relation)?;
        for join in tables.joins {
            left = self.join(left, join)?;
        }
        Ok(left)
    }

    /// A table with, beside its columns, those that the query reads of it alone.
    fn table(&mut self, factor: TableFactor) -> Result<LogicalPlan> {
        let factor = match factor {
            TableFactor::NestedJoin {
                table_with_joins,
                alias: None,
            } => return self.tables(*table_with_joins),
            TableFactor::Derived { lateral: true, .. }
            | TableFactor::Function { lateral: true, .. }
            | TableFactor::UNNEST { .. } => {
                return plan_err!(
                    "a JOIN … USING whose keys are merged cannot stand beside LATERAL or UNNEST: \
                     put it into a step of its own, or write JOIN … ON"
                );
            }
            other => other,
        };
        let plan = self.context.plan(factor)?;
        let number = self.tables;
        self.tables += 1;
        let Some(wanted) = self.wanted.get(&number) else {
            return Ok(plan);
        };
        let mut columns: Vec<Expr> = plan
            .schema()
            .columns()
            .into_iter()
            .map(Expr::Column)
            .collect();
        for name in wanted {
            let column = column(plan.schema(), name)?;
            let alias = format!("{number}.{name}");
            columns.push(Expr::Column(column).alias_qualified(Some(self.mark.as_str()), alias));
        }
        LogicalPlanBuilder::from(plan).project(columns)?.build()
    }

    fn join(&mut self, left: LogicalPlan, join: Join) -> Result<LogicalPlan> {
        let right = self.table(join.relation)?;
        let (kind, constraint) = match join.join_operator {
            JoinOperator::Join(on) | JoinOperator::Inner(on) => (JoinType::Inner, on),
            JoinOperator::Left(on) | JoinOperator::LeftOuter(on) => (JoinType::Left, on),
            JoinOperator::Right(on) | JoinOperator::RightOuter(on) => (JoinType::Right, on),
            JoinOperator::FullOuter(on) => (JoinType::Full, on),
            JoinOperator::CrossJoin(_) => {
                return LogicalPlanBuilder::from(left).cross_join(right)?.build();
            }
            other => {
                return plan_err!(
                    "this join cannot stand before a JOIN … USING whose keys are merged: \
                     put it into a step of its own ({other:?})"
                );
            }
        };
        match constraint {
            JoinConstraint::On(condition) => {
                let both = left.schema().join(right.schema())?;
                let condition = self.context.sql_to_expr(condition, &both)?;
                LogicalPlanBuilder::from(left)
                    .join_on(right, kind, [condition])?
                    .build()
            }
            JoinConstraint::Using(names) => {
                let mut keys = Vec::new();
                for name in names {
                    match name.0.as_slice() {
                        [part] if part.as_ident().is_some() => {
                            keys.extend(part.as_ident().cloned());
                        }
                        _ => return plan_err!("USING takes names of columns, not `{name}`"),
                    }
                }
                let keys = keys
                    .into_iter()
                    .map(|key| self.context.normalize_ident(key));
                let keys = keys.collect();
                self.merged(left, right, kind, keys)
            }
            JoinConstraint::Natural => {
                let names: Vec<String> = names(left.schema());
                let keys: Vec<String> = names_in(right.schema(), &names);
                self.merged(left, right, kind, keys)
            }
            JoinConstraint::None => plan_err!("this join has no condition"),
        }
    }

    /// Joins by columns of one name, which the result has once, where the left side had it.
    fn merged(
        &mut self,
        left: LogicalPlan,
        right: LogicalPlan,
        kind: JoinType,
        keys: Vec<String>,
    ) -> Result<LogicalPlan> {
        if keys.is_empty() {
            return plan_err!("the tables of a NATURAL JOIN have no column of one name");
        }
        let mut lefts = Vec::new();
        let mut rights = Vec::new();
        for key in &keys {
            lefts.push(column(left.schema(), key)?);
            rights.push(column(right.schema(), key)?);
        }
        self.merges += 1;
        let qualifier = format!("{}_{}", self.mark, self.merges);
        let qualifier = TableReference::bare(qualifier);
        let mut columns = Vec::new();
        for column in left.schema().columns() {
            let key = lefts.iter().position(|key| *key == column);
            let Some((l, r)) = key.and_then(|i| Some((lefts.get(i)?, rights.get(i)?))) else {
                columns.push(Expr::Column(column));
                continue;
            };
            let (l, r) = (Expr::Column(l.clone()), Expr::Column(r.clone()));
            let key = match kind {
                JoinType::Right => r,
                JoinType::Full => coalesce(vec![l, r]),
                _ => l,
            };
            columns.push(key.alias_qualified(Some(qualifier.clone()), column.name));
        }
        let others = right.schema().columns();
        let others = others.into_iter().filter(|other| !rights.contains(other));
        columns.extend(others.map(Expr::Column));
        LogicalPlanBuilder::from(left)
            .join(right, kind, (lefts, rights), None)?
            .project(columns)?
            .build()
    }
}

fn names(schema: &Arc<DFSchema>) -> Vec<String> {
    let fields = schema.fields().iter();
    let names = fields.map(|field| field.name().clone());
    // Columns of a side that the query reads alone are not the table's.
    names.filter(|name| !is_side(name)).collect()
}

fn names_in(schema: &Arc<DFSchema>, known: &[String]) -> Vec<String> {
    let names = names(schema).into_iter();
    names.filter(|name| known.contains(name)).collect()
}

fn is_side(name: &str) -> bool {
    let number = name.split_once('.').map(|(number, _)| number);
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// The one column of a name.
fn column(schema: &Arc<DFSchema>, name: &str) -> Result<Column> {
    let (qualifier, field) = schema.qualified_field_with_unqualified_name(name)?;
    Ok(Column::new(qualifier.cloned(), field.name()))
}
