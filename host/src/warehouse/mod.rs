//! The warehouse: published tables as a DuckLake, what runs remember, and the send ledger.
//!
//! A folder holds `catalog.sqlite` (the DuckLake 1.0 catalogue), `data/` (Parquet files),
//! `state.sqlite` (runs, fingerprints, checkpoints, ledger) and `lock`. A [`Run`] stages rows
//! into files nobody reads, then publishes all its tables in one transaction of the catalogue.
//! The snapshot carries the id of the run and is the truth: whatever the run recorded beside it
//! counts only when the snapshot is there.

mod catalog;
mod columns;
mod commit;
mod database;
mod decision;
mod error;
mod expire;
mod files;
mod find;
mod foreign;
mod forgotten;
mod janitor;
mod ledger;
mod ledger_key;
mod lock;
mod lookup;
mod progress;
mod provider;
mod publish;
mod reading;
mod rewrite;
mod run;
mod scrub;
mod sends;
mod snapshot;
mod stage;
mod state;
mod stats;
mod tags;
mod types;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::name::{RunId, SourceName, TableName};
use database::Database;

pub use columns::LakeColumn;
pub use decision::{Decision, Verdict};
pub use error::WarehouseError;
pub use expire::Expired;
pub use forgotten::{Forgotten, Remembered};
pub use janitor::Swept;
pub use ledger::{Intended, Intent, LastAttempt, Ledger, OpenIntent, Outcome, Receipt};
pub use ledger_key::{LedgerKey, MessageKey, RecordKey};
pub use lock::Claim;
pub use lookup::Lookup;
pub use progress::StepRecord;
pub use reading::{Checkpoint, ReadFile, Reading};
pub use run::Run;
pub use scrub::{Scrub, Scrubbed};
pub use snapshot::{LakeFile, LakeTable, Snapshot, SnapshotInfo};
pub use stage::{StagedFile, StagedTable, StagedWriter};
pub use state::{RunRecord, RunStatus};
pub use stats::ColumnStats;
pub use tags::Tags;

/// The folder of the Parquet files in the warehouse folder.
const DATA: &str = "data";
/// The lock file in the warehouse folder.
const LOCK: &str = "lock";

/// The number of a snapshot; each publish makes the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SnapshotId(pub i64);

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An open warehouse. Cloning is cheap and gives the same one.
#[derive(Clone, Debug)]
pub struct Warehouse {
    dir: PathBuf,
    data: PathBuf,
    catalogue: Database,
    state: Database,
}

impl Warehouse {
    /// Opens the warehouse in a folder, which is made when it is missing. What a killed run left
    /// behind is adopted or dropped, unless another process is at work.
    ///
    /// # Errors
    /// What the disk says, a catalogue or state of another version, files that are not ours.
    pub async fn open(dir: impl AsRef<Path>) -> Result<Self, WarehouseError> {
        let dir = dir.as_ref();
        let data = dir.join(DATA);
        fs::create_dir_all(&data).map_err(|source| WarehouseError::io("create", &data, source))?;
        let canonical = |path: &Path| {
            path.canonicalize()
                .map_err(|source| WarehouseError::io("find", path, source))
        };
        let (dir, data) = (canonical(dir)?, canonical(&data)?);
        let catalogue = catalog::open(&dir, &data).await?;
        let state = state::open(&dir).await?;
        let warehouse = Self {
            dir,
            data,
            catalogue,
            state,
        };
        if state::is_unsettled(&warehouse.state, &warehouse.catalogue).await?
            && let Some(_claim) =
                lock::claim_if_free(&warehouse.dir.join(LOCK), "opening the warehouse").await?
        {
            state::settle(&warehouse.state, &warehouse.catalogue).await?;
        }
        Ok(warehouse)
    }

    /// Whether a folder has a warehouse, without making one.
    pub fn exists(dir: impl AsRef<Path>) -> bool {
        catalog::exists(dir.as_ref())
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The folder of the Parquet files.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Takes the right to write, for as long as the value lives. Before it is given, what
    /// killed processes left behind is adopted or dropped and their files are removed.
    ///
    /// # Errors
    /// [`WarehouseError::Locked`] names the process that has it.
    pub async fn claim(&self, purpose: &str) -> Result<Claim, WarehouseError> {
        let claim = lock::claim(&self.dir.join(LOCK), purpose).await?;
        state::settle(&self.state, &self.catalogue).await?;
        self.sweep(&claim).await?;
        Ok(claim)
    }

    /// Removes the files of ours that no snapshot names.
    ///
    /// # Errors
    /// What the disk and the catalogue say.
    pub async fn sweep(&self, claim: &Claim) -> Result<Swept, WarehouseError> {
        janitor::sweep(&self.catalogue, &self.data, claim).await
    }

    /// Claims the warehouse and begins a run in it. `as_of` is the time variable of the run.
    ///
    /// # Errors
    /// Those of [`Warehouse::claim`].
    pub async fn begin_run(&self, run: RunId, as_of: Option<&str>) -> Result<Run, WarehouseError> {
        let claim = self.claim(&format!("run {run}")).await?;
        Run::begin(self.clone(), claim, run, as_of).await
    }

    /// The last snapshot.
    ///
    /// # Errors
    /// What the catalogue says.
    pub async fn snapshot(&self) -> Result<Snapshot, WarehouseError> {
        snapshot::load(&self.catalogue, &self.data, None).await
    }

    /// An earlier snapshot.
    ///
    /// # Errors
    /// [`WarehouseError::NoSnapshot`], and what the catalogue says.
    pub async fn snapshot_at(&self, id: SnapshotId) -> Result<Snapshot, WarehouseError> {
        snapshot::load(&self.catalogue, &self.data, Some(id)).await
    }

    /// All snapshots, newest first.
    ///
    /// # Errors
    /// What the catalogue says.
    pub async fn history(&self) -> Result<Vec<SnapshotInfo>, WarehouseError> {
        snapshot::history(&self.catalogue).await
    }

    /// The fingerprints of all tables that still are as a run left them: a step with the same
    /// fingerprint need not run again.
    ///
    /// # Errors
    /// What the catalogue and the run store say.
    pub async fn steps(
        &self,
        snapshot: &Snapshot,
    ) -> Result<BTreeMap<TableName, StepRecord>, WarehouseError> {
        progress::steps(&self.state, snapshot).await
    }

    /// The fingerprints of all checks that passed in runs that count.
    ///
    /// # Errors
    /// What the run store says.
    pub async fn passed(&self) -> Result<BTreeSet<String>, WarehouseError> {
        progress::passed(&self.state).await
    }

    /// How far a run read one stream of a source; none when it did not, or does not count.
    ///
    /// # Errors
    /// What the run store says.
    pub async fn reading(
        &self,
        run: RunId,
        source: &SourceName,
        stream: &str,
    ) -> Result<Option<Reading>, WarehouseError> {
        reading::of(&self.state, run, source, stream).await
    }

    /// All runs, newest first.
    ///
    /// # Errors
    /// What the run store says.
    pub async fn runs(&self) -> Result<Vec<RunRecord>, WarehouseError> {
        state::runs(&self.state).await
    }

    /// The newest run that published, with its audit.
    ///
    /// # Errors
    /// What the run store says.
    pub async fn last_published(&self) -> Result<Option<RunRecord>, WarehouseError> {
        state::newest(&self.state, Some(RunStatus::Published)).await
    }

    /// The send ledger.
    pub fn ledger(&self) -> Ledger<'_> {
        Ledger { state: &self.state }
    }
}
