//! The channel `http`: one JSON object a message, under a key that makes a second one harmless.

use serde_json::Value;
use tsugi_plugin::{Error, HttpRequest, HttpResponse, Receipt, Recovery};

use crate::cell::Row;
use crate::channel::{Sent, untaken};
use crate::outbox::line;

/// The request for one message. The key is that of the message, not of the attempt, and stands in
/// quotes as the draft of the header's standard has it (draft-ietf-httpapi-idempotency-key-header).
pub fn request(row: &Row<'_>, key: &str) -> HttpRequest {
    HttpRequest::new("POST", line(row))
        .header("Content-Type", "application/json")
        .header("Idempotency-Key", format!("\"{key}\""))
}

/// What an answer says of the message. Where a status leaves open whether it was acted on, nobody
/// knows.
pub fn outcome(answer: Result<HttpResponse, Error>, idempotent: bool) -> Sent {
    let response = match answer {
        Ok(response) => response,
        Err(error) if error.may_have_arrived() => return Sent::Unknown(error.message.clone()),
        Err(error) => return untaken(error),
    };
    let status = response.status;
    let said = format!("the address answered {status}");
    match status {
        200..=299 => Sent::Taken(said),
        401 | 403 | 407 => {
            let message = format!("{said}: the login is not accepted");
            let code = format!("http-{status}");
            Sent::Stop(Error::of_channel(
                Recovery::Reauthenticate,
                code,
                message,
                false,
            ))
        }
        // The first request with this key may still be at work.
        409 if idempotent => Sent::Unknown(said),
        408 | 425 | 500..=599 => Sent::Unknown(said),
        300..=399 => Sent::Refused("redirected", format!("{said}, which is not followed")),
        _ if complained(&response.body) => {
            let said = format!("{said}: the person complained of earlier messages");
            Sent::Refused(Receipt::COMPLAINED, said)
        }
        _ => Sent::Refused("refused", said),
    }
}

/// Whether an answer says `{"code": "complained"}`.
fn complained(body: &[u8]) -> bool {
    let answer = serde_json::from_slice::<Value>(body).unwrap_or_default();
    answer.get("code").and_then(Value::as_str) == Some(Receipt::COMPLAINED)
}
