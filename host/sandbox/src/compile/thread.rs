//! Compiles on a thread of this process: bounded in time, not in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvError, RecvTimeoutError};
use std::time::{Duration, Instant};

use wasmtime::Engine;

use super::program::too_slow;
use crate::error::SandboxError;
use crate::plugin::PluginFile;

/// How many compilations of one engine are past their time and still run. None can be stopped, so
/// their number is bounded; their results are dropped.
pub(super) type Overdue = Arc<AtomicUsize>;
const OVERDUE_MAX: usize = 2;

/// Compiles for no longer than the bound. The inner error is the reason why the component does not
/// compile.
pub(super) fn compile(
    engine: &Engine,
    overdue: &Overdue,
    file: &PluginFile,
) -> Result<Result<Vec<u8>, String>, SandboxError> {
    let host = |reason: String| SandboxError::Host {
        what: format!("compile the plugin `{}`", file.name),
        reason,
    };
    if overdue.load(Ordering::SeqCst) >= OVERDUE_MAX {
        let reason = format!("{OVERDUE_MAX} that took too long still compile: start again");
        return Err(host(reason));
    }
    let (sender, receiver) = mpsc::channel();
    // The second of the two to set it, compiler or host, knows that the other was first.
    let one_is_done = Arc::new(AtomicBool::new(false));
    let (engine, code) = (engine.clone(), file.code.clone());
    let (of_thread, done_for_thread) = (Arc::clone(overdue), Arc::clone(&one_is_done));
    let started = Instant::now();
    std::thread::Builder::new()
        .name("tsugi-compile".into())
        .spawn(move || {
            let compiled = engine.precompile_component(code.bytes());
            let _ = sender.send(compiled.map_err(|error| format!("{error:#}")));
            if done_for_thread.swap(true, Ordering::SeqCst) {
                of_thread.fetch_sub(1, Ordering::SeqCst);
            }
        })
        .map_err(|error| host(error.to_string()))?;
    let failed = |_| host("the compiler gave up".into());
    match receiver.recv_timeout(Duration::from_millis(file.limits.compile_max_ms)) {
        Ok(compiled) => return Ok(compiled),
        Err(RecvTimeoutError::Disconnected) => return Err(failed(RecvError)),
        Err(RecvTimeoutError::Timeout) => {}
    }
    overdue.fetch_add(1, Ordering::SeqCst);
    if one_is_done.swap(true, Ordering::SeqCst) {
        overdue.fetch_sub(1, Ordering::SeqCst);
        return receiver.recv().map_err(failed);
    }
    Err(too_slow(file, started))
}
