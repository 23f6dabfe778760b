//! Live plugins, found by plain data.
//!
//! Plan nodes and functions hold a [`PluginKey`] and nothing alive, so that a plan can be
//! compared, hashed and sent elsewhere. At execution the key finds the live plugin here.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use arrow::array::ArrayRef;
use datafusion::common::ScalarValue;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryPool, MemoryReservation};

use super::error::QueryError;
use crate::sandbox::{
    BoundScalar, Budget, Cancel, Checkpoint, Notice, Plugin, Reject, RowError, ScalarFunction,
};

/// Which plugin, with which grants, in which session of this process.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PluginKey {
    /// Its name in the pipeline.
    pub name: String,
    /// SHA-256 of its component.
    pub digest: String,
    /// A hash of what it was granted.
    pub grants: u64,
    /// The session that opened it; budgets and cancellation end with it.
    pub session: u64,
}

/// Bindings of one function that are kept. A constant that changes with every batch (a
/// subquery's value) must not fill memory with pools.
const BINDINGS_MAX: usize = 64;
/// Failed rows of which the words are kept.
const SAMPLES_MAX: usize = 5;

/// Rows a scalar function could not compute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failures {
    /// How many.
    pub rows: u64,
    /// The first few, in words.
    pub samples: Vec<String>,
}

/// What a source told while it was read.
#[derive(Debug, Default)]
pub struct Told {
    /// Rows it could not read.
    pub rejects: Vec<Reject>,
    /// Things a person should know.
    pub notices: Vec<Notice>,
    /// The last checkpoint of each partition; together they cover every row that was read.
    pub checkpoints: BTreeMap<String, Checkpoint>,
}

type Binding = (ScalarFunction, Vec<Option<ScalarValue>>);

/// A plugin of one session.
#[derive(Debug)]
pub struct Live {
    /// The plugin.
    pub plugin: Arc<Plugin>,
    /// Where its memory is charged.
    pub budget: Arc<dyn Budget>,
    /// The switch that stops its guests.
    pub cancel: Cancel,
    bindings: Mutex<HashMap<Binding, Arc<BoundScalar>>>,
    failures: Mutex<BTreeMap<String, Failures>>,
    told: Mutex<BTreeMap<String, Told>>,
}

impl Live {
    fn new(plugin: Arc<Plugin>, pool: &Arc<dyn MemoryPool>, cancel: Cancel) -> Self {
        let name = format!("plugin {}", plugin.name());
        let reservation = MemoryConsumer::new(name).register(pool);
        Self {
            plugin,
            budget: Arc::new(Pooled(reservation)),
            cancel,
            bindings: Mutex::default(),
            failures: Mutex::default(),
            told: Mutex::default(),
        }
    }

    /// The function bound to its constants, made once and kept.
    pub fn bound(
        &self,
        function: &ScalarFunction,
        constants: Vec<Option<ScalarValue>>,
    ) -> Result<Arc<BoundScalar>, QueryError> {
        let key = (function.clone(), constants);
        let mut bindings = self.bindings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bound) = bindings.get(&key) {
            return Ok(Arc::clone(bound));
        }
        let values: Vec<Option<ArrayRef>> = key
            .1
            .iter()
            .map(|value| value.as_ref().map(ScalarValue::to_array).transpose())
            .collect::<Result<_, _>>()
            .map_err(QueryError::from_engine)?;
        let budget = Some(Arc::clone(&self.budget));
        let bound = Arc::new(BoundScalar::new(
            &self.plugin,
            function.clone(),
            &values,
            budget,
        )?);
        if bindings.len() < BINDINGS_MAX {
            bindings.insert(key, Arc::clone(&bound));
        }
        Ok(bound)
    }

    /// Notes rows that could not be computed.
    pub fn note_failures(&self, function: &str, failed: &[RowError]) {
        if failed.is_empty() {
            return;
        }
        let mut all = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let noted = all.entry(function.to_owned()).or_default();
        noted.rows += failed.len() as u64;
        let room = SAMPLES_MAX.saturating_sub(noted.samples.len());
        noted
            .samples
            .extend(failed.iter().take(room).map(|error| error.message.clone()));
    }

    /// Adds to what a stream of this source has told.
    pub fn tell(&self, stream: &str, told: Told) {
        let mut all = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = all.entry(stream.to_owned()).or_default();
        kept.rejects.extend(told.rejects);
        kept.notices.extend(told.notices);
        kept.checkpoints.extend(told.checkpoints);
    }

    /// Takes what a stream has told.
    pub fn take_told(&self, stream: &str) -> Told {
        let mut all = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(stream).unwrap_or_default()
    }

    /// Takes the rows that could not be computed, by function.
    pub fn take_failures(&self) -> BTreeMap<String, Failures> {
        std::mem::take(&mut *self.failures.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Guest memory as a consumer of DataFusion's pool.
#[derive(Debug)]
struct Pooled(MemoryReservation);

impl Budget for Pooled {
    fn reserve(&self, bytes: usize) -> bool {
        self.0.try_grow(bytes).is_ok()
    }

    fn release(&self, bytes: usize) {
        // These bytes were reserved, so this fails only if the pool lost count.
        let _ = self.0.try_shrink(bytes);
    }
}

static LIVE: RwLock<BTreeMap<PluginKey, Arc<Live>>> = RwLock::new(BTreeMap::new());

/// The live plugin of a key.
///
/// # Errors
/// When its session has ended.
pub fn find(key: &PluginKey) -> Result<Arc<Live>, QueryError> {
    let live = LIVE.read().unwrap_or_else(PoisonError::into_inner);
    live.get(key).cloned().ok_or_else(|| QueryError::Ended {
        plugin: key.name.clone(),
    })
}

/// Plugins made live; they go with it.
#[derive(Debug, Default)]
pub struct Registered(Vec<PluginKey>);

impl Registered {
    /// Makes a plugin live.
    pub fn add(
        &mut self,
        key: PluginKey,
        plugin: Arc<Plugin>,
        pool: &Arc<dyn MemoryPool>,
        cancel: Cancel,
    ) {
        let live = Arc::new(Live::new(plugin, pool, cancel));
        LIVE.write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key.clone(), live);
        self.0.push(key);
    }

    /// The keys, in the order they were added.
    pub fn keys(&self) -> &[PluginKey] {
        &self.0
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let mut live = LIVE.write().unwrap_or_else(PoisonError::into_inner);
        for key in &self.0 {
            live.remove(key);
        }
    }
}
