//! Granted channels, addresses for HTTP and servers for mail, and the secrets that go with them.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use serde::Serialize;

use crate::file::read_bounded;

/// Longest secret: tokens with claims reach some kilobytes.
const SECRET_MAX_BYTES: u64 = 16 * 1024;
/// Shortest secret: redaction of a shorter one would remove other text, too.
const SECRET_MIN_BYTES: usize = 6;

/// An address that a plugin may send requests to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct HttpGrant {
    /// Requests may go to this URL and below its path.
    pub url: String,
    pub methods: BTreeSet<String>,
    /// A header that the host adds to each request.
    pub secret: Option<HeaderSecret>,
    /// Addresses outside the public network that are allowed.
    pub addresses: BTreeSet<IpAddr>,
    /// A PEM file of authorities that are trusted instead of the public ones.
    pub ca: Option<PathBuf>,
    /// For one exchange.
    pub timeout_ms: u64,
    pub response_max_bytes: u64,
}

/// A server through which a plugin may send mail.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct MailGrant {
    /// `smtps://host:465`, or `smtp://host:587` with STARTTLS.
    pub url: String,
    /// Allowed senders.
    pub from: BTreeSet<String>,
    /// User and password of the host.
    pub login: Option<(String, SecretSource)>,
    /// Addresses outside the public network that are allowed.
    pub addresses: BTreeSet<IpAddr>,
    /// A PEM file of authorities that are trusted instead of the public ones.
    pub ca: Option<PathBuf>,
    /// For one message.
    pub timeout_ms: u64,
}

/// A secret that the host puts into a header.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct HeaderSecret {
    pub header: String,
    /// Text before the secret: `Bearer `.
    pub prefix: String,
    pub source: SecretSource,
}

/// Where a secret comes from. It is read when a reader or a writer is opened.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum SecretSource {
    /// The name of an environment variable.
    Env(String),
    /// The absolute path of a file.
    File(PathBuf),
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "the environment variable `{name}`"),
            Self::File(path) => write!(f, "the file `{}`", path.display()),
        }
    }
}

/// A secret. Its `Debug` output is redacted.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl Secret {
    /// The text, for the channel that sends it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl SecretSource {
    /// # Errors
    /// A sentence on what is wrong with the secret, without any part of it.
    pub fn read(&self) -> Result<Secret, String> {
        let text = match self {
            Self::Env(name) => std::env::var(name).map_err(|error| match error {
                std::env::VarError::NotPresent => "it is not set".to_owned(),
                std::env::VarError::NotUnicode(_) => "it is not text".to_owned(),
            })?,
            Self::File(path) => {
                let bytes = read_bounded(path, "the secret", SECRET_MAX_BYTES);
                let bytes = bytes.map_err(|_| "it cannot be read".to_owned())?;
                String::from_utf8(bytes).map_err(|_| "it is not text".to_owned())?
            }
        };
        let text = text.trim();
        if text.is_empty() {
            return Err("it is empty".into());
        }
        if text.len() < SECRET_MIN_BYTES {
            return Err(format!("it is shorter than {SECRET_MIN_BYTES} characters"));
        }
        if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Err("it has characters that no header can carry".into());
        }
        Ok(Secret(text.to_owned()))
    }
}

/// Whether a text can be the name of a header or a method (RFC 9110, token).
pub fn is_token(text: &str) -> bool {
    let is_tchar = |byte: u8| b"!#$%&'*+-.^_`|~".contains(&byte) || byte.is_ascii_alphanumeric();
    !text.is_empty() && text.bytes().all(is_tchar)
}
