//! The arguments of a call of a table function, matched to its ports and options: every subquery
//! is a relation, every other argument is named and a literal.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::{Field, FieldRef, Fields};
use datafusion::common::{DFSchema, DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::planner::RelationPlannerContext;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::optimizer::Analyzer;
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::sql::sqlparser::ast::{Expr as SqlExpr, FunctionArg, FunctionArgExpr, TableFactor};

use super::call::{Call, TableCall};
use crate::error::FunctionError;
use crate::set::OfferedTable;
use crate::types::coerced;
use tsugi_sandbox::{InputPort, PortFacts, TableFunction, plain};

fn wrong(function: &TableFunction, what: String) -> DataFusionError {
    FunctionError::Argument {
        function: function.name.clone(),
        what,
        takes: signature(function),
    }
    .into()
}

/// `topics((SELECT …), rules => (SELECT …), minimum => Int64)`.
fn signature(function: &TableFunction) -> String {
    let ports = function
        .ports
        .iter()
        .enumerate()
        .map(|(i, port)| match (i, port.required) {
            (0, true) => "(SELECT …)".to_owned(),
            (_, true) => format!("{} => (SELECT …)", port.name),
            (_, false) => format!("[{} => (SELECT …)]", port.name),
        });
    let options = function.options.iter().map(|option| match option.required {
        true => format!("{} => {}", option.name, option.data_type),
        false => format!("[{} => {}]", option.name, option.data_type),
    });
    let arguments: Vec<String> = ports.chain(options).collect();
    format!("{}({})", function.name, arguments.join(", "))
}

/// The arguments by the position of their port or option.
#[derive(Default)]
struct Arguments {
    relations: BTreeMap<usize, LogicalPlan>,
    options: BTreeMap<usize, ScalarValue>,
}

/// The node of a call.
///
/// # Errors
/// [`FunctionError::Argument`], and what the plugin refuses.
pub(super) fn call(
    offered: &OfferedTable,
    args: &[FunctionArg],
    context: &mut dyn RelationPlannerContext,
    analyzer: &Analyzer,
) -> Result<TableCall> {
    let function = &offered.function;
    let mut arguments = Arguments::default();
    for arg in args {
        add(function, arg, &mut arguments, context)?;
    }
    refuse_missing(function, &arguments)?;
    let mut inputs = Vec::new();
    let mut ports = Vec::new();
    let relations = arguments.relations.into_iter();
    let of_port = |(i, plan)| Some((function.ports.get(i)?, plan));
    let config = context.context_provider().options().clone();
    for (port, plan) in relations.filter_map(of_port) {
        let plan = analyzer.execute_and_check(plan, &config, |_, _| {})?;
        ports.push(InputPort {
            name: port.name.clone(),
            fields: crossing(function, port, &plan)?,
        });
        inputs.push(with_sort_columns(plan));
    }
    let options = arguments
        .options
        .into_iter()
        .filter_map(|(i, value)| Some((function.options.get(i)?.name.clone(), value)))
        .collect();
    let call = Call {
        key: offered.key.clone(),
        function: function.name.clone(),
        ports,
        options,
    };
    TableCall::plan(&offered.live, call, inputs)
}

/// A relation that is sorted by columns it does not return, with these columns after its own: only
/// so can the call require the order of its input. They do not cross.
fn with_sort_columns(plan: LogicalPlan) -> LogicalPlan {
    let LogicalPlan::Projection(projection) = &plan else {
        return plan;
    };
    let input = &projection.input;
    let is_first = |(at, column): (usize, &Expr)| match column {
        Expr::Column(column) => input.schema().maybe_index_of_column(column) == Some(at),
        _ => false,
    };
    match input.as_ref() {
        LogicalPlan::Sort(_) if projection.expr.iter().enumerate().all(is_first) => {
            LogicalPlan::clone(input)
        }
        _ => plan,
    }
}

fn refuse_missing(function: &TableFunction, arguments: &Arguments) -> Result<()> {
    let mut ports = function.ports.iter().enumerate();
    let absent = ports.find(|(i, port)| port.required && !arguments.relations.contains_key(i));
    if let Some((_, port)) = absent {
        let what = format!("the relation `{}` is missing", port.name);
        return Err(wrong(function, what));
    }
    let mut options = function.options.iter().enumerate();
    let absent = options.find(|(i, option)| option.required && !arguments.options.contains_key(i));
    match absent {
        Some((_, option)) => {
            let what = format!("the argument `{}` is missing", option.name);
            Err(wrong(function, what))
        }
        None => Ok(()),
    }
}

fn add(
    function: &TableFunction,
    arg: &FunctionArg,
    arguments: &mut Arguments,
    context: &mut dyn RelationPlannerContext,
) -> Result<()> {
    let (name, value) = match arg {
        FunctionArg::Unnamed(value) => (None, value),
        FunctionArg::Named { name, arg, .. } => (Some(context.normalize_ident(name.clone())), arg),
        FunctionArg::ExprNamed { name, .. } => {
            let what = format!("`{name}` is not the name of an argument");
            return Err(wrong(function, what));
        }
    };
    let FunctionArgExpr::Expr(value) = value else {
        return Err(wrong(function, "`*` is not an argument".to_owned()));
    };
    if let SqlExpr::Subquery(query) = value {
        let derived = TableFactor::Derived {
            lateral: false,
            subquery: query.clone(),
            alias: None,
            sample: None,
        };
        let (index, port) = port_of(function, name.as_deref(), arguments)?;
        let plan = context.plan(derived)?;
        return match arguments.relations.insert(index, plan) {
            None => Ok(()),
            Some(_) => {
                let what = format!("the relation `{}` is given twice", port.name);
                Err(wrong(function, what))
            }
        };
    }
    let Some(name) = name else {
        let what = format!(
            "`{value}` has no name: write `name => {value}`, or `(SELECT …)` for a relation"
        );
        return Err(wrong(function, what));
    };
    let mut options = function.options.iter().enumerate();
    let Some((index, option)) = options.find(|(_, option)| option.name == name) else {
        return Err(wrong(function, format!("there is no argument `{name}`")));
    };
    let literal = literal(function, &name, value, context)?;
    let expected = &option.data_type;
    let literal = literal.cast_to(expected).map_err(|_| {
        let what = format!("`{name}` is {literal}, which is not {expected}");
        wrong(function, what)
    })?;
    match arguments.options.insert(index, literal) {
        None => Ok(()),
        Some(_) => {
            let what = format!("the argument `{name}` is given twice");
            Err(wrong(function, what))
        }
    }
}

/// The port of a relation: the one of its name, or the first that has no relation yet.
fn port_of<'f>(
    function: &'f TableFunction,
    name: Option<&str>,
    arguments: &Arguments,
) -> Result<(usize, &'f PortFacts)> {
    let mut ports = function.ports.iter().enumerate();
    let found = match name {
        Some(name) => ports.find(|(_, port)| port.name == name),
        None => ports.find(|(i, _)| !arguments.relations.contains_key(i)),
    };
    found.ok_or_else(|| {
        let what = match name {
            Some(name) => format!("there is no relation `{name}`"),
            None => "there are more relations than it takes".to_owned(),
        };
        wrong(function, what)
    })
}

fn literal(
    function: &TableFunction,
    name: &str,
    value: &SqlExpr,
    context: &mut dyn RelationPlannerContext,
) -> Result<ScalarValue> {
    let schema = Arc::new(DFSchema::empty());
    let expr = context.sql_to_expr(value.clone(), &schema)?;
    let simplifier = ExprSimplifier::new(SimplifyContext::builder().with_schema(schema).build());
    match simplifier.simplify(expr)? {
        Expr::Literal(value, _) => Ok(value),
        _ => Err(wrong(
            function,
            format!("`{name}` must be a literal, not `{value}`"),
        )),
    }
}

/// The columns of a relation in the types that cross, checked against those of the port.
fn crossing(function: &TableFunction, port: &PortFacts, plan: &LogicalPlan) -> Result<Fields> {
    let mut fields: Vec<FieldRef> = Vec::new();
    for field in plan.schema().fields() {
        let Some(data_type) = plain(field.data_type()) else {
            let what = format!(
                "the column `{}` of `{}` is {}, which cannot cross into a plugin",
                field.name(),
                port.name,
                field.data_type()
            );
            return Err(wrong(function, what));
        };
        let field = Field::new(field.name(), data_type, field.is_nullable());
        fields.push(Arc::new(field));
    }
    for required in &port.columns {
        let found = fields
            .iter_mut()
            .find(|field| field.name() == required.name());
        let Some(found) = found else {
            let names: Vec<&str> = fields.iter().map(|field| field.name().as_str()).collect();
            let what = format!(
                "the relation `{}` has no column `{}` (it has {})",
                port.name,
                required.name(),
                names.join(", ")
            );
            return Err(wrong(function, what));
        };
        let param: Fields = vec![Arc::clone(required)].into();
        if coerced(&param, std::slice::from_ref(found.data_type())).is_none() {
            let what = format!(
                "the column `{}` of `{}` is {}, not {}",
                required.name(),
                port.name,
                found.data_type(),
                required.data_type()
            );
            return Err(wrong(function, what));
        }
        let data_type = required.data_type().clone();
        *found = Arc::new(Field::new(required.name(), data_type, found.is_nullable()));
    }
    Ok(fields.into())
}
