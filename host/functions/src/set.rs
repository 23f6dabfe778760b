//! The plugins of one session, found by plain data.
//!
//! Nodes of a plan hold a [`PluginKey`] and nothing alive, so that a plan can be compared, hashed
//! and sent to another machine. The [`PluginSet`] is an extension of the session's config: at
//! execution a node finds its plugin through the task context that the plan runs in.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use datafusion::execution::config::SessionConfig;
use datafusion::execution::memory_pool::MemoryPool;
use serde::{Deserialize, Serialize};

use super::error::FunctionError;
use super::live::{Failures, LivePlugin};
use tsugi_sandbox::{Cancel, Metadata, Plugin, TableFunction};

/// Which component, and what it was granted: equal keys compute the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PluginKey {
    pub name: String,
    /// SHA-256 of the component.
    pub digest: String,
    /// A hash of its grants, chosen by who loads it: uses with other grants have another one.
    pub grants: u64,
}

/// A plugin on its way into a session.
#[derive(Debug, Clone)]
pub struct PluginUse {
    pub plugin: Arc<Plugin>,
    /// The functions that become functions of SQL; none for a use as a source or sink alone.
    pub metadata: Arc<Metadata>,
    /// See [`PluginKey::grants`].
    pub grants: u64,
}

impl PluginUse {
    /// The plugin with all its functions, for a session that loads it with one set of grants.
    ///
    /// # Errors
    /// When the component fails to describe its functions.
    pub fn new(plugin: Arc<Plugin>) -> Result<Self, FunctionError> {
        Ok(Self {
            metadata: Arc::new(plugin.metadata()?),
            plugin,
            grants: 0,
        })
    }

    /// The key under which plans name it.
    pub fn key(&self) -> PluginKey {
        PluginKey {
            name: self.plugin.name().to_owned(),
            digest: self.plugin.digest().to_owned(),
            grants: self.grants,
        }
    }
}

/// A table function and its plugin.
#[derive(Debug, Clone)]
pub(crate) struct OfferedTable {
    pub(crate) key: PluginKey,
    pub(crate) function: TableFunction,
    pub(crate) live: Arc<LivePlugin>,
}

/// The plugins of one session. Its memory is charged to the session's pool, and
/// [`PluginSet::cancel`] stops every guest of it.
#[derive(Debug)]
pub struct PluginSet {
    pool: Arc<dyn MemoryPool>,
    cancel: Cancel,
    entries: RwLock<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    live: BTreeMap<PluginKey, Arc<LivePlugin>>,
    /// Every function, with the key of its plugin.
    functions: BTreeMap<String, PluginKey>,
}

impl PluginSet {
    pub(crate) fn new(pool: Arc<dyn MemoryPool>) -> Self {
        Self {
            pool,
            cancel: Cancel::default(),
            entries: RwLock::default(),
        }
    }

    /// The set of a session, if [`install`](super::install) was called for it.
    pub fn of(config: &SessionConfig) -> Option<Arc<Self>> {
        config.get_extension::<Self>()
    }

    /// The functions of plugins, each with the name of its plugin.
    pub fn functions(&self) -> BTreeMap<String, String> {
        let entries = self.read();
        let functions = entries.functions.iter();
        functions
            .map(|(function, key)| (function.clone(), key.name.clone()))
            .collect()
    }

    /// The switch that stops every guest of this session.
    pub fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// Removes and returns the counts of rows that became NULL because a scalar function failed:
    /// the name of the plugin, the function, the rows.
    pub fn take_failures(&self) -> Vec<(String, String, Failures)> {
        let entries = self.read();
        let of_plugin = |(key, live): (&PluginKey, &Arc<LivePlugin>)| {
            let name = key.name.clone();
            let failures = live.take_failures().into_iter();
            failures.map(move |(function, rows)| (name.clone(), function, rows))
        };
        entries.live.iter().flat_map(of_plugin).collect()
    }

    pub(crate) fn owner_of(&self, function: &str) -> Option<String> {
        let entries = self.read();
        let key = entries.functions.get(function)?;
        Some(key.name.clone())
    }

    pub(crate) fn table_function(&self, name: &str) -> Option<OfferedTable> {
        let entries = self.read();
        let key = entries.functions.get(name)?;
        let live = entries.live.get(key)?;
        let mut tables = live.metadata.tables.iter();
        let function = tables.find(|function| function.name == name)?;
        Some(OfferedTable {
            key: key.clone(),
            function: function.clone(),
            live: Arc::clone(live),
        })
    }

    /// Makes a plugin live; its functions are added with it.
    pub(crate) fn insert(&self, one: &PluginUse) -> Arc<LivePlugin> {
        let key = one.key();
        let live = Arc::new(LivePlugin::new(
            Arc::clone(&one.plugin),
            Arc::clone(&one.metadata),
            &self.pool,
            self.cancel.clone(),
        ));
        let metadata = &one.metadata;
        let scalars = metadata.scalars.iter().map(|f| &f.name);
        let aggregates = metadata.aggregates.iter().map(|f| &f.name);
        let tables = metadata.tables.iter().map(|f| &f.name);
        let names = scalars.chain(aggregates).chain(tables);
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let functions = names.map(|name| (name.clone(), key.clone()));
        entries.functions.extend(functions);
        entries.live.insert(key, Arc::clone(&live));
        live
    }

    pub(crate) fn find(&self, key: &PluginKey) -> Result<Arc<LivePlugin>, FunctionError> {
        self.read()
            .live
            .get(key)
            .cloned()
            .ok_or_else(|| not_loaded(key))
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Entries> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn not_loaded(key: &PluginKey) -> FunctionError {
    FunctionError::NotLoaded {
        plugin: key.name.clone(),
    }
}

/// The live plugin of a key, in the session that runs a plan.
///
/// # Errors
/// [`FunctionError::NotLoaded`].
pub(crate) fn find(
    config: &SessionConfig,
    key: &PluginKey,
) -> Result<Arc<LivePlugin>, FunctionError> {
    PluginSet::of(config)
        .ok_or_else(|| not_loaded(key))?
        .find(key)
}
