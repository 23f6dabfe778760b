//! One DataFusion session: bounded memory, the plugins' functions, the tables.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::catalog::{
    CatalogProvider, MemoryCatalogProvider, MemorySchemaProvider, TableProvider,
};
use datafusion::datasource::ViewTable;
use datafusion::datasource::empty::EmptyTable;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::memory_pool::{FairSpillPool, MemoryPool, TrackConsumersPool};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::{ParquetReadOptions, SessionContext, ident, lit};

use super::error::QueryError;
use super::lineage::Tags;
use super::live::{PluginKey, Registered};
use super::parse::Parsed;
use super::relation::{Calls, Offered};
use super::resolve::planning;
use super::settings::{Settings, state};
use super::{aggregate, scalar};
use crate::name::TableName;
use crate::sandbox::{Cancel, Metadata, Plugin};

/// A plugin with what it says of itself and a hash of what it was granted.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The plugin.
    pub plugin: Arc<Plugin>,
    /// Its functions.
    pub metadata: Arc<Metadata>,
    /// A hash of its granted wants.
    pub grants: u64,
}

/// Consumers named when memory runs out.
const NAMED_CONSUMERS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(4);
static SESSIONS: AtomicU64 = AtomicU64::new(1);

/// A session with its tables and its live plugins.
pub struct Session {
    context: SessionContext,
    catalog: Arc<MemoryCatalogProvider>,
    live: Registered,
    number: u64,
    cancel: Cancel,
    functions: BTreeMap<String, String>,
    known: Mutex<BTreeMap<String, SchemaRef>>,
    pub(super) tags: Mutex<Tags>,
    /// Queries that are planned into those that read them, each after the views that it reads.
    views: Mutex<Vec<(TableName, Parsed)>>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("functions", &self.functions)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Opens a session that knows the functions of `plugins`.
    ///
    /// # Errors
    /// When two plugins offer one name, or a name that SQL already has.
    pub fn new(settings: &Settings, plugins: &[Opened]) -> Result<Self, QueryError> {
        let pool: Arc<dyn MemoryPool> = Arc::new(TrackConsumersPool::new(
            FairSpillPool::new(settings.memory_max_bytes),
            NAMED_CONSUMERS,
        ));
        let catalog = Arc::new(MemoryCatalogProvider::new());
        let cancel = Cancel::default();
        let state = state(settings, Arc::clone(&pool))?;
        let context = SessionContext::new_with_state(state);
        context.register_catalog("tsugi", Arc::clone(&catalog) as Arc<dyn CatalogProvider>);
        let mut session = Self {
            context,
            catalog,
            live: Registered::default(),
            number: SESSIONS.fetch_add(1, Ordering::Relaxed),
            cancel,
            functions: BTreeMap::new(),
            known: Mutex::default(),
            tags: Mutex::default(),
            views: Mutex::default(),
        };
        session.add_plugins(plugins, &pool)?;
        Ok(session)
    }

    fn add_plugins(
        &mut self,
        plugins: &[Opened],
        pool: &Arc<dyn MemoryPool>,
    ) -> Result<(), QueryError> {
        let mut calls = BTreeMap::new();
        for opened in plugins {
            let plugin = &opened.plugin;
            let key = PluginKey {
                name: plugin.name().to_owned(),
                digest: plugin.digest().to_owned(),
                grants: opened.grants,
                session: self.number,
            };
            self.live
                .add(key.clone(), Arc::clone(plugin), pool, self.cancel.clone());
            let metadata = &opened.metadata;
            for (name, overloads) in named(&metadata.scalars, |f| &f.name) {
                self.claim(&name, &key)?;
                self.context
                    .register_udf(scalar::function(key.clone(), name, overloads));
            }
            for (name, overloads) in named(&metadata.aggregates, |f| &f.name) {
                self.claim(&name, &key)?;
                self.context
                    .register_udaf(aggregate::function(key.clone(), name, overloads));
            }
            for function in &metadata.tables {
                self.claim(&function.name, &key)?;
                let offered = Offered {
                    key: key.clone(),
                    function: function.clone(),
                };
                calls.insert(function.name.clone(), offered);
            }
        }
        self.context
            .register_relation_planner(Arc::new(Calls::new(calls)))
            .map_err(QueryError::from_engine)
    }

    fn claim(&mut self, function: &str, key: &PluginKey) -> Result<(), QueryError> {
        let state = self.context.state();
        let taken = match self.functions.get(function) {
            Some(other) => Some(format!("plugin `{other}`")),
            None if state.scalar_functions().contains_key(function)
                || state.aggregate_functions().contains_key(function)
                || state.table_functions().contains_key(function)
                || state.window_functions().contains_key(function) =>
            {
                Some("SQL itself".to_owned())
            }
            None => None,
        };
        match taken {
            None => {
                self.functions.insert(function.to_owned(), key.name.clone());
                Ok(())
            }
            Some(owner) => Err(QueryError::Sql {
                message: format!(
                    "plugin `{}` offers `{function}`, which {owner} has already",
                    key.name
                ),
                place: None,
                hint: Some("remove one of them under [plugins] in pipeline.toml".into()),
            }),
        }
    }

    /// The functions of plugins, each with its plugin's name.
    pub fn functions(&self) -> &BTreeMap<String, String> {
        &self.functions
    }

    /// The names that [`Parsed::tables`] must not take for tables.
    pub fn function_names(&self) -> BTreeSet<String> {
        self.functions.keys().cloned().collect()
    }

    /// The number that keys of this session carry.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Every plugin of this session.
    pub fn keys(&self) -> &[PluginKey] {
        self.live.keys()
    }

    /// The switch that stops every guest of this session.
    pub fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// Memory that its queries and their guests hold now.
    pub fn memory_bytes(&self) -> usize {
        self.context.runtime_env().memory_pool.reserved()
    }

    /// Makes a table known, in place of one of the same name.
    pub fn put(&self, name: &TableName, table: Arc<dyn TableProvider>) {
        let columns = table.schema();
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name.to_string(), columns);
        let schema = name.schema.to_string();
        let provider = self.catalog.schema(&schema).unwrap_or_else(|| {
            let provider = Arc::new(MemorySchemaProvider::new());
            // The only failure is a catalogue that takes no schemas; ours does.
            let _ = self
                .catalog
                .register_schema(&schema, Arc::clone(&provider) as _);
            provider
        });
        let table_name = name.name.to_string();
        let _ = provider.deregister_table(&table_name);
        let _ = provider.register_table(table_name, table);
    }

    /// Makes a query with its variables bound known under a name, planned into those that read
    /// it over the tables that are there by then. The views that it reads are known before it.
    pub(super) fn put_view(&self, name: &TableName, parsed: Parsed, plan: LogicalPlan) {
        self.put(name, Arc::new(ViewTable::new(plan, None)));
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        views.push((name.clone(), parsed));
    }

    /// The views that a query reads, each after those that it reads.
    fn views_in(&self, parsed: &Parsed) -> Result<Vec<(TableName, Parsed)>, QueryError> {
        let views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        if views.is_empty() {
            return Ok(Vec::new());
        }
        let functions = self.function_names();
        let mut named = parsed.tables(&functions)?;
        let mut found = Vec::new();
        for (name, view) in views.iter().rev() {
            let written = name.to_string();
            if named.iter().any(|used| used.table == written) {
                named.extend(view.tables(&functions)?);
                found.push((name.clone(), view.clone()));
            }
        }
        found.reverse();
        Ok(found)
    }

    /// Makes a table known of which only the columns are known yet.
    pub fn put_schema(&self, name: &TableName, schema: SchemaRef) {
        self.put(name, Arc::new(EmptyTable::new(schema)));
    }

    /// Whether a table of this name, written `schema.table`, is known.
    pub fn knows(&self, table: &str) -> bool {
        let Some((schema, name)) = table.split_once('.') else {
            return false;
        };
        self.catalog
            .schema(schema)
            .is_some_and(|schema| schema.table_exist(name))
    }

    /// The columns of a table that was put; none of one that was not.
    pub fn schema_of(&self, table: &str) -> Option<SchemaRef> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(table).cloned()
    }

    /// Every table that was put.
    pub fn tables(&self) -> Vec<String> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.keys().cloned().collect()
    }

    /// The names of the columns of a table that was put.
    pub fn columns_of(&self, table: &str) -> Vec<String> {
        let schema = self.schema_of(table);
        let fields = schema.iter().flat_map(|schema| schema.fields());
        fields.map(|field| field.name().clone()).collect()
    }

    /// Plans a query. Nothing of it runs; plugins are asked for metadata only.
    ///
    /// # Errors
    /// What SQL or a plugin finds wrong with it.
    pub async fn plan(&self, parsed: &Parsed) -> Result<LogicalPlan, QueryError> {
        for (name, view) in self.views_in(parsed)? {
            let plan = self.plan_alone(&view).await?;
            self.put(&name, Arc::new(ViewTable::new(plan, None)));
        }
        self.plan_alone(parsed).await
    }

    /// Plans a query over tables and views as they are known.
    async fn plan_alone(&self, parsed: &Parsed) -> Result<LogicalPlan, QueryError> {
        parsed.refuse_ignored()?;
        let state = self.context.state();
        let refused = |error| planning(parsed.file(), error);
        let plan = state
            .statement_to_plan(parsed.statement())
            .await
            .map_err(refused)?;
        let options = datafusion::execution::context::SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false);
        options.verify_plan(&plan).map_err(refused)?;
        // The analyzer types the plan; the optimizer is not called, for it would evaluate calls.
        let plan = state
            .analyzer()
            .execute_and_check(plan, &state.config_options().clone(), |_, _| {})
            .map_err(refused)?;
        aggregate::refuse_unbuilt(&plan)?;
        Ok(plan)
    }

    /// The columns of a planned query.
    pub fn columns(plan: &LogicalPlan) -> SchemaRef {
        Arc::new(Schema::new(plan.schema().fields().clone()))
    }

    /// Makes a plan ready to run.
    ///
    /// # Errors
    /// When it cannot be planned physically.
    pub async fn physical(&self, plan: &LogicalPlan) -> Result<Arc<dyn ExecutionPlan>, QueryError> {
        self.context
            .state()
            .create_physical_plan(plan)
            .await
            .map_err(QueryError::from_engine)
    }

    /// Runs a plan as one stream.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn stream(
        &self,
        plan: Arc<dyn ExecutionPlan>,
    ) -> Result<SendableRecordBatchStream, QueryError> {
        execute_stream(plan, self.context.task_ctx()).map_err(QueryError::from_engine)
    }

    /// A table read whole.
    ///
    /// # Errors
    /// When it cannot be planned.
    pub fn read(&self, table: Arc<dyn TableProvider>) -> Result<LogicalPlan, QueryError> {
        let frame = self
            .context
            .read_table(table)
            .map_err(QueryError::from_engine)?;
        Ok(frame.into_unoptimized_plan())
    }

    /// A table read but for the rows that have one of these texts in a column.
    ///
    /// # Errors
    /// When it cannot be planned.
    pub fn read_without<'t>(
        &self,
        table: Arc<dyn TableProvider>,
        column: &str,
        texts: impl Iterator<Item = &'t str>,
    ) -> Result<LogicalPlan, QueryError> {
        let texts = texts.map(lit).collect();
        let frame = self
            .context
            .read_table(table)
            .and_then(|frame| frame.filter(ident(column).in_list(texts, true)))
            .map_err(QueryError::from_engine)?;
        Ok(frame.into_unoptimized_plan())
    }

    /// A Parquet file as a table.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn parquet(&self, path: &Path) -> Result<Arc<dyn TableProvider>, QueryError> {
        let path = path.display().to_string();
        let frame = self
            .context
            .read_parquet(path, ParquetReadOptions::default())
            .await;
        Ok(frame.map_err(QueryError::from_engine)?.into_view())
    }
}

/// Overloads by name, in the order of names.
fn named<F: Clone>(all: &[F], name: impl Fn(&F) -> &String) -> BTreeMap<String, Vec<F>> {
    let mut out: BTreeMap<String, Vec<F>> = BTreeMap::new();
    for one in all {
        out.entry(name(one).clone()).or_default().push(one.clone());
    }
    out
}
