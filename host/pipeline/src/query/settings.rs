//! How a session is set up: fixed settings of the engine, memory, where it spills.

use std::path::PathBuf;
use std::sync::Arc;

use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::MemoryPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::prelude::SessionConfig;

use super::error::QueryError;
use super::guard::{Relations, Subqueries, physical_rules};
use super::semantics;

/// How a session is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Memory of all its queries and guests.
    pub memory_max_bytes: usize,
    /// Threads a query may use.
    pub partitions: usize,
    /// Where queries spill; without it a temporary folder.
    pub spill_folder: Option<PathBuf>,
}

/// The engine's own state for a session of these settings.
pub(super) fn state(
    settings: &Settings,
    pool: Arc<dyn MemoryPool>,
) -> Result<SessionState, QueryError> {
    let mut config = SessionConfig::new()
        .with_target_partitions(settings.partitions)
        .with_default_catalog_and_schema("tsugi", "main")
        .with_create_default_catalog_and_schema(false)
        .with_information_schema(false);
    let options = config.options_mut();
    // Views would be copied into plain strings at every crossing into a plugin, which costs more
    // than the crossing itself.
    options.execution.parquet.schema_force_view_types = false;
    options.sql_parser.map_string_types_to_utf8view = false;
    options.sql_parser.collect_spans = true;
    options.sql_parser.parse_float_as_decimal = true;
    options.execution.parquet.pushdown_filters = true;
    let mut builder = RuntimeEnvBuilder::new().with_memory_pool(pool);
    if let Some(folder) = &settings.spill_folder {
        let disk = DiskManagerBuilder::default()
            .with_mode(DiskManagerMode::Directories(vec![folder.clone()]));
        builder = builder.with_disk_manager_builder(disk);
    }
    let runtime = builder.build_arc().map_err(QueryError::from_engine)?;
    let builder = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime)
        .with_default_features()
        .with_physical_optimizer_rules(physical_rules())
        .with_relation_planners(vec![Arc::new(Relations)]);
    let mut rules = semantics::rules(settings.memory_max_bytes);
    // Before types are coerced: it writes comparisons, which the rules of meaning then see.
    rules.insert(0, Arc::new(Subqueries));
    let mut state = semantics::prepare(builder)
        .with_analyzer_rules(rules)
        .build();
    semantics::register(&mut state, settings.memory_max_bytes).map_err(QueryError::from_engine)?;
    Ok(state)
}
