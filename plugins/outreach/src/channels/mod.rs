//! The sink: an outbox of JSON Lines, one HTTP request or one mail for each message.

pub(crate) mod channel;
mod http;
mod mail;
pub(crate) mod outbox;
mod outcome;
mod report;
pub(crate) mod sink;
