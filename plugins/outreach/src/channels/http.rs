//! The channel `http`: one request a message, with an idempotency key.

use serde_json::Value;
use tsugi_plugin::{Error, HttpRequest, HttpResponse, Receipt, Recovery};

use crate::channels::outcome::Outcome;
use crate::channels::outgoing::Outgoing;

/// The request for one message. The key belongs to the message, not to the attempt, and is quoted as in
/// draft-ietf-httpapi-idempotency-key-header.
pub(crate) fn request(message: &Outgoing<'_>) -> HttpRequest {
    let key = &message.key;
    HttpRequest::new("POST", message.json_line())
        .header("Content-Type", "application/json")
        .header("Idempotency-Key", format!("\"{key}\""))
}

/// The outcome of a response. A status that does not tell whether the message was processed is
/// unknown.
pub(crate) fn outcome(answer: Result<HttpResponse, Error>, idempotent: bool) -> Outcome {
    let response = match answer {
        Ok(response) => response,
        Err(error) if error.may_have_arrived() => return Outcome::Unknown(error.message.clone()),
        Err(error) => return Outcome::not_sent(error),
    };
    let status = response.status;
    let text = format!("the address answered {status}");
    match status {
        200..=299 => Outcome::Accepted(text),
        401 | 403 | 407 => {
            let message = format!("{text}: the login is not accepted");
            let code = format!("http-{status}");
            Outcome::Stop(Error::of_channel(
                Recovery::Reauthenticate,
                code,
                message,
                false,
            ))
        }
        // The first request with this key may still be at work.
        409 if idempotent => Outcome::Unknown(text),
        408 | 425 | 500..=599 => Outcome::Unknown(text),
        300..=399 => Outcome::Refused("redirected", format!("{text}, which is not followed")),
        _ if complained(&response.body) => {
            let text = format!("{text}: the person complained of earlier messages");
            Outcome::Refused(Receipt::COMPLAINED, text)
        }
        _ => Outcome::Refused("refused", text),
    }
}

/// Whether a response body is `{"code": "complained"}`.
fn complained(body: &[u8]) -> bool {
    let answer = serde_json::from_slice::<Value>(body).unwrap_or_default();
    answer.get("code").and_then(Value::as_str) == Some(Receipt::COMPLAINED)
}
