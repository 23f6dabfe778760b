//! Table functions of plugins: `FROM f((SELECT …), rules => (SELECT …), minimum => 3)`.

mod arguments;
pub(crate) mod call;
pub(crate) mod exec;
mod planner;

pub(crate) use planner::TableFunctions;
