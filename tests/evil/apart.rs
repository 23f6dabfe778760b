//! What instances share with each other, which is nothing: no state, no memory, no reach.

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::sync::Arc;

use arrow::array::Int64Array;
use datafusion::arrow;
use tsugi_core::diagnostic::Explain as _;
use tsugi_pipeline::project::channel::{HttpGrant, MailGrant};
use tsugi_sandbox::{BoundScalar, Cancel, Granted, Plugin};

use super::answers::granted;
use super::stage::{Entry, evil, numbers, refused, through};

/// How often the copy behind a binding has been called, itself included.
fn calls(bound: &BoundScalar) -> i64 {
    let computed = bound.evaluate(&[numbers()], 3, &Cancel::default());
    let column = computed.unwrap_or_else(|error| panic!("{error}")).column;
    let calls = column.as_any().downcast_ref::<Int64Array>();
    calls.expect("numbers").value(0)
}

fn counts(plugin: &Arc<Plugin>) -> BoundScalar {
    let functions = plugin.metadata().expect("functions").scalars;
    let function = functions.into_iter().find(|one| one.name == "counts");
    let function = function.expect("one that counts");
    BoundScalar::new(plugin, function, &[None], None).expect("a binding")
}

#[test]
fn instances_are_shared_by_no_two_functions_plugins_or_grants() {
    let plugin = evil("none", Granted::default());
    let one = counts(&plugin);
    assert_eq!(
        [calls(&one), calls(&one)],
        [1, 2],
        "one binding has one copy"
    );
    assert_eq!(calls(&counts(&plugin)), 1, "another binding has its own");
    let clock = Granted {
        clock: true,
        ..Granted::default()
    };
    assert_eq!(calls(&counts(&evil("none", clock))), 1, "other grants");
    let other = evil("another_component", Granted::default());
    assert_eq!(calls(&counts(&other)), 1, "another component");
    assert_eq!(calls(&one), 3, "and no other caller reached this one");
}

#[test]
fn memory_of_one_instance_is_zero_when_another_gets_it() {
    let (marks, looks) = (
        evil("call_marks", Granted::default()),
        evil("call_looks", Granted::default()),
    );
    for round in 0..16 {
        for plugin in [&marks, &looks] {
            through(plugin, Entry::Scalar, "honest")
                .unwrap_or_else(|error| panic!("round {round}: {error}"));
        }
    }
}

/// The grants of a source and a sink, each of which leads somewhere.
fn everything(port: u16) -> (Granted, std::path::PathBuf) {
    let (folders, root) = granted();
    let http = HttpGrant {
        url: format!("http://127.0.0.1:{port}/"),
        methods: BTreeSet::from(["GET".to_owned(), "POST".to_owned()]),
        secret: None,
        addresses: BTreeSet::new(),
        ca: None,
        timeout_ms: 1_000,
        response_max_bytes: 1 << 10,
    };
    let mail = MailGrant {
        url: format!("smtp://127.0.0.1:{port}"),
        from: BTreeSet::from(["care@mail.example".to_owned()]),
        login: None,
        addresses: BTreeSet::new(),
        ca: None,
        timeout_ms: 1_000,
    };
    let granted = Granted {
        http: BTreeMap::from([("channel".to_owned(), http)]),
        mail: BTreeMap::from([("server".to_owned(), mail)]),
        ..folders
    };
    (granted, root)
}

#[test]
fn a_query_reaches_nothing_that_is_granted_for_a_source_or_a_delivery() {
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let (granted, root) = everything(server.local_addr().expect("an address").port());
    let plugin = evil("none", granted);
    for (name, want, takers) in [
        (
            "sends_http",
            "http `channel`",
            "http are for a source or a sink: ",
        ),
        ("sends_mail", "mail `server`", "mail are for a sink: "),
        (
            "reads_files",
            "inputs `exports`",
            "inputs are for a source: ",
        ),
        ("puts_files", "outputs `outbox`", "outputs are for a sink: "),
    ] {
        let error = through(&plugin, Entry::Table, name).expect_err(name);
        let hint = error.hint().unwrap_or_default();
        assert_eq!(
            hint,
            format!("{takers}no grant gives them to the role table")
        );
        refused(Err(error), "sandbox::denied", want, name);
    }
    server.set_nonblocking(true).expect("a socket");
    assert!(server.accept().is_err(), "no connection came");
    let written = std::fs::read_dir(root.join("outbox")).expect("a folder");
    assert_eq!(written.count(), 0);
}

#[test]
fn a_source_cannot_ask_without_end() {
    // A port without a listener answers at once.
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    let (granted, _) = everything(port);
    refused(
        through(&evil("none", granted), Entry::Source, "asks_without_end"),
        "sandbox::over-limit",
        "its limit of 1000 for requests of one call",
        "asks_without_end",
    );
}
