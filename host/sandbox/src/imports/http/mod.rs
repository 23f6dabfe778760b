//! One granted request over HTTP/1.1: to a checked address, with the host's secret, bounded.
//!
//! The client follows no redirect, reads no proxy from the environment, keeps no connection and
//! decompresses nothing. It blocks, so each request has a thread of its own.

mod answer;
mod request;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tsugi_core::channel::{HttpGrant, Secret};
use ureq::config::Config;
use ureq::http::{Request, Response, Uri};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport,
};
use url::Url;

use super::address::{host_of, resolve};
use super::failure::{channel_error, dry_run, not_sent};
use super::trust::authorities;
use crate::boundary::wire::{HttpRequest, HttpResponse, PluginError, Recovery};
use request::display;

/// Most bytes of the headers of one answer.
const ANSWER_HEADERS_MAX_BYTES: usize = 64 * 1024;

/// Sends one request under a grant; a dry run ends before anything leaves.
pub(super) async fn send(
    grant: &HttpGrant,
    secret: Option<&Secret>,
    request: HttpRequest,
    is_dry_run: bool,
) -> Result<HttpResponse, PluginError> {
    let url = request::target(grant, &request.url)?;
    let built = request::build(grant, secret, &request, &url)?;
    if is_dry_run {
        return Err(dry_run());
    }
    let (host, literal) = host_of(&url);
    let port = url.port_or_known_default().unwrap_or(443);
    let addresses = resolve(&host, literal, port, &grant.addresses).await?;
    let connected = Arc::new(AtomicBool::new(false));
    let (sender, receiver) = oneshot::channel();
    let trusted = grant.ca.as_deref().map(authorities).transpose()?;
    let exchange = Exchange {
        addresses,
        trusted,
        connected: Arc::clone(&connected),
        timeout: Duration::from_millis(grant.timeout_ms),
        response_max_bytes: grant.response_max_bytes,
    };
    let spawned = std::thread::Builder::new()
        .name("tsugi-http".into())
        .spawn(move || drop(sender.send(exchange.run(built))));
    if let Err(error) = spawned {
        let message = format!("no thread for a request: {error}");
        return Err(not_sent(Recovery::Retry, "no-thread", message));
    }
    // The client has a timeout of its own; this one is for a client that ignores it.
    let bound = Duration::from_millis(grant.timeout_ms) + Duration::from_secs(5);
    let connected = || connected.load(Ordering::SeqCst);
    match tokio::time::timeout(bound, receiver).await {
        Ok(Ok(Ok(response))) => answer::answer(response, &url),
        Ok(Ok(Err(error))) => Err(answer::exchange_error(&error, &url, grant, connected())),
        Ok(Err(_)) | Err(_) => Err(channel_error(
            Recovery::Retry,
            "timeout",
            format!("{} gave no answer in time", display(&url)),
            connected(),
        )),
    }
}

/// Whether a URL below a grant is the granted address itself.
///
/// # Errors
/// When it is not below the grant.
pub(super) fn is_granted_address(grant: &HttpGrant, url: &str) -> Result<bool, PluginError> {
    let target = request::target(grant, url)?;
    Ok(Url::parse(&grant.url).is_ok_and(|granted| granted == target))
}

/// One request on its thread.
struct Exchange {
    addresses: Vec<SocketAddr>,
    /// Authorities instead of the public ones.
    trusted: Option<Vec<CertificateDer<'static>>>,
    /// Set when the server is connected, TLS included: from then on the request may arrive.
    connected: Arc<AtomicBool>,
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
        let connector = DefaultConnector::default().chain(NoteConnected(self.connected));
        let agent = ureq::Agent::with_parts(config, connector, FixedResolver(self.addresses));
        let (parts, mut body) = agent.run(request)?.into_parts();
        let limit = self.response_max_bytes;
        let bytes = body.with_config().limit(limit).read_to_vec()?;
        Ok(Response::from_parts(parts, bytes))
    }
}

/// Resolves every name to the checked addresses.
#[derive(Debug)]
struct FixedResolver(Vec<SocketAddr>);

impl Resolver for FixedResolver {
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

/// Sets a flag when the server is connected.
#[derive(Debug)]
struct NoteConnected(Arc<AtomicBool>);

impl<In: Transport> Connector<In> for NoteConnected {
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
