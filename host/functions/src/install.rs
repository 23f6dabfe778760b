//! Makes a DataFusion session able to run plugins, and adds plugins to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::common::Result as EngineResult;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::context::QueryPlanner;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_planner::{DefaultPhysicalPlanner, PhysicalPlanner};
use datafusion::prelude::SessionContext;

use super::aggregate::RefuseUnsupported;
use super::error::FunctionError;
use super::once::ReadOnce;
use super::overloads::Overloads;
use super::set::{PluginKey, PluginSet, PluginUse};
use super::table::TableFunctions;
use super::table::exec::TableCallPlanner;
use super::{aggregate, builtin, scalar};

/// Prepares a session for plugins and registers our own functions; does so once.
///
/// The session gets a [`PluginSet`] as an extension of its config, planners for table functions
/// ([`TableCallPlanner`] beside DataFusion's default planner: a session with a query planner of
/// its own adds it there, after this call), a rule that refuses what plugin aggregates do not
/// support, and one that runs the inputs of joins only once. Sorts in subqueries stay, since they
/// order the relations of table functions.
///
/// # Errors
/// When the session takes no relation planners.
pub fn install(context: &SessionContext) -> EngineResult<Arc<PluginSet>> {
    let state = context.state_ref();
    let present = PluginSet::of(state.read().config());
    if let Some(set) = present {
        return Ok(set);
    }
    let pool = Arc::clone(&context.runtime_env().memory_pool);
    let set = Arc::new(PluginSet::new(pool));
    {
        let mut state = state.write();
        let id = state.session_id().to_owned();
        let mut prepared = SessionStateBuilder::new_from_existing(state.clone())
            .with_session_id(id)
            .with_query_planner(Arc::new(Planner))
            .with_analyzer_rule(Arc::new(RefuseUnsupported))
            .with_physical_optimizer_rule(Arc::new(ReadOnce))
            .build();
        let config = prepared.config_mut();
        config.set_extension(Arc::clone(&set));
        config
            .options_mut()
            .sql_parser
            .enable_subquery_sort_elimination = false;
        let functions = TableFunctions {
            set: Arc::clone(&set),
            analyzer: prepared.analyzer().clone(),
        };
        prepared.register_relation_planner(Arc::new(functions))?;
        *state = prepared;
    }
    builtin::register(context);
    Ok(set)
}

/// Adds a plugin to a session: its functions become functions of SQL. Prepares the session by
/// [`install`] first.
///
/// # Errors
/// [`FunctionError::NameInUse`] when the session has a function of such a name; nothing is added
/// then.
pub fn add_plugin(context: &SessionContext, plugin: &PluginUse) -> EngineResult<PluginKey> {
    let set = install(context)?;
    let key = plugin.key();
    let metadata = &plugin.metadata;
    let scalars = by_name(&metadata.scalars, |f| &f.name);
    let aggregates = by_name(&metadata.aggregates, |f| &f.name);
    let tables = metadata.tables.iter().map(|f| &f.name);
    for name in scalars.keys().chain(aggregates.keys()).chain(tables) {
        refuse_used(context, &set, name, &key)?;
    }
    let live = set.insert(plugin);
    for (name, all) in scalars {
        let (key, live) = (key.clone(), Arc::clone(&live));
        let overloads = Overloads {
            key,
            name,
            all,
            live,
        };
        context.register_udf(scalar::function(overloads));
    }
    for (name, all) in aggregates {
        let (key, live) = (key.clone(), Arc::clone(&live));
        let overloads = Overloads {
            key,
            name,
            all,
            live,
        };
        context.register_udaf(aggregate::function(overloads));
    }
    Ok(key)
}

fn refuse_used(
    context: &SessionContext,
    set: &PluginSet,
    function: &str,
    key: &PluginKey,
) -> Result<(), FunctionError> {
    let state = context.state();
    let is_of_sql = state.scalar_functions().contains_key(function)
        || state.aggregate_functions().contains_key(function)
        || state.table_functions().contains_key(function)
        || state.window_functions().contains_key(function);
    let owner = match set.owner_of(function) {
        Some(other) => format!("plugin `{other}`"),
        None if is_of_sql => "SQL itself".to_owned(),
        None => return Ok(()),
    };
    Err(FunctionError::NameInUse {
        plugin: key.name.clone(),
        function: function.to_owned(),
        owner,
    })
}

/// Overloads by name, in the order of names.
pub(crate) fn by_name<F: Clone>(
    all: &[F],
    name: impl Fn(&F) -> &String,
) -> BTreeMap<String, Vec<F>> {
    let mut out: BTreeMap<String, Vec<F>> = BTreeMap::new();
    for one in all {
        out.entry(name(one).clone()).or_default().push(one.clone());
    }
    out
}

/// DataFusion's planner, and the one of table functions.
#[derive(Debug)]
struct Planner;

#[async_trait]
impl QueryPlanner for Planner {
    async fn create_physical_plan(
        &self,
        plan: &LogicalPlan,
        session: &dyn Session,
    ) -> EngineResult<Arc<dyn ExecutionPlan>> {
        DefaultPhysicalPlanner::with_extension_planners(vec![Arc::new(TableCallPlanner)])
            .create_physical_plan(plan, session)
            .await
    }
}
