//! The rules that put the expressions of this module into a plan.

use std::cell::Cell;
use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode as _};
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::expr::{Cast, TryCast};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{Expr, ExprSchemable as _, LogicalPlan, Values, cast};
use datafusion::optimizer::analyzer::AnalyzerRule;
use datafusion::optimizer::{OptimizerConfig, OptimizerRule};

use super::types::in_micros;
use super::units::Units;
use super::{
    arithmetic, between, decimal, divide, double, frames, intervals, lazy, mixing, multiples,
    orders, plain_double, round, spelling, text,
};

/// Rewrites what an author wrote, before types are coerced.
#[derive(Debug)]
pub(super) struct Written;

/// Rewrites what types were coerced to.
#[derive(Debug)]
pub(super) struct Typed {
    pub(super) memory_max_bytes: usize,
}

/// Rewrites what is evaluated only where it is needed, before a plan becomes physical.
#[derive(Debug)]
pub(super) struct Deferred;

impl AnalyzerRule for Written {
    fn name(&self) -> &str {
        "written"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        let units = Units::of(&plan)?;
        let plan = plan.transform_up_with_subqueries(|node| {
            mixing::refuse_step(&node)?;
            intervals::refuse_step(&node)?;
            match node {
                LogicalPlan::Union(union) => double::united(union),
                other => Ok(intervals::sorted(other)),
            }
        })?;
        let one = |expression, schema: &DFSchema| written(expression, schema, units);
        rewritten(plan.data, units, one).map(|plan| plan.data)
    }
}

impl AnalyzerRule for Typed {
    fn name(&self) -> &str {
        "typed"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        let units = Units::of(&plan)?;
        let one = |expression, schema: &DFSchema| match frames::windowed(
            &expression,
            self.memory_max_bytes,
        ) {
            Some(windowed) => Ok(Transformed::yes(windowed)),
            None => typed(expression, schema, units),
        };
        let plan = rewritten(plan, units, one)?.data;
        plan.transform_up_with_subqueries(orders::apart)
            .map(|plan| plan.data)
    }
}

impl OptimizerRule for Deferred {
    fn name(&self) -> &str {
        "deferred"
    }

    fn rewrite(
        &self,
        plan: LogicalPlan,
        config: &dyn OptimizerConfig,
    ) -> Result<Transformed<LogicalPlan>> {
        let options = config.options();
        rewritten(plan, Units::Kept, |expression, schema| {
            Ok(match lazy::deferred(&expression, schema, &options)? {
                Some(call) => Transformed::yes(call),
                None => Transformed::no(expression),
            })
        })
    }
}

/// Every expression of a plan and of its subqueries, rewritten from the leaves up.
fn rewritten(
    plan: LogicalPlan,
    units: Units,
    one: impl Fn(Expr, &DFSchema) -> Result<Transformed<Expr>>,
) -> Result<Transformed<LogicalPlan>> {
    let types_may_differ = Cell::new(false);
    plan.transform_up_with_subqueries(|node| {
        let schema = schema_of(&node)?;
        let names = NamePreserver::new(&node);
        let node = node.map_expressions(|expression| {
            let name = names.save(&expression);
            let expression = expression.transform_up(|node| one(node, &schema))?;
            Ok(expression.update_data(|expression| name.restore(expression)))
        })?;
        types_may_differ.set(types_may_differ.get() || node.transformed);
        if !types_may_differ.get() {
            return Ok(node);
        }
        let is_changed = node.transformed;
        let node = with_types_of_inputs(node.data, units)?;
        Ok(match is_changed {
            true => Transformed::yes(node),
            false => Transformed::no(node),
        })
    })
}

/// The columns that the expressions of a node may name.
fn schema_of(node: &LogicalPlan) -> Result<DFSchema> {
    let mut schema = merge_schema(&node.inputs());
    if let LogicalPlan::TableScan(scan) = node {
        let name = scan.table_name.clone();
        let source = DFSchema::try_from_qualified_schema(name, &scan.source.schema())?;
        schema.merge(&source);
    }
    Ok(schema)
}

/// The same node with the types that its inputs and expressions have now. Two kinds of nodes hold
/// on to the types that they were built with.
fn with_types_of_inputs(node: LogicalPlan, units: Units) -> Result<LogicalPlan> {
    match (node, units) {
        (LogicalPlan::Union(mut union), Units::Micros) => {
            union.schema = in_micros(&union.schema)?;
            Ok(LogicalPlan::Union(union))
        }
        (LogicalPlan::Values(Values { schema, values }), Units::Micros) => {
            let schema = in_micros(&schema)?;
            Ok(LogicalPlan::Values(Values { schema, values }))
        }
        (node @ (LogicalPlan::Union(_) | LogicalPlan::Values(_)), Units::Kept) => Ok(node),
        (other, _) => other.recompute_schema(),
    }
}

fn written(expression: Expr, schema: &DFSchema, units: Units) -> Result<Transformed<Expr>> {
    mixing::refuse(&expression, schema)?;
    intervals::refuse(&expression, schema)?;
    let spans = intervals::by_length(&expression, schema)
        .or_else(|| multiples::of_moment(&expression, schema));
    if let Some(spans) = spans {
        return Ok(Transformed::yes(spans));
    }
    let replaced = match &expression {
        Expr::Cast(Cast { expr, field }) if field.data_type().is_integer() => {
            let rounded = round::rounded(expr, schema)?;
            rounded.map(|operand| {
                let field = Arc::clone(field);
                let expr = Box::new(operand);
                Expr::Cast(Cast { expr, field })
            })
        }
        Expr::TryCast(TryCast { expr, field }) if field.data_type().is_integer() => {
            let rounded = round::rounded(expr, schema)?;
            rounded.map(|operand| {
                let field = Arc::clone(field);
                let expr = Box::new(operand);
                Expr::TryCast(TryCast { expr, field })
            })
        }
        // A plan is analysed twice; a call is cast once.
        Expr::Cast(Cast { expr, field }) => match expr.as_ref() {
            Expr::Cast(inner) if inner.field.data_type() == field.data_type() => {
                Some((**expr).clone())
            }
            _ => None,
        },
        // A call whose types are not known yet is refused, or coerced, after this rule.
        Expr::ScalarFunction(written) => {
            let double = double::of_operands(&expression, schema);
            let call = double.as_ref().unwrap_or(&expression);
            let found = call.get_type(schema).ok();
            let micros = found.and_then(|found| units.instead_of(&found));
            let whole = || round::whole(written, schema).unwrap_or_default();
            micros
                .map(|micros| cast(call.clone(), micros))
                .or(double)
                .or_else(whole)
        }
        Expr::BinaryExpr(_) => match double::of_operands(&expression, schema) {
            Some(double) => Some(double),
            None => divide::divided(&expression, schema).unwrap_or_default(),
        },
        other => double::of_operands(other, schema),
    };
    Ok(replaced.map_or_else(|| Transformed::no(expression), Transformed::yes))
}

fn typed(expression: Expr, schema: &DFSchema, units: Units) -> Result<Transformed<Expr>> {
    let replaced = match &expression {
        Expr::Cast(Cast { expr, field }) | Expr::TryCast(TryCast { expr, field })
            if *field.data_type() == DataType::Utf8 =>
        {
            text::written(expr, schema)?
        }
        Expr::TryCast(TryCast { expr, field }) => {
            let text = spelling::spelled(expr, field, schema)?;
            text.map(|text| {
                let (expr, field) = (Box::new(text), Arc::clone(field));
                Expr::TryCast(TryCast { expr, field })
            })
        }
        Expr::Cast(Cast { expr, field }) => {
            let text = spelling::spelled(expr, field, schema)?;
            match (text, units.instead_of(field.data_type())) {
                (Some(text), Some(micros)) => Some(cast(text, micros)),
                (Some(text), None) => Some(Expr::Cast(Cast {
                    expr: Box::new(text),
                    field: Arc::clone(field),
                })),
                (None, Some(micros)) if expr.get_type(schema)? == micros => Some((**expr).clone()),
                (None, Some(micros)) => Some(cast((**expr).clone(), micros)),
                (None, None) => None,
            }
        }
        Expr::Between(_) => between::once(&expression),
        _ => match arithmetic::checked(&expression, schema)? {
            Some(checked) => Some(checked),
            None => match decimal::fitting(&expression, schema, arithmetic::shown)? {
                Some(fitting) => Some(fitting),
                None => plain_double::of(&expression, schema)?,
            },
        },
    };
    Ok(replaced.map_or_else(|| Transformed::no(expression), Transformed::yes))
}
