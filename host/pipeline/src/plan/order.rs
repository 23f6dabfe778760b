//! The order of models: each after all that it reads, the same for the same project.

use std::collections::{BTreeMap, BTreeSet};

use super::error::{PlanError, User};
use super::facts::TableUse;
use crate::project::Project;
use tsugi_core::diagnostic::{Diagnostic, Explain, Place, nearest};
use tsugi_core::name::TableName;
use tsugi_core::source_text::SourceText;

/// The models in the order in which they can run. `uses` has every table that each model
/// names, `known` every table that is not a model's.
///
/// # Errors
/// Every unknown table and every circle.
pub fn order(
    project: &Project,
    uses: &BTreeMap<TableName, Vec<TableUse>>,
    known: &BTreeSet<TableName>,
) -> Result<Vec<TableName>, Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    let mut waits: BTreeMap<&TableName, BTreeMap<&TableName, &TableUse>> = BTreeMap::new();
    for (model, named) in uses {
        let needed = waits.entry(model).or_default();
        for table_use in named {
            match found(&table_use.table, uses, known) {
                Some(UsedTable::Model(table)) => {
                    needed.entry(table).or_insert(table_use);
                }
                Some(UsedTable::Other) => {}
                None => diagnostics.push(unknown(
                    project,
                    User::Model(model.clone()),
                    table_use,
                    uses,
                    known,
                )),
            }
        }
    }
    let mut ordered = Vec::new();
    let mut done: BTreeSet<&TableName> = BTreeSet::new();
    let mut readers: BTreeMap<&TableName, Vec<&TableName>> = BTreeMap::new();
    let mut open: BTreeMap<&TableName, usize> = BTreeMap::new();
    for (model, needed) in &waits {
        open.insert(model, needed.len());
        for table in needed.keys() {
            readers.entry(table).or_default().push(model);
        }
    }
    let none_open = open.iter().filter(|(_, open)| **open == 0);
    let mut ready: BTreeSet<&TableName> = none_open.map(|(model, _)| *model).collect();
    // One model a turn, the first by name of those that wait for nothing: the order depends on
    // the names and the SQL alone.
    while let Some(model) = ready.pop_first() {
        done.insert(model);
        ordered.push(model.clone());
        for reader in readers.get(model).into_iter().flatten() {
            if let Some(left) = open.get_mut(reader) {
                *left -= 1;
                if *left == 0 {
                    ready.insert(reader);
                }
            }
        }
    }
    waits.retain(|model, _| !done.contains(model));
    for needed in waits.values_mut() {
        needed.retain(|table, _| !done.contains(table));
    }
    diagnostics.extend(circles(project, &waits));
    if diagnostics.is_empty() {
        Ok(ordered)
    } else {
        Err(diagnostics)
    }
}

enum UsedTable<'u> {
    Model(&'u TableName),
    Other,
}

fn found<'u>(
    written: &str,
    models: &'u BTreeMap<TableName, Vec<TableUse>>,
    known: &BTreeSet<TableName>,
) -> Option<UsedTable<'u>> {
    let table: TableName = written.parse().ok()?;
    match models.get_key_value(&table) {
        Some((model, _)) => Some(UsedTable::Model(model)),
        None => known.contains(&table).then_some(UsedTable::Other),
    }
}

fn unknown(
    project: &Project,
    user: User,
    table_use: &TableUse,
    models: &BTreeMap<TableName, Vec<TableUse>>,
    known: &BTreeSet<TableName>,
) -> Diagnostic {
    let all: BTreeSet<String> = models
        .keys()
        .chain(known)
        .map(TableName::to_string)
        .collect();
    let itself = match &user {
        User::Model(table) => table.to_string(),
        User::Check(_) | User::Delivery(_) | User::Tables(_) => String::new(),
    };
    let others = all
        .iter()
        .map(String::as_str)
        .filter(|name| *name != itself);
    let error = PlanError::UnknownTable {
        table: table_use.table.clone(),
        nearest: nearest(&table_use.table, others)
            .into_iter()
            .map(str::to_owned)
            .collect(),
        user,
    };
    at(project, &error, &table_use.place, table_use.table.len())
}

/// Every model here waits for another one here: following the first of each must come back to
/// where it was.
fn circles(
    project: &Project,
    waits: &BTreeMap<&TableName, BTreeMap<&TableName, &TableUse>>,
) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let mut visited: BTreeSet<&TableName> = BTreeSet::new();
    for start in waits.keys() {
        let mut walk: Vec<(&TableName, &TableUse)> = Vec::new();
        let mut model = *start;
        while visited.insert(model) {
            let Some((next, table_use)) = waits.get(model).and_then(|needed| needed.iter().next())
            else {
                break;
            };
            walk.push((model, table_use));
            model = next;
        }
        // The walk may also have ended at a circle that is reported already.
        let Some(from) = walk.iter().position(|(walked, _)| *walked == model) else {
            continue;
        };
        let circle = walk.get(from..).unwrap_or_default();
        let path = circle.iter().map(|(model, _)| (*model).clone());
        let error = PlanError::Cycle {
            path: path.chain(std::iter::once(model.clone())).collect(),
            places: circle
                .iter()
                .map(|(_, table_use)| table_use.place.to_string())
                .collect(),
        };
        if let Some((_, first)) = circle.first() {
            diagnostics.push(at(project, &error, &first.place, first.table.len()));
        }
    }
    diagnostics
}

/// An error at a place of one of the project's SQL files, with the line it is about.
pub(super) fn at(
    project: &Project,
    error: &dyn Explain,
    place: &Place,
    length_bytes: usize,
) -> Diagnostic {
    let diagnostic = Diagnostic::of(error).at(place.clone());
    let models = project.models.values().map(|model| &model.text);
    let checks = project.checks.values().map(|check| &check.text);
    let text: Option<&SourceText> = models
        .chain(checks)
        .find(|text| text.file() == place.file && place.line > 0);
    let snippet = text.map(|text| {
        let start = text.offset(u64::from(place.line), u64::from(place.column));
        text.snippet(&(start..start + length_bytes))
    });
    diagnostic.with_snippet(snippet)
}

/// The tables that a query names, each as one of the project's.
pub(super) fn inputs(
    project: &Project,
    user: &User,
    named: &[TableUse],
    models: &BTreeMap<TableName, Vec<TableUse>>,
    known: &BTreeSet<TableName>,
) -> Result<BTreeSet<TableName>, Vec<Diagnostic>> {
    let mut tables = BTreeSet::new();
    let mut diagnostics = Vec::new();
    for table_use in named {
        match table_use.table.parse() {
            Ok(table) if models.contains_key(&table) || known.contains(&table) => {
                tables.insert(table);
            }
            _ => diagnostics.push(unknown(project, user.clone(), table_use, models, known)),
        }
    }
    if diagnostics.is_empty() {
        Ok(tables)
    } else {
        Err(diagnostics)
    }
}
