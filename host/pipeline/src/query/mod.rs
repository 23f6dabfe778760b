//! SQL of a project, understood and executed.
//!
//! A [`Session`] holds the tables and the functions of the plugins. A query is parsed
//! ([`Parsed`]), its variables are replaced, it is planned without running anything, and runs as
//! one stream of batches. [`resolve()`] turns the SQL of a whole project into plain facts and
//! plans.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the one module that talks to the engine"
)]

mod balance;
mod changing;
mod condition;
mod constant;
mod depth;
mod dialect;
mod error;
mod failure;
mod findings;
mod foreign;
mod guard;
mod heading;
mod lineage;
mod lint;
mod locate;
mod operators;
mod parse;
mod pieces;
mod planning;
mod rebind;
mod request;
mod resolve;
mod semantics;
mod session;
mod settings;
mod site;
mod suggest;
mod tags;
mod travel;
mod types;
mod unparsed;
mod verify;
mod write_out;

pub use error::QueryError;
pub use failure::UnknownName;
pub use failure::{Failure, Fault};
pub(crate) use findings::place_of;
pub(crate) use locate::locate;
pub use parse::{Parsed, Vars};
pub use planning::PLANNING_THREAD;
pub use request::Request;
pub(crate) use resolve::explain;
pub use resolve::{Depth, Resolved, resolve};
pub(crate) use semantics::{Reads, respelled};
pub use session::Session;
pub use settings::Settings;
pub use site::Site;
pub use travel::{OlderTable, Version};
pub(crate) use types::sql_type;
