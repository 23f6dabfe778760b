//! A component that is made to take long to compile: small enough to be taken, too slow to be
//! waited for.

use tsugi_core::diagnostic::Explain as _;
use tsugi_sandbox::{Code, Granted, PluginFile, PluginLimits, Sandbox};

use crate::support::scratch;

/// Time it may take: an honest small component is done in a tenth of it.
const COMPILE_MAX_MS: u64 = 200;

/// One function of very many blocks over many live values, so that registers are hard to give out.
pub fn slow(number: usize) -> Vec<u8> {
    const VALUES: usize = 400;
    let locals = "(local i64)".repeat(VALUES);
    let steps: String = (0..40_000)
        .map(|step| {
            let (to, from) = (step * 7 % VALUES, (step * 13 + 1) % VALUES);
            format!(
                "(if (i64.eqz (local.get {from})) (then (local.set {to} (i64.add (local.get {to}) (i64.const {step})))))\n"
            )
        })
        .collect();
    let text = format!(
        "(component (core module (func (export \"f\") {locals} {steps} (drop (i32.const {number})))))"
    );
    component(&text)
}

pub fn file(bytes: Vec<u8>, compile_max_ms: u64) -> PluginFile {
    PluginFile {
        name: "evil".into(),
        code: Code::new(bytes),
        imports: Vec::new(),
        limits: PluginLimits {
            compile_max_ms,
            ..PluginLimits::default()
        },
        granted: Granted::default(),
        started_ms: 0,
    }
}

#[test]
fn a_component_that_takes_long_to_compile_is_refused_in_time() {
    let sandbox = Sandbox::new(scratch("evil-compile")).expect("an engine");
    let whole = PluginLimits::default().compile_max_ms;
    for number in 0..2 {
        let refused = sandbox
            .load(file(slow(number), COMPILE_MAX_MS))
            .unwrap_err();
        assert_eq!(refused.code(), "sandbox::over-limit");
        let message = refused.to_string();
        let start =
            "plugin `evil` in `compile` went over its limit of 200 for compile time (requested: ";
        assert!(message.starts_with(start), "{message}");
        if number == 0 {
            sandbox
                .load(file(honest(0), whole))
                .expect("others compile meanwhile");
        }
    }
    // Two are left behind at most; with them the process compiles nothing more until they end.
    let third = sandbox.load(file(slow(2), COMPILE_MAX_MS)).unwrap_err();
    assert_eq!(third.code(), "sandbox::host");
    assert!(third.to_string().contains("still compile"), "{third}");
    let patience = std::time::Instant::now();
    while sandbox.load(file(honest(1), whole)).is_err() {
        assert!(patience.elapsed().as_secs() < 300, "they never ended");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// A component that is compiled at once.
fn honest(pages: usize) -> Vec<u8> {
    component(&format!("(component (core module (memory {pages})))"))
}

pub fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("a component")
}

#[test]
fn a_component_that_no_instance_has_room_for_is_refused_as_its_own_fault() {
    let sandbox = Sandbox::new(scratch("evil-parts")).expect("an engine");
    let modules = "(core instance (instantiate 0))".repeat(33);
    for (what, text) in [
        (
            "memories",
            "(component (core module (memory 1)) (core instance (instantiate 0)) \
             (core module (memory 1)) (core instance (instantiate 1)))"
                .to_owned(),
        ),
        (
            "core instances",
            format!("(component (core module (table 1 funcref)) {modules})"),
        ),
        (
            "table entries",
            "(component (core module (table 100001 funcref)) (core instance (instantiate 0)))"
                .to_owned(),
        ),
        (
            "memory",
            "(component (core module (memory 65537)) (core instance (instantiate 0)))".to_owned(),
        ),
    ] {
        let loaded = sandbox.load(file(
            component(&text),
            PluginLimits::default().compile_max_ms,
        ));
        let refused = loaded.expect_err(what);
        assert_eq!(refused.code(), "sandbox::refused", "{what}: {refused}");
        assert!(refused.to_string().contains("`evil`"), "{what}: {refused}");
    }
}
