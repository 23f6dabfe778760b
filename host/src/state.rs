//! The private state of this account, outside of projects: the key that it signs with, and what it remembers
//! of ledgers.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::account::login;
use tsugi_core::digest::Digest;
use tsugi_pipeline::run::RunError;
use tsugi_pipeline::store::{ChainMemory, Signer};

/// The folder; none for an account without a home.
fn folder() -> Option<PathBuf> {
    let folder = |name| {
        let folder = std::env::var_os(name).map(PathBuf::from);
        folder.filter(|folder| folder.is_absolute())
    };
    let state = folder("XDG_STATE_HOME");
    let state = state.or_else(|| Some(folder("HOME")?.join(".local/state")));
    state.map(|state| state.join("tsugi"))
}

fn create(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Writes a file for this account alone, whole or not at all; `replace` says whether over another one.
fn write(file: &Path, content: &[u8], replace: bool) -> io::Result<()> {
    create(file.parent().unwrap_or(file))?;
    let beside = file.with_extension(format!("{}.part", std::process::id()));
    let _ = fs::remove_file(&beside);
    let mut options = OpenOptions::new();
    let mut part = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)?;
    part.write_all(content)?;
    part.sync_all()?;
    let moved = match replace {
        true => fs::rename(&beside, file),
        false => fs::hard_link(&beside, file),
    };
    let _ = fs::remove_file(&beside);
    moved
}

/// Who signs here: the account with the key in its state folder, made at first use. An account that can keep
/// none signs nothing.
pub(crate) fn signer() -> io::Result<Signer> {
    let account = login();
    let Some(file) = folder().map(|folder| folder.join("key")) else {
        return Ok(Signer::without_key(account));
    };
    if let Some(key) = key(&file)? {
        return Signer::new(account, &key);
    }
    // Two commands at once may make one; the first stays.
    match write(&file, &Signer::new_key()?, false) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(_) => return Ok(Signer::without_key(account)),
    }
    match key(&file)? {
        Some(key) => Signer::new(account, &key),
        None => Ok(Signer::without_key(account)),
    }
}

/// The key in a file; none where there is none yet.
fn key(file: &Path) -> io::Result<Option<Vec<u8>>> {
    let found = match fs::symlink_metadata(file) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let account = fs::metadata("/proc/self").map(|of_us| of_us.uid());
    let is_ours = account.map_or(true, |account| account == found.uid());
    if !found.is_file() || !is_ours || found.mode() & 0o077 != 0 {
        let what = format!("others can reach {}", file.display());
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, what));
    }
    fs::read(file).map(Some)
}

/// What this account remembers of one ledger. A ledger that was put back to an older state would send again
/// what it no longer knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LedgerMemory {
    /// How many rows it had handed over.
    pub(crate) entries: u64,
    #[serde(flatten)]
    pub(crate) chain: ChainMemory,
    /// Runs in outputs that the ledger does not know and that were accepted.
    #[serde(default)]
    pub(crate) runs: BTreeSet<String>,
}

/// Where the memory of one ledger lies; nowhere for an account without a home.
pub(crate) struct MemoryFile(Option<PathBuf>);

impl MemoryFile {
    /// That of the ledger in a file.
    pub(crate) fn of(ledger: &Path) -> Self {
        let ledger = ledger.canonicalize().unwrap_or_else(|_| ledger.to_owned());
        let name = Digest::of(ledger.as_os_str().as_encoded_bytes()).to_string();
        let name = name.replace(':', "-");
        Self(folder().map(|folder| folder.join("ledgers").join(name)))
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        self.0.as_deref()
    }

    /// Reads it; nothing is remembered of a ledger that is new here.
    pub(crate) fn read(&self) -> Result<LedgerMemory, RunError> {
        let Some(path) = &self.0 else {
            return Ok(LedgerMemory::default());
        };
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(LedgerMemory::default());
            }
            Err(error) => return Err(unreadable(path, &error.to_string())),
        };
        // Before there were chains it was the number of entries.
        if let Ok(entries) = text.trim().parse() {
            return Ok(LedgerMemory {
                entries,
                ..LedgerMemory::default()
            });
        }
        serde_json::from_str(&text).map_err(|error| unreadable(path, &error.to_string()))
    }

    /// Writes it. An account that can write nothing remembers nothing, which is no error of a delivery.
    pub(crate) fn write(&self, memory: &LedgerMemory) {
        if let (Some(path), Ok(text)) = (&self.0, serde_json::to_vec(memory)) {
            let _ = write(path, &text, true);
        }
    }
}

fn unreadable(path: &Path, reason: &str) -> RunError {
    RunError::File {
        path: path.to_owned(),
        reason: format!("it is what this account remembers of the ledger: {reason}"),
    }
}
