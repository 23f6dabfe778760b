//! The outcome of sending one message.

use tsugi_plugin::{Error, Recovery};

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    /// The channel accepted it, with these words.
    Accepted(String),
    /// It certainly did not leave: code and sentence.
    Refused(&'static str, String),
    /// It may have arrived.
    Unknown(String),
    /// The channel cannot be used now. This message certainly did not leave.
    Stop(Error),
}

impl Outcome {
    /// The outcome of an error in which the message certainly did not leave.
    pub(crate) fn not_sent(error: Error) -> Outcome {
        match error.recovery {
            Recovery::RejectData => Outcome::Refused("refused", error.message.clone()),
            _ => Outcome::Stop(error),
        }
    }
}
