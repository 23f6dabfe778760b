//! What an instance may reach, and how much it may report: the data behind the host's imports.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::path::Path;
use wasmtime::Result;

use tsugi_core::channel::{HttpGrant, MailGrant};
use tsugi_core::grant::grant_line;
use tsugi_core::pattern::Pattern;
use tsugi_core::role::Role;

use super::call::clip;
use super::channel::Secrets;
use super::error::SandboxError;
use super::flow::Reject;
use super::limits::{REJECTS_MAX, REPORTED_MAX_BYTES, SENDS_MAX};
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

/// The roles that a kind of want is for.
fn takers(kind: &str) -> &'static [Role] {
    match kind {
        "inputs" => &[Role::Source],
        "http" => &[Role::Source, Role::Sink],
        "outputs" | "mail" => &[Role::Sink],
        _ => &[],
    }
}

impl Granted {
    /// What of it is for a role: sources read, sinks write and send, and whatever computes reaches
    /// nothing, so that a query never sends what was granted for a delivery.
    pub(super) fn within(&self, role: Role) -> Self {
        let mut own = match role {
            Role::Source | Role::Sink => self.clone(),
            Role::Scalar | Role::Aggregate | Role::Table => Self::default(),
        };
        let is_for = |kind: &str| takers(kind).contains(&role);
        own.inputs.retain(|_, _| is_for("inputs"));
        own.outputs.retain(|_, _| is_for("outputs"));
        own.http.retain(|_, _| is_for("http"));
        own.mail.retain(|_, _| is_for("mail"));
        own
    }
}

/// The reach of one hosted instance, and what it has reported since the last look.
#[derive(Debug)]
pub(super) struct Reach {
    pub(super) granted: Granted,
    /// What the host adds to requests, or why that cannot be had.
    pub(super) secrets: std::result::Result<Secrets, SandboxError>,
    /// Requests and messages since the call began.
    sent: usize,
    pub(super) rejects: Vec<Reject>,
    pub(super) notices: Vec<Notice>,
    /// Bytes of text in both.
    reported_bytes: usize,
}

impl Reach {
    pub(super) fn new(granted: Granted) -> Self {
        Self {
            granted,
            secrets: Ok(Secrets::new()),
            sent: 0,
            rejects: Vec::new(),
            notices: Vec::new(),
            reported_bytes: 0,
        }
    }

    /// A call begins.
    pub(super) fn begin(&mut self) {
        self.sent = 0;
    }

    /// Counts one request or message more, or says which bound it would break.
    pub(super) fn send(&mut self) -> std::result::Result<(), Breach> {
        self.sent += 1;
        if self.sent <= SENDS_MAX {
            return Ok(());
        }
        Err(over("requests of one call", SENDS_MAX, self.sent))
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

fn over(name: &'static str, limit: usize, asked: usize) -> Breach {
    Breach::Limit {
        name,
        limit: limit as u64,
        asked: asked as u64,
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
pub(super) fn deny(state: &mut State, kind: &'static str, name: &str) -> wasmtime::Error {
    let name = clip(name.to_owned());
    state.breach = Some(Breach::Denied { kind, name });
    wasmtime::Error::msg("denied")
}

/// What to do about a denial: the line that grants the want, where its role can be granted it.
pub(super) fn advice(plugin: &str, entry: &str, kind: &str, name: &str) -> String {
    let word = entry.split(['.', '-']).next().unwrap_or_default();
    let role = Role::ALL.into_iter().find(|role| role.word() == word);
    match role.filter(|role| !takers(kind).contains(role)) {
        Some(role) => {
            let takers: Vec<&str> = takers(kind).iter().map(|role| role.word()).collect();
            let takers = takers.join(" or a ");
            format!("{kind} are for a {takers}: no grant gives them to the role {role}")
        }
        None => {
            let line = grant_line(kind, name, role == Some(Role::Source));
            format!("add to `[plugins.{plugin}]` in pipeline.toml: {line}")
        }
    }
}
