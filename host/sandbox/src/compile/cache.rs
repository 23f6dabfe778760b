//! Compiled code in a folder that only this user can enter, each file with a keyed digest.
//!
//! The name of a file holds the component's digest and a hash of everything that decides whether
//! compiled code fits this engine: wasmtime's version, its settings and the processor. The keyed
//! digest is over name and code, so that code that was damaged, cut, renamed or written by anybody
//! without the key is compiled again.

use std::fs::{self, File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use tsugi_core::digest::{Digest, KEY_BYTES};
use wasmtime::Engine;

use crate::error::SandboxError;
use crate::plugin::Code;

const KEY_FILE: &str = "key";
const CODE: &str = "cwasm";
/// The largest file that is read: machine code of the largest component takes less.
const CODE_MAX_BYTES: u64 = 1 << 30;

#[derive(Debug)]
pub(super) struct Cache {
    folder: PathBuf,
    key: [u8; KEY_BYTES],
    engine: u64,
}

impl Cache {
    /// Creates the folder with its key, or checks those that are there.
    ///
    /// # Errors
    /// When folder or key belong to somebody else, are links, or cannot be written.
    pub(super) fn open(folder: PathBuf, engine: &Engine) -> Result<Self, SandboxError> {
        let host = |error: io::Error| SandboxError::Host {
            what: format!("use the cache folder `{}`", folder.display()),
            reason: error.to_string(),
        };
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        private_folder(&folder).map_err(host)?;
        let key = key(&folder).map_err(host)?;
        Ok(Self {
            key,
            engine: hasher.finish(),
            folder,
        })
    }

    fn name(&self, code: &Code) -> String {
        format!("{}-{:016x}", code.digest(), self.engine)
    }

    /// The machine code of a component, if this cache wrote it and it is whole.
    pub(super) fn get(&self, of: &Code) -> Option<Vec<u8>> {
        let name = self.name(of);
        let path = self.folder.join(&name).with_extension(CODE);
        let mut bytes = Vec::new();
        own_file(&path)
            .ok()?
            .take(CODE_MAX_BYTES)
            .read_to_end(&mut bytes)
            .ok()?;
        let (digest, code) = bytes.split_first_chunk()?;
        let expected = Digest::keyed(&self.key, &[name.as_bytes(), code]);
        (expected.as_bytes() == digest).then(|| code.to_vec())
    }

    /// Writes a new file and renames it, so that a reader finds a whole file or none. Threads and
    /// processes that compile the same component at once each write their own; the last one wins.
    pub(super) fn put(&self, of: &Code, code: &[u8]) -> Result<(), SandboxError> {
        static WRITTEN: AtomicU64 = AtomicU64::new(0);
        let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
        let name = self.name(of);
        let path = self.folder.join(&name).with_extension(CODE);
        let fresh = self
            .folder
            .join(format!("{name}.{}-{number}.new", std::process::id()));
        let digest = Digest::keyed(&self.key, &[name.as_bytes(), code]);
        let write = || {
            let mut file = private_file(&fresh)?;
            file.write_all(digest.as_bytes())?;
            file.write_all(code)?;
            file.sync_all()?;
            fs::rename(&fresh, &path)
        };
        write().map_err(|error| {
            // A full disk must not be filled further by halves of a file that are never read.
            let _ = fs::remove_file(&fresh);
            SandboxError::Host {
                what: format!("store compiled code in `{}`", path.display()),
                reason: error.to_string(),
            }
        })
    }
}

fn user() -> u32 {
    // SAFETY: geteuid has no preconditions and cannot fail.
    unsafe { libc::geteuid() }
}

fn refused(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, why)
}

/// Creates a folder that only this user can enter, or checks that it is one. A folder that others
/// could enter loses what it held: who has written it is not known.
fn private_folder(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    for folder in [Some(folder), folder.parent()].into_iter().flatten() {
        let meta = fs::symlink_metadata(folder)?;
        if meta.is_symlink() {
            let why = format!("`{}` is a link", folder.display());
            return Err(refused(&why));
        }
        if meta.uid() != user() {
            let why = format!("`{}` belongs to another user", folder.display());
            return Err(refused(&why));
        }
    }
    if fs::symlink_metadata(folder)?.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let is_code = path.extension().is_some_and(|ending| ending == CODE);
            if is_code || path.file_name().is_some_and(|name| name == KEY_FILE) {
                fs::remove_file(path)?;
            }
        }
    }
    Ok(())
}

fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

/// Opens a regular file of this user that no other user can write, without following a link.
fn own_file(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)?;
    let meta = file.metadata()?;
    let is_own = meta.is_file() && meta.uid() == user() && meta.mode() & 0o077 == 0;
    match is_own {
        true => Ok(file),
        false => Err(refused("it is no private file of this user")),
    }
}

/// The key of a folder; written once, by the process that is first.
fn key(folder: &Path) -> io::Result<[u8; KEY_BYTES]> {
    let path = folder.join(KEY_FILE);
    if let Some(key) = read_key(&path)? {
        return Ok(key);
    }
    let mut fresh = [0; KEY_BYTES];
    File::open("/dev/urandom")?.read_exact(&mut fresh)?;
    let beside = folder.join(format!("{KEY_FILE}.{}.new", std::process::id()));
    // What a killed process of the same number left behind.
    let _ = fs::remove_file(&beside);
    let mut file = private_file(&beside)?;
    file.write_all(&fresh)?;
    file.sync_all()?;
    // A link fails where a key is already: the first one written is the key.
    let linked = fs::hard_link(&beside, &path);
    fs::remove_file(&beside)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => read_key(&path)?.ok_or_else(|| refused("its key was removed meanwhile")),
    }
}

/// None when there is no key, or one that was cut: it is removed then.
fn read_key(path: &Path) -> io::Result<Option<[u8; KEY_BYTES]>> {
    let mut file = match own_file(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut key = [0; KEY_BYTES];
    match file.read_exact(&mut key) {
        Ok(()) => Ok(Some(key)),
        Err(_) => fs::remove_file(path).map(|()| None),
    }
}
