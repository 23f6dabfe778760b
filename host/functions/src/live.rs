//! A plugin as one session runs it: with the session's memory, its switch, the functions bound so
//! far, and the rows that failed.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::ArrayRef;
use datafusion::common::{Result, ScalarValue};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryPool, MemoryReservation};

use super::error::external;
use tsugi_sandbox::{BoundScalar, Budget, Cancel, Metadata, Plugin, RowError, ScalarFunction};

/// Bindings of one plugin that are cached. A constant that changes with every batch (a
/// subquery's value) must not fill memory with pools of instances.
const BINDINGS_MAX: usize = 64;
/// Failed rows of which the messages are retained.
const SAMPLES_MAX: usize = 5;

/// Rows a scalar function could not compute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failures {
    pub rows: u64,
    /// The messages of the first few.
    pub samples: Vec<String>,
}

type Binding = (ScalarFunction, Vec<Option<ScalarValue>>);

#[derive(Debug)]
pub(crate) struct LivePlugin {
    pub(crate) plugin: Arc<Plugin>,
    /// The functions that SQL may call.
    pub(crate) metadata: Arc<Metadata>,
    /// Where its memory is charged.
    pub(crate) budget: Arc<dyn Budget>,
    /// The switch that stops its guests.
    pub(crate) cancel: Cancel,
    bindings: Mutex<HashMap<Binding, Arc<BoundScalar>>>,
    failures: Mutex<BTreeMap<String, Failures>>,
}

impl LivePlugin {
    pub(crate) fn new(
        plugin: Arc<Plugin>,
        metadata: Arc<Metadata>,
        pool: &Arc<dyn MemoryPool>,
        cancel: Cancel,
    ) -> Self {
        let name = format!("plugin {}", plugin.name());
        let reservation = MemoryConsumer::new(name).register(pool);
        Self {
            plugin,
            metadata,
            budget: Arc::new(Pooled(reservation)),
            cancel,
            bindings: Mutex::default(),
            failures: Mutex::default(),
        }
    }

    /// The function bound to its constants; bound once and cached.
    pub(crate) fn bound(
        &self,
        function: &ScalarFunction,
        constants: Vec<Option<ScalarValue>>,
    ) -> Result<Arc<BoundScalar>> {
        let key = (function.clone(), constants);
        let mut bindings = self.bindings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bound) = bindings.get(&key) {
            return Ok(Arc::clone(bound));
        }
        let values: Vec<Option<ArrayRef>> = key
            .1
            .iter()
            .map(|value| value.as_ref().map(ScalarValue::to_array).transpose())
            .collect::<Result<_>>()?;
        let budget = Some(Arc::clone(&self.budget));
        let bound = BoundScalar::new(&self.plugin, function.clone(), &values, budget);
        let bound = Arc::new(bound.map_err(external)?);
        if bindings.len() < BINDINGS_MAX {
            bindings.insert(key, Arc::clone(&bound));
        }
        Ok(bound)
    }

    /// Counts rows that could not be computed.
    pub(crate) fn count_failures(&self, function: &str, failed: &[RowError]) {
        if failed.is_empty() {
            return;
        }
        let mut all = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = all.entry(function.to_owned()).or_default();
        counted.rows += failed.len() as u64;
        let room = SAMPLES_MAX.saturating_sub(counted.samples.len());
        let messages = failed.iter().map(|error| error.message.clone());
        counted.samples.extend(messages.take(room));
    }

    /// Removes and returns the counts, by function.
    pub(crate) fn take_failures(&self) -> BTreeMap<String, Failures> {
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
        // Fails only if the pool lost count: these bytes were reserved before.
        let _ = self.0.try_shrink(bytes);
    }
}
