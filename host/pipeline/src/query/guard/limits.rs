//! Limits stay above what they limit.
//!
//! DataFusion 55.2 moves the limit of a sort below any operator that keeps the order, an aggregate
//! too, and so loses rows: apache/datafusion#24927, mended by #24932. Until then a plan with a limit
//! goes without that last step of [`EnsureRequirements`], which only spares sorts.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::enforce_distribution::{
    DistributionContext, PlanWithKeyRequirements, adjust_input_keys_ordering, ensure_distribution,
    reorder_join_keys_to_inputs,
};
use datafusion::physical_optimizer::enforce_sorting::replace_with_order_preserving_variants::{
    OrderPreservationContext, replace_with_order_preserving_variants,
};
use datafusion::physical_optimizer::enforce_sorting::{
    PlanWithCorrespondingCoalescePartitions, PlanWithCorrespondingSort, ensure_sorting,
    parallelize_sorts, replace_with_partial_sort,
};
use datafusion::physical_optimizer::ensure_requirements::EnsureRequirements;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::physical_plan::ExecutionPlan;

use super::joins::JoinsGiveWay;

type Rule = Arc<dyn PhysicalOptimizerRule + Send + Sync>;

/// The physical rules of the engine, with limits kept in place, joins that give way and scans
/// that name damaged files.
pub(in crate::query) fn physical_rules() -> Vec<Rule> {
    let rules = PhysicalOptimizer::new().rules.into_iter();
    let last: [Rule; 2] = [Arc::new(JoinsGiveWay), Arc::new(ducklake::DamageIsNamed)];
    let own = |rule: Rule| match rule.name() == EnsureRequirements::new().name() {
        true => Arc::new(LimitsInPlace) as Rule,
        false => rule,
    };
    rules.map(own).chain(last).collect()
}

#[derive(Debug)]
struct LimitsInPlace;

impl PhysicalOptimizerRule for LimitsInPlace {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if plan.exists(|node| Ok(node.fetch().is_some()))? {
            without_pushdown(plan, config)
        } else {
            EnsureRequirements::new().optimize(plan, config)
        }
    }

    fn name(&self) -> &'static str {
        "limits_in_place"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The steps of [`EnsureRequirements`] but for the pushing down of sorts.
fn without_pushdown(
    plan: Arc<dyn ExecutionPlan>,
    config: &ConfigOptions,
) -> Result<Arc<dyn ExecutionPlan>> {
    let plan = if config.optimizer.top_down_join_key_reordering {
        let keys = PlanWithKeyRequirements::new_default(plan);
        keys.transform_down(adjust_input_keys_ordering).data()?.plan
    } else {
        plan.transform_up(|node| Ok(Transformed::yes(reorder_join_keys_to_inputs(node)?)))
            .data()?
    };
    let distributed = DistributionContext::new_default(plan)
        .transform_up(|node| ensure_distribution(node, config))
        .data()?;
    let sorted = PlanWithCorrespondingSort::new_default(distributed.plan)
        .transform_up(ensure_sorting)
        .data()?;
    let plan = if config.optimizer.repartition_sorts {
        PlanWithCorrespondingCoalescePartitions::new_default(sorted.plan)
            .transform_up(parallelize_sorts)
            .data()?
            .plan
    } else {
        sorted.plan
    };
    let plan = OrderPreservationContext::new_default(plan)
        .transform_up(|node| replace_with_order_preserving_variants(node, false, true, config))
        .data()?
        .plan;
    plan.transform_up(|node| Ok(Transformed::yes(replace_with_partial_sort(node)?)))
        .data()
}
