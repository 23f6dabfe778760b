//! Composes careful messages, sends them by outbox, HTTP or mail, and says what they brought about.

mod advert;
mod archive;
mod audience;
mod caps;
pub mod cell;
pub mod channel;
mod clock;
pub mod compose;
mod digest;
mod draft;
mod fatigue;
pub mod fault;
pub mod fields;
mod filling;
mod holdout;
mod hours;
mod judge;
pub mod kinds;
mod ledger;
pub mod letter;
pub mod library;
mod lift;
mod looks;
pub mod message;
mod offers;
mod open_fields;
mod ordered;
pub mod outbox;
pub mod people;
pub mod ports;
pub mod post;
pub mod purpose;
pub mod reasons;
pub mod retention;
mod rows;
mod rulebook;
pub mod rules;
mod shelf;
mod sink;
mod staying;
mod tables;
pub mod target;
pub mod template;
mod texts;
mod timing;
mod words;

pub use lift::{Lift, LiftAnswer};
pub use sink::Outbox;
pub use tables::{Choosing, Composing, Ledgering, Staying};

use tsugi_plugin::scalar;

/// Whether a person is held out of an experiment when `share` (0 to 1) of all are. The same
/// answer in every run, and the one that `compose` acts on.
#[scalar]
pub fn held_out(customer_id: &str, experiment: &str, share: f64) -> bool {
    holdout::holds(customer_id, experiment, share)
}

tsugi_plugin::export! {
    manifest: "plugin.toml",
    scalar: [held_out],
    aggregate: [Lift],
    table: [Composing, Ledgering, Choosing, Staying],
    sink: Outbox,
}
