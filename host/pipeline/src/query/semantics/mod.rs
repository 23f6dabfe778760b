//! What expressions mean where the engine's own answer is wrong or surprising: arithmetic that
//! overflows, quotients and averages of decimals, timestamps, zones, arguments evaluated once.
//!
//! [`prepare`] sets a session up: [`Written`] runs before types are coerced and sees what the
//! author wrote; [`Typed`] runs after and sees the types that are computed with; [`Deferred`]
//! runs last, before a plan becomes physical.

mod arithmetic;
mod avg;
mod between;
mod coalesce;
mod copies;
mod date_bin;
mod decimal;
mod divide;
mod double;
mod error;
mod extremes;
mod frames;
mod intervals;
mod kernel;
mod lazy;
mod lengths;
mod mixing;
mod multiples;
mod naming;
mod one_column;
mod orders;
mod plain_double;
mod rewrite;
mod round;
mod sliding;
mod spelling;
mod sum;
pub(super) mod syntax;
mod text;
mod types;
mod units;
mod zone;

use std::sync::Arc;

use datafusion::execution::{FunctionRegistry as _, SessionState, SessionStateBuilder};
use datafusion::functions_aggregate::min_max::{max_udaf, min_udaf};
use datafusion::logical_expr::{AggregateUDF, ScalarUDF};
use datafusion::optimizer::analyzer::{Analyzer, AnalyzerRule};

pub(super) use arithmetic::shown;
pub(super) use error::ComputeError;
use rewrite::{Deferred, Typed, Written};
pub(crate) use spelling::{Reads, respelled};

/// The rules of the analyzer: the engine's own between those of this module.
pub(super) fn rules(memory_max_bytes: usize) -> Vec<Arc<dyn AnalyzerRule + Send + Sync>> {
    let mut rules: Vec<Arc<dyn AnalyzerRule + Send + Sync>> = vec![Arc::new(Written)];
    rules.extend(Analyzer::new().rules);
    rules.push(Arc::new(Typed { memory_max_bytes }));
    rules
}

/// Adds the types of this module, and the rule that runs before a plan becomes physical.
pub(super) fn prepare(builder: SessionStateBuilder) -> SessionStateBuilder {
    builder
        .with_type_planner(Arc::new(types::Types))
        .with_optimizer_rule(Arc::new(Deferred))
}

/// Puts the functions of this module in place of the engine's own of the same names.
pub(super) fn register(
    state: &mut SessionState,
    memory_max_bytes: usize,
) -> datafusion::common::Result<()> {
    lengths::register(state, memory_max_bytes)?;
    state.register_udaf(Arc::new(AggregateUDF::new_from_impl(sum::Sum::default())))?;
    state.register_udaf(Arc::new(AggregateUDF::new_from_impl(avg::Avg::default())))?;
    frames::register(state)?;
    for extreme in [min_udaf(), max_udaf()] {
        let extreme = extremes::Extreme::of(extreme);
        state.register_udaf(Arc::new(AggregateUDF::new_from_impl(extreme)))?;
    }
    for (name, aliases) in [("coalesce", &[] as &[&str]), ("nvl", &["ifnull"])] {
        let function = coalesce::Coalesce::named(name, aliases);
        state.register_udf(Arc::new(ScalarUDF::new_from_impl(function)))?;
    }
    let date_bin = date_bin::DateBin::default();
    state.register_udf(Arc::new(ScalarUDF::new_from_impl(date_bin)))?;
    state.register_expr_planner(Arc::new(naming::Names))?;
    state.register_expr_planner(Arc::new(multiples::Multiples))?;
    let at_time_zone = zone::AtTimeZone::default();
    state.register_udf(Arc::new(ScalarUDF::new_from_impl(at_time_zone)))?;
    Ok(())
}
