//! Where queries spill: a folder of this process, which a later command removes where this one was killed.
//! What is spilled has the rows of customers in it.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::error::RunError;

/// Marks the lock of a folder, which its process holds as long as it lives.
const LOCK: &str = "lock";
/// The user alone may read.
const PRIVATE: u32 = 0o700;

/// The folder of this process with its lock, which is held until the process ends; none where no folder can
/// be made, or the reason why one must not be used.
static OWN: OnceLock<Result<Option<(PathBuf, File)>, String>> = OnceLock::new();

/// The folder of this process, below the one that pipeline.toml names or the temporary folder. None where
/// nothing can be written there: queries that fit into memory run all the same.
///
/// # Errors
/// The folder for it belongs to somebody else.
pub(super) fn spill_folder(chosen: Option<&Path>) -> Result<Option<PathBuf>, RunError> {
    let base = base(chosen);
    let own = OWN.get_or_init(|| own_folder(&base, chosen.is_some()));
    match own {
        Ok(own) => Ok(own.as_ref().map(|(folder, _)| folder.clone())),
        Err(reason) => Err(RunError::NotWritten {
            path: base,
            reason: reason.clone(),
        }),
    }
}

/// Removes the folder of this process, at its end.
pub fn remove_spill_folder() {
    if let Some(Ok(Some((folder, _)))) = OWN.get() {
        // What cannot be removed now is found by the next command.
        if fs::remove_dir_all(folder).is_ok() {
            let _ = fs::remove_file(folder.with_extension(LOCK));
        }
    }
}

fn base(chosen: Option<&Path>) -> PathBuf {
    match chosen {
        Some(folder) => folder.to_owned(),
        None => std::env::temp_dir().join(format!("tsugi-{}", account())),
    }
}

fn account() -> u32 {
    // SAFETY: `geteuid` reads no memory and cannot fail.
    unsafe { libc::geteuid() }
}

fn own_folder(base: &Path, is_chosen: bool) -> Result<Option<(PathBuf, File)>, String> {
    let made = DirBuilder::new().mode(PRIVATE).create(base);
    if !is_chosen && let Ok(found) = fs::symlink_metadata(base) {
        if !found.is_dir() || found.uid() != account() {
            return Err(
                "queries may spill there, and it is not a folder of this account; \
                        remove it, or name another in TMPDIR"
                    .to_owned(),
            );
        }
        // Ours, and open to others: nothing was to be kept there.
        if found.mode() & 0o077 != 0
            && fs::set_permissions(base, Permissions::from_mode(PRIVATE)).is_err()
        {
            return Ok(None);
        }
    }
    match made {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Ok(None),
        _ => Ok(locked_folder(base).ok()),
    }
}

fn locked_folder(base: &Path) -> io::Result<(PathBuf, File)> {
    remove_abandoned(base)?;
    let folder = base.join(format!("spill-{}", uuid::Uuid::now_v7()));
    let lock = File::create(folder.with_extension(LOCK))?;
    lock.lock()?;
    DirBuilder::new().mode(PRIVATE).create(&folder)?;
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
