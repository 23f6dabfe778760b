//! What a sink may send where the host knows every row that may leave: each request is shown to a gate
//! before anything leaves, and the gate learns what became of it.

use std::fmt;

/// A mail that a sink asks for.
#[derive(Clone, Copy, Debug)]
pub struct MailAttempt<'a> {
    /// The recipient.
    pub to: &'a str,
    pub subject: &'a str,
    pub text: &'a str,
    /// Names and values, without those that the host writes.
    pub headers: &'a [(String, String)],
}

/// A request that a sink asks for.
#[derive(Clone, Copy, Debug)]
pub struct HttpAttempt<'a> {
    /// The name of the want.
    pub name: &'a str,
    /// Whether it goes to the granted address itself, with neither a longer path nor a query.
    pub is_granted_address: bool,
    /// Names and values, without those that the host writes.
    pub headers: &'a [(String, String)],
    pub body: &'a [u8],
}

/// What the host saw of something that a sink sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// Certainly nothing arrived.
    NotSent,
    /// It was accepted, with these words.
    Accepted(String),
    /// It may have arrived.
    Unknown(String),
}

/// Decides about everything that one sink sends in a delivery.
pub trait SendGate: fmt::Debug + Send + Sync {
    /// The rows of the batch in hand that a mail is.
    ///
    /// # Errors
    /// Why it may not leave.
    fn mail(&self, mail: &MailAttempt<'_>) -> Result<Vec<usize>, String>;

    /// The rows of the batch in hand that a request carries.
    ///
    /// # Errors
    /// Why it may not leave.
    fn http(&self, request: &HttpAttempt<'_>) -> Result<Vec<usize>, String>;

    /// Learns what became of rows that passed.
    fn settle(&self, rows: &[usize], outcome: &SendOutcome);

    /// Learns that the sink has written an object of an output.
    fn stored(&self);
}
