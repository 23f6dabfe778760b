//! IN, ANY and ALL over a query, with nulls as the standard has them.
//!
//! DataFusion 55.2 turns them into joins of which only `column NOT IN (query)` knows nulls, and only
//! where nothing is correlated: apache/datafusion#25340, #25347, #25336, #10583. ANY and ALL compare
//! a column with itself when both queries read one table: #25258. Outside of WHERE it plans none of
//! them. This rule runs before types are coerced, and writes each as EXISTS over a query with a name
//! of its own, or, in a SELECT list, as a count.

mod apart;
mod comparison;
mod dependent;
mod lifted;
mod pulled;
mod rows;

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{Column, DFSchema, ExprSchema, ScalarValue, Spans};
use datafusion::error::Result;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::expr::{Exists, InSubquery, SetQuantifier};
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{
    BinaryExpr, Case, Expr, ExprSchemable, Filter, LogicalPlan, LogicalPlanBuilder, Operator,
    Subquery, lit,
};
use datafusion::optimizer::AnalyzerRule;

use comparison::{Comparison, outer};

/// Writes IN, ANY and ALL over queries as EXISTS.
#[derive(Debug)]
pub(in crate::query) struct Subqueries;

impl AnalyzerRule for Subqueries {
    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        pulled::refuse_ambiguous(&plan)?;
        let mut names = 0;
        let plan = plan.transform_up_with_subqueries(|node| rewritten(node, &mut names));
        let plan = dependent::planned(plan.data()?, &mut names)?;
        pulled::refuse(&plan)?;
        apart::renamed(plan, &mut names)
    }

    fn name(&self) -> &'static str {
        "subqueries_with_nulls"
    }
}

fn rewritten(plan: LogicalPlan, names: &mut usize) -> Result<Transformed<LogicalPlan>> {
    match plan {
        LogicalPlan::Filter(filter) if compares(&filter.predicate) => {
            let schema = Arc::clone(filter.input.schema());
            let mut writer = Writer {
                schema: &schema,
                names,
                form: Form::Exists,
            };
            let predicate = writer.holds(filter.predicate, true)?;
            let filter = Filter::try_new(predicate, filter.input)?;
            Ok(Transformed::yes(LogicalPlan::Filter(filter)))
        }
        LogicalPlan::Projection(_) => {
            let schema = merge_schema(&plan.inputs());
            plan.map_expressions(|expr| {
                let any = |e: &Expr| compares(e) || matches!(e, Expr::Exists(_));
                if !expr.exists(|e| Ok(any(e)))? {
                    return Ok(Transformed::no(expr));
                }
                let name = expr.schema_name().to_string();
                let mut writer = Writer {
                    schema: &schema,
                    names: &mut *names,
                    form: Form::Count,
                };
                let exact = writer.exact(expr)?;
                let same = exact.schema_name().to_string() == name;
                Ok(Transformed::yes(if same {
                    exact
                } else {
                    exact.alias(name)
                }))
            })
        }
        other => {
            rows::refuse_step(&other)?;
            Ok(Transformed::no(other))
        }
    }
}

/// Whether an expression compares with the rows of a query.
fn compares(expr: &Expr) -> bool {
    let found = expr.exists(|e| Ok(matches!(e, Expr::InSubquery(_) | Expr::SetComparison(_))));
    found.unwrap_or(true)
}

/// How a query is tested for rows: a filter joins, a SELECT list can only count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Exists,
    Count,
}

struct Writer<'w> {
    schema: &'w DFSchema,
    names: &'w mut usize,
    form: Form,
}

impl Writer<'_> {
    /// An expression that holds where `expr` holds; unknown may become false.
    fn holds(&mut self, expr: Expr, is_top: bool) -> Result<Expr> {
        if !compares(&expr) {
            return Ok(expr);
        }
        match expr {
            Expr::BinaryExpr(BinaryExpr { left, op, right })
                if matches!(op, Operator::And | Operator::Or) =>
            {
                let is_top = is_top && op == Operator::And;
                let (left, right) = (self.holds(*left, is_top)?, self.holds(*right, is_top)?);
                Ok(binary(left, op, right))
            }
            Expr::Not(inner) => self.fails(*inner, is_top),
            other => match Comparison::of(&other) {
                Some((comparison, negated)) => self.compared(comparison, negated, other, is_top),
                None => self.exact(other),
            },
        }
    }

    /// An expression that holds where `expr` is false; unknown may become false.
    fn fails(&mut self, expr: Expr, is_top: bool) -> Result<Expr> {
        if !compares(&expr) {
            return Ok(Expr::Not(Box::new(expr)));
        }
        match expr {
            Expr::BinaryExpr(BinaryExpr { left, op, right })
                if matches!(op, Operator::And | Operator::Or) =>
            {
                let is_top = is_top && op == Operator::Or;
                let (left, right) = (self.fails(*left, is_top)?, self.fails(*right, is_top)?);
                let op = match op {
                    Operator::And => Operator::Or,
                    _ => Operator::And,
                };
                Ok(binary(left, op, right))
            }
            Expr::Not(inner) => self.holds(*inner, is_top),
            Expr::InSubquery(InSubquery {
                expr,
                subquery,
                negated,
            }) => {
                let flipped = Expr::InSubquery(InSubquery::new(expr, subquery, !negated));
                self.holds(flipped, is_top)
            }
            other => match Comparison::of(&other) {
                Some((comparison, negated)) => {
                    let kept = Expr::Not(Box::new(other));
                    self.compared(comparison, !negated, kept, is_top)
                }
                None => Ok(Expr::Not(Box::new(self.exact(other)?))),
            },
        }
    }

    /// Where a comparison, or its negation, holds. `kept` is the expression itself.
    fn compared(
        &mut self,
        comparison: Comparison,
        negated: bool,
        kept: Expr,
        is_top: bool,
    ) -> Result<Expr> {
        if rows::is_row(&comparison) {
            return self.row(&comparison, negated);
        }
        if comparison.is_out_of_reach() {
            return Ok(kept);
        }
        if comparison.is_of_one_row() && comparison.is_correlated() {
            let one = comparison.with_one();
            return Ok(if negated {
                Expr::Not(Box::new(one))
            } else {
                one
            });
        }
        let any = comparison.quantifier == SetQuantifier::Any;
        let is_in = any && comparison.op == Operator::Eq;
        let known = is_top && !comparison.is_correlated() && is_column(&comparison.left);
        if is_in && matches!(kept, Expr::InSubquery(_)) && (!negated || known) {
            return Ok(kept);
        }
        if is_in && negated && !comparison.is_correlated() {
            return self.in_none(comparison);
        }
        let (test, exists): (fn(Box<Expr>) -> Expr, bool) = match (any, negated) {
            (true, false) => (Expr::IsTrue, true),
            (true, true) => (Expr::IsNotFalse, false),
            (false, false) => (Expr::IsNotTrue, false),
            (false, true) => (Expr::IsFalse, true),
        };
        let query = self.query(&comparison)?;
        let found = self.found(&query, &comparison, Some(test))?;
        Ok(if exists {
            found
        } else {
            Expr::Not(Box::new(found))
        })
    }

    /// `NOT IN` without correlation in parts that joins can hash.
    fn in_none(&mut self, comparison: Comparison) -> Result<Expr> {
        let query = self.query(&comparison)?;
        let equal = self.found(&query, &comparison, None)?;
        let unknown = self.unknown(&query, &comparison)?;
        let none = Expr::Not(Box::new(equal));
        Ok(match unknown {
            None => none,
            Some(unknown) => binary(none, Operator::And, Expr::Not(Box::new(unknown))),
        })
    }

    /// Where an equality with the rows of a query without correlation cannot be known, provided
    /// that it holds for none.
    fn unknown(&mut self, query: &LogicalPlan, comparison: &Comparison) -> Result<Option<Expr>> {
        let value = value(query);
        let mut parts = Vec::new();
        if query
            .schema()
            .field_from_column(&value)
            .is_ok_and(|field| field.is_nullable())
        {
            let empty = Expr::IsNull(Box::new(Expr::Column(value)));
            let filtered = LogicalPlanBuilder::from(query.clone()).filter(empty)?;
            parts.push(self.rows(filtered.limit(0, Some(1))?.build()?)?);
        }
        if comparison.left.nullable(self.schema).unwrap_or(true) {
            let one = LogicalPlanBuilder::from(query.clone())
                .limit(0, Some(1))?
                .build()?;
            let empty = Expr::IsNull(Box::new(comparison.left.clone()));
            parts.push(binary(empty, Operator::And, self.rows(one)?));
        }
        Ok(parts
            .into_iter()
            .reduce(|one, other| binary(one, Operator::Or, other)))
    }

    /// The expression with every comparison in it as true, false or null.
    fn exact(&mut self, expr: Expr) -> Result<Expr> {
        let written = expr.transform_up(|expr| {
            if self.form == Form::Count
                && let Expr::Exists(Exists { subquery, negated }) = &expr
            {
                let found = self.rows(subquery.subquery.as_ref().clone())?;
                return Ok(Transformed::yes(if *negated {
                    Expr::Not(Box::new(found))
                } else {
                    found
                }));
            }
            let Some((comparison, negated)) = Comparison::of(&expr) else {
                return Ok(Transformed::no(expr));
            };
            rows::refuse(&comparison, self.form)?;
            if comparison.is_out_of_reach() {
                return Ok(Transformed::no(expr));
            }
            let exact = self.three_valued(comparison)?;
            Ok(Transformed::yes(if negated {
                Expr::Not(Box::new(exact))
            } else {
                exact
            }))
        });
        written.data()
    }

    fn three_valued(&mut self, comparison: Comparison) -> Result<Expr> {
        let is_row = rows::is_row(&comparison);
        if comparison.is_of_one_row() && comparison.is_correlated() && !is_row {
            return Ok(comparison.with_one());
        }
        let any = comparison.quantifier == SetQuantifier::Any;
        let query = self.query(&comparison)?;
        let decides: fn(Box<Expr>) -> Expr = if any { Expr::IsTrue } else { Expr::IsFalse };
        let is_in = any && comparison.op == Operator::Eq;
        let decided = self.found(&query, &comparison, (!is_in).then_some(decides))?;
        let unknown = if is_in && !comparison.is_correlated() && !is_row {
            self.unknown(&query, &comparison)?
        } else {
            Some(self.found(&query, &comparison, Some(Expr::IsNull))?)
        };
        let mut cases = vec![(Box::new(decided), Box::new(lit(any)))];
        let null = Expr::Literal(ScalarValue::Boolean(None), None);
        cases.extend(unknown.map(|unknown| (Box::new(unknown), Box::new(null))));
        Ok(Expr::Case(Case::new(
            None,
            cases,
            Some(Box::new(lit(!any))),
        )))
    }

    /// The query with one column, of a name that no other query has.
    fn query(&mut self, comparison: &Comparison) -> Result<LogicalPlan> {
        *self.names += 1;
        let plan = comparison.subquery.subquery.as_ref().clone();
        let column = Expr::Column(value(&plan));
        let name = format!("__tsugi_value_{}", self.names);
        let named = LogicalPlanBuilder::from(plan).project([column.alias(name)])?;
        if comparison.is_correlated() {
            // What is correlated cannot be pulled out of a query with a name.
            comparison.refuse_one_name()?;
            return named.build();
        }
        named
            .alias(format!("__tsugi_query_{}", self.names))?
            .build()
    }

    /// Whether a row of the query passes `test` of the comparison.
    fn found(
        &mut self,
        query: &LogicalPlan,
        comparison: &Comparison,
        test: Option<fn(Box<Expr>) -> Expr>,
    ) -> Result<Expr> {
        let outer = |part| outer(part, self.schema);
        let compared = rows::compared(comparison, &value(query), outer)?;
        let filter = match test {
            Some(test) => test(Box::new(compared)),
            None => compared,
        };
        let plan = LogicalPlanBuilder::from(query.clone())
            .filter(filter)?
            .build()?;
        self.rows(plan)
    }

    /// Whether a query has rows.
    fn rows(&mut self, plan: LogicalPlan) -> Result<Expr> {
        match self.form {
            Form::Exists => Ok(Expr::Exists(Exists {
                subquery: subquery(plan),
                negated: false,
            })),
            Form::Count => {
                let none: [Expr; 0] = [];
                let counted = LogicalPlanBuilder::from(plan)
                    .aggregate(none, [count(lit(1)).alias("rows")])?
                    .build()?;
                let rows = Expr::ScalarSubquery(subquery(counted));
                Ok(binary(rows, Operator::Gt, lit(0_i64)))
            }
        }
    }
}

fn subquery(plan: LogicalPlan) -> Subquery {
    Subquery {
        outer_ref_columns: plan.all_out_ref_exprs(),
        subquery: Arc::new(plan),
        spans: Spans::new(),
    }
}

fn binary(left: Expr, op: Operator, right: Expr) -> Expr {
    Expr::BinaryExpr(BinaryExpr::new(Box::new(left), op, Box::new(right)))
}

fn value(query: &LogicalPlan) -> Column {
    let mut columns = query.schema().columns().into_iter();
    columns
        .next()
        .unwrap_or_else(|| Column::new_unqualified("value"))
}

/// Whether the planner keeps nulls of this in mind: it is a column, perhaps of another type.
fn is_column(expr: &Expr) -> bool {
    match expr {
        Expr::Column(_) => true,
        Expr::Cast(cast) => is_column(&cast.expr),
        _ => false,
    }
}
