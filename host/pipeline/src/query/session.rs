//! One DataFusion session: bounded memory, the plugins' functions, the tables.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::catalog::{
    CatalogProvider, MemoryCatalogProvider, MemorySchemaProvider, TableProvider,
};
use datafusion::datasource::ViewTable;
use datafusion::datasource::empty::EmptyTable;
use datafusion::execution::memory_pool::{
    FairSpillPool, MemoryConsumer, MemoryPool, MemoryReservation, TrackConsumersPool,
};
use datafusion::execution::{SendableRecordBatchStream, SessionState, TaskContext};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::{ParquetReadOptions, SessionContext, ident, lit};

use super::error::QueryError;
use super::guard::{CallKind, guarded};
use super::lineage::{PersonalColumns, personal, touches};
use super::lint;
use super::parse::Parsed;
use super::planning;
use super::rebind::rebound;
use super::settings::{Settings, state};
use tsugi_core::name::TableName;
use tsugi_functions::{Failures, PluginSet, PluginUse, add_plugin, install};
use tsugi_sandbox::Cancel;

/// Consumers named when memory runs out.
const NAMED_CONSUMERS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(4);

/// A session with its tables and its plugins.
pub struct Session {
    context: SessionContext,
    catalog: Arc<MemoryCatalogProvider>,
    plugins: Arc<PluginSet>,
    functions: BTreeMap<String, String>,
    tables: Mutex<BTreeMap<String, Arc<dyn TableProvider>>>,
    tags: Mutex<PersonalColumns>,
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
    pub fn new(settings: &Settings, plugins: &[PluginUse]) -> Result<Self, QueryError> {
        let pool: Arc<dyn MemoryPool> = Arc::new(TrackConsumersPool::new(
            FairSpillPool::new(settings.memory_max_bytes),
            NAMED_CONSUMERS,
        ));
        let catalog = Arc::new(MemoryCatalogProvider::new());
        let context = SessionContext::new_with_state(state(settings, pool)?);
        context.register_catalog("tsugi", Arc::clone(&catalog) as Arc<dyn CatalogProvider>);
        let set = install(&context).map_err(QueryError::from_engine)?;
        for plugin in plugins {
            add_plugin(&context, plugin).map_err(QueryError::from_engine)?;
        }
        Ok(Self {
            functions: set.functions(),
            context,
            catalog,
            plugins: set,
            tables: Mutex::default(),
            tags: Mutex::default(),
        })
    }

    /// The engine's state, with all functions.
    pub(super) fn state(&self) -> SessionState {
        self.context.state()
    }

    /// Whether SQL or a plugin has an aggregate function of this name.
    pub(super) fn is_aggregate(&self, name: &str) -> bool {
        self.context
            .state()
            .aggregate_functions()
            .contains_key(name)
    }

    /// The functions of plugins, each with its plugin's name.
    pub fn functions(&self) -> &BTreeMap<String, String> {
        &self.functions
    }

    /// The names that [`Parsed::tables`] must not take for tables.
    pub(crate) fn function_names(&self) -> BTreeSet<String> {
        let state = self.context.state();
        let of_sql = state.table_functions().keys();
        self.functions.keys().chain(of_sql).cloned().collect()
    }

    /// The switch that stops every guest of this session.
    pub fn cancel(&self) -> &Cancel {
        self.plugins.cancel()
    }

    /// Removes and returns the counts of rows that functions of plugins could not compute:
    /// the plugin, the function, the rows.
    pub fn take_failures(&self) -> Vec<(String, String, Failures)> {
        self.plugins.take_failures()
    }

    /// What an execution runs in: memory, threads, plugins.
    pub fn task(&self) -> Arc<TaskContext> {
        self.context.task_ctx()
    }

    /// Counts bytes against the memory of this session, until the value is dropped.
    ///
    /// # Errors
    /// When there is no room for them.
    pub fn reserve(&self, what: &str, bytes: usize) -> Result<MemoryReservation, QueryError> {
        let pool = &self.context.runtime_env().memory_pool;
        let reservation = MemoryConsumer::new(what).register(pool);
        reservation
            .try_grow(bytes)
            .map_err(QueryError::from_engine)?;
        Ok(reservation)
    }

    /// Memory that its queries and their guests hold now.
    pub fn memory_bytes(&self) -> usize {
        self.context.runtime_env().memory_pool.reserved()
    }

    fn tables_now(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Arc<dyn TableProvider>>> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tags_now(&self) -> std::sync::MutexGuard<'_, PersonalColumns> {
        self.tags.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a table known, in place of one of the same name.
    pub fn put(&self, name: &TableName, table: Arc<dyn TableProvider>) {
        self.tables_now()
            .insert(name.to_string(), Arc::clone(&table));
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

    /// Makes a query known under a name: it is planned into those that read it.
    pub(super) fn put_view(&self, name: &TableName, plan: LogicalPlan) {
        self.put(name, Arc::new(ViewTable::new(plan, None)));
    }

    /// Makes a table known of which only the columns are known yet.
    pub(crate) fn put_schema(&self, name: &TableName, schema: SchemaRef) {
        self.put(name, Arc::new(EmptyTable::new(schema)));
    }

    /// Whether a table of this name, written `schema.table`, is known.
    pub fn knows(&self, table: &str) -> bool {
        self.tables_now().contains_key(table)
    }

    /// The columns of a table that is known.
    pub(crate) fn schema_of(&self, table: &str) -> Option<SchemaRef> {
        self.tables_now().get(table).map(|table| table.schema())
    }

    /// Every table that is known.
    pub fn tables(&self) -> Vec<String> {
        self.tables_now().keys().cloned().collect()
    }

    /// The names of the columns of a table that is known.
    pub(crate) fn columns_of(&self, table: &str) -> Vec<String> {
        let schema = self.schema_of(table);
        let fields = schema.iter().flat_map(|schema| schema.fields());
        fields.map(|field| field.name().clone()).collect()
    }

    /// Makes known which columns of a table are personal.
    pub fn tag(&self, table: &TableName, columns: BTreeSet<String>) {
        self.tags_now().insert(table.to_string(), columns);
    }

    /// For each column of a planned query whether it is personal.
    pub fn personal(&self, plan: &LogicalPlan) -> Vec<bool> {
        personal(plan, &self.tags_now())
    }

    /// Whether a planned query reads a table that has personal columns.
    pub(crate) fn touches_personal(&self, plan: &LogicalPlan) -> bool {
        touches(plan, &self.tags_now())
    }

    /// Plans a query. Nothing of it runs; plugins return metadata only.
    ///
    /// # Errors
    /// What SQL or a plugin finds wrong with it.
    pub async fn plan(&self, parsed: &Parsed) -> Result<LogicalPlan, QueryError> {
        let (plan, _) = self.plan_with_warnings(parsed).await?;
        Ok(plan)
    }

    /// Plans a query, and says what its author may not have meant.
    pub(super) async fn plan_with_warnings(
        &self,
        parsed: &Parsed,
    ) -> Result<(LogicalPlan, Vec<QueryError>), QueryError> {
        let state = self.context.state();
        let kind_of = |name: &str| kind_of(&state, &self.functions, name);
        let spelled = self.spelled(parsed)?;
        let statement = guarded(&spelled, parsed.file(), parsed.text(), &kind_of)?;
        let refused = |error| QueryError::planning(parsed.file(), error);
        planning::refuse_too_wide(&statement).map_err(refused)?;
        let plan = self.written_out(parsed, parsed.meant(statement)).await?;
        let warnings = lint::warnings(parsed, &plan);
        let plan = planning::apart(async move {
            let options = datafusion::execution::context::SQLOptions::new()
                .with_allow_ddl(false)
                .with_allow_dml(false)
                .with_allow_statements(false);
            options.verify_plan(&plan)?;
            planning::refuse_too_large(&plan)?;
            // The analyzer types the plan; the optimizer is not called, for it would evaluate calls.
            let config = state.config_options().clone();
            state.analyzer().execute_and_check(plan, &config, |_, _| {})
        })
        .await
        .map_err(|error| self.suggesting(refused(error), parsed.sql()))?;
        Ok((plan, warnings))
    }

    /// A plan, bound to the tables as they are known now.
    ///
    /// # Errors
    /// When a table has lost a column that it had when the query was planned.
    pub fn current(&self, plan: &LogicalPlan) -> Result<LogicalPlan, QueryError> {
        let tables = self.tables_now();
        rebound(plan, &|table| tables.get(table).cloned()).map_err(QueryError::from_engine)
    }

    /// The columns of a planned query.
    pub fn columns(plan: &LogicalPlan) -> SchemaRef {
        Arc::new(Schema::new(plan.schema().fields().clone()))
    }

    /// A plan as it would run.
    ///
    /// # Errors
    /// When it cannot be planned.
    pub async fn optimized(&self, plan: &LogicalPlan) -> Result<LogicalPlan, QueryError> {
        let (state, plan) = (self.context.state(), plan.clone());
        planning::apart(async move { state.optimize(&plan) })
            .await
            .map_err(QueryError::from_engine)
    }

    /// Makes a plan ready to run.
    ///
    /// # Errors
    /// When it cannot be planned physically.
    pub async fn physical(&self, plan: &LogicalPlan) -> Result<Arc<dyn ExecutionPlan>, QueryError> {
        let (state, plan) = (self.context.state(), plan.clone());
        planning::apart(async move { state.create_physical_plan(&plan).await })
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
    pub(crate) fn read_without<'t>(
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

/// What a name means in a call; the planner looks in this order.
fn kind_of(state: &SessionState, plugins: &BTreeMap<String, String>, name: &str) -> CallKind {
    if state.scalar_functions().contains_key(name) {
        CallKind::Scalar
    } else if plugins.contains_key(name) {
        // Refuses by itself what it does not compute.
        CallKind::Unknown
    } else if state.aggregate_functions().contains_key(name) {
        CallKind::Aggregate
    } else if state.window_functions().contains_key(name) {
        CallKind::Window
    } else {
        CallKind::Unknown
    }
}
