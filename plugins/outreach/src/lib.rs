//! Composes messages under rules, sends them by outbox, HTTP or mail, and measures what they brought about.
#![warn(unreachable_pub, clippy::indexing_slicing)]

mod audience;
mod channels;
mod checks;
mod compose;
mod effect;
mod error;
mod input;
mod message;
mod offers;
mod people;
#[cfg(test)]
mod readme;
mod rules;
mod targets;
mod templates;

pub use audience::operator::AudienceOperator;
pub use channels::sink::MessageSink;
pub use compose::operator::ComposeOperator;
pub use effect::lift::{Lift, LiftAnswer};
pub use effect::retention::RetentionOperator;
pub use offers::ledger::OfferLedgerOperator;

use tsugi_plugin::scalar;

/// Whether a person is held out of an experiment when `share` (0 to 1) of all are. The answer is the
/// same in every run, and the one that `compose` uses.
#[scalar]
pub fn held_out(customer_id: &str, experiment: &str, share: f64) -> bool {
    effect::holdout::holds(customer_id, experiment, share)
}

tsugi_plugin::export! {
    manifest: "plugin.toml",
    scalar: [held_out],
    aggregate: [Lift],
    table: [
        tsugi_plugin::Collect<ComposeOperator>,
        tsugi_plugin::Collect<OfferLedgerOperator>,
        AudienceOperator,
        tsugi_plugin::Collect<RetentionOperator>,
    ],
    sink: MessageSink,
}
