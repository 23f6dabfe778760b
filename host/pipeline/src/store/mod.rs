//! The warehouse of a project: published tables in a DuckLake, and what runs remember beside it.
//!
//! A folder holds `warehouse/`, which can be made again: the lake (`catalog.sqlite`, `data/`, `lock`)
//! and `state.sqlite` (runs, fingerprints, read states); and `ledger/`, which cannot. A [`Run`] stages rows into files that no snapshot names,
//! then publishes all its tables in one transaction of the catalogue. The snapshot carries the id
//! of the run and is the truth: what the run recorded beside it counts only when that snapshot
//! exists.
#![expect(
    clippy::disallowed_methods,
    reason = "the one module that reads and writes the run store"
)]

mod care;
mod comments;
mod error;
mod file;
mod layout;
mod ledger;
mod names;
mod runs;
mod snapshot;
mod warehouse;

pub use ducklake::{
    Claim, ColumnStats, Expired, LakeColumn, LakeFile, Note, SnapshotId, SnapshotInfo, StagedFile,
    StagedTable, StagedWriter, Swept, TableSize, Tags,
};

pub use care::{Damage, Verified, WarehouseSize};
pub(crate) use comments::set_comments;
pub use error::WarehouseError;
pub use ledger::chain::LedgerWrite;
pub use ledger::head::ChainHead;
pub use ledger::intents::{
    Intended, Intent, LastAttempt, Ledger, Outcome, RecordedIntent, RowReceipt,
};
pub use ledger::key::{LedgerKey, MessageKey, RecordKey};
pub use ledger::mismatch::{ChainFinding, short_key};
pub use ledger::signer::{NoteWritten, Signer};
pub use ledger::tables::{LedgerColumn, LedgerTable};
pub(crate) use ledger::tables::{LedgerRows, SENT, ledger_rows};
pub use ledger::verify::{ChainMemory, VerifiedChain};
pub use names::lake_name;
pub use runs::expire::Expirable;
pub use runs::progress::StepRecord;
pub use runs::read_state::{ReadFile, ReadState, StoredCheckpoint};
pub use runs::records::{RunRecord, RunStatus};
pub use runs::rollback::RolledBack;
pub use runs::run::Run;
pub use runs::unpublished::KeptTable;
pub use snapshot::{PublishedTable, Snapshot};
pub use warehouse::Warehouse;
