//! The answer of a server, or the error of an exchange.

use std::io;
use std::time::SystemTime;

use tsugi_core::channel::HttpGrant;
use ureq::http::{HeaderName, HeaderValue, Response};
use url::Url;

use super::request::display;
use crate::boundary::wire::{HttpResponse, PluginError, Recovery};
use crate::imports::failure::{channel_error, not_sent};
use crate::imports::trust;

/// Longest wait that a server may request and that is passed on: a day.
const RETRY_AFTER_MAX_MS: u64 = 86_400_000;

/// The answer; 429 and 503 become a throttling error with the wait that the server requests.
pub(super) fn answer(response: Response<Vec<u8>>, url: &Url) -> Result<HttpResponse, PluginError> {
    let (parts, body) = response.into_parts();
    let status = parts.status.as_u16();
    if status == 429 || status == 503 {
        let message = format!("{} answered {status}: not now", display(url));
        let code = format!("http-{status}");
        let mut error = not_sent(Recovery::Throttled, &code, message);
        let after = parts.headers.get("retry-after");
        let after = after.and_then(|after| retry_after_ms(after.to_str().ok()?, SystemTime::now()));
        error.retry_after_ms = after;
        return Err(error);
    }
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    };
    Ok(HttpResponse {
        status: u32::from(status),
        headers: parts.headers.iter().map(header).collect(),
        body,
        extra: Vec::new(),
    })
}

/// `Retry-After` in seconds or as a date (RFC 9110, 10.2.3).
pub(super) fn retry_after_ms(text: &str, now: SystemTime) -> Option<u32> {
    let text = text.trim();
    let ms = match text.parse::<u64>() {
        Ok(seconds) => seconds.saturating_mul(1000),
        Err(_) => {
            let at = httpdate::parse_http_date(text).ok()?;
            let wait = at.duration_since(now).unwrap_or_default();
            u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
        }
    };
    u32::try_from(ms.min(RETRY_AFTER_MAX_MS)).ok()
}

/// The error of an exchange, with nothing of the request in it. `connected` is whether the request
/// may have arrived.
pub(super) fn exchange_error(
    error: &ureq::Error,
    url: &Url,
    grant: &HttpGrant,
    connected: bool,
) -> PluginError {
    let place = display(url);
    let tls = match error {
        ureq::Error::Rustls(error) => Some(error),
        ureq::Error::Io(error) => trust::tls_error(error),
        _ => None,
    };
    if let Some(error) = tls.filter(|_| !connected) {
        return trust::untrusted(&place, error);
    }
    let (code, message) = match error {
        ureq::Error::BodyExceedsLimit(limit) => (
            "answer-too-large",
            format!("the answer of {place} is larger than {limit} bytes"),
        ),
        ureq::Error::Timeout(_) => (
            "timeout",
            format!("{place} did not answer within {} ms", grant.timeout_ms),
        ),
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => (
            "timeout",
            format!("{place} did not answer within {} ms", grant.timeout_ms),
        ),
        ureq::Error::Io(error) if !connected => {
            ("no-connection", format!("{place} is not reached: {error}"))
        }
        ureq::Error::Io(error) => (
            "broken-connection",
            format!("the connection to {place} broke: {error}"),
        ),
        ureq::Error::Protocol(error) => (
            "broken-answer",
            format!("{place} does not speak HTTP: {error}"),
        ),
        _ => ("broken-answer", format!("{place} gave no usable answer")),
    };
    channel_error(Recovery::Retry, code, message, connected)
}
