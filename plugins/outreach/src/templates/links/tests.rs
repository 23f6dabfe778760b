//! Hosts as browsers read them: attacks on the rule of allowed domains, and texts around links.

use super::*;

/// The rule of every case: `morihane.example` is allowed.
const ALLOWED: &str = "morihane.example";

fn is_allowed(url: &str, domain: &str) -> bool {
    let parsed = parse(url);
    let host = parsed.as_ref().and_then(Url::host);
    host.is_some_and(|host| is_within(&host, domain))
}

#[test]
fn a_url_is_judged_by_the_host_that_a_browser_would_contact() {
    let cases: &[(&str, bool)] = &[
        // Plain hosts.
        ("https://morihane.example/a.png", true),
        ("http://images.morihane.example", true),
        ("https://evil.example/morihane.example", false),
        ("https://evil.example/?morihane.example", false),
        ("https://evil.example/#morihane.example", false),
        // Names that only look alike.
        ("https://notmorihane.example/", false),
        ("https://morihane.example.evil.example/", false),
        ("https://morihane-example/", false),
        ("https://example/", false),
        // User information in front of the host.
        ("https://morihane.example@evil.example/", false),
        ("https://morihane.example:secret@evil.example/", false),
        ("https://evil.example@morihane.example/", true),
        ("https://a@b@morihane.example/", true),
        ("https://morihane.example%40evil.example/", false),
        ("https://evil.example\\@morihane.example/", false),
        ("https://evil.example/@morihane.example/", false),
        ("https://evil.example?@morihane.example/", false),
        ("https://evil.example#@morihane.example/", false),
        // Ports.
        ("https://morihane.example:8443/a.png", true),
        ("https://morihane.example:443:evil.example/", false),
        ("https://evil.example:443/morihane.example", false),
        ("https://morihane.example:99999/", false),
        // Upper case.
        ("HTTPS://IMAGES.MORIHANE.EXAMPLE/A.PNG", true),
        ("HtTpS://EVIL.example/", false),
        // The root of the name.
        ("https://morihane.example./a.png", true),
        ("https://evil.example./", false),
        ("https://morihane.example../", false),
        // Backslashes and missing or surplus slashes.
        ("https:\\\\evil.example\\a.png", false),
        ("https:\\\\morihane.example\\a.png", true),
        ("https:/evil.example/", false),
        ("https:evil.example/", false),
        ("https:////evil.example/", false),
        ("https:///morihane.example/", true),
        // Without a scheme.
        ("//evil.example/a.png", false),
        ("//morihane.example/a.png", true),
        ("\\\\evil.example/a.png", false),
        ("/\\evil.example/a.png", false),
        ("///evil.example/a.png", false),
        ("/morihane.example/a.png", false),
        ("morihane.example/a.png", false),
        ("", false),
        // Tabs, line ends and blanks.
        ("  https://morihane.example/a.png", true),
        ("ht\ntps://evil.example/", false),
        ("https://morihane.example\t.evil.example/", false),
        ("https://evil.example\n/morihane.example", false),
        // Percent signs.
        ("https://%6d%6Frihane.example/", true),
        ("https://morihane.example%2Fevil.example/", false),
        ("https://morihane.example%00.evil.example/", false),
        // International names, full width, dots of other scripts, invisible characters.
        ("https://ｍｏｒｉｈａｎｅ.example/", true),
        ("https://morihane。example/", true),
        ("https://morihane．evil．example/", false),
        ("https://mori\u{ad}hane.example/", true),
        ("https://m\u{043e}rihane.example/", false),
        ("https://xn--mrihane-2jg.example/", false),
        // Addresses of machines.
        ("https://127.0.0.1/", false),
        ("https://2130706433/", false),
        ("https://[::1]/", false),
        // Other schemes.
        ("ftp://morihane.example/a.png", false),
        ("javascript://morihane.example/%0aalert(1)", false),
        ("data:image/png;base64,AAAA", false),
        ("blob:https://morihane.example/1", false),
        ("mailto:a@morihane.example", false),
    ];
    for (url, expected) in cases {
        assert_eq!(is_allowed(url, ALLOWED), *expected, "{url:?}");
    }
}

#[test]
fn rules_may_write_a_domain_in_any_form() {
    let cases: &[(&str, &str, bool)] = &[
        ("Morihane.Example", "https://morihane.example/", true),
        ("morihane.example.", "https://morihane.example/", true),
        ("bücher.example", "https://xn--bcher-kva.example/", true),
        ("xn--bcher-kva.example", "https://a.BÜCHER.example/", true),
        ("192.0.2.7", "https://192.0.2.7/", true),
        ("192.0.2.7", "https://0xC0000207/", true),
        ("0.2.7", "https://192.0.2.7/", false),
        ("[2001:db8::1]", "https://[2001:0db8::1]/", true),
        (".", "https://morihane.example/", false),
        ("", "https://morihane.example/", false),
        ("*.example", "https://morihane.example/", false),
        ("relative.invalid", "a.png", false),
    ];
    for (domain, url, expected) in cases {
        assert_eq!(is_allowed(url, domain), *expected, "{domain:?} {url:?}");
    }
}

#[test]
fn every_address_in_a_text_is_found() {
    let cases: &[(&str, &[&str])] = &[
        ("no address: http, https: and //", &[]),
        ("9//10, and/or, C:\\x", &[]),
        (
            "see https://a.example/X?b=C#d.",
            &["https://a.example/X?b=C#d"],
        ),
        ("(HTTPS://A.example), next", &["HTTPS://A.example"]),
        ("<a href=\"http://a.example/\">", &["http://a.example/"]),
        ("see //a.example/b.png!", &["//a.example/b.png"]),
        ("see \\\\a.example", &["\\\\a.example"]),
        (
            "https:\\\\a.example; https:a.example",
            &["https:\\\\a.example", "https:a.example"],
        ),
        ("linkhttps://a.example", &["https://a.example"]),
        (
            "https://a.example/?to=https://b.example",
            &[
                "https://a.example/?to=https://b.example",
                "https://b.example",
            ],
        ),
        (
            "詳しくはhttps://a.example。次の店舗",
            &["https://a.example"],
        ),
        (
            "https://a.example。b.example/x",
            &["https://a.example。b.example/x"],
        ),
        ("「https://a.example」", &["https://a.example"]),
    ];
    for (text, expected) in cases {
        assert_eq!(addresses(text), *expected, "{text}");
    }
}

#[test]
fn pictures_are_known_by_their_path() {
    let cases: &[(&str, bool)] = &[
        ("https://a.example/b.png", true),
        ("https://a.example/b.JPEG?w=2#x", true),
        ("//a.example/b.webp", true),
        ("https://a.example/b.png/", false),
        ("https://a.example/?b.png", false),
        ("https://a.png", false),
    ];
    for (url, expected) in cases {
        assert_eq!(is_picture(url), *expected, "{url}");
    }
}

#[test]
fn one_click_of_refusal_needs_a_plain_https_link() {
    let headers = |link: &str| unsubscribe_headers(link, "t");
    let expected = |link: &str| {
        Some(format!(
            "List-Unsubscribe: <{link}>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click"
        ))
    };
    let cases: &[(&str, Option<&str>)] = &[
        ("https://a.example/stop", Some("https://a.example/stop?r=t")),
        (
            "https://a.example/stop?x=1",
            Some("https://a.example/stop?x=1&r=t"),
        ),
        (
            "https://a.example/stop#top",
            Some("https://a.example/stop?r=t"),
        ),
        ("HTTPS://a.example", Some("HTTPS://a.example?r=t")),
        ("http://a.example/stop", None),
        ("https://", None),
        ("//a.example/stop", None),
        ("https://a.example/>x", None),
        ("https://a.example/\nBcc: b@b.example", None),
        ("", None),
    ];
    for (link, url) in cases {
        assert_eq!(headers(link), url.and_then(expected), "{link:?}");
    }
}
