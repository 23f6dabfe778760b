//! Which addresses a granted channel may reach: public ones, and those a grant names.
//!
//! A name is resolved once, here. Every address it resolves to is checked, and the connection goes
//! to one of them; nothing resolves the name a second time.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use url::Url;

use super::failure::not_sent;
use crate::boundary::wire::{PluginError, Recovery};

/// Time for a name to be resolved.
const RESOLVE_MAX: Duration = Duration::from_secs(10);
/// Addresses of one name that are tried.
const ADDRESSES_MAX: usize = 8;

/// The host of a URL as text, and as an address where it is written as one.
pub(super) fn host_of(url: &Url) -> (String, Option<IpAddr>) {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    (bare.to_owned(), bare.parse().ok())
}

/// The addresses of a granted host, each of them allowed. A literal address in the grant allows
/// itself; a name allows nothing by itself.
pub(super) async fn resolve(
    host: &str,
    literal: Option<IpAddr>,
    port: u16,
    named: &BTreeSet<IpAddr>,
) -> Result<Vec<SocketAddr>, PluginError> {
    if let Some(ip) = literal {
        let named = BTreeSet::from([ip]);
        return allowed(host, vec![SocketAddr::new(ip, port)], &named);
    }
    let unresolved = |why: String| {
        not_sent(
            Recovery::Retry,
            "unresolved-host",
            format!("the name `{host}` cannot be resolved: {why}"),
        )
    };
    let found = tokio::time::timeout(RESOLVE_MAX, tokio::net::lookup_host((host, port)));
    let found = found
        .await
        .map_err(|_| unresolved("it took too long".into()))?
        .map_err(|error| unresolved(error.to_string()))?;
    let found: Vec<SocketAddr> = found.collect();
    if found.is_empty() {
        return Err(unresolved("it has no address".into()));
    }
    allowed(host, found, named)
}

/// All of these addresses, when all are allowed: one that is not makes the name suspect.
fn allowed(
    host: &str,
    found: Vec<SocketAddr>,
    named: &BTreeSet<IpAddr>,
) -> Result<Vec<SocketAddr>, PluginError> {
    for address in &found {
        let ip = address.ip();
        let Some(kind) = reserved(ip) else {
            continue;
        };
        if named.contains(&ip) && !never(ip) {
            continue;
        }
        let mut error = not_sent(
            Recovery::FixConfig,
            "address-refused",
            format!("`{host}` leads to {ip}, which is {kind}"),
        );
        if !never(ip) {
            error.detail = Some(format!(
                "if that is meant, add to the grant: addresses = [\"{ip}\"]"
            ));
        }
        return Err(error);
    }
    Ok(found.into_iter().take(ADDRESSES_MAX).collect())
}

/// Addresses that no grant can allow, because they are not the address of one server.
fn never(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [first, ..] = ip.octets();
            first == 0 || first >= 224
        }
        IpAddr::V6(ip) => ip.is_unspecified() || ip.is_multicast(),
    }
}

/// What an address is, when it does not belong to the public network. IANA special-purpose address
/// registries (RFC 6890 and its updates).
fn reserved(ip: IpAddr) -> Option<&'static str> {
    match ip {
        IpAddr::V4(ip) => reserved_v4(ip),
        IpAddr::V6(ip) => reserved_v6(ip),
    }
}

fn reserved_v4(ip: Ipv4Addr) -> Option<&'static str> {
    let [a, b, c, _] = ip.octets();
    match (a, b, c) {
        (0, _, _) => Some("no address of a host"),
        (127, _, _) => Some("this machine (loopback)"),
        (10, _, _) | (172, 16..=31, _) | (192, 168, _) => Some("a private network"),
        (169, 254, _) => Some("link-local, where clouds keep their metadata"),
        (100, 64..=127, _) => Some("shared by a carrier (CGNAT)"),
        (168, 63, 129) => Some("a cloud's own service"),
        (192, 0, 0) | (192, 88, 99) => Some("reserved for protocols"),
        (192, 0, 2) | (198, 51, 100) | (203, 0, 113) => Some("reserved for documentation"),
        (198, 18..=19, _) => Some("reserved for benchmarks"),
        (224..=239, _, _) => Some("multicast"),
        (240..=255, _, _) => Some("reserved or broadcast"),
        _ => None,
    }
}

fn reserved_v6(ip: Ipv6Addr) -> Option<&'static str> {
    let [a, b, c, ..] = ip.segments();
    match (a, b, c) {
        _ if ip.is_unspecified() => Some("no address of a host"),
        _ if ip.is_loopback() => Some("this machine (loopback)"),
        _ if ip.to_ipv4_mapped().is_some() => Some("an IPv4-mapped IPv6 address"),
        (0, 0, _) => Some("an IPv4-compatible IPv6 address"),
        (0x64, 0xff9b, _) => Some("an IPv4 address translated by NAT64"),
        (0x2002, _, _) => Some("an IPv4 address tunnelled by 6to4"),
        (0x2001, 0, _) => Some("an IPv4 address tunnelled by Teredo"),
        (0x2001, 0x1..=0x1ff, _) => Some("reserved for protocols"),
        (0x2001, 0xdb8, _) | (0x3fff, 0..=0xfff, _) => Some("reserved for documentation"),
        (0xfe80..=0xfebf, _, _) => Some("link-local"),
        (0xfec0..=0xfeff, _, _) => Some("a private network (site-local)"),
        (0xfc00..=0xfdff, _, _) => Some("a private network"),
        (0xff00..=0xffff, _, _) => Some("multicast"),
        (0x2000..=0x3fff, _, _) => None,
        _ => Some("not assigned"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_pass_unnamed() {
        let refused = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::a00:1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "100::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ];
        for text in refused {
            let ip: IpAddr = text.parse().unwrap();
            assert!(reserved(ip).is_some(), "{text}");
            let to = vec![SocketAddr::new(ip, 80)];
            let error = allowed("name.example", to.clone(), &BTreeSet::new()).unwrap_err();
            assert_eq!(error.code, "address-refused", "{text}");
            let named = allowed("name.example", to, &BTreeSet::from([ip]));
            assert_eq!(named.is_err(), never(ip), "{text} named in a grant");
        }
        for text in [
            "8.8.8.8",
            "93.184.216.34",
            "100.63.255.255",
            "172.32.0.1",
            "2606:4700::1111",
            "2a00:1450::1",
        ] {
            assert_eq!(reserved(text.parse().unwrap()), None, "{text}");
        }
    }

    #[test]
    fn one_refused_address_makes_a_name_refused() {
        let two: Vec<SocketAddr> = ["93.184.216.34:443", "10.0.0.1:443"]
            .map(|text| text.parse().unwrap())
            .into();
        let error = allowed("two.example", two.clone(), &BTreeSet::new()).unwrap_err();
        assert_eq!(
            error.message,
            "`two.example` leads to 10.0.0.1, which is a private network"
        );
        let other = BTreeSet::from(["10.0.0.2".parse().unwrap()]);
        assert!(allowed("two.example", two, &other).is_err());
    }
}
