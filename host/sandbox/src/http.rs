//! One granted request over HTTP/1.1: to a checked address, with the host's secret, bounded.
//!
//! The client follows no redirect, reads no proxy from the environment, keeps no connection and
//! decompresses nothing. It blocks, so each request has a thread of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use tokio::sync::oneshot;
use tokio_rustls::rustls::pki_types::CertificateDer;
use ureq::config::Config;
use ureq::http::{Request, Response, Uri};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport,
};
use url::Url;

use super::address::host_of;
use super::address::{failed, resolve};
use super::channel::dry;
use super::flow::{HttpRequest, HttpResponse};
use super::trust::{self, authorities};
use super::wire::{PluginError, Recovery};
use tsugi_core::channel::{HttpGrant, Secret, is_token};

/// Headers of one request, those of the host left out.
const HEADERS_MAX: usize = 100;
/// Headers of one answer, in bytes.
const ANSWER_HEADERS_MAX_BYTES: usize = 64 * 1024;
/// Longest wait that a server may ask for and that is passed on: a day.
const RETRY_AFTER_MAX_MS: u64 = 86_400_000;
/// Headers that say how a message travels; the client writes them itself.
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

/// Sends one request under a grant.
pub(super) async fn send(
    grant: &HttpGrant,
    secret: Option<&Secret>,
    request: HttpRequest,
    dry_run: bool,
) -> Result<HttpResponse, PluginError> {
    let url = target(grant, &request.url)?;
    let built = build(grant, secret, &request, &url)?;
    if dry_run {
        return Err(dry());
    }
    let (host, literal) = host_of(&url);
    let port = url.port_or_known_default().unwrap_or(443);
    let addresses = resolve(&host, literal, port, &grant.addresses).await?;
    let begun = Arc::new(AtomicBool::new(false));
    let (tell, told) = oneshot::channel();
    let trusted = grant.ca.as_deref().map(authorities).transpose()?;
    let exchange = Exchange {
        addresses,
        trusted,
        begun: Arc::clone(&begun),
        timeout: Duration::from_millis(grant.timeout_ms),
        response_max_bytes: grant.response_max_bytes,
    };
    let spawned = std::thread::Builder::new()
        .name("tsugi-http".into())
        .spawn(move || drop(tell.send(exchange.run(built))));
    if let Err(error) = spawned {
        let message = format!("no thread for a request: {error}");
        return Err(failed(Recovery::Retry, "no-thread", message, false));
    }
    // The client keeps to its time by itself; this is for a client that would not.
    let bound = Duration::from_millis(grant.timeout_ms) + Duration::from_secs(5);
    let begun = || begun.load(Ordering::SeqCst);
    match tokio::time::timeout(bound, told).await {
        Ok(Ok(Ok(response))) => judged(response, &url),
        Ok(Ok(Err(error))) => Err(mapped(&error, &url, grant, begun())),
        Ok(Err(_)) | Err(_) => Err(failed(
            Recovery::Retry,
            "timeout",
            format!("{} gave no answer in time", place(&url)),
            begun(),
        )),
    }
}

/// The address of a request, which is never outside its grant.
fn target(grant: &HttpGrant, asked: &str) -> Result<Url, PluginError> {
    let refused = |what: String| failed(Recovery::FixConfig, "address-not-granted", what, false);
    let granted = Url::parse(&grant.url)
        .map_err(|error| refused(format!("the granted URL cannot be read: {error}")))?;
    if asked.is_empty() {
        return Ok(granted);
    }
    let url = granted
        .join(asked)
        .map_err(|error| refused(format!("the URL of a request cannot be read: {error}")))?;
    let (base, path) = (granted.path().trim_end_matches('/'), url.path());
    let below = path == granted.path()
        || path
            .strip_prefix(base)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let same = url.scheme() == granted.scheme()
        && url.host() == granted.host()
        && url.port_or_known_default() == granted.port_or_known_default();
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if same && below && plain {
        return Ok(url);
    }
    Err(refused(format!(
        "the grant is for {} and what lies below it, not for {}",
        granted.as_str(),
        place(&url)
    )))
}

/// A URL for people: without query, which may hold what is nobody's business.
fn place(url: &Url) -> String {
    let mut shown = url.clone();
    shown.set_query(None);
    shown.set_fragment(None);
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    super::call::clip(shown.into())
}

fn build(
    grant: &HttpGrant,
    secret: Option<&Secret>,
    request: &HttpRequest,
    url: &Url,
) -> Result<Request<Vec<u8>>, PluginError> {
    let wrong = |code: &str, what: String| failed(Recovery::FixConfig, code, what, false);
    if !grant.methods.contains(&request.method) {
        let granted: Vec<&str> = grant.methods.iter().map(String::as_str).collect();
        let method = super::call::clip(request.method.clone());
        let what = format!(
            "the method {method} is not granted for {}, only {}",
            place(url),
            granted.join(", ")
        );
        return Err(wrong("method-not-granted", what));
    }
    if request.headers.len() > HEADERS_MAX {
        let what = format!("a request may have at most {HEADERS_MAX} headers");
        return Err(wrong("bad-header", what));
    }
    let mut builder = Request::builder()
        .method(request.method.as_str())
        .uri(url.as_str());
    for (name, value) in &request.headers {
        let lower = name.to_ascii_lowercase();
        let of_secret = grant
            .secret
            .as_ref()
            .is_some_and(|secret| secret.header.eq_ignore_ascii_case(name));
        let plain = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if !is_token(name) || !plain || OWN_HEADERS.contains(&lower.as_str()) || of_secret {
            let name = super::call::clip(name.escape_debug().to_string());
            let what = format!("a request cannot set the header `{name}` to this value");
            return Err(wrong("bad-header", what));
        }
        builder = builder.header(name, value);
    }
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
    // The words of the library may repeat a header's value.
    builder
        .body(request.body.clone())
        .map_err(|_| wrong("bad-request", "the request cannot be built".into()))
}

/// What one request is sent with.
struct Exchange {
    addresses: Vec<SocketAddr>,
    /// Authorities instead of the public ones.
    trusted: Option<Vec<CertificateDer<'static>>>,
    /// Set when the server is connected: from then on a request may arrive.
    begun: Arc<AtomicBool>,
    timeout: Duration,
    response_max_bytes: u64,
}

impl Exchange {
    fn run(self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, ureq::Error> {
        let roots = self.trusted.map_or(RootCerts::WebPki, |trusted| {
            let roots = trusted
                .iter()
                .map(|one| Certificate::from_der(one).to_owned());
            RootCerts::Specific(Arc::new(roots.collect()))
        });
        let tls = TlsConfig::builder().root_certs(roots).build();
        let config = Config::builder()
            .tls_config(tls)
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .max_idle_connections(0)
            .max_response_header_size(ANSWER_HEADERS_MAX_BYTES)
            .timeout_global(Some(self.timeout))
            .accept_encoding("identity")
            .user_agent(concat!("tsugi/", env!("CARGO_PKG_VERSION")))
            .build();
        let connector = DefaultConnector::default().chain(Noted(self.begun));
        let agent = ureq::Agent::with_parts(config, connector, Checked(self.addresses));
        let (parts, mut body) = agent.run(request)?.into_parts();
        let limit = self.response_max_bytes;
        let bytes = body.with_config().limit(limit).read_to_vec()?;
        Ok(Response::from_parts(parts, bytes))
    }
}

/// Resolves every name to the addresses that were checked.
#[derive(Debug)]
struct Checked(Vec<SocketAddr>);

impl Resolver for Checked {
    fn resolve(
        &self,
        _: &Uri,
        _: &Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut found = self.empty();
        for address in &self.0 {
            found.push(*address);
        }
        Ok(found)
    }
}

/// Notes that the server is connected, TLS included.
#[derive(Debug)]
struct Noted(Arc<AtomicBool>);

impl<In: Transport> Connector<In> for Noted {
    type Out = In;

    fn connect(
        &self,
        _: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<In>, ureq::Error> {
        if chained.is_some() {
            self.0.store(true, Ordering::SeqCst);
        }
        Ok(chained)
    }
}

/// An answer, or what an answer of 429 or 503 asks for.
fn judged(response: Response<Vec<u8>>, url: &Url) -> Result<HttpResponse, PluginError> {
    let (parts, body) = response.into_parts();
    let status = parts.status.as_u16();
    if status == 429 || status == 503 {
        let message = format!("{} answered {status}: not now", place(url));
        let mut error = failed(
            Recovery::Throttled,
            &format!("http-{status}"),
            message,
            false,
        );
        let after = parts.headers.get("retry-after");
        let after = after.and_then(|after| retry_after_ms(after.to_str().ok()?, SystemTime::now()));
        error.retry_after_ms = after;
        return Err(error);
    }
    let header = |(name, value): (&ureq::http::HeaderName, &ureq::http::HeaderValue)| {
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
fn retry_after_ms(text: &str, now: SystemTime) -> Option<u32> {
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

/// What went wrong, in words that hold nothing of the request.
fn mapped(error: &ureq::Error, url: &Url, grant: &HttpGrant, begun: bool) -> PluginError {
    let place = place(url);
    let trust = match error {
        ureq::Error::Rustls(error) => Some(error),
        ureq::Error::Io(error) => trust::within(error),
        _ => None,
    };
    if let Some(error) = trust.filter(|_| !begun) {
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
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => (
            "timeout",
            format!("{place} did not answer within {} ms", grant.timeout_ms),
        ),
        ureq::Error::Io(error) if !begun => {
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
    failed(Recovery::Retry, code, message, begun)
}

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
