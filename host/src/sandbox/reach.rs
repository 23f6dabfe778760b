//! What an instance may reach, and how much it may report: the data behind the host's imports.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::path::Path;
use wasmtime::Result;

use crate::project::channel::{HttpGrant, MailGrant};
use crate::project::grant::Pattern;

use super::call::clip;
use super::channel::Secrets;
use super::flow::Reject;
use super::limits::{REJECTS_MAX, REPORTED_MAX_BYTES};
use super::state::{Breach, State};

/// A folder of an object store that a plugin may reach.
#[derive(Clone, Debug)]
pub struct Folder {
    /// The store, rooted so that nothing outside the grant can be named.
    pub store: Arc<dyn ObjectStore>,
    /// The folder inside it.
    pub prefix: Path,
    /// Which of its files, by the last part of their names; all without it.
    pub pattern: Option<Pattern>,
    /// Where the folder lies on this machine, when it does: its links must not lead out of it.
    pub root: Option<PathBuf>,
}

impl Folder {
    pub(super) fn shows(&self, name: &str) -> bool {
        let last = name.rsplit('/').next().unwrap_or(name);
        self.pattern
            .as_ref()
            .is_none_or(|pattern| pattern.matches(last))
    }

    /// Whether a name, which need not be there yet, leads to a place inside the folder when all
    /// links are followed.
    pub(super) fn holds(&self, name: &str) -> bool {
        let Some(root) = &self.root else {
            return true;
        };
        let Ok(real_root) = root.canonicalize() else {
            return false;
        };
        let named = root.join(name);
        let mut there = named.ancestors();
        // What is not there yet is made in the nearest folder that is.
        there
            .find_map(|place| place.canonicalize().ok())
            .is_some_and(|real| real.starts_with(&real_root))
    }
}

/// Something a source told beside its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub stream: String,
    pub code: String,
    pub message: String,
}

/// What one plugin of one pipeline may reach, by the names of its wants.
#[derive(Clone, Debug, Default)]
pub struct Granted {
    /// A want may be given several folders; of a name in two of them the first counts.
    pub inputs: BTreeMap<String, Vec<Folder>>,
    pub outputs: BTreeMap<String, Folder>,
    pub http: BTreeMap<String, HttpGrant>,
    pub mail: BTreeMap<String, MailGrant>,
    /// The real time instead of the start of the run.
    pub clock: bool,
    /// Real randomness instead of a seeded sequence.
    pub random: bool,
    /// Outputs are checked and not written.
    pub dry_run: bool,
}

/// The reach of one hosted instance, and what it has reported since the last look.
#[derive(Debug, Default)]
pub(super) struct Reach {
    pub(super) granted: Granted,
    /// What the host adds to requests; read for writers only.
    pub(super) secrets: Secrets,
    pub(super) rejects: Vec<Reject>,
    pub(super) notices: Vec<Notice>,
    /// Bytes of text in both.
    reported_bytes: usize,
}

impl Reach {
    pub(super) fn new(granted: Granted) -> Self {
        Self {
            granted,
            ..Self::default()
        }
    }

    /// Takes what has been reported.
    pub(super) fn take_reported(&mut self) -> (Vec<Reject>, Vec<Notice>) {
        self.reported_bytes = 0;
        (
            std::mem::take(&mut self.rejects),
            std::mem::take(&mut self.notices),
        )
    }

    /// Makes room for so many rejects and bytes more, or says which bound they would break.
    fn room(&mut self, rejects: usize, bytes: usize) -> std::result::Result<(), Breach> {
        let over = |name, limit: usize, asked: usize| Breach::Limit {
            name,
            limit: limit as u64,
            asked: asked as u64,
        };
        let rejects = self.rejects.len().saturating_add(rejects);
        if rejects > REJECTS_MAX {
            return Err(over("rejected rows in one step", REJECTS_MAX, rejects));
        }
        self.reported_bytes = self.reported_bytes.saturating_add(bytes);
        if self.reported_bytes > REPORTED_MAX_BYTES {
            let (limit, asked) = (REPORTED_MAX_BYTES, self.reported_bytes);
            return Err(over("bytes reported in one step", limit, asked));
        }
        Ok(())
    }
}

/// The reach of an instance, when what it reports still fits; else the guest is stopped.
pub(super) fn reaching(
    state: &mut State,
    rejects: usize,
    bytes: usize,
) -> Result<Option<&mut Reach>> {
    let Some(reach) = &mut state.reach else {
        return Ok(None);
    };
    match reach.room(rejects, bytes) {
        Ok(()) => Ok(Some(reach)),
        Err(breach) => {
            state.breach = Some(breach);
            Err(wasmtime::Error::msg("too much is reported"))
        }
    }
}

/// Stops the guest: it reached for a want that no grant covers.
pub(super) fn deny(state: &mut State, kind: &str, name: &str) -> wasmtime::Error {
    let name = clip(name.to_owned());
    state.breach = Some(Breach::Denied {
        want: format!("{kind} `{name}`"),
        line: match kind {
            "http" => format!(
                "grants.http.{name} = {{ url = \"https://HOST/PATH\", methods = [\"POST\"] }}"
            ),
            "mail" => format!(
                "grants.mail.{name} = {{ url = \"smtps://HOST\", from = [\"NAME@DOMAIN\"] }}"
            ),
            _ => format!("grants.{kind}.{name} = \"FOLDER\""),
        },
    });
    wasmtime::Error::msg("denied")
}
