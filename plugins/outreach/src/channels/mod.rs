//! The sink: an outbox of JSON Lines, one HTTP request or one mail for each message.

mod channel;
mod http;
mod mail;
mod outbox;
mod outcome;
mod outgoing;
mod report;
pub(crate) mod sink;
