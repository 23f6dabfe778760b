//! A call that evaluates its later arguments only for the rows that need them. A function of the
//! engine gets all its arguments evaluated; this one holds them as expressions over the columns
//! that they use, and gets the columns. `coalesce` is one, and AND and OR where the right side may
//! fail: `n <> 0 AND 100 / n > 10` divides only where n is not zero, as DuckDB and PostgreSQL do.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, AsArray as _, BooleanArray, RecordBatch, RecordBatchOptions,
};
use datafusion::arrow::compute::{and_kleene, or_kleene};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode as _, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, Result, internal_err};
use datafusion::logical_expr::execution_props::ExecutionProps;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, ExprSchemable as _, Operator, ReturnFieldArgs,
    ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::physical_expr::{PhysicalExpr, create_physical_expr};

use super::arithmetic::is_checked;
use super::coalesce::{filled, is_coalesce};

/// Which rows need the later arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Needs {
    /// Those where the first is null.
    Coalesce,
    /// Those where the first is not false.
    And,
    /// Those where the first is not true.
    Or,
}

/// A call over the columns that its arguments use.
#[derive(Debug)]
struct Lazy {
    needs: Needs,
    /// The arguments; their columns are numbered as those of the call.
    arguments: Vec<Expr>,
    physical: Vec<Arc<dyn PhysicalExpr>>,
    name: String,
    field: FieldRef,
    signature: Signature,
}

impl PartialEq for Lazy {
    fn eq(&self, other: &Self) -> bool {
        self.needs == other.needs && self.arguments == other.arguments && self.field == other.field
    }
}

impl Eq for Lazy {}

impl Hash for Lazy {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.needs.hash(state);
        self.arguments.hash(state);
    }
}

/// Whether evaluating an expression for a row that does not need it neither fails nor costs.
fn is_harmless(expression: &Expr) -> bool {
    match expression {
        Expr::Column(_) | Expr::Literal(..) | Expr::ScalarSubquery(_) => true,
        Expr::Alias(alias) => is_harmless(&alias.expr),
        _ => false,
    }
}

/// Arithmetic and casts, which fail for some values.
fn may_fail(expression: &Expr) -> Result<bool> {
    const FAILING: [&str; 4] = ["respelled", "divide_decimal", "strptime", "json_extract"];
    expression.exists(|one| {
        Ok(match one {
            Expr::Cast(_) => true,
            Expr::ScalarFunction(call) => is_checked(call) || FAILING.contains(&call.func.name()),
            _ => false,
        })
    })
}

/// The arguments of a call whose later ones must not be evaluated for every row.
fn arguments_of(expression: &Expr) -> Result<Option<(Needs, Vec<Expr>)>> {
    match expression {
        Expr::ScalarFunction(call) => {
            let is_needed =
                is_coalesce(call) && call.args.iter().skip(1).any(|one| !is_harmless(one));
            Ok(is_needed.then(|| (Needs::Coalesce, call.args.clone())))
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
            let needs = match op {
                Operator::And => Needs::And,
                Operator::Or => Needs::Or,
                _ => return Ok(None),
            };
            let is_needed = may_fail(right)?;
            Ok(is_needed.then(|| (needs, vec![(**left).clone(), (**right).clone()])))
        }
        _ => Ok(None),
    }
}

/// The call that takes the place of a `coalesce` whose later arguments must not be evaluated for
/// every row, or of an AND or OR whose right side may fail; nothing for other expressions.
pub(super) fn deferred(
    expression: &Expr,
    schema: &DFSchema,
    config: &Arc<ConfigOptions>,
) -> Result<Option<Expr>> {
    let Some((needs, arguments)) = arguments_of(expression)? else {
        return Ok(None);
    };
    let Some((arguments, inputs)) = numbered(&arguments)? else {
        return Ok(None);
    };
    let fields = inputs.iter().enumerate().map(|(at, input)| {
        let (_, field) = input.to_field(schema)?;
        Ok(Field::new(
            at.to_string(),
            field.data_type().clone(),
            field.is_nullable(),
        ))
    });
    let fields: Vec<Field> = fields.collect::<Result<_>>()?;
    let inner = DFSchema::try_from(Schema::new(fields))?;
    let mut properties = ExecutionProps::new();
    properties.config_options = Some(Arc::clone(config));
    let context = PhysicalPlanningContext::default();
    let physical = arguments
        .iter()
        .map(|argument| create_physical_expr(argument, &inner, &properties, &context))
        .collect::<Result<_>>()?;
    let (_, field) = expression.to_field(schema)?;
    let lazy = Lazy {
        needs,
        signature: Signature::user_defined(volatility(&arguments)?),
        name: expression.schema_name().to_string(),
        field,
        arguments,
        physical,
    };
    Ok(Some(Expr::ScalarFunction(ScalarFunction::new_udf(
        ScalarUDF::new_from_impl(lazy).into(),
        inputs,
    ))))
}

/// The same arguments over numbered columns, and what the numbers stand for; nothing when they
/// hold what has no value outside a plan.
fn numbered(arguments: &[Expr]) -> Result<Option<(Vec<Expr>, Vec<Expr>)>> {
    let mut inputs: Vec<Expr> = Vec::new();
    let mut is_closed = true;
    let mut renamed = Vec::with_capacity(arguments.len());
    for argument in arguments {
        let one = argument.clone().transform_down(|node| {
            match &node {
                Expr::Column(_) | Expr::ScalarSubquery(_) => {}
                Expr::OuterReferenceColumn(..)
                | Expr::Exists(_)
                | Expr::InSubquery(_)
                | Expr::SetComparison(_)
                | Expr::AggregateFunction(_)
                | Expr::WindowFunction(_)
                | Expr::GroupingSet(_)
                | Expr::Placeholder(_)
                | Expr::Unnest(_)
                | Expr::HigherOrderFunction(_)
                | Expr::Lambda(_)
                | Expr::LambdaVariable(_) => {
                    is_closed = false;
                    return Ok(Transformed::new(node, false, TreeNodeRecursion::Stop));
                }
                _ => return Ok(Transformed::no(node)),
            }
            let at = inputs.iter().position(|input| *input == node);
            let at = at.unwrap_or_else(|| {
                inputs.push(node);
                inputs.len() - 1
            });
            let column = Expr::Column(Column::new_unqualified(at.to_string()));
            Ok(Transformed::new(column, true, TreeNodeRecursion::Jump))
        })?;
        renamed.push(one.data);
    }
    Ok(is_closed.then_some((renamed, inputs)))
}

fn volatility(arguments: &[Expr]) -> Result<Volatility> {
    let mut found = Volatility::Immutable;
    for argument in arguments {
        argument.apply(|node| {
            if let Expr::ScalarFunction(call) = node {
                let one = call.func.signature().volatility;
                let rank = |volatility: Volatility| match volatility {
                    Volatility::Immutable => 0,
                    Volatility::Stable => 1,
                    Volatility::Volatile => 2,
                };
                if rank(one) > rank(found) {
                    found = one;
                }
            }
            Ok(TreeNodeRecursion::Continue)
        })?;
    }
    Ok(found)
}

impl ScalarUDFImpl for Lazy {
    fn name(&self) -> &str {
        match self.needs {
            Needs::Coalesce => "coalesce",
            Needs::And => "and",
            Needs::Or => "or",
        }
    }

    fn schema_name(&self, _: &[Expr]) -> Result<String> {
        Ok(self.name.clone())
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(types.to_vec())
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.field.data_type().clone())
    }

    fn return_field_from_args(&self, _: ReturnFieldArgs) -> Result<FieldRef> {
        Ok(Arc::clone(&self.field))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let columns: Vec<ArrayRef> = args
            .args
            .into_iter()
            .map(|value| value.into_array(rows))
            .collect::<Result<_>>()?;
        let fields = columns
            .iter()
            .enumerate()
            .map(|(at, column)| Field::new(at.to_string(), column.data_type().clone(), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(schema, columns, &options)?;
        let mut arguments = self.physical.iter();
        let Some(first) = arguments.next() else {
            return internal_err!("{} has no argument", self.name());
        };
        if self.needs != Needs::Coalesce {
            let first = first.evaluate(&batch)?.into_array(rows)?;
            let Some(second) = arguments.next() else {
                return internal_err!("{} has two arguments", self.name());
            };
            return decided(self.needs, first.as_boolean(), |open| {
                second.evaluate_selection(&batch, open)?.into_array(rows)
            });
        }
        filled(first.evaluate(&batch)?, rows, |missing| {
            arguments
                .next()
                .map(|argument| argument.evaluate_selection(&batch, missing))
                .transpose()
        })
    }
}

/// AND or OR of two values, of which the second is evaluated for the rows that the first leaves open.
fn decided(
    needs: Needs,
    first: &BooleanArray,
    second: impl FnOnce(&BooleanArray) -> Result<ArrayRef>,
) -> Result<ColumnarValue> {
    let decides = needs == Needs::Or;
    let open: BooleanArray = first.iter().map(|one| Some(one != Some(decides))).collect();
    if open.true_count() == 0 {
        return Ok(ColumnarValue::Array(Arc::new(first.clone())));
    }
    let second = second(&open)?;
    let second = second.as_boolean();
    let both = match needs {
        Needs::Or => or_kleene(first, second)?,
        Needs::And | Needs::Coalesce => and_kleene(first, second)?,
    };
    Ok(ColumnarValue::Array(Arc::new(both)))
}
