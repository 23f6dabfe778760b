//! Whether the ledger is as this account left it: before a delivery, and for `tsugi doctor`.

use std::collections::BTreeSet;
use std::path::Path;

use super::state::{LedgerMemory, MemoryFile};
use tsugi_core::digest::Digest;
use tsugi_core::name::RunId;
use tsugi_pipeline::project::Project;
use tsugi_pipeline::run::RunError;
use tsugi_pipeline::store::{Ledger, VerifiedChain};

/// How many characters of the word are typed to accept a ledger.
const WORD_CHARACTERS: usize = 8;

/// A ledger that was looked through.
pub(crate) struct Inspection<'w> {
    pub(crate) ledger: Ledger<'w>,
    pub(crate) file: MemoryFile,
    pub(crate) memory: LedgerMemory,
    pub(crate) chain: VerifiedChain,
    /// Runs that wrote into outputs, and those of them that the ledger does not know.
    pub(crate) runs: usize,
    pub(crate) unknown: BTreeSet<String>,
    /// What does not fit, in words.
    pub(crate) findings: Vec<String>,
}

impl<'w> Inspection<'w> {
    /// Looks through the ledger, what this account remembers of it, and the outputs of the project.
    pub(crate) async fn of(ledger: Ledger<'w>, project: &Project) -> Result<Self, RunError> {
        let file = MemoryFile::of(ledger.file(), ledger.first_hash().await?.as_deref());
        let memory = file.read()?;
        let entries = ledger.entries().await?;
        if memory.entries > entries {
            return Err(RunError::OlderLedger {
                ledger: ledger.file().to_owned(),
                entries,
                noted: memory.entries,
                notes: file.paths().to_vec(),
            });
        }
        let chain = ledger.verify(&memory.chain).await?;
        let written = runs_in_outputs(project);
        let known = ledger.runs().await?;
        let is_unknown = |run: &&String| !known.contains(*run) && !memory.runs.contains(*run);
        let unknown: BTreeSet<String> = written.iter().filter(is_unknown).cloned().collect();
        let mut findings: Vec<String> = chain.findings.iter().map(ToString::to_string).collect();
        if let Some(run) = unknown.first() {
            let others = match unknown.len() {
                1 => String::new(),
                runs => format!(" and of {} more", runs - 1),
            };
            findings.push(format!(
                "outputs have files of the run {run}{others}, which it does not know"
            ));
        }
        Ok(Self {
            ledger,
            file,
            memory,
            chain,
            runs: written.len(),
            unknown,
            findings,
        })
    }

    /// The word with which what was found is accepted, and nothing else.
    pub(crate) fn word(&self) -> String {
        let mut found = self.findings.join("\n") + &format!("{:?}", self.chain.findings);
        if let Some(head) = &self.chain.head {
            found += &head.hash;
        }
        let digest = Digest::of(found.as_bytes()).to_string();
        let hex = digest.rsplit(':').next().unwrap_or_default();
        hex.chars().take(WORD_CHARACTERS).collect()
    }

    /// Stops a delivery from a ledger that is not as it was left; `dir` is the project as typed.
    pub(crate) fn refuse(&self, dir: &Path) -> Result<(), RunError> {
        match self.findings.is_empty() {
            true => Ok(()),
            false => Err(RunError::ChangedLedger {
                ledger: self.ledger.file().to_owned(),
                findings: self.findings.clone(),
                project: dir.display().to_string(),
                word: self.word(),
            }),
        }
    }

    /// What is remembered of the ledger as it was found.
    pub(crate) async fn memory_now(&self) -> Result<LedgerMemory, RunError> {
        Ok(LedgerMemory {
            entries: self.ledger.entries().await?,
            chain: self.chain.remembered(&self.memory.chain),
            runs: self.memory.runs.clone(),
        })
    }

    /// Remembers the ledger as it is now, after this account has written to it.
    pub(crate) async fn remember(&self) -> Result<(), RunError> {
        let chain = self.ledger.verify(&self.memory.chain).await?;
        self.note(chain.remembered(&self.memory.chain)).await
    }

    /// Accepts the ledger as it is.
    pub(crate) async fn accept(&self) -> Result<(), RunError> {
        let chain = self.ledger.accept(&self.memory.chain).await?;
        self.note(chain).await
    }

    async fn note(&self, chain: tsugi_pipeline::store::ChainMemory) -> Result<(), RunError> {
        let mut runs = self.memory.runs.clone();
        runs.extend(self.unknown.iter().cloned());
        let first = self.ledger.first_hash().await?;
        let memory = LedgerMemory {
            entries: self.ledger.entries().await?,
            chain,
            runs,
        };
        let file = MemoryFile::of(self.ledger.file(), first.as_deref());
        file.write(&memory).map_err(forgetful)
    }
}

/// An account that cannot remember what it did would do it again.
pub(crate) fn forgetful(error: std::io::Error) -> RunError {
    RunError::NoMemory {
        reason: error.to_string(),
    }
}

/// The runs that wrote into folders that are granted to sinks, by the names of folders and files there.
fn runs_in_outputs(project: &Project) -> BTreeSet<String> {
    let grants = project
        .plugins
        .keys()
        .flat_map(|name| project.grants_of(name));
    let folders: BTreeSet<_> = grants
        .flat_map(|(_, grants)| grants.outputs.values().map(|output| output.folder.clone()))
        .collect();
    let entries = folders
        .into_iter()
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flat_map(|entries| entries.flatten());
    let run = |entry: std::fs::DirEntry| {
        let name = entry.file_name();
        let name = Path::new(&name).file_stem()?.to_str()?.to_owned();
        name.parse::<RunId>().ok().map(|run| run.to_string())
    };
    entries.filter_map(run).collect()
}
