//! What a request may name under a grant, without a network.

use std::collections::BTreeSet;
use std::time::{Duration, UNIX_EPOCH};

use super::answer::retry_after_ms;
use super::request::{build, target};
use super::*;

fn grant(url: &str) -> HttpGrant {
    HttpGrant {
        url: url.to_owned(),
        methods: BTreeSet::from(["POST".to_owned()]),
        secret: None,
        addresses: BTreeSet::new(),
        ca: None,
        timeout_ms: 1000,
        response_max_bytes: 1024,
    }
}

#[test]
fn a_request_stays_below_its_grant() {
    let granted = grant("https://api.example/v1/send");
    for (url, target_url) in [
        ("", "https://api.example/v1/send"),
        ("/v1/send", "https://api.example/v1/send"),
        ("send/bulk?x=1", "https://api.example/v1/send/bulk?x=1"),
        (
            "https://API.example:443/v1/send/a",
            "https://api.example/v1/send/a",
        ),
    ] {
        assert_eq!(target(&granted, url).unwrap().as_str(), target_url, "{url}");
    }
    for url in [
        "/v1",
        "/v1/sending",
        "..",
        "send/../../admin",
        "send/%2e%2e/%2E%2E/admin",
        "send\\..\\..\\admin",
        "//evil.example/v1/send",
        "https://evil.example/v1/send",
        "http://api.example/v1/send",
        "https://api.example:8443/v1/send",
        "https://api.example@evil.example/v1/send",
        "https://me:pw@api.example/v1/send",
        "https://api.example.evil.example/v1/send",
        "file:///etc/passwd",
        "https://0x7f.1/v1/send",
        "https://[::ffff:127.0.0.1]/v1/send",
        "send/..%2f..%2fadmin",
        "send/%2e%2e%2fadmin",
        "send/a%252f..%252fadmin",
        "send/..;/admin",
        "send/a%5c..%5cadmin",
        "send/a%00",
    ] {
        let error = target(&granted, url).unwrap_err();
        assert_eq!(error.code, "address-not-granted", "{url}");
        assert!(!error.message.contains("pw"), "{}", error.message);
    }
}

#[test]
fn under_a_whole_server_a_path_may_be_encoded() {
    let granted = grant("https://api.example/");
    let url = target(&granted, "/projects/group%2Fname/issues").unwrap();
    assert_eq!(url.path(), "/projects/group%2Fname/issues");
}

#[test]
fn the_client_goes_where_the_name_was_looked_up_and_looks_up_nothing() {
    use std::io::{BufRead as _, BufReader, Write as _};
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    let serving = std::thread::spawn(move || {
        let (mut stream, _) = server.accept().unwrap();
        let reader = BufReader::new(stream.try_clone().unwrap());
        let lines = reader.lines().map_while(Result::ok);
        let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            .unwrap();
        head
    });
    // No name server knows this name, whatever it would answer the second time.
    let request = Request::get("http://rebound.invalid:9/a").body(Vec::new());
    let exchange = Exchange {
        addresses: vec![address],
        trusted: None,
        connected: Arc::default(),
        timeout: Duration::from_secs(20),
        response_max_bytes: 1024,
    };
    let answer = exchange.run(request.unwrap()).unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.body().as_slice()),
        (200, &b"ok"[..])
    );
    let head = serving.join().unwrap();
    let host = |line: &String| line.eq_ignore_ascii_case("host: rebound.invalid:9");
    assert!(head.iter().any(host), "{head:?}");
}

#[test]
fn methods_and_headers_are_those_a_plugin_may_set() {
    let granted = grant("https://api.example/");
    let url = target(&granted, "").unwrap();
    let request = |method: &str, headers: &[(&str, &str)]| HttpRequest {
        method: method.into(),
        url: String::new(),
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: Vec::new(),
        extra: Vec::new(),
    };
    assert!(build(&granted, None, &request("POST", &[("X-A", "b")]), &url).is_ok());
    for method in ["GET", "post", "POST /x HTTP/1.1\r\nX: y", ""] {
        let error = build(&granted, None, &request(method, &[]), &url).unwrap_err();
        assert_eq!(error.code, "method-not-granted", "{method}");
    }
    for (name, value) in [
        ("Host", "evil.example"),
        ("X-HTTP-Method-Override", "DELETE"),
        ("x-original-url", "/admin"),
        ("X-Rewrite-URL", "/admin"),
        ("X-Forwarded-Host", "evil.example"),
        ("Forwarded", "host=evil.example"),
        ("Content-Length", "0"),
        ("transfer-encoding", "chunked"),
        ("X-A", "b\r\nX-B: c"),
        ("X A", "b"),
        ("", "b"),
        ("X-A", "\u{0}"),
    ] {
        let error = build(&granted, None, &request("POST", &[(name, value)]), &url).unwrap_err();
        assert_eq!(error.code, "bad-header", "{name}: {value}");
    }
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    let now = UNIX_EPOCH + Duration::from_secs(784_111_777);
    for (text, ms) in [
        ("7", Some(7_000)),
        (" 0 ", Some(0)),
        ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10_000)),
        ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
        ("99999999999999999999", None),
        ("999999999999", Some(86_400_000)),
        ("soon", None),
        ("-1", None),
    ] {
        assert_eq!(retry_after_ms(text, now), ms, "{text}");
    }
}
