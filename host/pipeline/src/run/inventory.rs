//! What a project has, as a person looks for it: tables, views, checks, deliveries, functions, variables,
//! each with what it reads and who reads it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::error::RunError;
use super::open::OpenProject;
use crate::project::seed::SEED_SCHEMA;
use crate::query::{QueryError, Session, sql_type};
use crate::store::Snapshot;
use tsugi_core::diagnostic::{did_you_mean, nearest};
use tsugi_core::name::TableName;

/// What something in a project is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ItemKind {
    Source,
    Seed,
    Table,
    View,
    Check,
    Delivery,
    Function,
    Variable,
}

impl ItemKind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Seed => "seed",
            Self::Table => "table",
            Self::View => "view",
            Self::Check => "check",
            Self::Delivery => "delivery",
            Self::Function => "function",
            Self::Variable => "variable",
        }
    }
}

/// One thing of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    pub kind: ItemKind,
    pub name: String,
    /// Published rows; none for what is not published.
    pub rows: Option<u64>,
    /// What it is, as its author says; of a function its plugin, of a variable its value.
    pub description: String,
    /// Where it is written.
    pub file: Option<String>,
}

/// A column of a table or view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ItemColumn {
    pub name: String,
    /// As SQL writes it.
    #[serde(rename = "type")]
    pub kind: String,
    pub personal: bool,
    pub description: String,
}

/// Who reads what, as it is written: a view is named by its readers, not what it reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Neighbours {
    /// What it reads.
    pub reads: BTreeSet<String>,
    /// What reads it: tables, views, and checks and deliveries by their names.
    pub read_by: BTreeSet<String>,
}

impl OpenProject {
    /// Everything in the project, by kind and name.
    pub fn items(&self, snapshot: Option<&Snapshot>) -> Vec<Item> {
        let rows = |table: &TableName| {
            let table = snapshot?.tables.get(table)?;
            Some(table.rows())
        };
        let tables = self.tables().into_iter().map(|(table, kind)| Item {
            kind,
            name: table.to_string(),
            rows: rows(&table),
            description: self.described(&table).unwrap_or_default(),
            file: self.file_of(&table),
        });
        let checks = self.project.checks.values().map(|check| Item {
            kind: ItemKind::Check,
            name: check.name.to_string(),
            rows: None,
            description: check.header.description.clone(),
            file: Some(check.text.file().to_owned()),
        });
        let deliveries = self.plan.deliveries.iter().map(|delivery| {
            let tables: Vec<String> = delivery.tables().iter().map(ToString::to_string).collect();
            Item {
                kind: ItemKind::Delivery,
                name: delivery.name.to_string(),
                rows: None,
                description: format!("sends {}", tables.join(", ")),
                file: None,
            }
        });
        let functions = self.session.functions().iter();
        let functions = functions.map(|(name, plugin)| Item {
            kind: ItemKind::Function,
            name: name.clone(),
            rows: None,
            description: format!("of the plugin {plugin}"),
            file: None,
        });
        let variables = self.project.vars.iter().map(|(name, value)| Item {
            kind: ItemKind::Variable,
            name: format!("${name}"),
            rows: None,
            description: value.to_string(),
            file: None,
        });
        let mut items: Vec<Item> = tables.chain(checks).chain(deliveries).collect();
        items.extend(functions.chain(variables));
        items.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
        items
    }

    /// Every table and view by name.
    pub fn tables(&self) -> BTreeMap<TableName, ItemKind> {
        let reads = self.plan.reads.iter().map(|read| {
            let kind = match read.table.schema.as_str() == SEED_SCHEMA {
                true => ItemKind::Seed,
                false => ItemKind::Source,
            };
            (read.table.clone(), kind)
        });
        let steps = self.plan.steps.iter();
        let steps = steps.map(|step| (step.table.clone(), ItemKind::Table));
        let views = self.plan.views.iter();
        let views = views.map(|view| (view.table.clone(), ItemKind::View));
        reads.chain(steps).chain(views).collect()
    }

    /// What a table is.
    ///
    /// # Errors
    /// When the project has none of this name; with the nearest names.
    pub fn kind_of(&self, table: &TableName) -> Result<ItemKind, RunError> {
        let tables = self.tables();
        tables.get(table).copied().ok_or_else(|| {
            let names: Vec<String> = tables.keys().map(TableName::to_string).collect();
            let near = nearest(&table.to_string(), names.iter().map(String::as_str));
            RunError::Query(QueryError::Sql {
                message: format!("the pipeline has no table `{table}`"),
                place: None,
                hint: did_you_mean(&near).or_else(|| Some("`tsugi ls` lists them".into())),
            })
        })
    }

    /// How many tables a run looks after.
    pub fn tables_of_a_run(&self) -> usize {
        let reads = self.plan.reads.iter();
        let landing = reads.filter(|read| self.lands(&read.table));
        landing.count() + self.plan.steps.len()
    }

    /// What the author of a table says that it is.
    pub fn described(&self, table: &TableName) -> Option<String> {
        let model = self.project.models.get(table)?;
        Some(model.header.description.clone())
    }

    /// The file that a table is written in.
    pub fn file_of(&self, table: &TableName) -> Option<String> {
        let model = self.project.models.get(table);
        let model = model.map(|model| model.text.file().to_owned());
        model.or_else(|| {
            let is_seed = self.project.seeds.contains_key(table);
            is_seed.then(|| format!("seeds/{}.csv", table.name))
        })
    }

    /// The columns of a table or view.
    pub fn columns(&self, table: &TableName) -> Vec<ItemColumn> {
        let planned = self.models.get(table).map(Session::columns);
        let Some(columns) = planned.or_else(|| self.session.schema_of(&table.to_string())) else {
            return Vec::new();
        };
        let (personal, described) = (self.plan.personal.get(table), self.plan.columns.get(table));
        let column = |field: &datafusion::arrow::datatypes::Field| ItemColumn {
            name: field.name().clone(),
            kind: sql_type(field.data_type()),
            personal: personal.is_some_and(|personal| personal.contains(field.name())),
            description: described
                .and_then(|columns| columns.get(field.name()))
                .cloned()
                .unwrap_or_default(),
        };
        columns.fields().iter().map(|field| column(field)).collect()
    }

    /// What a table or view reads, and what reads it.
    pub fn neighbours(&self, table: &TableName) -> Neighbours {
        let views = self.plan.views.iter();
        let made: Vec<_> = self.plan.steps.iter().chain(views).collect();
        let own = made.iter().find(|step| step.table == *table);
        let reads = own.map(|step| step.query.named.iter());
        let mut read_by: BTreeSet<String> = made
            .iter()
            .filter(|step| step.query.named.contains(table))
            .map(|step| step.table.to_string())
            .collect();
        let checks = self.plan.checks.iter();
        let checks = checks.filter(|check| check.query.named.contains(table));
        read_by.extend(checks.map(|check| format!("check {}", check.name)));
        let deliveries = self.plan.deliveries.iter();
        let deliveries = deliveries.filter(|delivery| delivery.tables().contains(table));
        read_by.extend(deliveries.map(|delivery| format!("delivery {}", delivery.name)));
        Neighbours {
            reads: reads
                .into_iter()
                .flatten()
                .map(ToString::to_string)
                .collect(),
            read_by,
        }
    }
}
