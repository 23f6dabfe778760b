//! The private state of this account, outside of projects: the key that it signs with, and what it remembers
//! of ledgers.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::account::{home, login};
use tsugi_core::digest::Digest;
use tsugi_pipeline::run::RunError;
use tsugi_pipeline::store::{ChainHead, ChainMemory, Signer};

/// The folder; none for an account without a home. The home is that of the account: another HOME, or none as in
/// a cron job, would be another memory of the same ledgers.
fn folder() -> Option<PathBuf> {
    let folder = |name| {
        let folder = std::env::var_os(name).map(PathBuf::from);
        folder.filter(|folder| folder.is_absolute())
    };
    let state = folder("XDG_STATE_HOME");
    let in_home = || Some(home().or_else(|| folder("HOME"))?.join(".local/state"));
    state.or_else(in_home).map(|state| state.join("tsugi"))
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
    let with = |key: &[u8]| Ok(Signer::new(account.clone(), key)?.noting(note_written));
    if let Some(key) = key(&file)? {
        return with(&key);
    }
    // Two commands at once may make one; the first stays.
    match write(&file, &Signer::new_key()?, false) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(_) => return Ok(Signer::without_key(account.clone())),
    }
    match key(&file)? {
        Some(key) => with(&key),
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

impl LedgerMemory {
    /// Both memories of one ledger in one: the later of each.
    fn with(mut self, other: Self) -> Self {
        let number = |head: &Option<ChainHead>| head.as_ref().map_or(0, |head| head.number);
        let later = |one: Option<ChainHead>, other: Option<ChainHead>| match number(&one)
            >= number(&other)
        {
            true => one,
            false => other,
        };
        self.entries = self.entries.max(other.entries);
        self.chain.head = later(self.chain.head, other.chain.head);
        self.chain.written = later(self.chain.written, other.chain.written);
        for (account, keys) in other.chain.keys {
            self.chain.keys.entry(account).or_default().extend(keys);
        }
        self.runs.extend(other.runs);
        self
    }
}

/// Where the memory of one ledger lies: under its path, and under its first link, by which it is known in another
/// folder. Nowhere for an account without a home.
#[derive(Default)]
pub(crate) struct MemoryFile(Vec<PathBuf>);

impl MemoryFile {
    /// That of the ledger in a file, whose first link has a hash.
    pub(crate) fn of(ledger: &Path, first: Option<&str>) -> Self {
        let Some(folder) = folder().map(|folder| folder.join("ledgers")) else {
            return Self::default();
        };
        let ledger = ledger.canonicalize().unwrap_or_else(|_| ledger.to_owned());
        let name = Digest::of(ledger.as_os_str().as_encoded_bytes()).to_string();
        let by_path = folder.join(name.replace(':', "-"));
        let by_link = first.map(|first| folder.join(format!("first-{first}")));
        Self(std::iter::once(by_path).chain(by_link).collect())
    }

    pub(crate) fn paths(&self) -> &[PathBuf] {
        &self.0
    }

    /// Reads it; nothing is remembered of a ledger that is new here.
    pub(crate) fn read(&self) -> Result<LedgerMemory, RunError> {
        let mut memory = LedgerMemory::default();
        for path in &self.0 {
            memory = memory.with(remembered(path)?);
        }
        Ok(memory)
    }

    /// Writes it.
    ///
    /// # Errors
    /// Where this account cannot keep anything.
    pub(crate) fn write(&self, memory: &LedgerMemory) -> io::Result<()> {
        if self.0.is_empty() {
            return Err(io::Error::other("this account has no home"));
        }
        let text = serde_json::to_vec(memory)?;
        self.0
            .iter()
            .try_for_each(|path| write(path, &text, true))?;
        match &memory.chain.written {
            Some(head) => self.write_head(head),
            None => Ok(()),
        }
    }

    fn write_head(&self, head: &ChainHead) -> io::Result<()> {
        let text = serde_json::to_vec(head)?;
        let mut paths = self.0.iter();
        paths.try_for_each(|path| write(&written(path), &text, true))
    }
}

/// Remembers the last link that this account wrote. Where it cannot, the deliveries of this account do not begin.
fn note_written(ledger: &Path, first: &str, head: &ChainHead) {
    let _ = MemoryFile::of(ledger, Some(first)).write_head(head);
}

/// Beside a memory: the last link that was written.
fn written(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".written");
    name.into()
}

/// What one file remembers.
fn remembered(path: &Path) -> Result<LedgerMemory, RunError> {
    let mut memory = LedgerMemory::default();
    if let Some(text) = text(path)? {
        // Before there were chains it was the number of entries.
        memory = match text.trim().parse() {
            Ok(entries) => LedgerMemory {
                entries,
                ..LedgerMemory::default()
            },
            Err(_) => {
                serde_json::from_str(&text).map_err(|error| unreadable(path, &error.to_string()))?
            }
        };
    }
    let path = written(path);
    if let Some(text) = text(&path)? {
        let head = serde_json::from_str(&text);
        memory.chain.written = head.map_err(|error| unreadable(&path, &error.to_string()))?;
    }
    Ok(memory)
}

fn text(path: &Path) -> Result<Option<String>, RunError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(path, &error.to_string())),
    }
}

fn unreadable(path: &Path, reason: &str) -> RunError {
    RunError::File {
        path: path.to_owned(),
        reason: format!("it is what this account remembers of the ledger: {reason}"),
    }
}
