//! The request of a guest, checked against its grant.

use tsugi_core::channel::{HttpGrant, Secret, is_token};
use ureq::http::Request;
use ureq::http::request::Builder;
use url::Url;

use crate::boundary::wire::{HttpRequest, PluginError, Recovery};
use crate::imports::failure::not_sent;
use crate::text::clip;

/// Most headers of one request, without those of the host.
const HEADERS_MAX: usize = 100;
/// Headers that the client writes itself, because they describe how a message travels.
/// Those that begin with `x-forwarded-` are the client's, too.
const OWN_HEADERS: [&str; 12] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "proxy-authorization",
    "proxy-connection",
    "accept-encoding",
];

/// Headers by which a server may take a request for one with another method or another path.
const OVERRIDES: [&str; 8] = [
    "forwarded",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-uri",
    "x-original-url",
    "x-real-ip",
    "x-rewrite-url",
];
/// Characters of a path that a server may decode into another path: `/`, `\`, `.`, `%` and NUL.
const ENCODED: [&str; 5] = ["%2f", "%5c", "%2e", "%25", "%00"];

/// The URL of a request, which is never outside its grant.
pub(super) fn target(grant: &HttpGrant, url: &str) -> Result<Url, PluginError> {
    let refused = |what: String| not_sent(Recovery::FixConfig, "address-not-granted", what);
    let granted = Url::parse(&grant.url)
        .map_err(|error| refused(format!("the granted URL cannot be read: {error}")))?;
    if url.is_empty() {
        return Ok(granted);
    }
    let url = granted
        .join(url)
        .map_err(|error| refused(format!("the URL of a request cannot be read: {error}")))?;
    let (base, path) = (granted.path().trim_end_matches('/'), url.path());
    let below = path == granted.path()
        || path
            .strip_prefix(base)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let same = url.scheme() == granted.scheme()
        && url.host() == granted.host()
        && url.port_or_known_default() == granted.port_or_known_default();
    let rest = path.strip_prefix(base).unwrap_or(path).to_ascii_lowercase();
    let climbs = |part: &str| part.starts_with("..");
    let is_encoded = ENCODED.iter().any(|code| rest.contains(code)) || rest.split('/').any(climbs);
    // Under the grant of a whole server there is nothing to climb out of.
    if below && !base.is_empty() && is_encoded {
        let rule = "a path below a granted path has no encoded `/`, `\\`, `.` or `%`, and no part that begins with `..`";
        return Err(refused(rule.to_owned()));
    }
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if same && below && plain {
        return Ok(url);
    }
    Err(refused(format!(
        "the grant is for {} and what lies below it, not for {}",
        granted.as_str(),
        display(&url)
    )))
}

/// A URL for people: without its query, which may be confidential.
pub(super) fn display(url: &Url) -> String {
    let mut shown = url.clone();
    shown.set_query(None);
    shown.set_fragment(None);
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    clip(shown.into())
}

/// The request to send, with the secret of its grant.
pub(super) fn build(
    grant: &HttpGrant,
    secret: Option<&Secret>,
    request: &HttpRequest,
    url: &Url,
) -> Result<Request<Vec<u8>>, PluginError> {
    let wrong = |code: &str, what: String| not_sent(Recovery::FixConfig, code, what);
    if !grant.methods.contains(&request.method) {
        let granted: Vec<&str> = grant.methods.iter().map(String::as_str).collect();
        let method = clip(request.method.clone());
        let what = format!(
            "the method {method} is not granted for {}, only {}",
            display(url),
            granted.join(", ")
        );
        return Err(wrong("method-not-granted", what));
    }
    let mut builder = Request::builder()
        .method(request.method.as_str())
        .uri(url.as_str());
    builder = with_headers(builder, grant, request)?;
    match (&grant.secret, secret) {
        (Some(place), Some(secret)) => {
            let value = format!("{}{}", place.prefix, secret.reveal());
            builder = builder.header(&place.header, value);
        }
        (None, _) => {}
        (Some(place), None) => {
            let what = format!("the secret for the header `{}` was not read", place.header);
            return Err(wrong("no-secret", what));
        }
    }
    // The message of the library may repeat a header's value.
    builder
        .body(request.body.clone())
        .map_err(|_| wrong("bad-request", "the request cannot be built".into()))
}

fn with_headers(
    mut builder: Builder,
    grant: &HttpGrant,
    request: &HttpRequest,
) -> Result<Builder, PluginError> {
    let wrong = |what: String| not_sent(Recovery::FixConfig, "bad-header", what);
    if request.headers.len() > HEADERS_MAX {
        return Err(wrong(format!(
            "a request may have at most {HEADERS_MAX} headers"
        )));
    }
    for (name, value) in &request.headers {
        let lower = name.to_ascii_lowercase();
        let of_secret = grant
            .secret
            .as_ref()
            .is_some_and(|secret| secret.header.eq_ignore_ascii_case(name));
        let plain = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        let of_host = OWN_HEADERS.contains(&lower.as_str())
            || OVERRIDES.contains(&lower.as_str())
            || lower.starts_with("x-forwarded-");
        if !is_token(name) || !plain || of_host || of_secret {
            let name = clip(name.escape_debug().to_string());
            return Err(wrong(format!(
                "a request cannot set the header `{name}` to this value"
            )));
        }
        builder = builder.header(name, value);
    }
    Ok(builder)
}
