//! Requests and messages that leave the machine through the host.

pub use crate::bindings::imports::tsugi::plugin::http::{
    Request as HttpRequest, Response as HttpResponse,
};
pub use crate::bindings::imports::tsugi::plugin::mail::Message as MailMessage;

use crate::error::{Error, Recovery, Scope};

impl HttpRequest {
    /// A request to the granted URL itself.
    pub fn new(method: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            method: method.to_owned(),
            url: String::new(),
            headers: Vec::new(),
            body: body.into(),
            extra: Vec::new(),
        }
    }

    /// A request for what lies under an address: resolved against the granted URL, never outside
    /// it; empty is that URL itself.
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            ..Self::new("GET", Vec::new())
        }
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

impl HttpResponse {
    /// An answer without headers or body, for tests.
    pub fn status(status: u32) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            extra: Vec::new(),
        }
    }

    /// The same with a body, for tests.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The first header of a name, in whatever case it was written.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter();
        let (_, value) = found.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(value)
    }
}

/// The key in the `extra` of an error of whether something may have arrived.
const SENT: &str = "sent";

impl Error {
    /// An error of a channel: whether what was sent may have arrived nevertheless.
    pub fn of_channel(
        recovery: Recovery,
        code: impl Into<String>,
        message: impl Into<String>,
        may_have_arrived: bool,
    ) -> Self {
        let mut error = Self::new(recovery, Scope::Batch, code, message);
        let sent = if may_have_arrived { "maybe" } else { "no" };
        error.extra.push((SENT.to_owned(), sent.to_owned()));
        error
    }

    /// Of an error of a channel: whether what was sent may have arrived nevertheless. True where
    /// the error does not say.
    pub fn may_have_arrived(&self) -> bool {
        !self
            .extra
            .iter()
            .any(|(key, value)| key == SENT && value == "no")
    }
}
