//! Where queries spill: a folder of this process, which a later command removes where this one was killed.
//! What is spilled has the rows of customers in it.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Marks the lock of a folder, which its process holds as long as it lives.
const LOCK: &str = "lock";

/// The folder of this process, below the one that pipeline.toml names or the temporary folder; none where it
/// cannot be made, which leaves the choice to the engine.
pub(super) fn spill_folder(chosen: Option<&Path>) -> Option<PathBuf> {
    /// The lock is held until the process ends.
    static OWN: OnceLock<Option<(PathBuf, File)>> = OnceLock::new();
    let own = OWN.get_or_init(|| own_folder(chosen).ok());
    own.as_ref().map(|(folder, _)| folder.clone())
}

fn own_folder(chosen: Option<&Path>) -> io::Result<(PathBuf, File)> {
    // SAFETY: `geteuid` reads no memory and cannot fail.
    let account = unsafe { libc::geteuid() };
    let base = match chosen {
        Some(folder) => folder.to_owned(),
        None => std::env::temp_dir().join(format!("tsugi-{account}")),
    };
    match DirBuilder::new().mode(0o700).create(&base) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let found = fs::symlink_metadata(&base)?;
    let is_private = found.is_dir() && found.uid() == account && found.mode() & 0o077 == 0;
    if chosen.is_none() && !is_private {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    remove_abandoned(&base)?;
    let folder = base.join(format!("spill-{}", uuid::Uuid::now_v7()));
    let lock = File::create(folder.with_extension(LOCK))?;
    lock.lock()?;
    DirBuilder::new().mode(0o700).create(&folder)?;
    Ok((folder, lock))
}

/// Removes what processes left that were killed: their locks are free.
fn remove_abandoned(base: &Path) -> io::Result<()> {
    for entry in fs::read_dir(base)?.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let is_lock = path.extension().is_some_and(|ending| ending == LOCK);
        if !is_lock || !name.as_encoded_bytes().starts_with(b"spill-") {
            continue;
        }
        // Held to the end: a process that has just begun waits with its folder until then.
        let Ok(lock) = File::open(&path) else {
            continue;
        };
        let folder = path.with_extension("");
        // Without a folder its process may just have begun.
        if lock.try_lock().is_ok() && folder.is_dir() && fs::remove_dir_all(folder).is_ok() {
            let _ = fs::remove_file(path);
        }
    }
    Ok(())
}
