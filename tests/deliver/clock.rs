//! A host whose clock is set forwards or backwards, before a command starts or while it goes on.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::support::root;

/// What a host adds to the time of day, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClockOffset {
    pub first: i64,
    pub then: i64,
}

impl ClockOffset {
    /// Sets the clock of a command and of the processes that it starts.
    pub fn apply(self, command: &mut Command) {
        if self == Self::default() {
            return;
        }
        command.env("LD_PRELOAD", library());
        command.env("TEST_CLOCK_FIRST", self.first.to_string());
        command.env("TEST_CLOCK_THEN", self.then.to_string());
    }
}

/// The library that moves the clock, compiled once a process.
fn library() -> &'static PathBuf {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let source = root().join("tests/deliver/clock.c");
        let name = format!("tsugi-test-clock-{}.so", std::process::id());
        let library = std::env::temp_dir().join(name);
        let mut compiler = Command::new("cc");
        compiler.args(["-O1", "-shared", "-fPIC", "-o"]);
        let compiled = compiler.arg(&library).arg(source).status();
        assert!(compiled.unwrap().success(), "cc compiles the clock");
        library
    })
}
