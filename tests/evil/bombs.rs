//! Components of few bytes that ask a compiler for much.

use std::time::Instant;

use tsugi_core::diagnostic::Explain as _;
use tsugi_sandbox::{Compiler, Sandbox};

use super::compile::{component, file};
use crate::support::{scratch, tsugi};

/// `depth` components, each with two instances of the one before.
fn doubling(depth: usize) -> String {
    let innermost = "(component $c (core module $m) (core instance (instantiate $m)))".to_owned();
    (0..depth).fold(innermost, |inner, _| {
        format!("(component $c {inner} (instance (instantiate $c)) (instance (instantiate $c)))")
    })
}

/// As [`doubling`], without depth: each component after the last, as its sibling.
fn doubling_beside(count: usize) -> String {
    let chain: String = (1..count)
        .map(|n| {
            let of = n - 1;
            format!(
                "(component $c{n} (alias outer 1 {of} (component $x)) \
                 (instance (instantiate $x)) (instance (instantiate $x)))"
            )
        })
        .collect();
    let last = count - 1;
    format!("(component $c0) {chain} (instance (instantiate $c{last}))")
}

/// A component that instantiates twice whichever it is given, given itself again and again.
fn by_import() -> String {
    "(component $c (import \"x\" (component $x)) (instance (instantiate $x)) (instance (instantiate $x)))".to_owned()
}

#[test]
fn few_bytes_that_stand_for_many_instances_are_refused_before_they_are_compiled() {
    let sandbox = Sandbox::new(scratch("evil-bombs")).expect("an engine");
    let modules = |count: usize| "(core instance (instantiate $m))".repeat(count);
    for (what, body, words) in [
        ("nested", doubling(24), "more than 1000 instances"),
        ("nested deeper", doubling(60), "nest deeper than 32"),
        (
            "side by side",
            doubling_beside(40),
            "more than 1000 instances",
        ),
        (
            "by an import",
            by_import(),
            "takes another component as an import",
        ),
        (
            "modules",
            format!("(core module $m) {}", modules(1_001)),
            "more than 1000 instances",
        ),
    ] {
        let bytes = component(&format!("(component {body})"));
        let started = Instant::now();
        let error = sandbox.load(file(bytes, 120_000)).expect_err(what);
        assert_eq!(error.code(), "sandbox::refused", "{what}");
        assert!(error.to_string().contains(words), "{what}: {error}");
        assert!(started.elapsed().as_secs() < 5, "{what} was compiled");
    }
    for (what, body) in [("a few", doubling(4)), ("a few beside", doubling_beside(5))] {
        let bytes = component(&format!("(component {body})"));
        let loaded = sandbox.load(file(bytes, 120_000));
        loaded.unwrap_or_else(|error| panic!("{what}: {error}"));
    }
}

#[test]
fn a_compiler_in_a_process_of_its_own_is_killed_in_time_and_says_what_is_wrong() {
    let program = tsugi().get_program().to_owned();
    let compiler = Compiler::default().in_process(program.into());
    let sandbox = Sandbox::new(compiler).expect("an engine");
    let honest = component("(component (core module (memory 1)))");
    sandbox.load(file(honest, 120_000)).expect("honest code");

    let slow = super::compile::slow(0);
    // However many there were, nothing of them runs on: more than would be kept of threads.
    for _ in 0..4 {
        let error = sandbox.load(file(slow.clone(), 200)).expect_err("slow");
        assert_eq!(error.code(), "sandbox::over-limit");
        assert!(error.to_string().contains("compile time"), "{error}");
    }
    let malformed = sandbox.load(file(b"\0asm no component".to_vec(), 120_000));
    let error = malformed.expect_err("malformed");
    assert_eq!(error.code(), "sandbox::refused");

    let nowhere = Compiler::default().in_process("/nowhere/compiler".into());
    let sandbox = Sandbox::new(nowhere).expect("an engine");
    let honest = component("(component (core module (memory 2)))");
    let error = sandbox.load(file(honest, 120_000)).expect_err("no program");
    assert_eq!(error.code(), "sandbox::host");
}
