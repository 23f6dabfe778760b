//! Components to machine code, kept ahead of time in a private folder.
//!
//! The file name holds the component's digest and a hash of everything that decides whether
//! compiled code fits this engine: wasmtime's version, its settings and the processor.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use wasmtime::Engine;
use wasmtime::component::Component;

use super::error::SandboxError;

/// Makes a folder that only this user can enter, or proves that it is one.
///
/// Compiled code is trusted when it is mapped, so nobody else may be able to write it.
pub fn private_folder(folder: &Path) -> Result<(), SandboxError> {
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

/// The component of `bytes`, from the cache when it is there.
pub fn component(
    engine: &Engine,
    cache: &Path,
    plugin: &str,
    digest: &str,
    bytes: &[u8],
) -> Result<Component, SandboxError> {
    let path = cached(engine, cache, digest);
    if path.is_file() {
        // SAFETY: the folder is private to this user and the file was written by `store` below
        // from `precompile_component`; wasmtime checks version and settings once more.
        if let Ok(component) = unsafe { Component::deserialize_file(engine, &path) } {
            return Ok(component);
        }
    }
    let compiled = engine
        .precompile_component(bytes)
        .map_err(|error| SandboxError::Refused {
            plugin: plugin.to_owned(),
            reason: format!("it does not compile: {error:#}"),
            hint: "build it for wasm32-wasip2 with tsugi-plugin".into(),
        })?;
    store(&path, &compiled)?;
    // SAFETY: `compiled` is what this engine has just produced.
    unsafe { Component::deserialize_file(engine, &path) }.map_err(|error| SandboxError::Host {
        what: format!("map the compiled plugin `{plugin}`"),
        reason: format!("{error:#}"),
    })
}

fn cached(engine: &Engine, cache: &Path, digest: &str) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    cache.join(format!("{digest}-{:016x}.cwasm", hasher.finish()))
}

/// Writes beside and renames, so that a reader finds a whole file or none. Threads and processes
/// that compile the same component at once each write a file of their own; the last one stays.
fn store(path: &Path, bytes: &[u8]) -> Result<(), SandboxError> {
    static WRITTEN: AtomicU64 = AtomicU64::new(0);
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let beside = path.with_extension(format!("{}-{number}.new", std::process::id()));
    fs::write(&beside, bytes)
        .and_then(|()| fs::rename(&beside, path))
        .map_err(|error| SandboxError::Host {
            what: format!("keep compiled code in `{}`", path.display()),
            reason: error.to_string(),
        })
}
