//! Granted channels, addresses for HTTP and servers for mail, and the secrets that go with them.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde::Serialize;
use url::Url;

use super::error::ProjectError;
use super::paths::resolved;
use super::text::read_bounded;
use super::written::{Section, Written};

/// Longest secret: tokens with claims reach some kilobytes.
const SECRET_MAX_BYTES: u64 = 16 * 1024;
/// Shortest secret: a shorter one could not be told from other text where it must be blotted out.
const SECRET_MIN_BYTES: usize = 6;
/// Time for one exchange where nothing is said, in milliseconds.
const TIMEOUT_MS: u64 = 30_000;
/// Largest answer that is read where nothing is said.
const RESPONSE_MAX_BYTES: u64 = 1024 * 1024;

/// An address that a plugin may send requests to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct HttpGrant {
    /// Where to; requests may go below its path.
    pub url: String,
    /// Which methods.
    pub methods: BTreeSet<String>,
    /// What the host adds to each request.
    pub secret: Option<HeaderSecret>,
    /// Addresses that are allowed though they belong to no public network.
    pub addresses: BTreeSet<IpAddr>,
    /// The certificates that are trusted instead of those of the public authorities.
    pub ca: Option<PathBuf>,
    /// Time for one exchange.
    pub timeout_ms: u64,
    /// Largest answer that is read.
    pub response_max_bytes: u64,
}

/// A server through which a plugin may send mail.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct MailGrant {
    /// `smtps://host:465`, or `smtp://host:587` with STARTTLS.
    pub url: String,
    /// Who mail may come from.
    pub from: BTreeSet<String>,
    /// Who the host says it is, with the secret.
    pub login: Option<(String, SecretSource)>,
    /// Addresses that are allowed though they belong to no public network.
    pub addresses: BTreeSet<IpAddr>,
    /// The certificates that are trusted instead of those of the public authorities.
    pub ca: Option<PathBuf>,
    /// Time for one message.
    pub timeout_ms: u64,
}

/// A secret that the host puts into a header.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct HeaderSecret {
    /// The header.
    pub header: String,
    /// What stands before the secret: `Bearer `.
    pub prefix: String,
    /// Where it comes from.
    pub source: SecretSource,
}

/// Where a secret comes from. The secret itself is read when a reading or a delivery begins.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum SecretSource {
    /// An environment variable.
    Env(String),
    /// A file, absolute.
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

/// A secret. It shows itself to nobody by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl Secret {
    /// The words, for whoever sends them.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl SecretSource {
    /// Reads the secret.
    ///
    /// # Errors
    /// A sentence on what is wrong with it, without any part of it.
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

/// `grants.http.NAME = { url, methods, secret, addresses, ca, timeout_ms, response_max_bytes }`.
pub(super) fn http(section: Section<'_, '_>, folder: &Path) -> Option<HttpGrant> {
    let url = section
        .required("url", "url = \"https://api.example.com/messages\"")
        .and_then(|written| checked_url(&section, &written, &["https", "http"]));
    let methods: BTreeSet<String> = texts(&section, "methods")
        .into_iter()
        .filter_map(|method| {
            let known = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];
            known
                .contains(&method.value.as_str())
                .then(|| method.value.clone())
                .or_else(|| {
                    let wanted = "GET, POST, PUT, PATCH, DELETE or HEAD";
                    wrong(&section, "methods", &method, wanted);
                    None
                })
        })
        .collect();
    if !section.has("methods") {
        section.missing("methods", "methods = [\"POST\"]");
    }
    let secret = section.section("secret");
    let secret = secret.and_then(|secret| header_secret(secret, folder));
    if let Some(url) = &url
        && secret.is_some()
        && url.scheme() == "http"
        && !host_of(url).1.is_some_and(|ip| ip.is_loopback())
    {
        let written = Written {
            value: url.to_string(),
            span: section.key_span("url"),
        };
        wrong(&section, "url", &written, "https where a secret is sent");
    }
    let grant = HttpGrant {
        url: url.map(String::from).unwrap_or_default(),
        methods,
        secret,
        addresses: addresses(&section),
        ca: authorities(&section, folder),
        timeout_ms: section
            .number("timeout_ms", 100, 300_000)
            .unwrap_or(TIMEOUT_MS),
        response_max_bytes: section
            .number("response_max_bytes", 1024, 64 * 1024 * 1024)
            .unwrap_or(RESPONSE_MAX_BYTES),
    };
    section.finish();
    Some(grant)
}

/// `secret = { header, prefix, value_from_env | value_from_file }`.
fn header_secret(secret: Section<'_, '_>, folder: &Path) -> Option<HeaderSecret> {
    let header = secret
        .required("header", "header = \"Authorization\"")
        .filter(|header| {
            let token = is_token(&header.value);
            if !token {
                wrong(&secret, "header", header, "the name of a header");
            }
            token
        });
    let prefix = secret.string("prefix").map(|prefix| prefix.value);
    let read = source(&secret, folder);
    secret.finish();
    Some(HeaderSecret {
        header: header?.value,
        prefix: prefix.unwrap_or_default(),
        source: read?,
    })
}

/// `grants.mail.NAME = { url, from, user, secret, addresses, ca, timeout_ms }`.
pub(super) fn mail(section: Section<'_, '_>, folder: &Path) -> Option<MailGrant> {
    let url = section
        .required("url", "url = \"smtps://mail.example.com\"")
        .and_then(|written| checked_url(&section, &written, &["smtps", "smtp"]));
    if !section.has("from") {
        section.missing("from", "from = [\"care@example.com\"]");
    }
    let from = texts(&section, "from").into_iter().map(|from| from.value);
    let from: BTreeSet<String> = from.collect();
    let user = section.string("user").map(|user| user.value);
    let secret = section.section("secret").and_then(|secret| {
        let read = source(&secret, folder);
        secret.finish();
        read
    });
    if user.is_some() != secret.is_some() {
        let (key, example) = match user {
            Some(_) => ("secret", "secret = { value_from_env = \"MAIL_PASSWORD\" }"),
            None => ("user", "user = \"care\""),
        };
        section.missing(key, example);
    }
    let grant = MailGrant {
        url: url.map(String::from).unwrap_or_default(),
        from,
        login: user.zip(secret),
        addresses: addresses(&section),
        ca: authorities(&section, folder),
        timeout_ms: section
            .number("timeout_ms", 100, 300_000)
            .unwrap_or(TIMEOUT_MS),
    };
    section.finish();
    Some(grant)
}

/// `ca = "certs/internal.pem"`: a file of certificates that is there.
fn authorities(section: &Section<'_, '_>, folder: &Path) -> Option<PathBuf> {
    let written = section.string("ca")?;
    let path = resolved(folder, &written.value);
    if !path.is_file() {
        let error = ProjectError::NotThere {
            what: format!("the file of `{}`", section.full("ca")),
            path: written.value.clone(),
            fix: "put the certificate of your authority there, as PEM; paths start at the folder of pipeline.toml".into(),
        };
        section.sheet().find(&written.span, &error);
    }
    Some(path)
}

/// The host of a URL as text, and as an address where it is written as one.
pub fn host_of(url: &Url) -> (String, Option<IpAddr>) {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    (bare.to_owned(), bare.parse().ok())
}

/// Whether a text can be the name of a header or a method (RFC 9110, token).
pub fn is_token(text: &str) -> bool {
    let sign = |byte: u8| b"!#$%&'*+-.^_`|~".contains(&byte) || byte.is_ascii_alphanumeric();
    !text.is_empty() && text.bytes().all(sign)
}

fn wrong(section: &Section<'_, '_>, key: &str, written: &Written<String>, wanted: &str) {
    let error = ProjectError::WrongValue {
        key: section.full(key),
        value: written.value.clone(),
        wanted: wanted.to_owned(),
    };
    section.sheet().find(&written.span, &error);
}

/// A URL of one of these schemes whose host is written as it is connected to: an address in
/// another spelling (`0x7f.1`) is what a reader would overlook.
fn checked_url(
    section: &Section<'_, '_>,
    written: &Written<String>,
    schemes: &[&str],
) -> Option<Url> {
    let wanted = format!("an address such as `{}://host/path`", schemes.first()?);
    let plain = |url: &Url| {
        let host = url.host_str().unwrap_or_default();
        let as_written = format!("{}://{host}", url.scheme());
        let rest = written.value.to_lowercase();
        let rest = rest.strip_prefix(&as_written).map(str::to_owned);
        !host.is_empty()
            && schemes.contains(&url.scheme())
            && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    };
    let url = Url::parse(&written.value).ok().filter(plain);
    if url.is_none() {
        wrong(section, "url", written, &wanted);
    }
    url
}

/// A string or a list of strings under a fixed key.
fn texts(section: &Section<'_, '_>, key: &'static str) -> Vec<Written<String>> {
    if !section.has(key) {
        return Vec::new();
    }
    let found = section
        .entries()
        .into_iter()
        .find(|(name, _)| name.value == key);
    found
        .map(|(_, value)| section.strings_of(key, value))
        .unwrap_or_default()
}

fn addresses(section: &Section<'_, '_>) -> BTreeSet<IpAddr> {
    let parsed = |written: Written<String>| {
        let address = written.value.parse();
        if address.is_err() {
            let wanted = "one address, such as `10.1.2.3`";
            wrong(section, "addresses", &written, wanted);
        }
        address.ok()
    };
    texts(section, "addresses")
        .into_iter()
        .filter_map(parsed)
        .collect()
}

fn source(secret: &Section<'_, '_>, folder: &Path) -> Option<SecretSource> {
    let env = secret.string("value_from_env");
    let file = secret.string("value_from_file");
    match (env, file) {
        (Some(name), None) => Some(SecretSource::Env(name.value)),
        (None, Some(path)) => Some(SecretSource::File(resolved(folder, &path.value))),
        _ => {
            let error = ProjectError::OneOf {
                section: secret.title(),
                keys: "`value_from_env` and `value_from_file`",
            };
            secret.sheet().find(&secret.span, &error);
            None
        }
    }
}
