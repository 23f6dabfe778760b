//! The warehouse: a lake and the run store beside it, kept in step with each other.

use std::path::Path;

use ducklake::sqlite::Database;
use ducklake::{Claim, Lake, SnapshotId, Writer};

use super::error::WarehouseError;
use super::runs::database;
use super::runs::settle::{is_unsettled, settle};
use super::snapshot::Snapshot;

/// An open warehouse. Cloning is cheap and gives the same one.
#[derive(Clone, Debug)]
pub struct Warehouse {
    lake: Lake,
    state: Database,
}

impl Warehouse {
    /// Opens the warehouse in a folder, creating it when it is missing. What a killed run left
    /// unfinished is adopted or dropped, unless another process is at work.
    ///
    /// # Errors
    /// Disk errors, a catalogue or run store of another version, files that are not ours.
    pub async fn open(dir: impl AsRef<Path>) -> Result<Self, WarehouseError> {
        let lake = Lake::open(dir, Writer::new("tsugi", env!("CARGO_PKG_VERSION"))).await?;
        let state = database::open(lake.folder()).await?;
        if is_unsettled(&state, &lake).await?
            && let Some(_claim) = lake.claim_if_free("opening the warehouse").await?
        {
            settle(&state, &lake).await?;
        }
        Ok(Self { lake, state })
    }

    /// Whether a folder has a warehouse, without creating one.
    pub fn exists(dir: impl AsRef<Path>) -> bool {
        Lake::exists(dir)
    }

    /// The published tables.
    pub fn lake(&self) -> &Lake {
        &self.lake
    }

    /// The database of the run store.
    pub fn state(&self) -> &Database {
        &self.state
    }

    /// Takes the right to write, for as long as the value lives. Before it is returned, what
    /// killed processes left unfinished is adopted or dropped and their files are removed.
    ///
    /// # Errors
    /// [`ducklake::Error::Locked`] names the process that has it.
    pub async fn claim(&self, purpose: &str) -> Result<Claim, WarehouseError> {
        let claim = self.lake.claim(purpose).await?;
        settle(&self.state, &self.lake).await?;
        self.lake.sweep(&claim).await?;
        Ok(claim)
    }

    /// The last snapshot.
    ///
    /// # Errors
    /// Database errors.
    pub async fn snapshot(&self) -> Result<Snapshot, WarehouseError> {
        Ok(Snapshot::of(self.lake.snapshot().await?))
    }

    /// An earlier snapshot.
    ///
    /// # Errors
    /// [`ducklake::Error::NoSnapshot`], and database errors.
    pub async fn snapshot_at(&self, id: SnapshotId) -> Result<Snapshot, WarehouseError> {
        Ok(Snapshot::of(self.lake.snapshot_at(id).await?))
    }
}
