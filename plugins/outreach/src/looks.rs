//! Pictures and links: logo and images of a template, and whether their places are allowed.

use std::collections::BTreeMap;

use crate::cell::Row;
use crate::reasons::{Reason, Weight};
use crate::rulebook::{Place, Rulebook};

/// Endings of addresses that are pictures.
const PICTURES: &[&str] = &[
    ".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".avif", ".bmp",
];

/// What is known of a picture file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Asset {
    sha256: String,
    width_px: Option<u64>,
}

/// The picture files that somebody measured, by address.
#[derive(Debug, Default)]
pub struct Assets(BTreeMap<String, Asset>);

impl Assets {
    /// Takes a row of `assets` in.
    pub fn add(&mut self, row: &Row<'_>) {
        if let Some(url) = row.text("url") {
            let asset = Asset {
                sha256: row.text("sha256").unwrap_or_default().to_ascii_lowercase(),
                width_px: row.text("width_px").and_then(|width| width.parse().ok()),
            };
            self.0.insert(url, asset);
        }
    }

    /// What speaks against a logo: it must be one of the brand's files, and wide enough.
    pub fn logo(
        &self,
        url: &str,
        book: &Rulebook,
        place: &Place<'_>,
        weight: Weight,
    ) -> Option<Reason> {
        let least = book.count("logo_width_min_px", place);
        let mut ours = book
            .all("logo_sha256", *place)
            .filter_map(|rule| rule.text());
        let what = match self.0.get(url) {
            None => format!("nobody measured the logo {url}"),
            Some(asset) if !ours.any(|hash| hash == asset.sha256) => {
                format!("the file at {url} is not a logo of the brand")
            }
            Some(asset) => match asset.width_px {
                Some(width) if width >= least => return None,
                Some(width) => {
                    format!("the logo at {url} is {width} pixels wide, {least} is the least")
                }
                None => format!("nobody measured how wide the logo at {url} is"),
            },
        };
        Some(Reason::new("logo-wrong", weight, what))
    }
}

/// The address's host, in small letters and without a port; `None` for what is no web address.
pub fn host(url: &str) -> Option<String> {
    let url = url.trim().to_lowercase();
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))?;
    let whole = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    // What stands before an @ is a name, not a host.
    let after = whole.rsplit('@').next().unwrap_or_default();
    let name = after
        .split(':')
        .next()
        .unwrap_or_default()
        .trim_end_matches('.');
    (!name.is_empty()).then(|| name.to_string())
}

/// Every web address in a text, up to the next blank, quotation mark or bracket.
pub fn addresses(text: &str) -> Vec<String> {
    if !text.contains("://") {
        return Vec::new();
    }
    let lower = text.to_lowercase();
    let starts = lower.match_indices("http").map(|(at, _)| at);
    let cut = |at: char| at.is_whitespace() || "\"'<>()[]{}「」（）、。".contains(at);
    starts
        .filter_map(|at| lower.get(at..)?.split(cut).next())
        .filter(|url| host(url).is_some())
        .map(|url| url.trim_end_matches(['.', ',', ';', '!']).to_string())
        .collect()
}

/// Whether an address is that of a picture.
pub fn is_picture(url: &str) -> bool {
    let path = url
        .split(['?', '#'])
        .next()
        .unwrap_or_default()
        .to_lowercase();
    PICTURES.iter().any(|ending| path.ends_with(ending))
}

/// What speaks against the place of a picture or link: only domains of the rules, and what lies
/// below them, are allowed.
pub fn domain(url: &str, book: &Rulebook, place: &Place<'_>, weight: Weight) -> Option<Reason> {
    let allowed = host(url).is_some_and(|host| {
        book.all("image_domain", *place)
            .filter_map(|rule| rule.text())
            .any(|domain| {
                let domain = domain.to_lowercase();
                host == domain
                    || host
                        .strip_suffix(&domain)
                        .is_some_and(|rest| rest.ends_with('.'))
            })
    });
    (!allowed).then(|| {
        let what = format!("{url} does not lie on an allowed domain");
        Reason::new("foreign-domain", weight, what)
    })
}

/// What mail programs need to offer one click of refusal (RFC 8058), as two header lines. The
/// address carries a token instead of the person, which the row it stands on resolves.
pub fn unsubscribe(link: &str, token: &str) -> Option<String> {
    let fit = link.starts_with("https://")
        && !link
            .chars()
            .any(|at| at.is_control() || "<>\" ".contains(at));
    let joint = if link.contains('?') { '&' } else { '?' };
    fit.then(|| {
        format!("List-Unsubscribe: <{link}{joint}r={token}>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click")
    })
}
