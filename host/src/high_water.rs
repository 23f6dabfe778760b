//! How much a ledger has held, noted outside of it and of the project. A ledger that was put back to an
//! older state would send again what it no longer knows.

use std::fs;
use std::path::{Path, PathBuf};

use tsugi_core::digest::Digest;
use tsugi_pipeline::run::RunError;

/// The note of one account about one ledger; none for an account without a home.
pub(crate) struct HighWater {
    ledger: PathBuf,
    note: Option<PathBuf>,
}

impl HighWater {
    /// The note about the ledger in a file.
    pub(crate) fn of(ledger: &Path) -> Self {
        let folder = |name| {
            let folder = std::env::var_os(name).map(PathBuf::from);
            folder.filter(|folder| folder.is_absolute())
        };
        let state = folder("XDG_STATE_HOME");
        let state = state.or_else(|| Some(folder("HOME")?.join(".local/state")));
        let ledger = ledger.canonicalize().unwrap_or_else(|_| ledger.to_owned());
        let name = Digest::of(ledger.as_os_str().as_encoded_bytes()).to_string();
        let name = name.replace(':', "-");
        Self {
            note: state.map(|state| state.join("tsugi").join("ledgers").join(name)),
            ledger,
        }
    }

    fn noted(&self) -> u64 {
        let noted = self.note.as_ref();
        let noted = noted.and_then(|note| fs::read_to_string(note).ok());
        noted.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
    }

    /// Whether the ledger has at least as many entries as it had.
    pub(crate) fn check(&self, entries: u64) -> Result<(), RunError> {
        let noted = self.noted();
        match &self.note {
            Some(note) if noted > entries => Err(RunError::OlderLedger {
                ledger: self.ledger.clone(),
                entries,
                noted,
                note: note.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// Notes how many entries it has. That it cannot be noted is no error of a delivery.
    pub(crate) fn note(&self, entries: u64) {
        let Some(note) = &self.note else {
            return;
        };
        if entries > self.noted() {
            let folder = note.parent().unwrap_or(note);
            let beside = note.with_extension("part");
            let _ = fs::create_dir_all(folder)
                .and_then(|()| fs::write(&beside, format!("{entries}\n")))
                .and_then(|()| fs::rename(&beside, note));
        }
    }
}
