//! One message over SMTP: to a checked address, encrypted unless the server is this machine, with the
//! host's login, bounded in time and size.

mod message;
mod session;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tsugi_core::channel::{MailGrant, Secret};
use url::Url;

use super::address::{host_of, resolve};
use super::failure::{channel_error, dry_run, not_sent};
use crate::boundary::wire::{MailMessage, PluginError, Recovery};
use session::SmtpSession;

/// Sends one message under a grant and returns the reply of the server; a dry run ends before
/// anything leaves.
pub(super) async fn send(
    grant: &MailGrant,
    secret: Option<&Secret>,
    message: &MailMessage,
    is_dry_run: bool,
) -> Result<String, PluginError> {
    let text = message::render(grant, message)?;
    let wrong = |what: String| not_sent(Recovery::FixConfig, "bad-grant", what);
    let url = Url::parse(&grant.url)
        .map_err(|error| wrong(format!("the granted server cannot be read: {error}")))?;
    let login = match (&grant.login, secret) {
        (None, _) => None,
        (Some((user, _)), Some(secret)) => Some((user.as_str(), secret)),
        (Some(_), None) => return Err(wrong("the secret of the server was not read".into())),
    };
    if is_dry_run {
        return Err(dry_run());
    }
    let (host, literal) = host_of(&url);
    let implicit_tls = url.scheme() == "smtps";
    let port = url.port().unwrap_or(if implicit_tls { 465 } else { 587 });
    let addresses = resolve(&host, literal, port, &grant.addresses).await?;
    let data_ended = Arc::new(AtomicBool::new(false));
    let session = SmtpSession {
        server: format!("{host}:{port}"),
        certificate_name: host,
        implicit_tls,
        login,
        ca: grant.ca.as_deref(),
        data_ended: Arc::clone(&data_ended),
    };
    let sent = session.send(&addresses, message, &text);
    match tokio::time::timeout(Duration::from_millis(grant.timeout_ms), sent).await {
        Ok(reply) => reply,
        Err(_) => Err(channel_error(
            Recovery::Retry,
            "timeout",
            format!(
                "{} took longer than {} ms",
                grant.url.as_str(),
                grant.timeout_ms
            ),
            data_ended.load(Ordering::SeqCst),
        )),
    }
}
