//! The table function `audience`: who may be advertised to, and who may be profiled for it.

pub(crate) mod operator;
mod sorted;
