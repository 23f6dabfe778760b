//! Tsugi: the host that runs SQL pipelines over CRM and ERP exports with sandboxed plugins.
pub mod blame;
pub mod name;
pub mod sandbox;
