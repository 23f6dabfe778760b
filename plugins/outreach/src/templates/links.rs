//! Links and picture URLs, judged by the host that a browser would contact.

use url::{Host, ParseError, Url};

use crate::message::reasons::{Reason, Weight};
use crate::rules::rulebook::{RuleScope, Rulebook};

/// Endings of paths that are pictures.
const PICTURES: &[&str] = &[
    ".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".avif", ".bmp",
];

/// What a reference without a scheme is resolved against. A result on this host has none of its own.
const BASE: &str = "https://relative.invalid/";

/// Characters that end a URL in a text, beside blanks.
const ENDS: &str = "\"'<>()[]{}「」（）、";

/// Parses a web address as browsers do: `\` is `/`, tabs and line ends are dropped, names are
/// case-folded and written in punycode, `//host` takes the scheme of the page.
fn parse(text: &str) -> Option<Url> {
    let url = match Url::parse(text) {
        Err(ParseError::RelativeUrlWithoutBase) => {
            let base = Url::parse(BASE).ok()?;
            let url = base.join(text).ok()?;
            (url.host() != base.host()).then_some(url)?
        }
        parsed => parsed.ok()?,
    };
    matches!(url.scheme(), "http" | "https").then_some(url)
}

/// Whether `host` is `domain` or a name below it. Addresses of machines are only equal.
fn is_within(host: &Host<&str>, domain: &str) -> bool {
    match (host, Host::parse(domain)) {
        (Host::Domain(host), Ok(Host::Domain(domain))) => {
            let (host, domain) = (without_root(host), without_root(&domain));
            let below = host.strip_suffix(domain);
            !domain.is_empty() && below.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        }
        (Host::Ipv4(host), Ok(Host::Ipv4(domain))) => *host == domain,
        (Host::Ipv6(host), Ok(Host::Ipv6(domain))) => *host == domain,
        _ => false,
    }
}

/// `example.com.` is the same name as `example.com`.
fn without_root(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// Every web address in a text, with or without a scheme, up to the next blank, quotation mark or
/// bracket.
pub(crate) fn addresses(text: &str) -> Vec<&str> {
    let is_end = |at: char| at.is_whitespace() || ENDS.contains(at);
    let words = text.split(is_end);
    words
        .flat_map(|word| starts(word).filter_map(|at| word.get(at..)))
        .map(without_punctuation)
        .filter(|address| parse(address).is_some())
        .collect()
}

/// Where an address may begin in a word: at two slashes in front, and at each `http:` or `https:`.
fn starts(word: &str) -> impl Iterator<Item = usize> {
    let mut first = word.chars().map(|at| at == '/' || at == '\\');
    let slashes = first.next() == Some(true) && first.next() == Some(true);
    let lower = match word.contains(':') {
        true => word.to_ascii_lowercase(),
        false => String::new(),
    };
    let is_scheme = |at: &usize| {
        let rest = lower.get(at + 4..).unwrap_or_default();
        rest.starts_with(':') || rest.starts_with("s:")
    };
    let schemes: Vec<usize> = lower
        .match_indices("http")
        .map(|(at, _)| at)
        .filter(is_scheme)
        .collect();
    slashes.then_some(0).into_iter().chain(schemes)
}

/// The address without the punctuation of the sentence around it. A full stop of Japanese ends it,
/// unless a name goes on behind it: browsers read `。` in a name as a dot.
fn without_punctuation(address: &str) -> &str {
    let stop = address.match_indices('。').find(|(at, stop)| {
        let rest = address.get(at + stop.len()..).unwrap_or_default();
        !rest.starts_with(|next: char| next.is_ascii_alphanumeric())
    });
    let end = stop.map_or(address.len(), |(at, _)| at);
    address
        .get(..end)
        .unwrap_or(address)
        .trim_end_matches(['.', ',', ';', '!'])
}

/// Whether the path of a URL ends like that of a picture.
pub(crate) fn is_picture(url: &str) -> bool {
    let path = parse(url).map(|url| url.path().to_ascii_lowercase());
    path.is_some_and(|path| PICTURES.iter().any(|ending| path.ends_with(ending)))
}

/// A reason unless the URL is on a domain that a rule allows, or below one.
pub(crate) fn domain_fault(
    url: &str,
    rulebook: &Rulebook,
    scope: &RuleScope<'_>,
    weight: Weight,
) -> Option<Reason> {
    let parsed = parse(url);
    let host = parsed.as_ref().and_then(Url::host);
    let allowed = host.is_some_and(|host| {
        rulebook
            .all("image_domain", *scope)
            .filter_map(|rule| rule.text())
            .any(|domain| is_within(&host, domain))
    });
    (!allowed).then(|| {
        let what = format!("{url} is not on an allowed domain");
        Reason::new("foreign-domain", weight, what)
    })
}

/// The two header lines with which mail programs offer one click of refusal (RFC 8058). The link
/// carries a token, and the row of the message tells whose it is. None when the link is not https or
/// would break the header.
pub(crate) fn unsubscribe_headers(link: &str, token: &str) -> Option<String> {
    let plain = |at: char| !at.is_control() && !"<>\" ".contains(at);
    let https = Url::parse(link).is_ok_and(|url| url.scheme() == "https");
    if !https || !link.chars().all(plain) {
        return None;
    }
    // A fragment never reaches the server, and would hide the token from it.
    let address = link.split('#').next().unwrap_or(link);
    let joint = if address.contains('?') { '&' } else { '?' };
    Some(format!(
        "List-Unsubscribe: <{address}{joint}r={token}>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click"
    ))
}

#[cfg(test)]
mod tests;
