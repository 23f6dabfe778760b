//! What a plan consists of.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::delivery::DeliveryStep;
use super::fingerprint::Fingerprint;
use super::made_of::MadeOf;
use crate::project::component::Digest;
use crate::project::personal::Retain;
use crate::project::value::ConfigValue;
use tsugi_core::name::{CheckName, FunctionName, PipelineName, PluginName, TableName, VarName};

/// What a run will do, decided before anything moves.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Plan {
    pub pipeline: PipelineName,
    /// Every seed, and the tables of sources that some step or check reads.
    pub reads: Vec<Read>,
    /// One step a published model, each after all that it reads.
    pub steps: Vec<Step>,
    /// Models that are planned into their readers, each after the views that it reads.
    pub views: Vec<Step>,
    /// Checks, to be run when every step is staged and before anything is published.
    pub checks: Vec<CheckStep>,
    /// Deliveries; `run` leaves them alone.
    pub deliveries: Vec<DeliveryStep>,
    /// Columns about persons, of every table that has any.
    pub personal: BTreeMap<TableName, BTreeSet<String>>,
    /// What columns hold, of every published model that describes any.
    pub columns: BTreeMap<TableName, BTreeMap<String, String>>,
    /// How long rows are kept, of every table for which it is said.
    pub retain: BTreeMap<TableName, Retain>,
}

impl Plan {
    /// The step that makes a table.
    pub fn step(&self, table: &TableName) -> Option<&Step> {
        self.steps.iter().find(|step| step.table == *table)
    }

    /// What each table is made of, as it is written down: its name, its fingerprint, the parts.
    pub(crate) fn made_of(&self) -> Vec<(TableName, String, String)> {
        self.tables()
            .map(|(table, fingerprint, made_of)| {
                let parts = serde_json::to_string(made_of).unwrap_or_default();
                (table.clone(), fingerprint.to_string(), parts)
            })
            .collect()
    }

    /// The tables that a run makes, in order, with their fingerprints and what they are made of.
    pub(crate) fn tables(&self) -> impl Iterator<Item = (&TableName, &Fingerprint, &MadeOf)> {
        let reads = self.reads.iter();
        let reads = reads.map(|read| (&read.table, &read.fingerprint, &read.made_of));
        let steps = self.steps.iter();
        let steps = steps.map(|step| {
            let query = &step.query;
            (&step.table, &query.fingerprint, &query.made_of)
        });
        reads.chain(steps)
    }

    /// Whether a model is planned into its readers and has no table.
    pub(crate) fn is_view(&self, table: &TableName) -> bool {
        self.views.iter().any(|view| view.table == *table)
    }

    /// Whether the query of a table reads personal columns, or the table has some.
    pub(crate) fn sees_personal(&self, table: &TableName) -> bool {
        let read = self
            .step(table)
            .into_iter()
            .flat_map(|step| step.query.inputs.iter().chain(&step.query.views));
        let mut seen = read.chain([table]);
        seen.any(|one| self.personal.contains_key(one))
    }
}

/// A table of a source or seed that is read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Read {
    pub table: TableName,
    /// Changes when its content may have changed, or its plugin, or the config of that.
    pub fingerprint: Fingerprint,
    #[serde(skip)]
    pub(crate) made_of: MadeOf,
    /// The models that read it. A source is read once however many there are.
    pub(crate) read_by: BTreeSet<TableName>,
}

/// One query, decided. What the views in it read, call and name counts as its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Query {
    /// The SQL without comments and in one layout.
    pub(crate) canonical_sql: String,
    /// Every table and view that its text names.
    #[serde(skip)]
    pub(crate) named: BTreeSet<TableName>,
    /// Every table it reads.
    pub inputs: BTreeSet<TableName>,
    /// Every view that is planned into it, those of its views among them.
    pub views: BTreeSet<TableName>,
    /// Every function of a plugin it calls.
    pub functions: BTreeMap<FunctionName, PluginName>,
    /// The plugins of those functions, by the digests of their components.
    pub plugins: BTreeMap<PluginName, Digest>,
    /// The variables it names, with their values.
    pub vars: BTreeMap<VarName, ConfigValue>,
    /// Its output columns as text.
    pub schema: String,
    /// Of all of the above and of the content of its inputs.
    pub fingerprint: Fingerprint,
    #[serde(skip)]
    pub(crate) made_of: MadeOf,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Step {
    /// The table or view it makes.
    pub table: TableName,
    pub query: Query,
}

/// One check: a query that must return no rows.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct CheckStep {
    pub name: CheckName,
    pub query: Query,
}
