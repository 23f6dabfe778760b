//! The functions of a project's plugins as an analyst looks them up: how each is called, and what columns it returns.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields};
use datafusion::common::ScalarValue;
use serde::Serialize;

use super::error::RunError;
use super::load::{Loaded, plain_uses};
use crate::project::Project;
use crate::project::component::Component;
use crate::query::sql_type;
use tsugi_core::name::PluginName;
use tsugi_sandbox::{BoundTable, InputPort, Plugin, Sandbox, TableFunction};

/// One function.
#[derive(Clone, Debug, Serialize)]
pub struct DescribedFunction {
    pub plugin: String,
    pub name: String,
    /// scalar, aggregate or table.
    pub kind: &'static str,
    /// How it is called.
    pub call: String,
    /// What it is for.
    pub doc: String,
    /// Name and type of each result column, or of each field of a struct; one without a name for other values. Empty
    /// where they depend on what the function is called with.
    pub columns: Vec<(String, String)>,
}

/// The functions of every plugin that the project names, by plugin and name. No SQL of the project is read.
///
/// # Errors
/// A component that cannot be loaded, or describes nothing that is valid.
pub fn describe_functions(
    sandbox: &Sandbox,
    project: &Project,
    components: &BTreeMap<PluginName, Component>,
) -> Result<Vec<DescribedFunction>, RunError> {
    let loaded: Loaded = plain_uses(sandbox, project, components)?;
    let mut all = Vec::new();
    for ((name, _), plugin) in &loaded {
        all.extend(of_plugin(name, plugin)?);
    }
    all.sort_by(|left, right| (&left.plugin, &left.name).cmp(&(&right.plugin, &right.name)));
    Ok(all)
}

fn of_plugin(name: &PluginName, plugin: &Arc<Plugin>) -> Result<Vec<DescribedFunction>, RunError> {
    let metadata = plugin.metadata()?;
    let described = |kind, function: &str, call, doc: &str, columns| DescribedFunction {
        plugin: name.to_string(),
        name: function.to_owned(),
        kind,
        call,
        doc: doc.to_owned(),
        columns,
    };
    let one = |kind, function: &str, params: &Fields, returns: &FieldRef, doc: &str| {
        let call = format!("{function}({})", arguments(params));
        let columns = match returns.data_type() {
            DataType::Struct(fields) => named(fields),
            one => vec![(String::new(), sql_type(one))],
        };
        described(kind, function, call, doc, columns)
    };
    let scalars = metadata.scalars.iter();
    let scalars = scalars.map(|f| one("scalar", &f.name, &f.params, &f.returns, &f.doc));
    let aggregates = metadata.aggregates.iter();
    let aggregates = aggregates.map(|f| one("aggregate", &f.name, &f.params, &f.returns, &f.doc));
    let tables = metadata.tables.iter().map(|f| {
        let columns = columns(plugin, f).unwrap_or_default();
        described("table", &f.name, table_call(f), &f.doc, columns)
    });
    Ok(scalars.chain(aggregates).chain(tables).collect())
}

fn arguments(params: &Fields) -> String {
    let of = |field: &FieldRef| format!("{} {}", field.name(), sql_type(field.data_type()));
    params.iter().map(of).collect::<Vec<_>>().join(", ")
}

/// `f(rows => (…: a TEXT), alpha => DOUBLE, [more => …])`, what may be left out in brackets.
fn table_call(function: &TableFunction) -> String {
    let optional = |required: bool, text: String| match required {
        true => text,
        false => format!("[{text}]"),
    };
    let ports = function.ports.iter().map(|port| {
        let columns = arguments(&port.columns);
        let columns = if columns.is_empty() { "…" } else { &columns };
        optional(port.required, format!("{} => ({columns})", port.name))
    });
    let options = function.options.iter().map(|option| {
        let text = format!("{} => {}", option.name, sql_type(&option.data_type));
        optional(option.required, text)
    });
    let all: Vec<String> = ports.chain(options).collect();
    format!("{}({})", function.name, all.join(", "))
}

/// The columns that a table function returns for its required inputs with the columns it names, and beside them a
/// text where it wants one more; none where they depend on more than that.
fn columns(plugin: &Arc<Plugin>, function: &TableFunction) -> Option<Vec<(String, String)>> {
    let required = || function.ports.iter().filter(|port| port.required);
    let inputs = |more: bool| -> Vec<InputPort> {
        let ports = required().enumerate().map(|(at, port)| {
            let mut fields: Vec<FieldRef> = port.columns.iter().cloned().collect();
            if more && at == 0 {
                fields.push(Arc::new(Field::new("other", DataType::Utf8, true)));
            }
            InputPort {
                name: port.name.clone(),
                fields: fields.into(),
            }
        });
        ports.collect()
    };
    let options: Option<Vec<(FieldRef, ArrayRef)>> = function
        .options
        .iter()
        .filter(|option| option.required)
        .map(|option| {
            let value = example(&option.data_type)?.to_array().ok()?;
            let field = Field::new(&option.name, option.data_type.clone(), true);
            Some((Arc::new(field), value))
        })
        .collect();
    let options = options?;
    let bound = [false, true]
        .into_iter()
        .find_map(|more| BoundTable::new(plugin, &function.name, inputs(more), &options).ok())?;
    Some(named(bound.returns().fields()))
}

fn named(fields: &Fields) -> Vec<(String, String)> {
    let of = |field: &FieldRef| (field.name().clone(), sql_type(field.data_type()));
    fields.iter().map(of).collect()
}

/// A value that an option of a type may have, which changes no column.
fn example(data_type: &DataType) -> Option<ScalarValue> {
    Some(match data_type {
        DataType::Utf8 => ScalarValue::from("2026-01-01"),
        DataType::Int64 => ScalarValue::from(1_i64),
        DataType::Float64 => ScalarValue::from(0.5),
        DataType::Boolean => ScalarValue::from(true),
        _ => return None,
    })
}
