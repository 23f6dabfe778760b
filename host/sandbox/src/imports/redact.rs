//! Removes secrets from everything that comes back from a server.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tsugi_core::channel::Secret;

use crate::boundary::wire::{HttpResponse, PluginError};

/// The replacement of a secret.
const REDACTED: &str = "[secret]";

/// The forms in which a server may return a secret.
fn forms(secret: &Secret) -> [String; 2] {
    let plain = secret.reveal().to_owned();
    let encoded = STANDARD.encode(&plain);
    [plain, encoded]
}

pub(super) fn redact(text: String, secret: Option<&Secret>) -> String {
    let Some(secret) = secret else {
        return text;
    };
    forms(secret)
        .iter()
        .fold(text, |text, form| text.replace(form.as_str(), REDACTED))
}

pub(super) fn redact_error(error: PluginError, secret: Option<&Secret>) -> PluginError {
    PluginError {
        message: redact(error.message, secret),
        detail: error.detail.map(|detail| redact(detail, secret)),
        at: error.at.map(|at| redact(at, secret)),
        ..error
    }
}

pub(super) fn redact_response(response: HttpResponse, secret: Option<&Secret>) -> HttpResponse {
    let Some(secret) = secret else {
        return response;
    };
    let mut body = response.body;
    for form in forms(secret) {
        body = redact_bytes(body, form.as_bytes());
    }
    let headers = response.headers.into_iter();
    let headers = headers.map(|(name, value)| (name, redact(value, Some(secret))));
    HttpResponse {
        headers: headers.collect(),
        body,
        ..response
    }
}

fn redact_bytes(body: Vec<u8>, form: &[u8]) -> Vec<u8> {
    if !body.windows(form.len()).any(|window| window == form) {
        return body;
    }
    let mut clean = Vec::with_capacity(body.len());
    let mut rest = body.as_slice();
    while let Some((first, others)) = rest.split_first() {
        match rest.strip_prefix(form) {
            Some(after) => {
                clean.extend_from_slice(REDACTED.as_bytes());
                rest = after;
            }
            None => {
                clean.push(*first);
                rest = others;
            }
        }
    }
    clean
}
