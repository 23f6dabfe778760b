//! One SMTP conversation (RFC 5321).
//!
//! It is written here because a delivery must know exactly how far it came: before the dot that ends
//! the message the server has accepted nothing; after it, only a reply says whether it has.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;
use tsugi_core::channel::Secret;

use super::message::dot_stuffed;
use crate::boundary::wire::{MailMessage, PluginError, Recovery};
use crate::imports::failure::{channel_error, not_sent};
use crate::imports::trust;
use crate::text::clip;

/// Longest line of a reply (RFC 5321, 4.5.3.1.5 requires 512).
const LINE_MAX_BYTES: u64 = 2048;
/// Most lines of one reply.
const LINES_MAX: usize = 100;
/// The greeting; servers learn the address of the host from the connection.
const HELLO: &str = "EHLO tsugi.invalid\r\n";

trait ByteStream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> ByteStream for T {}

/// The parameters of one conversation.
pub(super) struct SmtpSession<'s> {
    /// Host and port, for people.
    pub server: String,
    /// The name that its certificate must have.
    pub(crate) certificate_name: String,
    /// TLS from the first byte, without STARTTLS.
    pub(crate) implicit_tls: bool,
    pub login: Option<(&'s str, &'s Secret)>,
    pub ca: Option<&'s Path>,
    /// Set before the dot that ends the message: from then on the message may arrive.
    pub(crate) data_ended: Arc<AtomicBool>,
}

/// A reply of the server; `lines` without their code.
struct Reply {
    code: u16,
    lines: Vec<String>,
}

type Stream = BufReader<Box<dyn ByteStream>>;

impl SmtpSession<'_> {
    /// Sends a message and returns the text of the reply that accepts it.
    pub(super) async fn send(
        &self,
        addresses: &[SocketAddr],
        message: &MailMessage,
        text: &[u8],
    ) -> Result<String, PluginError> {
        let mut stream = self.open(addresses).await?;
        if let Some((user, secret)) = self.login {
            let credentials = STANDARD.encode(format!("\0{user}\0{}", secret.reveal()));
            let reply = self
                .command(&mut stream, &format!("AUTH PLAIN {credentials}\r\n"))
                .await?;
            if reply.code != 235 {
                // The text of the reply may repeat the login.
                let what = format!("{} refused the login ({})", self.server, reply.code);
                return Err(not_sent(Recovery::Reauthenticate, "login", what));
            }
        }
        let from = format!("MAIL FROM:<{}>\r\n", message.from);
        self.expect(&mut stream, &from, 250).await?;
        let to = format!("RCPT TO:<{}>\r\n", message.to);
        let reply = self.command(&mut stream, &to).await?;
        if ![250, 251].contains(&reply.code) {
            return Err(self.refused(&reply));
        }
        self.expect(&mut stream, "DATA\r\n", 354).await?;
        self.write(&mut stream, &dot_stuffed(text)).await?;
        self.data_ended.store(true, Ordering::SeqCst);
        let reply = self.command(&mut stream, ".\r\n").await?;
        if reply.code != 250 {
            self.data_ended.store(false, Ordering::SeqCst);
            return Err(self.refused(&reply));
        }
        // The message is accepted, whatever the server does with QUIT.
        let _ = self.write(&mut stream, b"QUIT\r\n").await;
        Ok(clip(reply.lines.join(" ")))
    }

    /// A connection after the greeting: encrypted, or to this machine.
    async fn open(&self, addresses: &[SocketAddr]) -> Result<Stream, PluginError> {
        let (tcp, ip) = self.connect(addresses).await?;
        if self.implicit_tls {
            let mut stream = self.encrypt(tcp).await?;
            self.greet(&mut stream).await?;
            return Ok(stream);
        }
        let mut plain: Stream = BufReader::new(Box::new(tcp) as Box<dyn ByteStream>);
        let offers = self.greet(&mut plain).await?;
        let offered = offers
            .lines
            .iter()
            .any(|line| line.eq_ignore_ascii_case("STARTTLS"));
        if ip.is_loopback() && !offered {
            return Ok(plain);
        }
        if !offered {
            let what = format!("{} offers no encryption (STARTTLS)", self.server);
            return Err(not_sent(Recovery::FixConfig, "no-encryption", what));
        }
        self.expect(&mut plain, "STARTTLS\r\n", 220).await?;
        // Bytes from before the encryption may come from anyone.
        if !plain.buffer().is_empty() {
            return Err(self.broken("it sent more before the encryption"));
        }
        let mut stream = self.encrypt(plain.into_inner()).await?;
        let reply = self.command(&mut stream, HELLO).await?;
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
        let what = format!("{} is not reached: {why}", self.server);
        Err(not_sent(Recovery::Retry, "no-connection", what))
    }

    async fn encrypt(&self, stream: impl ByteStream + 'static) -> Result<Stream, PluginError> {
        let config = ClientConfig::builder()
            .with_root_certificates(trust::roots(self.ca)?)
            .with_no_client_auth();
        let name = ServerName::try_from(self.certificate_name.clone())
            .map_err(|error| self.broken(&error.to_string()))?;
        let connector = TlsConnector::from(Arc::new(config));
        let stream = connector.connect(name, stream).await;
        let stream = stream.map_err(|error| match trust::tls_error(&error) {
            Some(why) => trust::untrusted(&self.server, why),
            None => self.broken(&error.to_string()),
        })?;
        Ok(BufReader::new(Box::new(stream) as Box<dyn ByteStream>))
    }

    /// Reads the greeting, says EHLO and returns what the server offers.
    async fn greet(&self, stream: &mut Stream) -> Result<Reply, PluginError> {
        let greeting = self.reply(stream).await?;
        if greeting.code != 220 {
            return Err(self.refused(&greeting));
        }
        let offers = self.command(stream, HELLO).await?;
        if offers.code != 250 {
            return Err(self.refused(&offers));
        }
        Ok(offers)
    }

    async fn expect(&self, stream: &mut Stream, line: &str, code: u16) -> Result<(), PluginError> {
        let reply = self.command(stream, line).await?;
        if reply.code == code {
            return Ok(());
        }
        Err(self.refused(&reply))
    }

    async fn command(&self, stream: &mut Stream, line: &str) -> Result<Reply, PluginError> {
        self.write(stream, line.as_bytes()).await?;
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

    /// Reads one reply: lines that begin with three digits, of which the last has a space after them.
    async fn reply(&self, stream: &mut Stream) -> Result<Reply, PluginError> {
        let mut lines = Vec::new();
        loop {
            let mut line = Vec::new();
            let mut bounded = (&mut *stream).take(LINE_MAX_BYTES);
            let read = bounded.read_until(b'\n', &mut line).await;
            let read = read.map_err(|error| self.broken(&error.to_string()))?;
            if read == 0 {
                return Err(self.broken("it closed the connection"));
            }
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches(['\r', '\n']);
            let code = text.get(..3).and_then(|digits| digits.parse::<u16>().ok());
            let (Some(code), true) = (code, line.ends_with(b"\n")) else {
                return Err(self.broken("its reply is not SMTP"));
            };
            let rest = text.get(3..).unwrap_or_default();
            let text: String = rest.chars().skip(1).filter(|c| !c.is_control()).collect();
            lines.push(text);
            if !rest.starts_with('-') {
                return Ok(Reply { code, lines });
            }
            if lines.len() >= LINES_MAX {
                return Err(self.broken("its reply has no end"));
            }
        }
    }

    /// The error for a connection that broke.
    fn broken(&self, why: &str) -> PluginError {
        let what = format!("the conversation with {} broke: {why}", self.server);
        let maybe = self.data_ended.load(Ordering::SeqCst);
        channel_error(Recovery::Retry, "broken-conversation", what, maybe)
    }

    /// The error for a refusal: the server has accepted nothing.
    fn refused(&self, reply: &Reply) -> PluginError {
        let text = clip(reply.lines.join(" "));
        let what = format!("{} replied {} {text}", self.server, reply.code);
        let (recovery, code) = match reply.code {
            // The server as a whole is busy or closing (RFC 5321, 4.2.3).
            421 => (Recovery::Throttled, "smtp-busy"),
            400..=499 => (Recovery::RejectData, "smtp-not-now"),
            530 | 534 | 535 | 538 => (Recovery::Reauthenticate, "login"),
            _ => (Recovery::RejectData, "smtp-refused"),
        };
        not_sent(recovery, code, what)
    }
}
