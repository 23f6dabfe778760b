//! Deliveries and the tables that pipeline.toml names: each must be one that a run publishes.

use std::collections::BTreeSet;

use serde::Serialize;

use super::error::{PlanError, User};
use super::facts::TableUse;
use super::{Builder, order};
use crate::project::component::Digest;
use crate::project::delivery::{Contract, Delivery, Rates};
use crate::project::located::Located;
use crate::project::pipeline::Reads;
use tsugi_core::diagnostic::Explain;
use tsugi_core::name::{DeliveryName, PluginName, SinkName, TableName};

/// One delivery: rows of a table to a sink.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct DeliveryStep {
    /// Its name in pipeline.toml.
    pub name: DeliveryName,
    /// A table that a run publishes.
    pub from: TableName,
    pub sink: SinkName,
    /// How fast rows may leave.
    pub rates: Rates,
    /// What the rows are, and which of them leave.
    #[serde(flatten)]
    pub contract: DeliveryContract,
    /// The plugin of the sink.
    pub plugin: PluginName,
    /// The digest of its component.
    pub digest: Digest,
}

/// What the rows of a delivery are.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum DeliveryContract {
    /// Rows for a system.
    Records(RecordContract),
    Messages {
        /// The table that counts complaints.
        complaints: Option<TableName>,
    },
}

/// Which rows of a table are records, and when they leave.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct RecordContract {
    /// The columns that identify a row; at least one.
    pub key: Vec<String>,
    /// The columns in whose order rows leave; the key comes after them.
    pub order_by: Vec<String>,
    /// An SQL predicate: rows for which it is not true do not leave.
    pub only_if: Option<String>,
    /// The column with the moment before which a row does not leave.
    pub not_before: Option<String>,
}

impl DeliveryStep {
    /// The tables that it reads.
    pub(crate) fn tables(&self) -> BTreeSet<&TableName> {
        let complaints = match &self.contract {
            DeliveryContract::Messages { complaints } => complaints.as_ref(),
            DeliveryContract::Records(_) => None,
        };
        complaints.into_iter().chain([&self.from]).collect()
    }
}

impl Builder<'_> {
    pub(super) fn deliveries(&mut self) -> Vec<DeliveryStep> {
        let project = self.project;
        project
            .deliveries
            .values()
            .filter_map(|delivery| self.delivery(delivery))
            .collect()
    }

    fn delivery(&mut self, delivery: &Delivery) -> Option<DeliveryStep> {
        let user = User::Delivery(delivery.name.clone());
        let from = self.published(&user, &delivery.from);
        let contract = match &delivery.contract {
            Contract::Messages { complaints: None } => {
                DeliveryContract::Messages { complaints: None }
            }
            Contract::Messages {
                complaints: Some(table),
            } => DeliveryContract::Messages {
                complaints: Some(self.published(&user, table)?),
            },
            Contract::Records(records) => {
                let columns = |columns: &[Located<String>]| {
                    columns.iter().map(|one| one.value.clone()).collect()
                };
                let text = |one: &Located<String>| one.value.clone();
                DeliveryContract::Records(RecordContract {
                    key: columns(&records.key),
                    order_by: columns(&records.order_by),
                    only_if: records.only_if.as_ref().map(text),
                    not_before: records.not_before.as_ref().map(text),
                })
            }
        };
        let plugin = self.project.sinks.get(&delivery.sink)?.plugin.clone();
        Some(DeliveryStep {
            name: delivery.name.clone(),
            from: from?,
            sink: delivery.sink.clone(),
            rates: delivery.rates,
            contract,
            digest: *self.facts.plugins.get(&plugin)?,
            plugin,
        })
    }

    /// The tables that `[tables]` names.
    pub(super) fn named_tables(&mut self) {
        let project = self.project;
        for (key, table) in project.tables.named() {
            self.published(&User::Tables(key), &table.with_text());
        }
    }

    /// A table that a run publishes: of a model, a seed or a stream of a source.
    fn published(&mut self, user: &User, written: &Located<String>) -> Option<TableName> {
        let named = [TableUse {
            table: written.value.clone(),
            place: written.place.clone(),
        }];
        let tables = order::inputs(self.project, user, &named, &self.uses, &self.known);
        let table = match tables {
            Ok(tables) => tables.into_iter().next()?,
            Err(diagnostics) => {
                let snippet = Some(written.snippet.clone());
                let diagnostics = diagnostics.into_iter();
                let diagnostics =
                    diagnostics.map(|diagnostic| diagnostic.with_snippet(snippet.clone()));
                self.diagnostics.extend(diagnostics);
                return None;
            }
        };
        let mut refuse = |error: &dyn Explain| {
            self.diagnostics.push(written.diagnostic(error));
            None
        };
        let model = self.project.models.get(&table);
        if let Some(view) = model.filter(|model| model.is_view()) {
            let file = view.text.file().to_owned();
            let user = user.clone();
            return refuse(&PlanError::IsView { user, table, file });
        }
        let source = self.project.sources.get(table.schema.as_str());
        if let Some(Reads::Parquet(_)) = source.map(|source| &source.reads) {
            let user = user.clone();
            return refuse(&PlanError::NotPublished { user, table });
        }
        Some(table)
    }
}
