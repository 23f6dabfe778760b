//! What the query floor learns about SQL, as plain data that the plan floor decides on.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::blame::Place;
use crate::name::{CheckName, FunctionName, PluginName, TableName, VarName};
use crate::project::component::Digest;

/// A table that a query names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct TableUse {
    /// As written, without quotes: `staging.orders`.
    pub table: String,
    /// Where.
    pub place: Place,
}

/// One query, understood.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct ModelFacts {
    /// The SQL without comments and in one layout: equal text means an equal query.
    pub canonical_sql: String,
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
    /// Every model.
    pub models: BTreeMap<TableName, ModelFacts>,
    /// Every check.
    pub checks: BTreeMap<CheckName, ModelFacts>,
    /// Every table of a source or seed, with a digest that changes when its content may have.
    pub tables: BTreeMap<TableName, Digest>,
    /// Every plugin's component.
    pub plugins: BTreeMap<PluginName, Digest>,
}
