//! Constants of a plan that no row can save: casts, patterns, date parts and zones that are wrong.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::tree_node::{Transformed, TreeNode as _, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, DataFusionError, Result, ScalarValue, plan_err};
use datafusion::execution::SessionState;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable as _, LogicalPlan, Operator};

/// Computes every constant of an optimized plan.
///
/// # Errors
/// The first one that cannot be computed.
pub(super) fn verify(plan: &LogicalPlan, state: &SessionState) -> Result<()> {
    plan.apply_with_subqueries(|node| {
        let schema = match node.inputs().as_slice() {
            [] => node.schema().as_ref().clone(),
            inputs => merge_schema(inputs),
        };
        let walk = Walk { schema, state };
        node.apply_expressions(|expression| {
            walk.expression(expression, true)?;
            Ok(TreeNodeRecursion::Continue)
        })
    })?;
    Ok(())
}

struct Walk<'s> {
    /// Of the rows that the expressions read.
    schema: DFSchema,
    state: &'s SessionState,
}

impl Walk<'_> {
    /// `is_sure` says that the expression is computed for every row, and not only in one branch.
    fn expression(&self, expression: &Expr, is_sure: bool) -> Result<()> {
        if matches!(expression, Expr::Literal(..) | Expr::Column(_)) {
            return Ok(());
        }
        if is_constant(expression)? {
            let computed = self.computed(expression.clone(), &[]);
            return if is_sure { computed } else { Ok(()) };
        }
        if let Expr::AggregateFunction(call) = expression {
            aggregate(call)?;
        }
        self.with_nulls(expression)?;
        let mut is_first = true;
        let branches = matches!(expression, Expr::Case(_))
            || matches!(expression, Expr::BinaryExpr(BinaryExpr { op, .. })
                if matches!(op, Operator::And | Operator::Or));
        expression.apply_children(|child| {
            self.expression(child, is_sure && (!branches || is_first))?;
            is_first = false;
            Ok(TreeNodeRecursion::Continue)
        })?;
        Ok(())
    }

    /// Computes a call that has constants beside other arguments over one row of nulls: what it
    /// refuses then is a constant.
    fn with_nulls(&self, expression: &Expr) -> Result<()> {
        let is_call = match expression {
            Expr::ScalarFunction(_) => !expression.is_volatile_node(),
            Expr::BinaryExpr(BinaryExpr { op, .. }) => is_pattern(*op),
            Expr::SimilarTo(_) | Expr::Like(_) => true,
            _ => false,
        };
        if !is_call {
            return Ok(());
        }
        let (mut fields, mut literals) = (Vec::new(), Vec::new());
        let call = expression.clone().map_children(|child| {
            if let Expr::Literal(value, _) = &child {
                literals.extend(text_of(value));
                return Ok(Transformed::no(child));
            }
            let name = format!("c{}", fields.len());
            fields.push(Field::new(&name, child.get_type(&self.schema)?, true));
            Ok(Transformed::yes(Expr::Column(Column::from_name(name))))
        });
        let Ok(call) = call else {
            return Ok(());
        };
        match self.computed(call.data.clone(), &fields) {
            Err(error) if literals.iter().any(|one| error.to_string().contains(one)) => {
                return Err(error);
            }
            _ => {}
        }
        match (with_sample(expression), call.data) {
            (Some(function), call) => match self.computed_over(call, &fields, sample) {
                Err(error) if is_about_constant(function, &error) => Err(error),
                _ => Ok(()),
            },
            (None, _) => Ok(()),
        }
    }

    /// Computes an expression over one row in which every column is null.
    fn computed(&self, expression: Expr, fields: &[Field]) -> Result<()> {
        let null = |data_type: &DataType| Ok(new_null_array(data_type, 1));
        self.computed_over(expression, fields, null)
    }

    fn computed_over(
        &self,
        expression: Expr,
        fields: &[Field],
        value: impl Fn(&DataType) -> Result<ArrayRef>,
    ) -> Result<()> {
        let schema = Arc::new(Schema::new(fields.to_vec()));
        let columns = fields.iter().map(|field| value(field.data_type()));
        let columns = columns.collect::<Result<Vec<ArrayRef>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(1));
        let row = RecordBatch::try_new_with_options(Arc::clone(&schema), columns, &options)
            .map_err(DataFusionError::from)?;
        let schema = DFSchema::try_from(schema)?;
        // What cannot be made executable is found when the plan is.
        if let Ok(physical) = self.state.create_physical_expr(expression, &schema) {
            physical.evaluate(&row)?;
        }
        Ok(())
    }
}

/// Functions that look at their constants only where a row has a value, and which arguments these
/// constants are.
const WITH_SAMPLE: [(&str, &[usize]); 23] = [
    ("at_time_zone", &[1]),
    ("date_bin", &[0]),
    ("date_diff", &[0]),
    ("date_sub", &[0]),
    ("digest", &[1]),
    ("json_array_length", &[1]),
    ("json_exists", &[1]),
    ("json_extract", &[1]),
    ("json_extract_string", &[1]),
    ("json_keys", &[1]),
    ("json_type", &[1]),
    ("normalize", &[1]),
    ("regexp_extract", &[1, 2, 3]),
    ("regexp_extract_all", &[1, 2, 3]),
    ("regexp_full_match", &[1, 2]),
    ("regexp_matches", &[1, 2]),
    ("split_part", &[1, 2]),
    ("strftime", &[1]),
    ("strptime", &[1]),
    ("substr", &[1, 2]),
    ("try_strptime", &[1]),
    ("lpad", &[1]),
    ("rpad", &[1]),
];

/// The name of such a function, where these arguments are constants.
fn with_sample(expression: &Expr) -> Option<&str> {
    let Expr::ScalarFunction(call) = expression else {
        return None;
    };
    let (name, constants) = WITH_SAMPLE.iter().find(|(name, _)| *name == call.name())?;
    let is_literal = |at: &usize| {
        let argument = call.args.get(*at);
        argument.is_none_or(|argument| matches!(argument, Expr::Literal(..)))
    };
    constants.iter().all(is_literal).then_some(*name)
}

/// Refuses an aggregate whose constant argument no row can save.
fn aggregate(call: &AggregateFunction) -> Result<()> {
    let second = call.params.args.get(1);
    match (call.func.name(), second) {
        (
            "percentile_cont"
            | "percentile_disc"
            | "quantile_cont"
            | "quantile_disc"
            | "approx_percentile_cont",
            Some(Expr::Literal(share, _)),
        ) => match share.cast_to(&DataType::Float64) {
            Ok(ScalarValue::Float64(Some(share))) if !(0.0..=1.0).contains(&share) => {
                plan_err!("the share of a quantile is a constant from 0 to 1")
            }
            _ => Ok(()),
        },
        ("string_agg", Some(separator)) if !separator.column_refs().is_empty() => {
            plan_err!("the separator of string_agg is a constant")
        }
        _ => Ok(()),
    }
}

/// A text of no characters, the first of January 1970, zero.
fn sample(data_type: &DataType) -> Result<ArrayRef> {
    ScalarValue::new_default(data_type)?.to_array()
}

/// Whether every row would fail in this way. A text that does not have a format is that of the row.
fn is_about_constant(function: &str, error: &DataFusionError) -> bool {
    let said = error.to_string();
    match function {
        "strptime" | "try_strptime" => said.contains("is no part of a format"),
        json if json.starts_with("json_") => said.contains("the path '"),
        _ => true,
    }
}

fn is_pattern(op: Operator) -> bool {
    matches!(
        op,
        Operator::RegexMatch
            | Operator::RegexIMatch
            | Operator::RegexNotMatch
            | Operator::RegexNotIMatch
    )
}

/// The text of a constant as messages quote it. A single character is in any message.
fn text_of(value: &ScalarValue) -> Option<String> {
    let text = match value {
        ScalarValue::Utf8(text) | ScalarValue::LargeUtf8(text) | ScalarValue::Utf8View(text) => {
            text.clone()
        }
        _ => None,
    };
    text.filter(|text| !text.is_empty())
}

/// Whether an expression has one value, whatever the rows.
fn is_constant(expression: &Expr) -> Result<bool> {
    let mut constant = true;
    expression.apply(|part| {
        constant = match part {
            Expr::Literal(..)
            | Expr::Alias(_)
            | Expr::BinaryExpr(_)
            | Expr::Like(_)
            | Expr::SimilarTo(_)
            | Expr::Not(_)
            | Expr::IsNotNull(_)
            | Expr::IsNull(_)
            | Expr::IsTrue(_)
            | Expr::IsFalse(_)
            | Expr::IsUnknown(_)
            | Expr::IsNotTrue(_)
            | Expr::IsNotFalse(_)
            | Expr::IsNotUnknown(_)
            | Expr::Negative(_)
            | Expr::Between(_)
            | Expr::Case(_)
            | Expr::Cast(_)
            | Expr::TryCast(_)
            | Expr::InList(_) => true,
            Expr::ScalarFunction(_) => !part.is_volatile_node(),
            _ => false,
        };
        Ok(match constant {
            true => TreeNodeRecursion::Continue,
            false => TreeNodeRecursion::Stop,
        })
    })?;
    Ok(constant)
}
