//! Compiles components to machine code and caches it in a private folder.
//!
//! The file name holds the component's digest and a hash of everything that decides whether
//! compiled code fits this engine: wasmtime's version, its settings and the processor.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvError, RecvTimeoutError};
use std::time::{Duration, Instant};

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::error::SandboxError;
use crate::limits::{PARTS_MAX, TABLE_ENTRIES_MAX};
use crate::plugin::PluginFile;

/// Creates a folder that only this user can enter, or checks that it is one.
///
/// Compiled code is trusted when it is mapped, so no other user may be able to write it.
pub(crate) fn private_folder(folder: &Path) -> Result<(), SandboxError> {
    let host = |reason: String| SandboxError::Host {
        what: format!("use the cache folder `{}`", folder.display()),
        reason,
    };
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| host(error.to_string()))?;
    let meta = fs::metadata(folder).map_err(|error| host(error.to_string()))?;
    // SAFETY: geteuid has no preconditions and cannot fail.
    let user = unsafe { libc::geteuid() };
    if meta.uid() != user {
        return Err(host("it belongs to another user".into()));
    }
    if meta.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
            .map_err(|error| host(error.to_string()))?;
    }
    Ok(())
}

/// The compiled component of a file, from the cache if possible.
pub(crate) fn component(
    engine: &Engine,
    cache: &Path,
    overdue: &Overdue,
    file: &PluginFile,
) -> Result<Component, SandboxError> {
    let (plugin, path) = (file.name.as_str(), cached(engine, cache, &file.digest));
    if path.is_file() {
        // SAFETY: the folder is private to this user and the file was written by `store` below
        // from `precompile_component`; wasmtime checks version and settings again.
        if let Ok(component) = unsafe { Component::deserialize_file(engine, &path) } {
            return Ok(component);
        }
    }
    let compiled = compile(engine, overdue, file)?.map_err(|reason| SandboxError::Refused {
        plugin: plugin.to_owned(),
        reason: format!("it does not compile: {reason}"),
        hint: "build it for wasm32-wasip2 with tsugi-plugin".into(),
    })?;
    // SAFETY: this engine has just produced `compiled`.
    unsafe { Component::deserialize(engine, &compiled) }.map_err(|error| SandboxError::Refused {
        plugin: plugin.to_owned(),
        reason: format!("no instance of it has room: {error:#}"),
        hint: format!(
            "a component has one memory, {PARTS_MAX} core instances and tables, {TABLE_ENTRIES_MAX} entries in a table"
        ),
    })?;
    store(&path, &compiled)?;
    // SAFETY: the folder is private to this user, and the file holds the code that was just loaded.
    unsafe { Component::deserialize_file(engine, &path) }.map_err(|error| SandboxError::Host {
        what: format!("map the compiled plugin `{plugin}`"),
        reason: format!("{error:#}"),
    })
}

/// How many compilations of one engine are past their time and still run. None can be stopped, so
/// their number is bounded; their results are dropped.
pub(crate) type Overdue = Arc<AtomicUsize>;
const OVERDUE_MAX: usize = 2;

/// Compiles on a thread of its own, for no longer than the bound. The inner error is the reason why
/// the component does not compile.
fn compile(
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
    let (engine, bytes) = (engine.clone(), file.bytes.clone());
    let (of_thread, done_for_thread) = (Arc::clone(overdue), Arc::clone(&one_is_done));
    let started = Instant::now();
    std::thread::Builder::new()
        .name("tsugi-compile".into())
        .spawn(move || {
            let compiled = engine.precompile_component(&bytes);
            let _ = sender.send(compiled.map_err(|error| format!("{error:#}")));
            if done_for_thread.swap(true, Ordering::SeqCst) {
                of_thread.fetch_sub(1, Ordering::SeqCst);
            }
        })
        .map_err(|error| host(error.to_string()))?;
    let failed = |_| host("the compiler gave up".into());
    let max_ms = file.limits.compile_max_ms;
    match receiver.recv_timeout(Duration::from_millis(max_ms)) {
        Ok(compiled) => return Ok(compiled),
        Err(RecvTimeoutError::Disconnected) => return Err(failed(RecvError)),
        Err(RecvTimeoutError::Timeout) => {}
    }
    overdue.fetch_add(1, Ordering::SeqCst);
    if one_is_done.swap(true, Ordering::SeqCst) {
        overdue.fetch_sub(1, Ordering::SeqCst);
        return receiver.recv().map_err(failed);
    }
    Err(SandboxError::OverLimit {
        plugin: file.name.clone(),
        entry: "compile".into(),
        name: "compile time",
        limit: max_ms,
        requested: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}

fn cached(engine: &Engine, cache: &Path, digest: &str) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    cache.join(format!("{digest}-{:016x}.cwasm", hasher.finish()))
}

/// Writes a new file and renames it, so that a reader finds a whole file or none. Threads and
/// processes that compile the same component at once each write their own; the last one wins.
fn store(path: &Path, bytes: &[u8]) -> Result<(), SandboxError> {
    static WRITTEN: AtomicU64 = AtomicU64::new(0);
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let fresh = path.with_extension(format!("{}-{number}.new", std::process::id()));
    fs::write(&fresh, bytes)
        .and_then(|()| fs::rename(&fresh, path))
        .map_err(|error| SandboxError::Host {
            what: format!("store compiled code in `{}`", path.display()),
            reason: error.to_string(),
        })
}
