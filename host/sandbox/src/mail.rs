//! One message over SMTP (RFC 5321): to a checked address, encrypted unless the server is this
//! machine, with the host's login, bounded in time and in words.
//!
//! The conversation is short and is ours because a delivery must know exactly how far it came:
//! until the dot that ends a message nothing was taken, after it nobody knows without a reply.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;
use url::Url;

use super::address::host_of;
use super::address::{failed, resolve};
use super::channel::dry;
use super::flow::MailMessage;
use super::letter::{stuffed, written};
use super::trust;
use super::wire::{PluginError, Recovery};
use tsugi_core::channel::{MailGrant, Secret};

/// Longest line of a reply (RFC 5321, 4.5.3.1.5 asks for 512).
const LINE_MAX_BYTES: u64 = 2048;
/// Most lines of one reply.
const LINES_MAX: usize = 100;
/// The name under which the host greets; servers learn the address from the connection.
const HELLO: &str = "EHLO tsugi.invalid\r\n";

trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

/// Sends one message under a grant, and returns the words with which it was taken.
pub(super) async fn send(
    grant: &MailGrant,
    secret: Option<&Secret>,
    message: &MailMessage,
    dry_run: bool,
) -> Result<String, PluginError> {
    let text = written(grant, message)?;
    let wrong = |what: String| failed(Recovery::FixConfig, "bad-grant", what, false);
    let url = Url::parse(&grant.url)
        .map_err(|error| wrong(format!("the granted server cannot be read: {error}")))?;
    let login = match (&grant.login, secret) {
        (None, _) => None,
        (Some((user, _)), Some(secret)) => Some((user.as_str(), secret)),
        (Some(_), None) => return Err(wrong("the secret of the server was not read".into())),
    };
    if dry_run {
        return Err(dry());
    }
    let (host, literal) = host_of(&url);
    let implicit = url.scheme() == "smtps";
    let port = url.port().unwrap_or(if implicit { 465 } else { 587 });
    let addresses = resolve(&host, literal, port, &grant.addresses).await?;
    let dotted = Arc::new(AtomicBool::new(false));
    let talk = Talk {
        host: format!("{host}:{port}"),
        name: host,
        implicit,
        login,
        ca: grant.ca.as_deref(),
        dotted: Arc::clone(&dotted),
    };
    let whole = talk.through(&addresses, message, &text);
    match tokio::time::timeout(Duration::from_millis(grant.timeout_ms), whole).await {
        Ok(answer) => answer,
        Err(_) => Err(failed(
            Recovery::Retry,
            "timeout",
            format!(
                "{} took longer than {} ms",
                grant.url.as_str(),
                grant.timeout_ms
            ),
            dotted.load(Ordering::SeqCst),
        )),
    }
}

/// One conversation.
struct Talk<'t> {
    /// With its port, for people.
    host: String,
    /// As its certificate must name it.
    name: String,
    implicit: bool,
    login: Option<(&'t str, &'t Secret)>,
    ca: Option<&'t Path>,
    /// Set before the dot that ends the message.
    dotted: Arc<AtomicBool>,
}

/// A reply: its code and its words.
struct Reply {
    code: u16,
    lines: Vec<String>,
}

type Stream = BufReader<Box<dyn Wire>>;

impl Talk<'_> {
    async fn through(
        &self,
        addresses: &[SocketAddr],
        message: &MailMessage,
        text: &[u8],
    ) -> Result<String, PluginError> {
        let mut stream = self.ready(addresses).await?;
        if let Some((user, secret)) = self.login {
            let both = STANDARD.encode(format!("\0{user}\0{}", secret.reveal()));
            let reply = self
                .say(&mut stream, &format!("AUTH PLAIN {both}\r\n"))
                .await?;
            if reply.code != 235 {
                // The words may hold the login; the code says enough.
                let what = format!("{} refused the login ({})", self.host, reply.code);
                return Err(failed(Recovery::Reauthenticate, "login", what, false));
            }
        }
        let from = format!("MAIL FROM:<{}>\r\n", message.from);
        self.expect(&mut stream, &from, 250).await?;
        let to = format!("RCPT TO:<{}>\r\n", message.to);
        let reply = self.say(&mut stream, &to).await?;
        if ![250, 251].contains(&reply.code) {
            return Err(self.refused(&reply));
        }
        self.expect(&mut stream, "DATA\r\n", 354).await?;
        self.write(&mut stream, &stuffed(text)).await?;
        self.dotted.store(true, Ordering::SeqCst);
        let reply = self.say(&mut stream, ".\r\n").await?;
        if reply.code != 250 {
            self.dotted.store(false, Ordering::SeqCst);
            return Err(self.refused(&reply));
        }
        // Taken is taken, whatever the server makes of a goodbye.
        let _ = self.write(&mut stream, b"QUIT\r\n").await;
        Ok(super::call::clip(reply.lines.join(" ")))
    }

    /// A connection that has been greeted: encrypted, or to this machine.
    async fn ready(&self, addresses: &[SocketAddr]) -> Result<Stream, PluginError> {
        let (tcp, ip) = self.connect(addresses).await?;
        if self.implicit {
            let mut stream = self.encrypt(tcp).await?;
            self.greeted(&mut stream).await?;
            return Ok(stream);
        }
        let mut plain: Stream = BufReader::new(Box::new(tcp) as Box<dyn Wire>);
        let offers = self.greeted(&mut plain).await?;
        let offered = offers
            .lines
            .iter()
            .any(|line| line.eq_ignore_ascii_case("STARTTLS"));
        if ip.is_loopback() && !offered {
            return Ok(plain);
        }
        if !offered {
            let what = format!("{} offers no encryption (STARTTLS)", self.host);
            return Err(failed(Recovery::FixConfig, "no-encryption", what, false));
        }
        self.expect(&mut plain, "STARTTLS\r\n", 220).await?;
        // Words that came before the encryption were anybody's.
        if !plain.buffer().is_empty() {
            return Err(self.broken("it spoke on before the encryption"));
        }
        let mut stream = self.encrypt(plain.into_inner()).await?;
        let reply = self.say(&mut stream, HELLO).await?;
        if reply.code != 250 {
            return Err(self.refused(&reply));
        }
        Ok(stream)
    }

    async fn connect(&self, addresses: &[SocketAddr]) -> Result<(TcpStream, IpAddr), PluginError> {
        let mut why = "it has no address".to_owned();
        for address in addresses {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok((stream, address.ip())),
                Err(error) => why = error.to_string(),
            }
        }
        let what = format!("{} is not reached: {why}", self.host);
        Err(failed(Recovery::Retry, "no-connection", what, false))
    }

    async fn encrypt(&self, stream: impl Wire + 'static) -> Result<Stream, PluginError> {
        let config = ClientConfig::builder()
            .with_root_certificates(trust::roots(self.ca)?)
            .with_no_client_auth();
        let name = ServerName::try_from(self.name.clone())
            .map_err(|error| self.broken(&error.to_string()))?;
        let connector = TlsConnector::from(Arc::new(config));
        let stream = connector.connect(name, stream).await;
        let stream = stream.map_err(|error| match trust::within(&error) {
            Some(why) => trust::untrusted(&self.host, why),
            None => self.broken(&error.to_string()),
        })?;
        Ok(BufReader::new(Box::new(stream) as Box<dyn Wire>))
    }

    /// Reads the greeting and says hello; what the server offers.
    async fn greeted(&self, stream: &mut Stream) -> Result<Reply, PluginError> {
        let greeting = self.reply(stream).await?;
        if greeting.code != 220 {
            return Err(self.refused(&greeting));
        }
        let offers = self.say(stream, HELLO).await?;
        if offers.code != 250 {
            return Err(self.refused(&offers));
        }
        Ok(offers)
    }

    async fn expect(&self, stream: &mut Stream, words: &str, code: u16) -> Result<(), PluginError> {
        let reply = self.say(stream, words).await?;
        if reply.code == code {
            return Ok(());
        }
        Err(self.refused(&reply))
    }

    async fn say(&self, stream: &mut Stream, words: &str) -> Result<Reply, PluginError> {
        self.write(stream, words.as_bytes()).await?;
        self.reply(stream).await
    }

    async fn write(&self, stream: &mut Stream, bytes: &[u8]) -> Result<(), PluginError> {
        let written = async {
            stream.write_all(bytes).await?;
            stream.flush().await
        };
        written
            .await
            .map_err(|error| self.broken(&error.to_string()))
    }

    /// Reads one reply: lines of three digits, the last with a blank behind them.
    async fn reply(&self, stream: &mut Stream) -> Result<Reply, PluginError> {
        let mut lines = Vec::new();
        loop {
            let mut line = Vec::new();
            let mut bounded = (&mut *stream).take(LINE_MAX_BYTES);
            let read = bounded.read_until(b'\n', &mut line).await;
            let read = read.map_err(|error| self.broken(&error.to_string()))?;
            if read == 0 {
                return Err(self.broken("it hung up"));
            }
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches(['\r', '\n']);
            let code = text.get(..3).and_then(|digits| digits.parse::<u16>().ok());
            let (Some(code), true) = (code, line.ends_with(b"\n")) else {
                return Err(self.broken("its reply is none of SMTP"));
            };
            let rest = text.get(3..).unwrap_or_default();
            let words: String = rest.chars().skip(1).filter(|c| !c.is_control()).collect();
            lines.push(words);
            if !rest.starts_with('-') {
                return Ok(Reply { code, lines });
            }
            if lines.len() >= LINES_MAX {
                return Err(self.broken("its reply has no end"));
            }
        }
    }

    /// A connection that cannot be used further.
    fn broken(&self, why: &str) -> PluginError {
        let what = format!("the conversation with {} broke: {why}", self.host);
        let maybe = self.dotted.load(Ordering::SeqCst);
        failed(Recovery::Retry, "broken-conversation", what, maybe)
    }

    /// What a server said no to: nothing was taken.
    fn refused(&self, reply: &Reply) -> PluginError {
        let words = super::call::clip(reply.lines.join(" "));
        let what = format!("{} said {} {words}", self.host, reply.code);
        let (recovery, code) = match reply.code {
            // The server as a whole is busy or closing (RFC 5321, 4.2.3).
            421 => (Recovery::Throttled, "smtp-busy"),
            400..=499 => (Recovery::RejectData, "smtp-not-now"),
            530 | 534 | 535 | 538 => (Recovery::Reauthenticate, "login"),
            _ => (Recovery::RejectData, "smtp-refused"),
        };
        failed(recovery, code, what, false)
    }
}
