//! An open lake: a catalogue in SQLite and a folder of Parquet files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::catalog::open;
use crate::error::Error;
use crate::lock::{self, Claim};
use crate::name::Writer;
use crate::sqlite::Database;

/// The folder of the Parquet files in the folder of a lake.
const DATA: &str = "data";
/// The lock file in the folder of a lake.
const LOCK: &str = "lock";

/// An open lake. Cloning is cheap and gives the same one.
#[derive(Clone, Debug)]
pub struct Lake {
    folder: PathBuf,
    data: PathBuf,
    catalogue: Database,
    writer: Arc<Writer>,
}

impl Lake {
    /// Opens the lake in a folder, creating both when they are missing: `catalog.sqlite` beside
    /// `data/`. A lake that this writer created follows its folder when that moves. Where this
    /// process may only read, nothing is created and the lake can be read.
    ///
    /// # Errors
    /// Disk errors, a catalogue of another version, files that are no lake.
    pub async fn open(folder: impl AsRef<Path>, writer: Writer) -> Result<Self, Error> {
        let folder = folder.as_ref();
        let data = folder.join(DATA);
        if !data.is_dir() {
            fs::create_dir_all(&data).map_err(|source| Error::io("create", &data, source))?;
        }
        let canonical = |path: &Path| {
            path.canonicalize()
                .map_err(|source| Error::io("find", path, source))
        };
        let (folder, data) = (canonical(folder)?, canonical(&data)?);
        let catalogue = open::open(&folder, &data, &writer).await?;
        Ok(Self {
            folder,
            data,
            catalogue,
            writer: Arc::new(writer),
        })
    }

    /// Whether a folder has a lake, without creating one.
    pub fn exists(folder: impl AsRef<Path>) -> bool {
        open::exists(folder.as_ref())
    }

    /// The folder, canonical.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of the Parquet files, canonical.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The database of the catalogue.
    pub fn catalogue(&self) -> &Database {
        &self.catalogue
    }

    /// Whether this process may only read it.
    pub fn is_read_only(&self) -> bool {
        self.catalogue.is_read_only()
    }

    fn may_write(&self) -> Result<(), Error> {
        match self.is_read_only() {
            true => Err(Error::ReadOnly {
                path: self.catalogue.path().to_owned(),
            }),
            false => Ok(()),
        }
    }

    pub(crate) fn writer(&self) -> &Writer {
        &self.writer
    }

    /// Takes the right to write for as long as the value lives, waiting a moment for it.
    /// `purpose` is what other processes report meanwhile.
    ///
    /// # Errors
    /// [`Error::Locked`] names the process that has it.
    pub async fn claim(&self, purpose: &str) -> Result<Claim, Error> {
        self.may_write()?;
        let claim = lock::claim(&self.folder.join(LOCK), purpose).await?;
        open::index(&self.catalogue).await?;
        Ok(claim)
    }

    /// Takes the right to write unless another process has it.
    ///
    /// # Errors
    /// Disk errors.
    pub async fn claim_if_free(&self, purpose: &str) -> Result<Option<Claim>, Error> {
        self.may_write()?;
        lock::claim_if_free(&self.folder.join(LOCK), purpose).await
    }
}
