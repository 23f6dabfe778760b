//! One writer at a time: an operating system lock, which a killed process cannot keep.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::error::Error;

/// How long a claim waits for another process that is only opening or closing the lake.
const CLAIM_WAIT: Duration = Duration::from_secs(2);
/// How long [`claim_if_free`] waits. A child process that was just forked shares the lock until it
/// starts its own program.
const FREE_WAIT: Duration = Duration::from_millis(100);
/// The pause between two attempts.
const CLAIM_POLL: Duration = Duration::from_millis(20);
/// How much is read of a lock file, which another program may have written.
const LOCK_TEXT_MAX_BYTES: u64 = 512;

/// The right to write in one lake. It ends when the value is dropped or the process dies.
#[derive(Debug)]
pub struct Claim {
    // Held for its lock, which closing the file releases.
    _file: File,
}

/// Takes the lock at once, or nothing when another process has it.
fn try_claim(path: &Path, purpose: &str) -> Result<Option<Claim>, Error> {
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(|source| Error::io("open", path, source))?;
    match file.try_lock() {
        Ok(()) => {
            write_holder(&mut file, purpose).map_err(|source| Error::io("write", path, source))?;
            Ok(Some(Claim { _file: file }))
        }
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(Error::io("lock", path, source)),
    }
}

/// Takes the lock, waiting a moment for it; the error names the process that has it.
pub(crate) async fn claim(path: &Path, purpose: &str) -> Result<Claim, Error> {
    match claim_within(path, purpose, CLAIM_WAIT).await? {
        Some(claim) => Ok(claim),
        None => {
            let (pid, purpose) = holder(path);
            Err(Error::Locked {
                path: path.to_owned(),
                pid,
                purpose,
            })
        }
    }
}

/// Takes the lock unless another process is at work.
pub(crate) async fn claim_if_free(path: &Path, purpose: &str) -> Result<Option<Claim>, Error> {
    claim_within(path, purpose, FREE_WAIT).await
}

async fn claim_within(path: &Path, purpose: &str, wait: Duration) -> Result<Option<Claim>, Error> {
    let deadline = Instant::now() + wait;
    loop {
        let claim = try_claim(path, purpose)?;
        if claim.is_some() || Instant::now() >= deadline {
            return Ok(claim);
        }
        tokio::time::sleep(CLAIM_POLL).await;
    }
}

fn write_holder(file: &mut File, purpose: &str) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}\n{purpose}", std::process::id())
}

/// The process that holds the lock and its purpose, as far as the lock file can be read.
fn holder(path: &Path) -> (Option<u32>, String) {
    let mut text = String::new();
    if let Ok(file) = File::open(path) {
        let _ = file.take(LOCK_TEXT_MAX_BYTES).read_to_string(&mut text);
    }
    let mut lines = text.lines();
    let pid = lines.next().and_then(|line| line.trim().parse().ok());
    let purpose = lines
        .next()
        .filter(|line| !line.is_empty())
        .unwrap_or("at work");
    (pid, purpose.to_owned())
}
