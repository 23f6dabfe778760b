//! The warehouse: a lake and the run store beside it, kept in step with each other, and the ledger.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ducklake::sqlite::Database;
use ducklake::{Claim, Lake, SnapshotId, Writer};
use futures::future::BoxFuture;

use tokio::sync::OnceCell;

use super::error::WarehouseError;
use super::layout;
use super::ledger::database as ledger;
use super::ledger::signer::{Signer, Signing};
use super::runs::database as runs;
use super::runs::settle::{is_unsettled, settle};
use super::snapshot::Snapshot;

/// An open warehouse. Cloning is cheap and gives the same one.
#[derive(Clone, Debug)]
pub struct Warehouse {
    lake: Lake,
    state: Database,
    /// The folder of the ledger.
    ledger_folder: PathBuf,
    /// Opened when it is first used: who reads tables may not be allowed to read it.
    ledger: Arc<OnceCell<Database>>,
    signing: Arc<Signing>,
}

impl Warehouse {
    /// Opens the warehouse in a folder, creating it when it is missing. What a killed run left
    /// unfinished is adopted or dropped, unless another process is at work. A folder of an older
    /// version is brought into today's layout. Where this process may only read, nothing is written.
    ///
    /// # Errors
    /// Disk errors, a catalogue or run store of another version, files that are not ours.
    pub fn open(dir: impl AsRef<Path>) -> BoxFuture<'static, Result<Self, WarehouseError>> {
        Self::boxed(dir.as_ref().to_owned())
    }

    /// Without a type parameter, for a function that has one is compiled where it is called.
    fn boxed(dir: PathBuf) -> BoxFuture<'static, Result<Self, WarehouseError>> {
        Box::pin(Self::opened(dir))
    }

    async fn opened(dir: PathBuf) -> Result<Self, WarehouseError> {
        let dir = dir.as_path();
        let writer = Writer::new("tsugi", env!("CARGO_PKG_VERSION"));
        let folder = layout::lake_folder(dir, &writer).await?;
        let lake = Lake::open(folder, writer).await?;
        let state = runs::open(lake.folder()).await?;
        if !lake.is_read_only()
            && is_unsettled(&state, &lake).await?
            && let Some(_claim) = lake.claim_if_free("opening the warehouse").await?
        {
            settle(&state, &lake).await?;
        }
        Ok(Self {
            lake,
            state,
            ledger_folder: layout::ledger_folder(dir),
            ledger: Arc::default(),
            signing: Arc::default(),
        })
    }

    /// Whether a folder has a warehouse, without creating one.
    pub fn exists(dir: impl AsRef<Path>) -> bool {
        layout::exists(dir.as_ref())
    }

    /// Refuses a folder that this account may not look into, so that it does not seem empty.
    ///
    /// # Errors
    /// [`ducklake::Error::NotReadable`].
    pub fn may_enter(dir: impl AsRef<Path>) -> Result<(), WarehouseError> {
        let path = dir.as_ref();
        match std::fs::read_dir(path).map_err(|error| error.kind()) {
            Err(std::io::ErrorKind::PermissionDenied) => Err(ducklake::Error::NotReadable {
                path: path.to_owned(),
            }
            .into()),
            _ => Ok(()),
        }
    }

    /// The published tables.
    pub fn lake(&self) -> &Lake {
        &self.lake
    }

    /// The database of the run store.
    pub fn state(&self) -> &Database {
        &self.state
    }

    /// The database of the ledger, which outlives the warehouse.
    ///
    /// # Errors
    /// Disk errors, a ledger of another version.
    pub async fn ledger_database(&self) -> Result<&Database, WarehouseError> {
        let open = || ledger::open(&self.ledger_folder);
        Ok(self.ledger.get_or_try_init(open).await?)
    }

    /// Says who signs what is written to the ledger, and with which key: loaded at the first write.
    pub fn sign_with(&self, load: fn() -> std::io::Result<Signer>) {
        self.signing.load_with(load);
    }

    pub(in crate::store) fn signing(&self) -> &Signing {
        &self.signing
    }

    /// Takes the right to write, for as long as the value lives. Before it is returned, what
    /// killed processes left unfinished is adopted or dropped and their files are removed.
    ///
    /// # Errors
    /// [`ducklake::Error::Locked`] names the process that has it.
    pub fn claim<'a>(&'a self, purpose: &'a str) -> BoxFuture<'a, Result<Claim, WarehouseError>> {
        Box::pin(async move {
            let claim = self.lake.claim(purpose).await?;
            settle(&self.state, &self.lake).await?;
            self.lake
                .sweep_but(&claim, &self.unpublished_files())
                .await?;
            Ok(claim)
        })
    }

    /// The last snapshot.
    ///
    /// # Errors
    /// Database errors.
    pub fn snapshot(&self) -> BoxFuture<'_, Result<Snapshot, WarehouseError>> {
        Box::pin(async move { Ok(Snapshot::of(self.lake.snapshot().await?)) })
    }

    /// An earlier snapshot.
    ///
    /// # Errors
    /// [`ducklake::Error::NoSnapshot`], and database errors.
    pub fn snapshot_at(&self, id: SnapshotId) -> BoxFuture<'_, Result<Snapshot, WarehouseError>> {
        Box::pin(async move { Ok(Snapshot::of(self.lake.snapshot_at(id).await?)) })
    }
}
