//! Components under control: the only crate that names wasmtime.
//!
//! One [`Sandbox`] a process holds the engine, its epoch thread and the cache of compiled code.
//! [`Sandbox::load`] turns a component into a [`Plugin`]: compiled, linked twice (*pure*, run to
//! the end on the calling thread; *hosted*, async with granted imports) and asked for its
//! signatures. A plugin opens instances, one owner each; nothing of one is shared with another.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod address;
mod aggregate;
mod call;
mod channel;
mod compile;
pub mod component;
mod component_error;
mod decode;
mod encode;
mod error;
mod flow;
#[cfg(test)]
mod fuzz;
mod hosted;
mod http;
mod letter;
mod limits;
mod mail;
mod plugin;
mod reach;
mod scalar;
mod schema;
mod sink;
mod source;
mod state;
mod table;
mod trust;
mod wasi;
mod wire;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::Linker;
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

pub use aggregate::{AggregateFunction, Groups};
pub use error::SandboxError;
pub use flow::{Checkpoint, Predicate, ReadRequest, Receipt, Reject};

pub use limits::{Budget, CROSSING_MAX_BYTES, Limits};
pub use plugin::{Metadata, Plugin, PluginFile};
pub use reach::{Folder, Granted, Notice};
pub use scalar::{BoundScalar, ScalarFunction};
pub use schema::{plain, scalar_type};
pub use sink::{COMPLAINED, SinkTerms, SinkWriter, Target, UNKNOWN};
pub use source::{PartitionColumn, SourceReader, SourceStep, StreamFacts};
pub use state::Cancel;
pub use table::{
    BoundTable, InputPort, OperatorStep, OptionFacts, PortFacts, TableFunction, TableOperator,
};
pub use wire::{PluginError, Recovery, RowError};

use limits::{PARTS_MAX, TABLE_ENTRIES_MAX, TICK_MS};
use state::State;

/// Instances that may live at once in the process; each reserves address space, not memory.
const INSTANCES_MAX: u32 = 1_000;
/// Hosted calls in flight at once: each holds a stack.
const STACKS_MAX: u32 = 256;
/// Linear memory no limit may exceed; instances are laid out for it.
const MEMORY_MAX_BYTES: usize = 4 << 30;

/// The process's engine, linkers and compiled-code cache.
pub struct Sandbox {
    engine: Engine,
    pure: Linker<State>,
    hosted: Linker<State>,
    cache: PathBuf,
    left: compile::Left,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox")
            .field("cache", &self.cache)
            .finish_non_exhaustive()
    }
}

impl Sandbox {
    /// An engine whose compiled code is kept in `cache`, a folder that only this user can enter.
    ///
    /// # Errors
    /// When the folder cannot be made private or this machine cannot run the engine.
    pub fn new(cache: PathBuf) -> Result<Arc<Self>, SandboxError> {
        Self::with(cache, true)
    }

    /// As [`Sandbox::new`], but nothing stops a guest that does not come back: for benchmarks
    /// alone, to measure what being stoppable costs.
    #[doc(hidden)]
    pub fn unstoppable(cache: PathBuf) -> Result<Arc<Self>, SandboxError> {
        Self::with(cache, false)
    }

    fn with(cache: PathBuf, stoppable: bool) -> Result<Arc<Self>, SandboxError> {
        compile::private_folder(&cache)?;
        let build = || -> wasmtime::Result<(Engine, Linker<State>, Linker<State>)> {
            let engine = Engine::new(&config(stoppable))?;
            let mut pure = Linker::new(&engine);
            wasi::add_to_linker(&mut pure)?;
            hosted::add_to_linker(&mut pure, false)?;
            let mut hosted = Linker::new(&engine);
            wasi::add_to_linker(&mut hosted)?;
            hosted::add_to_linker(&mut hosted, true)?;
            Ok((engine, pure, hosted))
        };
        let (engine, pure, hosted) = build().map_err(|error| SandboxError::Host {
            what: "start its engine".into(),
            reason: format!("{error:#}"),
        })?;
        tick(&engine)?;
        Ok(Arc::new(Self {
            engine,
            pure,
            hosted,
            cache,
            left: compile::Left::default(),
        }))
    }
}

/// What every component is compiled and run with. Features beyond what a Rust guest of
/// `wasm32-wasip2` needs are off: each is surface, and advisories have come through them.
fn config(stoppable: bool) -> Config {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(INSTANCES_MAX)
        .total_core_instances(INSTANCES_MAX * 4)
        .total_memories(INSTANCES_MAX)
        .total_tables(INSTANCES_MAX * 4)
        .total_stacks(STACKS_MAX)
        .max_memories_per_component(1)
        .max_tables_per_component(PARTS_MAX as u32)
        .max_core_instances_per_component(PARTS_MAX as u32)
        .table_elements(TABLE_ENTRIES_MAX)
        .max_memory_size(MEMORY_MAX_BYTES)
        .linear_memory_keep_resident(0);
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_relaxed_simd(false)
        .wasm_tail_call(false)
        .epoch_interruption(stoppable)
        .generate_address_map(false)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}

/// Moves the epoch every [`TICK_MS`] for as long as the engine lives.
fn tick(engine: &Engine) -> Result<(), SandboxError> {
    let engine = engine.weak();
    std::thread::Builder::new()
        .name("tsugi-epoch".into())
        .spawn(move || {
            loop {
                std::thread::sleep(Duration::from_millis(TICK_MS));
                match engine.upgrade() {
                    Some(engine) => engine.increment_epoch(),
                    None => return,
                }
            }
        })
        .map(drop)
        .map_err(|error| SandboxError::Host {
            what: "start its clock".into(),
            reason: error.to_string(),
        })
}
