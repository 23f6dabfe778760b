//! `grants.http` and `grants.mail` as they are written in pipeline.toml.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

pub use tsugi_core::channel::{HeaderSecret, HttpGrant, MailGrant, SecretSource, is_token};
use url::{Host, Url};

use super::error::ProjectError;
use super::paths::resolved;
use super::written::{Section, Written};

/// Time for one exchange where nothing is said, in milliseconds.
const TIMEOUT_MS: u64 = 30_000;
/// Largest answer that is read where nothing is said.
const RESPONSE_MAX_BYTES: u64 = 1024 * 1024;

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
        && !is_loopback(url)
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
        section.file().find(&written.span, &error);
    }
    Some(path)
}

/// Whether the host of an `http` URL is written as an address of this machine.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        _ => false,
    }
}

fn wrong(section: &Section<'_, '_>, key: &str, written: &Written<String>, wanted: &str) {
    let error = ProjectError::WrongValue {
        key: section.full(key),
        value: written.value.clone(),
        wanted: wanted.to_owned(),
    };
    section.file().find(&written.span, &error);
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
            secret.file().find(&secret.span, &error);
            None
        }
    }
}
