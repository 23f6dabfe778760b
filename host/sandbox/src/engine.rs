//! The engine of the process: its configuration, its linkers and its epoch thread.

use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::Linker;
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::compile::{Compiler, Ready};
use crate::error::SandboxError;
use crate::imports;
use crate::instance::state::State;
use crate::limits::{PARTS_MAX, TABLE_ENTRIES_MAX, TICK_MS};

/// Instances that may live at once in the process; each reserves address space, not memory.
const INSTANCES_MAX: u32 = 1_000;
/// Hosted calls in flight at once: each holds a stack.
const STACKS_MAX: u32 = 256;
/// Upper bound of every limit on linear memory; instances are laid out for it.
const MEMORY_MAX_BYTES: usize = 4 << 30;

/// The process's engine, linkers and compiled-code cache.
pub struct Sandbox {
    pub(crate) engine: Engine,
    pub(crate) pure: Linker<State>,
    pub(crate) hosted: Linker<State>,
    pub(crate) compiler: Ready,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox")
            .field("compiler", &self.compiler)
            .finish_non_exhaustive()
    }
}

impl Sandbox {
    /// An engine with its compiler; a path is the folder where compiled code is kept.
    ///
    /// # Errors
    /// When the folder cannot be made private or this machine cannot run the engine.
    pub fn new(compiler: impl Into<Compiler>) -> Result<Arc<Self>, SandboxError> {
        Self::with(compiler.into(), true)
    }

    /// As [`Sandbox::new`], but a guest that does not return runs for ever. No verb may use it:
    /// `cargo bench -p tsugi -- calls` measures with it what being stoppable costs.
    #[doc(hidden)]
    pub fn unstoppable(compiler: impl Into<Compiler>) -> Result<Arc<Self>, SandboxError> {
        Self::with(compiler.into(), false)
    }

    fn with(compiler: Compiler, interruptible: bool) -> Result<Arc<Self>, SandboxError> {
        let build = || -> wasmtime::Result<(Engine, Linker<State>, Linker<State>)> {
            let engine = engine(interruptible)?;
            let mut pure = Linker::new(&engine);
            imports::add_to_linker(&mut pure, false)?;
            let mut hosted = Linker::new(&engine);
            imports::add_to_linker(&mut hosted, true)?;
            Ok((engine, pure, hosted))
        };
        let (engine, pure, hosted) = build().map_err(|error| SandboxError::Host {
            what: "start its engine".into(),
            reason: format!("{error:#}"),
        })?;
        let compiler = Ready::new(compiler, &engine)?;
        start_epoch_thread(&engine)?;
        Ok(Arc::new(Self {
            engine,
            pure,
            hosted,
            compiler,
        }))
    }
}

/// An engine whose code runs in a [`Sandbox`]: the same settings, without room for instances, since
/// the tables of a pool count as memory that a compiler may not have.
pub(crate) fn compiling() -> wasmtime::Result<Engine> {
    let mut config = config(true, INSTANCES_MAX);
    Engine::new(config.allocation_strategy(InstanceAllocationStrategy::OnDemand))
}

/// Where the addresses of a process are limited (`ulimit -v`), there is room for fewer instances.
fn engine(interruptible: bool) -> wasmtime::Result<Engine> {
    let mut instances = INSTANCES_MAX;
    loop {
        match Engine::new(&config(interruptible, instances)) {
            Err(_) if instances > 1 => instances = (instances / 4).max(1),
            made => return made,
        }
    }
}

/// Features beyond what a Rust guest of `wasm32-wasip2` needs are off: each is attack surface, and
/// advisories have come through them.
fn config(interruptible: bool, instances: u32) -> Config {
    // One instance has room for all parts that it may have.
    let parts = (instances * 4).max(PARTS_MAX as u32);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_core_instances(parts)
        .total_memories(instances)
        .total_tables(parts)
        .total_stacks(STACKS_MAX.min(instances))
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
        .epoch_interruption(interruptible)
        .generate_address_map(false)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}

/// Moves the epoch every [`TICK_MS`] for as long as the engine lives.
fn start_epoch_thread(engine: &Engine) -> Result<(), SandboxError> {
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
