//! SQL functions of our own, which every session has beside those of DataFusion.
//!
//! Where DuckDB has a function of the same name, it is the judge of what ours returns.

mod age;
mod calendar;
mod days_between;
mod exact_sum;
mod format;
mod hash;
mod json;
mod json_path;
mod json_write;
mod logarithm;
mod mode;
mod pattern;
mod quantile;
mod row_function;
#[cfg(test)]
mod tests;
mod text;
mod time_part;

use datafusion::logical_expr::{AggregateUDF, ScalarUDF};
use datafusion::prelude::SessionContext;

/// Registers every function of this folder.
pub(crate) fn register(context: &SessionContext) {
    context.register_udf(ScalarUDF::new_from_impl(
        days_between::DaysBetween::default(),
    ));
    context.register_udaf(AggregateUDF::new_from_impl(exact_sum::ExactSum::default()));
    context.register_udaf(AggregateUDF::new_from_impl(mode::Mode::default()));
    for quantile in [
        quantile::Quantile::of_values(),
        quantile::Quantile::between_values(),
    ] {
        context.register_udaf(AggregateUDF::new_from_impl(quantile));
    }
    for function in json_write::functions() {
        context.register_udf(function);
    }
    let all = [
        hash::functions(),
        text::functions(),
        pattern::functions(),
        calendar::functions(),
        format::functions(),
        json::functions(),
        logarithm::functions(),
    ];
    for function in all.into_iter().flatten() {
        context.register_udf(ScalarUDF::new_from_impl(function));
    }
}
