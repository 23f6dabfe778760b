//! The combinations of values that a subquery reads of the rows around it.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::{
    Transformed, TransformedResult as _, TreeNode as _, TreeNodeRecursion,
};
use datafusion::common::{Column, ExprSchema as _, ScalarValue};
use datafusion::error::Result;
use datafusion::logical_expr::expr::Case;
use datafusion::logical_expr::{Expr, JoinType, LogicalPlan, LogicalPlanBuilder, Operator, lit};

use super::super::{binary, subquery};
use super::pushed::Pushed;
use super::shape;

/// One value that is read.
#[derive(Debug, Clone)]
pub(super) struct Key {
    /// The column of the query around the subquery.
    pub(super) outer: Column,
    /// Its name in the domain.
    pub(super) name: String,
    /// What stands for null in a comparison; none where it is never null.
    instead_of_null: Option<ScalarValue>,
}

/// Rows of values that a subquery is computed for.
#[derive(Debug)]
pub(super) struct Domain {
    /// One row a combination; its columns are the names of the keys.
    pub(super) rows: LogicalPlan,
    pub(super) keys: Vec<Key>,
}

impl Domain {
    /// The different values of some columns; none where they cannot be compared, or where the
    /// input might give other rows when it is read a second time.
    pub(super) fn of_values(
        input: &LogicalPlan,
        columns: &[Column],
        count: &mut usize,
    ) -> Result<Option<Self>> {
        if !shape::is_repeatable(input)? {
            return Ok(None);
        }
        let mut keys = Vec::new();
        for column in columns {
            let field = input.schema().field_from_column(column)?;
            // A sum of doubles may end in another digit when it is computed again.
            let is_sum = field.data_type().is_floating()
                && input.exists(|node| Ok(matches!(node, LogicalPlan::Aggregate(_))))?;
            if is_sum || !is_comparable(field.data_type()) {
                return Ok(None);
            }
            let zero = ScalarValue::new_default(field.data_type());
            let instead_of_null = match (field.is_nullable(), zero) {
                (false, _) => None,
                (true, Ok(zero)) => Some(zero),
                (true, Err(_)) => return Ok(None),
            };
            keys.push(Key::new(column, instead_of_null, count));
        }
        let rows = LogicalPlanBuilder::from(input.clone());
        let rows = rows.project(keys.iter().map(Key::named))?.distinct()?;
        Ok(Some(Self {
            rows: rows.build()?,
            keys,
        }))
    }

    /// Every row of an input with all of its columns.
    pub(super) fn of_rows(input: &LogicalPlan, count: &mut usize) -> Result<Self> {
        let columns = input.schema().columns();
        let keys = columns.iter().map(|column| Key::new(column, None, count));
        let keys: Vec<Key> = keys.collect();
        let rows = LogicalPlanBuilder::from(input.clone());
        let rows = rows.project(keys.iter().map(Key::named))?.build()?;
        Ok(Self { rows, keys })
    }

    /// The names of the keys in the rows of the domain.
    pub(super) fn columns(&self) -> Vec<Column> {
        let names = self.keys.iter().map(|key| &key.name);
        names.map(Column::from_name).collect()
    }

    /// Every row of a plan for every combination.
    pub(super) fn beside(&self, plan: &LogicalPlan) -> Result<Pushed> {
        let rows = LogicalPlanBuilder::from(self.rows.clone());
        Ok(Pushed {
            plan: rows.cross_join(plan.clone())?.build()?,
            keys: self.columns(),
        })
    }

    /// Whether a plan reads one of the keys.
    pub(super) fn is_read_by(&self, plan: &LogicalPlan) -> Result<bool> {
        let read = shape::outer_columns(plan)?;
        Ok(self.keys.iter().any(|key| read.contains(&key.outer)))
    }

    /// That two sides have the same combination, nulls among them. Every part is an equality that
    /// is never null, so that it can be hashed.
    pub(super) fn same(&self, one: &[Column], other: &[Column]) -> Expr {
        let pairs = self.keys.iter().zip(one.iter().zip(other));
        let same = pairs.flat_map(|(key, (one, other))| {
            let (one, other) = (Expr::Column(one.clone()), Expr::Column(other.clone()));
            let Some(zero) = &key.instead_of_null else {
                return vec![binary(one, Operator::Eq, other)];
            };
            let known = |side: &Expr| {
                let is_null = Expr::IsNull(Box::new(side.clone()));
                let zero = Expr::Literal(zero.clone(), None);
                let when = vec![(Box::new(is_null), Box::new(zero))];
                Expr::Case(Case::new(None, when, Some(Box::new(side.clone()))))
            };
            let nulls = |side: &Expr| Expr::IsNull(Box::new(side.clone()));
            vec![
                binary(known(&one), Operator::Eq, known(&other)),
                binary(nulls(&one), Operator::Eq, nulls(&other)),
            ]
        });
        let same = same.reduce(|one, other| binary(one, Operator::And, other));
        same.unwrap_or_else(|| lit(true))
    }

    /// An expression of the subquery over columns in which the keys have these names.
    pub(super) fn replaced(&self, expression: Expr, keys: &[Column]) -> Result<Expr> {
        let key_of = |column: &Column| {
            let mut pairs = self.keys.iter().zip(keys);
            pairs
                .find(|(key, _)| key.outer == *column)
                .map(|(_, now)| now.clone())
        };
        let replaced = expression.transform_down(|one| {
            if let Expr::OuterReferenceColumn(_, column) = &one
                && let Some(now) = key_of(column)
            {
                return Ok(Transformed::yes(Expr::Column(now)));
            }
            let inner = match &one {
                Expr::ScalarSubquery(inner) => inner,
                Expr::Exists(exists) => &exists.subquery,
                Expr::InSubquery(within) => &within.subquery,
                Expr::SetComparison(compared) => &compared.subquery,
                _ => return Ok(Transformed::no(one)),
            };
            // A subquery of the subquery still reads it from around itself.
            let plan = inner.subquery.as_ref().clone();
            let plan = plan.transform_up_with_subqueries(|node| {
                node.map_expressions(|expression| {
                    expression.transform_up(|part| match &part {
                        Expr::OuterReferenceColumn(field, column) => Ok(match key_of(column) {
                            Some(now) => {
                                let field = field.clone();
                                Transformed::yes(Expr::OuterReferenceColumn(field, now))
                            }
                            None => Transformed::no(part),
                        }),
                        _ => Ok(Transformed::no(part)),
                    })
                })
            });
            let inner = subquery(plan.data()?);
            let mut one = one;
            match &mut one {
                Expr::ScalarSubquery(there) => *there = inner,
                Expr::Exists(exists) => exists.subquery = inner,
                Expr::InSubquery(within) => within.subquery = inner,
                Expr::SetComparison(compared) => compared.subquery = inner,
                _ => {}
            }
            Ok(Transformed::new(one, true, TreeNodeRecursion::Continue))
        });
        replaced.data()
    }
}

impl Key {
    fn new(outer: &Column, instead_of_null: Option<ScalarValue>, count: &mut usize) -> Self {
        *count += 1;
        Self {
            outer: outer.clone(),
            name: format!("__tsugi_key_{count}"),
            instead_of_null,
        }
    }

    fn named(&self) -> Expr {
        Expr::Column(self.outer.clone()).alias(&self.name)
    }
}

/// Whether values of a type can be grouped and joined.
fn is_comparable(data_type: &DataType) -> bool {
    !data_type.is_nested() && !matches!(data_type, DataType::Interval(_) | DataType::Duration(_))
}

/// A join by a condition over both sides.
pub(super) fn joined(
    left: LogicalPlan,
    right: LogicalPlan,
    join_type: JoinType,
    condition: Expr,
) -> Result<LogicalPlan> {
    LogicalPlanBuilder::from(left)
        .join_on(right, join_type, [condition])?
        .build()
}
