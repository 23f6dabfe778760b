//! What headers and pipeline.toml declare of columns, checked against the columns that exist.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::datatypes::{DataType, Schema};
use datafusion::logical_expr::LogicalPlan;

use super::error::QueryError;
use super::session::Session;
use crate::plan::facts::Facts;
use crate::project::Project;
use crate::project::model::Model;
use crate::project::personal::Retain;
use tsugi_core::diagnostic::{Diagnostic, Place, did_you_mean, nearest};
use tsugi_core::name::TableName;

/// What pipeline.toml declares of tables that are not models.
pub(super) fn declared(
    project: &Project,
    session: &Session,
    facts: &mut Facts,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for (table, columns) in &project.personal.columns {
        let Some(place) = columns.first().map(|(_, place)| place) else {
            continue;
        };
        let Some(schema) = columns_of(table, place, project, session, diagnostics) else {
            continue;
        };
        for (column, place) in columns {
            if let Err(error) = is_there(table, column, &schema) {
                diagnostics.push(Diagnostic::of(&error).at(place.clone()));
            }
        }
        let columns: BTreeSet<String> = columns.iter().map(|(column, _)| column.clone()).collect();
        session.tag(table, columns.clone());
        facts.personal.insert(table.clone(), columns);
    }
    for (table, (retain, place)) in &project.personal.retain {
        let Some(schema) = columns_of(table, place, project, session, diagnostics) else {
            continue;
        };
        match has_days(table, retain, &schema) {
            Ok(()) => {
                facts.retain.insert(table.clone(), retain.clone());
            }
            Err(error) => diagnostics.push(Diagnostic::of(&error).at(place.clone())),
        }
    }
}

/// What the header of a model declares, and what its query inherits.
pub(super) fn of_model(
    model: &Model,
    plan: &LogicalPlan,
    session: &Session,
    facts: &mut Facts,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let schema = Session::columns(plan);
    let flags = session.personal(plan);
    let inherited = schema.fields().iter().zip(flags).filter(|(_, flag)| *flag);
    let mut columns: BTreeSet<String> = inherited.map(|(field, _)| field.name().clone()).collect();
    for (column, span) in &model.header.personal {
        match is_there(&model.table, column, &schema) {
            Ok(()) => {
                columns.insert(column.clone());
            }
            Err(error) => diagnostics.push(model.text.diagnostic(span, &error)),
        }
    }
    if !columns.is_empty() {
        session.tag(&model.table, columns.clone());
        facts.personal.insert(model.table.clone(), columns);
    }
    let mut described = BTreeMap::new();
    for column in &model.header.columns {
        match is_there(&model.table, &column.name, &schema) {
            Ok(()) => {
                described.insert(column.name.clone(), column.text.clone());
            }
            Err(error) => diagnostics.push(model.text.diagnostic(&column.span, &error)),
        }
    }
    if !described.is_empty() && !model.is_view() {
        facts.columns.insert(model.table.clone(), described);
    }
    if let Some((retain, span)) = &model.header.retain {
        match has_days(&model.table, retain, &schema) {
            Ok(()) => {
                facts.retain.insert(model.table.clone(), retain.clone());
            }
            Err(error) => diagnostics.push(model.text.diagnostic(span, &error)),
        }
    }
}

/// The columns of a table that pipeline.toml may declare.
fn columns_of(
    table: &TableName,
    place: &Place,
    project: &Project,
    session: &Session,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<std::sync::Arc<Schema>> {
    let refused = |message: String, hint: Option<String>| {
        let place = Some(place.clone());
        Diagnostic::of(&QueryError::Sql {
            message,
            place,
            hint,
        })
    };
    if let Some(model) = project.models.get(table) {
        let message = format!("`{table}` is a model");
        let hint = format!(
            "write it at the top of {}: -- @personal …, -- @retain …",
            model.text.file()
        );
        diagnostics.push(refused(message, Some(hint)));
        return None;
    }
    let known = session.tables();
    let found = session.schema_of(&table.to_string());
    // The tables of a source that does not open are missing for that one reason.
    let prefix = format!("{}.", table.schema);
    let is_of_source = project.sources.contains_key(table.schema.as_str());
    let unopened = is_of_source && !known.iter().any(|name| name.starts_with(&prefix));
    if found.is_none() && !unopened {
        let near = nearest(&table.to_string(), known.iter().map(String::as_str));
        let message = format!("there is no table `{table}`");
        diagnostics.push(refused(message, did_you_mean(&near)));
    }
    found
}

fn is_there(table: &TableName, column: &str, schema: &Schema) -> Result<(), QueryError> {
    if schema.column_with_name(column).is_some() {
        return Ok(());
    }
    let known: Vec<&str> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    let near = nearest(column, known.iter().copied());
    Err(QueryError::Sql {
        message: format!("there is no column `{column}` in `{table}`"),
        place: None,
        hint: did_you_mean(&near).or_else(|| Some(format!("it has {}", known.join(", ")))),
    })
}

fn has_days(table: &TableName, retain: &Retain, schema: &Schema) -> Result<(), QueryError> {
    is_there(table, &retain.by, schema)?;
    let kind = schema
        .field_with_name(&retain.by)
        .map(|field| field.data_type());
    match kind {
        Ok(DataType::Date32 | DataType::Timestamp(..)) => Ok(()),
        _ => Err(QueryError::Sql {
            message: format!("`{}` of `{table}` is no date", retain.by),
            place: None,
            hint: Some("name a column of the type date or timestamp".into()),
        }),
    }
}
