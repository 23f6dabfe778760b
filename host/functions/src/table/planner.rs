//! Finds calls of plugins' table functions in FROM.
//!
//! DataFusion's own table functions take no relations; its relation planner sees the call whole.
//! Each subquery is planned and becomes an input of one extension node.

use std::sync::Arc;

use datafusion::common::{Result, TableReference};
use datafusion::logical_expr::planner::{
    PlannedRelation, RelationPlanner, RelationPlannerContext, RelationPlanning,
};
use datafusion::logical_expr::{Extension, LogicalPlan, LogicalPlanBuilder};
use datafusion::optimizer::Analyzer;
use datafusion::sql::sqlparser::ast::TableFactor;

use super::arguments::call;
use crate::set::PluginSet;

/// Plans calls of the table functions of a set.
#[derive(Debug)]
pub(crate) struct TableFunctions {
    pub(crate) set: Arc<PluginSet>,
    /// Types the relations before the plugin sees their columns: types that only the analysis of
    /// the whole plan finds come too late.
    pub(crate) analyzer: Analyzer,
}

impl RelationPlanner for TableFunctions {
    fn plan_relation(
        &self,
        relation: TableFactor,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<RelationPlanning> {
        let TableFactor::Table {
            name,
            args: Some(args),
            alias,
            ..
        } = &relation
        else {
            return Ok(RelationPlanning::Original(Box::new(relation)));
        };
        let reference = context.object_name_to_table_reference(name.clone())?;
        let Some(offered) = self.set.table_function(reference.table()) else {
            return Ok(RelationPlanning::Original(Box::new(relation)));
        };
        let alias = alias.clone();
        let node = call(&offered, &args.args, context, &self.analyzer)?;
        let plan = LogicalPlan::Extension(Extension {
            node: Arc::new(node),
        });
        let plan = match &alias {
            Some(_) => plan,
            // Without an alias the name of the function qualifies the columns.
            None => LogicalPlanBuilder::from(plan)
                .alias(TableReference::bare(reference.table()))?
                .build()?,
        };
        let planned = PlannedRelation::new(plan, alias);
        Ok(RelationPlanning::Planned(Box::new(planned)))
    }
}
