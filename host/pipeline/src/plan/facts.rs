//! What is known of the SQL of a project, as plain data that its plan is decided on.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::project::component::Digest;
use crate::project::personal::Retain;
use tsugi_core::diagnostic::Place;
use tsugi_core::name::{CheckName, FunctionName, PluginName, TableName, VarName};

/// A table that a query names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct TableUse {
    /// As written, without quotes: `staging.orders`.
    pub table: String,
    pub place: Place,
}

/// One query, understood.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct ModelFacts {
    /// The SQL without comments and in one layout: equal text means an equal query.
    pub(crate) canonical_sql: String,
    /// Every table it names that is not a common table expression of its own.
    pub tables: Vec<TableUse>,
    /// Every function of a plugin it calls.
    pub functions: BTreeMap<FunctionName, PluginName>,
    /// Every variable it names.
    pub vars: BTreeSet<VarName>,
    /// Its output columns: `lot Utf8, rate Float64`; nullability included.
    pub schema: String,
}

/// What is known before a plan is built.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub models: BTreeMap<TableName, ModelFacts>,
    pub checks: BTreeMap<CheckName, ModelFacts>,
    /// Every table of a source or seed, with a digest that changes when its content may have.
    pub tables: BTreeMap<TableName, Digest>,
    /// Columns about persons, of every table that has any: declared, or inherited by a query.
    pub personal: BTreeMap<TableName, BTreeSet<String>>,
    /// What columns hold, of every published model that describes any.
    pub columns: BTreeMap<TableName, BTreeMap<String, String>>,
    /// How long rows are retained, of every table that declares it.
    pub retain: BTreeMap<TableName, Retain>,
    /// Every plugin's component.
    pub plugins: BTreeMap<PluginName, Digest>,
    /// What executes the plan: the host and its engine, each with its version. Another one may
    /// answer the same SQL in another way, so it is a part of every fingerprint.
    pub made_by: String,
}

impl Facts {
    /// Columns about persons, with those of quarantine, which holds rows in their raw form.
    pub(crate) fn personal_with_quarantine(&self) -> BTreeMap<TableName, BTreeSet<String>> {
        let mut personal = self.personal.clone();
        let read = self
            .tables
            .keys()
            .filter(|table| self.personal.contains_key(*table));
        for source in read {
            if let Ok(table) = TableName::try_new("quarantine", source.schema.as_str()) {
                personal.insert(table, ["raw", "reason"].map(String::from).into());
            }
        }
        personal
    }
}
