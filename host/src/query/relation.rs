//! `FROM f((SELECT …), rules => (SELECT …), minimum => 3)`: a plugin's table function in SQL.
//!
//! DataFusion's own table functions take no relations; its relation planner sees the call whole.
//! Each subquery is planned and becomes an input of one extension node; every other argument is
//! named and a literal.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::{Field, Fields};
use datafusion::common::{DFSchema, DataFusionError, Result, ScalarValue, TableReference};
use datafusion::logical_expr::planner::{
    PlannedRelation, RelationPlanner, RelationPlannerContext, RelationPlanning,
};
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{Expr, Extension, LogicalPlan};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::sql::sqlparser::ast::{Expr as SqlExpr, FunctionArg, FunctionArgExpr, TableFactor};

use super::error::QueryError;
use super::live::PluginKey;
use super::operator::TableCall;
use crate::sandbox::{InputPort, OptionFacts, PortFacts, TableFunction, plain};

/// A table function and the plugin it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Offered {
    /// The plugin.
    pub key: PluginKey,
    /// What it takes.
    pub function: TableFunction,
}

/// Plans calls of the table functions it knows.
#[derive(Debug, Default)]
pub struct Calls {
    functions: BTreeMap<String, Offered>,
}

impl Calls {
    /// Knows these functions.
    pub fn new(functions: BTreeMap<String, Offered>) -> Self {
        Self { functions }
    }
}

impl RelationPlanner for Calls {
    fn plan_relation(
        &self,
        relation: TableFactor,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<RelationPlanning> {
        let TableFactor::Table {
            name,
            args: Some(args),
            alias,
            ..
        } = &relation
        else {
            return Ok(RelationPlanning::Original(Box::new(relation)));
        };
        let reference = context.object_name_to_table_reference(name.clone())?;
        let Some(offered) = self.functions.get(reference.table()) else {
            return Ok(RelationPlanning::Original(Box::new(relation)));
        };
        let alias = alias.clone();
        let name = reference.table().to_owned();
        let plan = call(offered, &args.args, context)?;
        let plan = LogicalPlan::Extension(Extension {
            node: Arc::new(plan),
        });
        let plan = match &alias {
            Some(_) => plan,
            // Without an alias its columns may be qualified by the function's own name.
            None => {
                use datafusion::logical_expr::LogicalPlanBuilder;
                LogicalPlanBuilder::from(plan)
                    .alias(TableReference::bare(name))?
                    .build()?
            }
        };
        Ok(RelationPlanning::Planned(Box::new(PlannedRelation::new(
            plan, alias,
        ))))
    }
}

fn wrong(function: &TableFunction, what: String) -> DataFusionError {
    QueryError::Argument {
        function: function.name.clone(),
        what,
        takes: described(function),
    }
    .into()
}

/// `topics((SELECT …), rules => (SELECT …), minimum => Int64)`.
pub fn described(function: &TableFunction) -> String {
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
    format!(
        "{}({})",
        function.name,
        ports.chain(options).collect::<Vec<_>>().join(", ")
    )
}

/// What stands between the parentheses, sorted out.
#[derive(Default)]
struct Arguments {
    relations: BTreeMap<usize, LogicalPlan>,
    options: BTreeMap<usize, ScalarValue>,
}

fn call(
    offered: &Offered,
    args: &[FunctionArg],
    context: &mut dyn RelationPlannerContext,
) -> Result<TableCall> {
    let function = &offered.function;
    let mut given = Arguments::default();
    for arg in args {
        take(function, arg, &mut given, context)?;
    }
    if let Some(port) = missing(&function.ports, &given.relations) {
        return Err(wrong(function, format!("the relation `{port}` is missing")));
    }
    let absent = |(i, option): (usize, &OptionFacts)| {
        (option.required && !given.options.contains_key(&i)).then(|| option.name.clone())
    };
    if let Some(option) = function.options.iter().enumerate().find_map(absent) {
        return Err(wrong(
            function,
            format!("the argument `{option}` is missing"),
        ));
    }
    let mut inputs = Vec::new();
    let mut ports = Vec::new();
    let relations = given.relations.into_iter();
    let of_port = |(i, plan)| Some((function.ports.get(i)?, plan));
    for (port, plan) in relations.filter_map(of_port) {
        ports.push(InputPort {
            name: port.name.clone(),
            fields: crossing(function, port, &plan)?,
        });
        inputs.push(plan);
    }
    let options = given
        .options
        .into_iter()
        .filter_map(|(i, value)| Some((function.options.get(i)?.name.clone(), value)))
        .collect();
    TableCall::plan(
        offered.key.clone(),
        function.name.clone(),
        ports,
        options,
        inputs,
    )
}

fn missing<'a>(ports: &'a [PortFacts], given: &BTreeMap<usize, LogicalPlan>) -> Option<&'a str> {
    let absent = |(i, port): &(usize, &PortFacts)| port.required && !given.contains_key(i);
    ports
        .iter()
        .enumerate()
        .find(absent)
        .map(|(_, port)| port.name.as_str())
}

fn take(
    function: &TableFunction,
    arg: &FunctionArg,
    given: &mut Arguments,
    context: &mut dyn RelationPlannerContext,
) -> Result<()> {
    let (name, value) = match arg {
        FunctionArg::Unnamed(value) => (None, value),
        FunctionArg::Named { name, arg, .. } => (Some(context.normalize_ident(name.clone())), arg),
        FunctionArg::ExprNamed { name, .. } => {
            return Err(wrong(
                function,
                format!("`{name}` is not the name of an argument"),
            ));
        }
    };
    let FunctionArgExpr::Expr(value) = value else {
        return Err(wrong(function, "`*` is not an argument".to_owned()));
    };
    if let SqlExpr::Subquery(query) = value {
        let index = port_of(function, name.as_deref(), given)?;
        let derived = TableFactor::Derived {
            lateral: false,
            subquery: query.clone(),
            alias: None,
            sample: None,
        };
        let plan = context.plan(derived)?;
        return match given.relations.insert(index, plan) {
            None => Ok(()),
            Some(_) => {
                let port = function.ports.get(index).map_or("", |port| &port.name);
                Err(wrong(
                    function,
                    format!("the relation `{port}` is given twice"),
                ))
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
    let due = &option.data_type;
    let literal = literal.cast_to(due).map_err(|_| {
        let what = format!("`{name}` is {literal}, which is not {due}");
        wrong(function, what)
    })?;
    match given.options.insert(index, literal) {
        None => Ok(()),
        Some(_) => Err(wrong(
            function,
            format!("the argument `{name}` is given twice"),
        )),
    }
}

fn port_of(function: &TableFunction, name: Option<&str>, given: &Arguments) -> Result<usize> {
    let found = match name {
        Some(name) => function.ports.iter().position(|port| port.name == name),
        None => (0..function.ports.len()).find(|i| !given.relations.contains_key(i)),
    };
    found.ok_or_else(|| match name {
        Some(name) => wrong(function, format!("there is no relation `{name}`")),
        None => wrong(
            function,
            "there are more relations than it takes".to_owned(),
        ),
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

/// The columns of a relation in the types that cross, checked against what the port asks for.
fn crossing(function: &TableFunction, port: &PortFacts, plan: &LogicalPlan) -> Result<Fields> {
    let mut fields = Vec::new();
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
        fields.push(Arc::new(Field::new(
            field.name(),
            data_type,
            field.is_nullable(),
        )));
    }
    for due in &port.columns {
        let Some(there) = fields.iter_mut().find(|field| field.name() == due.name()) else {
            let there: Vec<&str> = fields.iter().map(|field| field.name().as_str()).collect();
            let what = format!(
                "the relation `{}` has no column `{}` (it has {})",
                port.name,
                due.name(),
                there.join(", ")
            );
            return Err(wrong(function, what));
        };
        let given = std::slice::from_ref(there.data_type());
        let one: Fields = vec![Arc::clone(due)].into();
        if super::types::coerced(&one, given).is_none() {
            let what = format!(
                "the column `{}` of `{}` is {}, not {}",
                due.name(),
                port.name,
                there.data_type(),
                due.data_type()
            );
            return Err(wrong(function, what));
        }
        let field = Field::new(due.name(), due.data_type().clone(), there.is_nullable());
        *there = Arc::new(field);
    }
    Ok(fields.into())
}
