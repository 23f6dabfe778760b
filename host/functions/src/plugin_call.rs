//! Which expressions call a function of a plugin.

use datafusion::logical_expr::{Expr, WindowFunctionDefinition};

use super::aggregate::PluginAggregate;
use super::scalar::PluginScalar;

/// Whether an expression is itself a call of a plugin's scalar or aggregate function.
pub fn is_plugin_call(expression: &Expr) -> bool {
    match expression {
        Expr::ScalarFunction(call) => call.func.inner().downcast_ref::<PluginScalar>().is_some(),
        Expr::AggregateFunction(call) => call
            .func
            .inner()
            .downcast_ref::<PluginAggregate>()
            .is_some(),
        Expr::WindowFunction(call) => match &call.fun {
            WindowFunctionDefinition::AggregateUDF(function) => {
                function.inner().downcast_ref::<PluginAggregate>().is_some()
            }
            WindowFunctionDefinition::WindowUDF(_) => false,
        },
        _ => false,
    }
}
